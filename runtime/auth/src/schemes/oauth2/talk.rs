//! The conversation about tokens: the request itself, then whatever this provider needs besides: a second
//! try with what was entered, an exchange for a longer-lived token, the question when it ends.

use super::client::put;
use super::endpoint::endpoint;
use super::parameters::{Parameters, form_request};
use super::{Oauth, Step, answer};
use crate::conversation::{Conversation, Obtained, Turn};
use crate::error::AuthError;
use crate::http_value::{Answer, HttpRequest};
use crate::scheme::Context;
use crate::token_error::{TokenError, TokenErrorKind};
use sluis_model::connection::Variables;
use sluis_model::credential::{ClientCredentials, TokenSet};
use sluis_model::time::Timestamp;
use std::borrow::Cow;

/// What the last request was for.
enum Stage {
    /// Nothing was sent yet.
    Start,
    /// Tokens.
    First,
    /// Tokens, with what was entered, since the refresh token is no longer good.
    Anew,
    /// A longer-lived token in place of these.
    LongLived(Obtained),
    /// When these end.
    Introspection(Obtained),
    /// Nothing comes after it.
    Over,
}

/// The conversation.
pub(super) struct TokenTalk<'a> {
    oauth: Oauth<'a>,
    cx: Context<'a>,
    client: Option<Cow<'a, ClientCredentials>>,
    first: HttpRequest,
    anew: Option<HttpRequest>,
    previous: Option<&'a TokenSet>,
    variables: Variables,
    stage: Stage,
}

impl<'a> TokenTalk<'a> {
    /// Begins with a request for tokens.
    pub(super) fn new(
        oauth: Oauth<'a>,
        cx: Context<'a>,
        client: Option<Cow<'a, ClientCredentials>>,
        first: HttpRequest,
    ) -> Self {
        let (anew, previous, variables) = (None, None, Variables::new());
        Self { oauth, cx, client, first, anew, previous, variables, stage: Stage::Start }
    }

    /// The request renews these tokens.
    pub(super) fn of_refresh(mut self, previous: &'a TokenSet, anew: Option<HttpRequest>) -> Self {
        self.previous = Some(previous);
        self.anew = anew;
        self
    }

    /// Variables that are known already.
    pub(super) fn with_variables(mut self, variables: Variables) -> Self {
        self.variables = variables;
        self
    }

    fn read(
        &self,
        now: Timestamp,
        answer: &Answer,
        previous: Option<&TokenSet>,
    ) -> Result<Obtained, TokenError> {
        answer::read(self.oauth.config, now, answer, previous)
    }

    /// After tokens have come: the longer-lived one, if there is such a step and this is no renewal.
    fn obtained(&mut self, now: Timestamp, obtained: Obtained) -> Result<Turn<Obtained>, TokenError> {
        match &self.oauth.config.long_lived {
            Some(call) if self.previous.is_none() => {
                let values = Oauth::values(self.cx, self.client.as_deref(), Some(&obtained.tokens));
                let request = self.oauth.own_call("long_lived", call, values)?;
                self.stage = Stage::LongLived(obtained);
                Ok(Turn::Send(request))
            }
            _ => self.ends(now, obtained),
        }
    }

    /// Asks when the tokens end, if nothing has said so and somebody can.
    fn ends(&mut self, now: Timestamp, obtained: Obtained) -> Result<Turn<Obtained>, TokenError> {
        match &self.oauth.config.introspect_url {
            Some(url) if obtained.tokens.expires_at.is_none() => {
                let request = self.introspection(url, &obtained.tokens)?;
                self.stage = Stage::Introspection(obtained);
                Ok(Turn::Send(request))
            }
            _ => Ok(Turn::Done(self.done(now, obtained))),
        }
    }

    fn introspection(&self, url: &str, tokens: &TokenSet) -> Result<HttpRequest, AuthError> {
        let url = endpoint("introspect_url", url, self.cx.variables)?;
        let mut parameters = Parameters::default();
        parameters.set("token", tokens.access_token.clone());
        parameters.set("token_type_hint", "access_token");
        let proof = match self.client.as_deref() {
            Some(client) => self.oauth.prove(self.cx, Step::Exchange, client, &url, &mut parameters)?,
            None => None,
        };
        let mut request = form_request(url, &parameters);
        put(&mut request, proof.as_ref())?;
        Ok(request)
    }

    /// What was obtained, with a bounded lifetime where nobody knows one.
    fn done(&mut self, now: Timestamp, mut obtained: Obtained) -> Obtained {
        let shape = self.oauth.config.answer.as_ref();
        let after = |seconds: Option<u32>| seconds.map(|seconds| now.plus_seconds(i64::from(seconds)));
        let tokens = &mut obtained.tokens;
        tokens.expires_at = tokens.expires_at.or(after(shape.and_then(|shape| shape.lifetime_s)));
        if tokens.refresh_token.is_some() {
            let default = after(shape.and_then(|shape| shape.refresh_lifetime_s));
            tokens.refresh_expires_at = tokens.refresh_expires_at.or(default);
        }
        let mut variables = std::mem::take(&mut self.variables);
        variables.append(&mut obtained.variables);
        obtained.variables = variables;
        self.stage = Stage::Over;
        obtained
    }
}

impl Conversation<Obtained> for TokenTalk<'_> {
    fn next(&mut self, now: Timestamp, answer: Option<&Answer>) -> Result<Turn<Obtained>, TokenError> {
        let over = || AuthError::NoSuchStep { scheme: self.oauth.name, step: "an answer to nothing" };
        let stage = std::mem::replace(&mut self.stage, Stage::Over);
        if matches!(stage, Stage::Start) {
            self.stage = Stage::First;
            return Ok(Turn::Send(self.first.clone()));
        }
        let Some(answer) = answer else { return Err(over().into()) };
        match stage {
            Stage::First => match self.read(now, answer, self.previous) {
                Err(error) if error.kind == TokenErrorKind::InvalidGrant && self.anew.is_some() => {
                    self.stage = Stage::Anew;
                    self.anew.take().map(Turn::Send).ok_or(error)
                }
                read => self.obtained(now, read?),
            },
            Stage::Anew => {
                // The old refresh token is dead: nothing of the old tokens is kept.
                let obtained = self.read(now, answer, None)?;
                self.ends(now, obtained)
            }
            Stage::LongLived(first) => {
                let mut longer = self.read(now, answer, Some(&first.tokens))?;
                let mut variables = first.variables;
                variables.append(&mut longer.variables);
                self.ends(now, Obtained { variables, ..longer })
            }
            Stage::Introspection(mut obtained) => {
                obtained.tokens.expires_at = answer::introspected_end(answer);
                Ok(Turn::Done(self.done(now, obtained)))
            }
            Stage::Start | Stage::Over => Err(over().into()),
        }
    }
}
