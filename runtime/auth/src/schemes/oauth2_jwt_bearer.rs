//! OAuth 2.0 grant of a service account, which signs an assertion with a key of its own (RFC 7523), RS256.

use super::oauth2::Oauth;
use crate::bearer;
use crate::conversation::{Obtained, Talk};
use crate::error::AuthError;
use crate::field::{Field, FieldKind};
use crate::http_value::HttpRequest;
use crate::revocation::Revocation;
use crate::scheme::{Connects, Context, Scheme};
use sluis_model::connector::{ClientReference, Oauth2};
use sluis_model::credential::Credential;

/// The scheme, bound to its parameters.
pub(super) struct JwtBearer<'a>(Oauth<'a>);

impl<'a> JwtBearer<'a> {
    /// Binds the scheme.
    pub(super) fn new(config: &'a Oauth2) -> Self {
        Self(Oauth { name: "oauth2_jwt_bearer", config })
    }
}

impl Scheme for JwtBearer<'_> {
    fn name(&self) -> &'static str {
        self.0.name
    }

    fn connects(&self) -> Connects {
        Connects::ByFields
    }

    fn client(&self) -> Option<&ClientReference> {
        self.0.config.client.as_ref()
    }

    fn issuer(&self) -> Option<&str> {
        self.0.config.issuer.as_deref()
    }

    fn scopes(&self) -> &[String] {
        &self.0.config.scopes
    }

    fn fields(&self) -> Vec<Field> {
        vec![
            Field::new("private_key", "Private key", FieldKind::Document)
                .help("the RSA key in PEM, or the JSON key file as the provider hands it out"),
            Field::new("service_account", "Service account", FieldKind::Text)
                .help("its name at the provider; leave it empty if the JSON key file holds it")
                .optional(),
            Field::new("subject", "Acts for", FieldKind::Text)
                .help("the user whose data is used; leave it empty if the service account acts for itself")
                .optional(),
        ]
    }

    fn obtain<'a>(
        &'a self,
        cx: Context<'a>,
        credential: &'a Credential,
    ) -> Result<Option<Talk<'a, Obtained>>, AuthError> {
        let request = self.0.jwt_bearer(cx, credential)?;
        self.0.talk(cx, Some(credential), request).map(Some)
    }

    fn renew<'a>(
        &'a self,
        cx: Context<'a>,
        credential: &'a Credential,
    ) -> Result<Option<Talk<'a, Obtained>>, AuthError> {
        let anew = self.0.jwt_bearer(cx, credential)?;
        self.0.renew(cx, credential, Some(anew))
    }

    fn is_renewable(&self, _: &Credential) -> bool {
        true
    }

    fn renewal_is_delicate(&self) -> bool {
        false
    }

    fn revoke<'a>(
        &'a self,
        cx: Context<'a>,
        credential: &'a Credential,
    ) -> Result<Option<Talk<'a, Revocation>>, AuthError> {
        self.0.revoke(cx, credential)
    }

    fn apply(
        &self,
        _: Context<'_>,
        credential: &Credential,
        request: &mut HttpRequest,
    ) -> Result<(), AuthError> {
        bearer::apply(credential, request)
    }
}
