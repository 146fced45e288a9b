//! The grants for which somebody enters what the client sends: they differ in what is entered and in the one
//! request that it goes into. Nobody consents in a browser, and tokens can be got anew from what was entered.

use super::Oauth;
use crate::conversation::{Obtained, Talk};
use crate::error::AuthError;
use crate::field::Field;
use crate::http_value::HttpRequest;
use crate::revocation::Revocation;
use crate::scheme::{Connects, Context, Scheme};
use sluis_model::connector::{ClientReference, Oauth2};
use sluis_model::credential::Credential;
use std::marker::PhantomData;

/// What tells such a grant from the others.
pub(in crate::schemes) trait Grant: Send + Sync {
    /// Name of the scheme.
    const NAME: &'static str;

    /// What is entered.
    fn fields(config: &Oauth2) -> Vec<Field>;

    /// The request for tokens.
    ///
    /// # Errors
    /// Where what it needs was not entered or makes no request.
    fn request(oauth: &Oauth<'_>, cx: Context<'_>, credential: &Credential)
    -> Result<HttpRequest, AuthError>;
}

/// The scheme of such a grant, bound to its parameters.
pub(in crate::schemes) struct ByFields<'a, G> {
    oauth: Oauth<'a>,
    grant: PhantomData<G>,
}

impl<'a, G: Grant> ByFields<'a, G> {
    /// Binds the scheme.
    pub(in crate::schemes) fn new(config: &'a Oauth2) -> Self {
        Self { oauth: Oauth { name: G::NAME, config }, grant: PhantomData }
    }
}

impl<G: Grant> Scheme for ByFields<'_, G> {
    fn name(&self) -> &'static str {
        G::NAME
    }

    fn connects(&self) -> Connects {
        Connects::ByFields
    }

    fn client(&self) -> Option<&ClientReference> {
        self.oauth.config.client.as_ref()
    }

    fn issuer(&self) -> Option<&str> {
        self.oauth.config.issuer.as_deref()
    }

    fn scopes(&self) -> &[String] {
        &self.oauth.config.scopes
    }

    fn fields(&self) -> Vec<Field> {
        G::fields(self.oauth.config)
    }

    fn obtain<'a>(
        &'a self,
        cx: Context<'a>,
        credential: &'a Credential,
    ) -> Result<Option<Talk<'a, Obtained>>, AuthError> {
        let request = G::request(&self.oauth, cx, credential)?;
        self.oauth.talk(cx, Some(credential), request).map(Some)
    }

    fn renew<'a>(
        &'a self,
        cx: Context<'a>,
        credential: &'a Credential,
    ) -> Result<Option<Talk<'a, Obtained>>, AuthError> {
        let anew = G::request(&self.oauth, cx, credential)?;
        self.oauth.renew(cx, credential, Some(anew))
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
        self.oauth.revoke(cx, credential)
    }

    fn apply(
        &self,
        _: Context<'_>,
        credential: &Credential,
        request: &mut HttpRequest,
    ) -> Result<(), AuthError> {
        self.oauth.apply(credential, request)
    }
}
