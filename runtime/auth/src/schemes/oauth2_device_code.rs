//! OAuth 2.0 device authorization grant (RFC 8628): a person enters a code on a device of their own.

use super::oauth2::Oauth;
use crate::conversation::{Obtained, Talk};
use crate::device::{DeviceBegun, Polled};
use crate::error::AuthError;
use crate::http_value::HttpRequest;
use crate::revocation::Revocation;
use crate::scheme::{Connects, Context, Scheme};
use sluis_model::connector::{ClientReference, Oauth2};
use sluis_model::credential::Credential;
use sluis_model::secret::SecretText;

/// The scheme, bound to its parameters.
pub(super) struct DeviceCode<'a>(Oauth<'a>);

impl<'a> DeviceCode<'a> {
    /// Binds the scheme.
    pub(super) fn new(config: &'a Oauth2) -> Self {
        Self(Oauth { name: "oauth2_device_code", config })
    }
}

impl Scheme for DeviceCode<'_> {
    fn name(&self) -> &'static str {
        self.0.name
    }

    fn connects(&self) -> Connects {
        Connects::ByDevice
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

    fn begin_device<'a>(&'a self, cx: Context<'a>) -> Result<Talk<'a, DeviceBegun>, AuthError> {
        self.0.begin_device(cx)
    }

    fn poll_device<'a>(
        &'a self,
        cx: Context<'a>,
        device_code: &'a SecretText,
    ) -> Result<Talk<'a, Polled>, AuthError> {
        self.0.poll_device(cx, device_code)
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
