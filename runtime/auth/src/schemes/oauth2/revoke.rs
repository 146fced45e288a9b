//! Telling the provider to forget a grant: RFC 7009, refresh token first, or the provider's own call.

use super::client::put;
use super::endpoint::endpoint;
use super::parameters::{Parameters, form_request};
use super::{Oauth, Step};
use crate::conversation::{Talk, ask_once};
use crate::error::AuthError;
use crate::revocation::{Revocation, read_revocation_at};
use crate::scheme::Context;
use sluis_model::connector::RevokeUsing;
use sluis_model::credential::Credential;

impl<'a> Oauth<'a> {
    /// Tells the provider; none if it offers no such thing.
    pub(in crate::schemes) fn revoke(
        &self,
        cx: Context<'a>,
        credential: &'a Credential,
    ) -> Result<Option<Talk<'a, Revocation>>, AuthError> {
        let Some(tokens) = &credential.tokens else { return Ok(None) };
        let client = self.client(cx, Some(credential))?;
        if let Some(call) = &self.config.revoke_call {
            let values = Self::values(cx, client.as_deref(), Some(tokens));
            let request = self.own_call("revoke_call", call, values)?;
            return Ok(Some(ask_once(request, read_revocation_at)));
        }
        let Some(text) = &self.config.revoke_url else { return Ok(None) };
        let url = endpoint("revoke_url", text, cx.variables)?;
        let (token, hint) = match (self.config.revoke_using, &tokens.refresh_token) {
            (RevokeUsing::RefreshToken, Some(refresh)) => (refresh, "refresh_token"),
            _ => (&tokens.access_token, "access_token"),
        };
        let mut parameters = Parameters::default();
        parameters.set("token", token.clone());
        parameters.set("token_type_hint", hint);
        let proof = match client.as_deref() {
            Some(client) => self.prove(cx, Step::Revoke, client, &url, &mut parameters)?,
            None => None,
        };
        parameters.overlay(&self.config.revoke_params);
        parameters.rename(&self.config.rename);
        let mut request = form_request(url, &parameters);
        put(&mut request, proof.as_ref())?;
        Ok(Some(ask_once(request, read_revocation_at)))
    }
}
