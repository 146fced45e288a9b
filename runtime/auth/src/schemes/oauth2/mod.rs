//! What the OAuth 2.0 schemes share. In reading order: [`endpoint`] reads URLs, [`parameters`] makes
//! requests, [`client`] authenticates at them, [`assertion`] signs; [`grant`] asks for tokens in steps;
//! [`by_fields`] is the scheme of the grants for which something is entered;
//! [`answer`] reads what comes back; [`own_call`] builds calls that a provider invented;
//! [`on_request`] puts the token on a request.

pub(super) mod answer;
pub(super) mod assertion;
pub(super) mod authorize;
pub(super) mod by_fields;
pub(super) mod client;
pub(super) mod device;
pub(super) mod endpoint;
pub(super) mod expiry;
pub(super) mod grant;
mod on_request;
pub(super) mod own_call;
pub(super) mod parameters;
pub(super) mod refresh;
pub(super) mod revoke;
pub(super) mod talk;

use crate::error::AuthError;
use crate::scheme::Context;
use sluis_model::connector::{ClientAuth, Oauth2};
use sluis_model::credential::{ClientCredentials, Credential};
use std::borrow::Cow;

/// Field of the client's id, where each org brings its own client.
pub(super) const CLIENT_ID: &str = "client_id";
/// Field of the client's secret.
pub(super) const CLIENT_SECRET: &str = "client_secret";

/// An OAuth 2.0 grant, bound to its parameters.
#[derive(Clone, Copy)]
pub(super) struct Oauth<'a> {
    /// Name of the scheme.
    pub(super) name: &'static str,
    /// Its parameters.
    pub(super) config: &'a Oauth2,
}

/// A step at which a client authenticates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Tokens are got.
    Exchange,
    /// They are refreshed.
    Refresh,
    /// They are revoked.
    Revoke,
}

impl<'a> Oauth<'a> {
    /// The client: the registered one, or the one that was entered.
    fn client<'b>(
        &self,
        cx: Context<'b>,
        credential: Option<&Credential>,
    ) -> Result<Option<Cow<'b, ClientCredentials>>, AuthError> {
        if let Some(client) = cx.client {
            return Ok(Some(Cow::Borrowed(client)));
        }
        if self.config.client.is_some() {
            return Err(AuthError::NoClient { scheme: self.name });
        }
        let fields = credential.map(|credential| &credential.fields);
        let Some(id) = fields.and_then(|fields| fields.get(CLIENT_ID)) else { return Ok(None) };
        let secret = fields.and_then(|fields| fields.get(CLIENT_SECRET)).cloned();
        Ok(Some(Cow::Owned(ClientCredentials { id: id.expose().clone(), secret, ..Default::default() })))
    }

    fn client_auth(&self, step: Step) -> ClientAuth {
        let steps = self.config.client_auth.by_step();
        match step {
            Step::Exchange => steps.exchange,
            Step::Refresh => steps.refresh.unwrap_or(steps.exchange),
            Step::Revoke => steps.revoke.unwrap_or(steps.exchange),
        }
    }

    /// The scopes as one text; none if there are none.
    fn scope(&self, scopes: &[String]) -> Option<String> {
        let separator = self.config.scope_separator.as_deref().unwrap_or(" ");
        (!scopes.is_empty()).then(|| scopes.join(separator))
    }
}
