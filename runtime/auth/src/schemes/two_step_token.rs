//! A token got by one or several calls of the service's own making, found by JSONPath.

use super::calls::{self, Calls, Values};
use super::placed::{Place, place};
use crate::conversation::{Obtained, Talk};
use crate::error::AuthError;
use crate::expiry::end_of;
use crate::field::Field;
use crate::http_value::{Answer, HttpRequest};
use crate::json_path;
use crate::revocation::Revocation;
use crate::scheme::{Connects, Context, Scheme};
use crate::token_error::TokenError;
use sluis_model::connector::{KeyPlace, TwoStepToken};
use sluis_model::credential::{Credential, TokenSet};
use sluis_model::secret::SecretText;
use sluis_model::time::Timestamp;
use std::slice;

/// The scheme, bound to its parameters.
pub(super) struct TokenByCalls<'a> {
    config: &'a TwoStepToken,
}

impl<'a> TokenByCalls<'a> {
    /// Binds the scheme.
    pub(super) fn new(config: &'a TwoStepToken) -> Self {
        Self { config }
    }

    fn read(
        &self,
        now: Timestamp,
        answer: &Answer,
        previous: Option<&TokenSet>,
    ) -> Result<Obtained, TokenError> {
        let config = self.config;
        let body =
            json_path::body(answer).ok_or_else(|| calls::nothing_at(&config.token, "JSON nor a form"))?;
        let token = json_path::text_at(&body, "token", &config.token)?.filter(|token| !token.is_empty());
        let token = token.ok_or_else(|| calls::nothing_at(&config.token, "a text nor a number"))?;
        let refresh_token = match &config.refresh_token {
            Some(path) => json_path::text_at(&body, "refresh_token", path)?,
            None => None,
        };
        let kept = previous.and_then(|tokens| tokens.refresh_token.clone());
        Ok(Obtained::from(TokenSet {
            expires_at: end_of(now, &config.expires, Some(&body), &token)?,
            refresh_token: refresh_token.map(SecretText::new).or(kept),
            ..TokenSet::of(token, now)
        }))
    }

    fn with_tokens(&self, cx: Context<'_>, credential: &Credential, tokens: &TokenSet) -> Values {
        let mut values = calls::values(cx, credential);
        values.insert("token".to_owned(), tokens.access_token.clone());
        if let Some(refresh_token) = &tokens.refresh_token {
            values.insert("refresh_token".to_owned(), refresh_token.clone());
        }
        values
    }
}

impl Scheme for TokenByCalls<'_> {
    fn name(&self) -> &'static str {
        "two_step_token"
    }

    fn check(&self) -> Result<(), AuthError> {
        let config = self.config;
        let bad = |field: &str, why: &str| AuthError::BadParameter { field: field.into(), why: why.into() };
        if config.calls.is_empty() {
            return Err(bad("calls", "there is none"));
        }
        let mut known: Vec<String> = config.fields.iter().map(|field| field.name.clone()).collect();
        for (at, call) in config.calls.iter().enumerate() {
            calls::check(call, &format!("calls[{at}]"), &mut known)?;
        }
        json_path::check("token", &config.token)?;
        for (field, path) in [("refresh_token", &config.refresh_token), ("expires.at", &config.expires.at)] {
            path.iter().try_for_each(|path| json_path::check(field, path))?;
        }
        known.extend(["token", "refresh_token"].map(str::to_owned));
        for (field, call) in [("refresh", &config.refresh), ("revoke", &config.revoke)] {
            call.iter().try_for_each(|call| calls::check(call, field, &mut known.clone()))?;
        }
        Ok(())
    }

    fn connects(&self) -> Connects {
        Connects::ByFields
    }

    fn fields(&self) -> Vec<Field> {
        calls::fields(&self.config.fields)
    }

    fn obtain<'a>(
        &'a self,
        cx: Context<'a>,
        credential: &'a Credential,
    ) -> Result<Option<Talk<'a, Obtained>>, AuthError> {
        let read = move |now: Timestamp, answer: &Answer| self.read(now, answer, None);
        Ok(Some(Box::new(Calls::new(&self.config.calls, calls::values(cx, credential), read))))
    }

    fn renew<'a>(
        &'a self,
        cx: Context<'a>,
        credential: &'a Credential,
    ) -> Result<Option<Talk<'a, Obtained>>, AuthError> {
        let (Some(call), Some(tokens)) = (&self.config.refresh, &credential.tokens) else {
            return self.obtain(cx, credential);
        };
        let read = move |now: Timestamp, answer: &Answer| self.read(now, answer, Some(tokens));
        let values = self.with_tokens(cx, credential, tokens);
        Ok(Some(Box::new(Calls::new(slice::from_ref(call), values, read))))
    }

    fn is_renewable(&self, _: &Credential) -> bool {
        true
    }

    fn renewal_is_delicate(&self) -> bool {
        self.config.refresh.is_some() && self.config.refresh_token.is_some()
    }

    fn revoke<'a>(
        &'a self,
        cx: Context<'a>,
        credential: &'a Credential,
    ) -> Result<Option<Talk<'a, Revocation>>, AuthError> {
        let (Some(call), Some(tokens)) = (&self.config.revoke, &credential.tokens) else { return Ok(None) };
        let values = self.with_tokens(cx, credential, tokens);
        let read = |_: Timestamp, _: &Answer| Ok(Revocation::Revoked);
        Ok(Some(Box::new(Calls::new(slice::from_ref(call), values, read))))
    }

    fn apply(
        &self,
        _: Context<'_>,
        credential: &Credential,
        request: &mut HttpRequest,
    ) -> Result<(), AuthError> {
        let missing = || AuthError::MissingField { field: "token".to_owned() };
        let token = &credential.tokens.as_ref().ok_or_else(missing)?.access_token;
        let config = self.config;
        let is_bare = config.name.is_none() && config.place == KeyPlace::Header;
        let prefix = config.prefix.as_deref().unwrap_or(if is_bare { "Bearer " } else { "" });
        let value = SecretText::new(format!("{prefix}{}", token.expose()));
        let default = if config.place == KeyPlace::Header { "Authorization" } else { "token" };
        let name = config.name.as_deref().unwrap_or(default);
        place(request, Place { place: config.place, name, field: "token" }, &value)
    }

    fn is_refused(&self, answer: &Answer) -> bool {
        self.config.refused.contains(&answer.status)
    }
}
