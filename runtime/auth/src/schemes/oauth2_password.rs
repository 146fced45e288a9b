//! OAuth 2.0 password grant (RFC 6749 §4.3), which OAuth 2.1 drops: for services that offer nothing better. The
//! password is kept only to ask again when the refresh token is gone.

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
pub(super) struct Password<'a>(Oauth<'a>);

impl<'a> Password<'a> {
    /// Binds the scheme.
    pub(super) fn new(config: &'a Oauth2) -> Self {
        Self(Oauth { name: "oauth2_password", config })
    }
}

impl Scheme for Password<'_> {
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
            Field::new("username", "User name", FieldKind::Text),
            Field::new("password", "Password", FieldKind::Secret),
        ]
    }

    fn obtain<'a>(
        &'a self,
        cx: Context<'a>,
        credential: &'a Credential,
    ) -> Result<Option<Talk<'a, Obtained>>, AuthError> {
        let request = self.0.password(cx, credential)?;
        self.0.talk(cx, Some(credential), request).map(Some)
    }

    fn renew<'a>(
        &'a self,
        cx: Context<'a>,
        credential: &'a Credential,
    ) -> Result<Option<Talk<'a, Obtained>>, AuthError> {
        let anew = self.0.password(cx, credential)?;
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
