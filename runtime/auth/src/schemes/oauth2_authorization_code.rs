//! OAuth 2.0 authorization code grant (RFC 6749 §4.1) with PKCE S256 (RFC 7636): a person agrees on a page of
//! the provider.

use super::oauth2::Oauth;
use crate::callback::Returned;
use crate::conversation::{Obtained, Talk};
use crate::error::AuthError;
use crate::http_value::HttpRequest;
use crate::pending::Begun;
use crate::revocation::Revocation;
use crate::scheme::{Connects, Context, Scheme};
use sluis_model::connector::{ClientReference, Oauth2};
use sluis_model::credential::Credential;
use sluis_model::secret::SecretText;

/// The scheme, bound to its parameters.
pub(super) struct AuthorizationCode<'a>(Oauth<'a>);

impl<'a> AuthorizationCode<'a> {
    /// Binds the scheme.
    pub(super) fn new(config: &'a Oauth2) -> Self {
        Self(Oauth { name: "oauth2_authorization_code", config })
    }
}

impl Scheme for AuthorizationCode<'_> {
    fn name(&self) -> &'static str {
        self.0.name
    }

    fn connects(&self) -> Connects {
        Connects::ByConsent
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

    fn code_parameter(&self) -> &str {
        self.0.config.code_parameter.as_deref().unwrap_or("code")
    }

    fn requires_issuer(&self) -> bool {
        self.0.config.require_iss
    }

    fn begin<'a>(&'a self, cx: Context<'a>, redirect_uri: &'a str) -> Result<Talk<'a, Begun>, AuthError> {
        self.0.begin(cx, redirect_uri)
    }

    fn exchange<'a>(
        &'a self,
        cx: Context<'a>,
        returned: &'a Returned,
        kept: &'a SecretText,
        redirect_uri: &'a str,
    ) -> Result<Talk<'a, Obtained>, AuthError> {
        self.0.exchange(cx, returned, kept, redirect_uri)
    }

    fn renew<'a>(
        &'a self,
        cx: Context<'a>,
        credential: &'a Credential,
    ) -> Result<Option<Talk<'a, Obtained>>, AuthError> {
        self.0.renew(cx, credential, None)
    }

    fn is_renewable(&self, credential: &Credential) -> bool {
        self.0.can_refresh(credential)
    }

    fn renewal_is_delicate(&self) -> bool {
        true
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
        self.0.apply(credential, request)
    }
}
