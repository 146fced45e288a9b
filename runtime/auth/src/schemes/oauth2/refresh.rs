//! Renewal: by the refresh token, by the provider's own call, or by asking anew with what was entered.

use super::parameters::Parameters;
use super::talk::TokenTalk;
use super::{Oauth, Step};
use crate::conversation::{Obtained, Talk};
use crate::error::AuthError;
use crate::http_value::HttpRequest;
use crate::scheme::Context;
use sluis_model::credential::{Credential, TokenSet};

impl<'a> Oauth<'a> {
    /// Whether tokens can be renewed without what was entered.
    pub(in crate::schemes) fn can_refresh(&self, credential: &Credential) -> bool {
        let Some(tokens) = &credential.tokens else { return false };
        let own = self.config.renew_call.as_ref();
        tokens.refresh_token.is_some() || own.is_some_and(|call| !needs_refresh_token(call))
    }

    /// Renews tokens; none if they cannot be. `anew` asks with what was entered; it is used where there is
    /// no refresh token, and where the provider no longer knows it.
    pub(in crate::schemes) fn renew(
        &self,
        cx: Context<'a>,
        credential: &'a Credential,
        anew: Option<HttpRequest>,
    ) -> Result<Option<Talk<'a, Obtained>>, AuthError> {
        let client = self.client(cx, Some(credential))?;
        let Some(tokens) = credential.tokens.as_ref().filter(|_| self.can_refresh(credential)) else {
            return anew.map(|request| self.talk(cx, Some(credential), request)).transpose();
        };
        let request = match &self.config.renew_call {
            Some(call) => {
                self.own_call("renew_call", call, Self::values(cx, client.as_deref(), Some(tokens)))?
            }
            None => self.refresh_request(cx, credential, tokens)?,
        };
        let talk = TokenTalk::new(*self, cx, client, request).of_refresh(tokens, anew);
        Ok(Some(Box::new(talk)))
    }

    fn refresh_request(
        &self,
        cx: Context<'_>,
        credential: &Credential,
        tokens: &TokenSet,
    ) -> Result<HttpRequest, AuthError> {
        let mut parameters = Parameters::of_grant("refresh_token");
        parameters.set_some("refresh_token", tokens.refresh_token.clone());
        if self.config.refresh_with_scope {
            // RFC 6749 §6: never more than was granted.
            let granted = if tokens.scopes.is_empty() { &self.config.scopes } else { &tokens.scopes };
            parameters.set_some("scope", self.scope(granted));
        }
        self.ask(cx, Step::Refresh, Some(credential), parameters)
    }
}

fn needs_refresh_token(call: &sluis_model::connector::OwnCall) -> bool {
    const PLACEHOLDER: &str = "${refresh_token}";
    let texts = call.query.values().chain(call.form.values()).chain(call.headers.values()).chain([&call.url]);
    let json = call.json.as_ref().map(ToString::to_string);
    texts.chain(&json).any(|text| text.contains(PLACEHOLDER))
}
