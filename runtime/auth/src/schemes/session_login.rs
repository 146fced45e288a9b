//! A session: logs in, carries a cookie, a header or a value of the answer, logs in again when the
//! service no longer knows it.

use super::calls::{self, Calls, Values};
use super::placed::{Place, place};
use crate::conversation::{Conversation, Obtained, Talk, Turn};
use crate::error::AuthError;
use crate::expiry::end_of;
use crate::field::Field;
use crate::http_value::{Answer, HttpRequest};
use crate::json_path;
use crate::revocation::Revocation;
use crate::scheme::{Connects, Context, Scheme};
use crate::token_error::TokenError;
use http::header::{COOKIE, SET_COOKIE};
use sluis_model::connector::{Carried, KeyPlace, SessionLogin};
use sluis_model::credential::{Credential, TokenSet};
use sluis_model::secret::SecretText;
use sluis_model::time::Timestamp;
use std::slice;

/// The scheme, bound to its parameters.
pub(super) struct Session<'a> {
    config: &'a SessionLogin,
}

impl<'a> Session<'a> {
    /// Binds the scheme.
    pub(super) fn new(config: &'a SessionLogin) -> Self {
        Self { config }
    }

    fn read(&self, now: Timestamp, answer: &Answer) -> Result<Obtained, TokenError> {
        let config = self.config;
        let body = json_path::body(answer);
        let carried = match &config.carry {
            Carried::Cookies => {
                Some(cookies(answer).map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("; "))
            }
            Carried::Cookie(name) => {
                cookies(answer).find(|(n, _)| n == name).map(|(_, value)| value.to_owned())
            }
            Carried::Header(name) => {
                answer.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
            }
            Carried::Body(path) => match &body {
                Some(body) => json_path::text_at(body, "carry.body", path)?,
                None => None,
            },
        };
        let carried = carried.filter(|text| !text.is_empty()).ok_or_else(|| {
            let (at, what) = match &config.carry {
                Carried::Cookies => ("set-cookie", "a cookie nor anything else to carry"),
                Carried::Cookie(name) => (name.as_str(), "a cookie of that name nor an empty one"),
                Carried::Header(name) => (name.as_str(), "a header of that name nor an empty one"),
                Carried::Body(path) => (path.as_str(), "a text nor a number"),
            };
            calls::nothing_at(at, what)
        })?;
        let expires_at = end_of(now, &config.expires, body.as_ref(), &carried)?;
        Ok(Obtained::from(TokenSet { expires_at, ..TokenSet::of(carried, now) }))
    }
}

/// Names and values of the cookies that an answer sets (RFC 6265 §5.2).
fn cookies(answer: &Answer) -> impl Iterator<Item = (&str, &str)> {
    let texts = answer.headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = texts.filter_map(|text| text.split(';').next()?.split_once('='));
    // An empty value is how a cookie is taken away.
    pairs.map(|(name, value)| (name.trim(), value.trim())).filter(|(_, value)| !value.is_empty())
}

impl Scheme for Session<'_> {
    fn name(&self) -> &'static str {
        "session_login"
    }

    fn check(&self) -> Result<(), AuthError> {
        let config = self.config;
        let mut known: Vec<String> = config.fields.iter().map(|field| field.name.clone()).collect();
        calls::check(&config.login, "login", &mut known)?;
        config.logout.iter().try_for_each(|call| calls::check(call, "logout", &mut known))?;
        if let Carried::Body(path) = &config.carry {
            json_path::check("carry.body", path)?;
        }
        config.expires.at.iter().try_for_each(|path| json_path::check("expires.at", path))
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
        let read = move |now: Timestamp, answer: &Answer| self.read(now, answer);
        let login = slice::from_ref(&self.config.login);
        Ok(Some(Box::new(Calls::new(login, calls::values(cx, credential), read))))
    }

    fn is_renewable(&self, _: &Credential) -> bool {
        true
    }

    fn revoke<'a>(
        &'a self,
        cx: Context<'a>,
        credential: &'a Credential,
    ) -> Result<Option<Talk<'a, Revocation>>, AuthError> {
        let Some(logout) = self.config.logout.as_ref().filter(|_| credential.tokens.is_some()) else {
            return Ok(None);
        };
        let mut request = calls::request(logout, &calls::values(cx, credential) as &Values)?;
        self.apply(cx, credential, &mut request)?;
        Ok(Some(Box::new(LogOut(request))))
    }

    fn apply(
        &self,
        _: Context<'_>,
        credential: &Credential,
        request: &mut HttpRequest,
    ) -> Result<(), AuthError> {
        let missing = || AuthError::MissingField { field: "session".to_owned() };
        let session = &credential.tokens.as_ref().ok_or_else(missing)?.access_token;
        let (default_place, own_name) = match &self.config.carry {
            Carried::Cookies => return whole_cookies(request, session),
            Carried::Cookie(name) => (KeyPlace::Cookie, name.as_str()),
            Carried::Header(name) => (KeyPlace::Header, name.as_str()),
            Carried::Body(_) => (KeyPlace::Header, "Authorization"),
        };
        let value = SecretText::new(format!("{}{}", self.config.prefix, session.expose()));
        let at = self.config.place.unwrap_or(default_place);
        let name = self.config.name.as_deref().unwrap_or(own_name);
        place(request, Place { place: at, name, field: "session" }, &value)
    }

    fn is_refused(&self, answer: &Answer) -> bool {
        self.config.refused.contains(&answer.status)
    }
}

/// Every cookie of the log-in, beside those that the request has.
fn whole_cookies(request: &mut HttpRequest, session: &SecretText) -> Result<(), AuthError> {
    let others = request.headers.get(COOKIE).and_then(|value| value.to_str().ok());
    let all = match others {
        Some(others) => SecretText::new(format!("{others}; {}", session.expose())),
        None => session.clone(),
    };
    request.set_secret_header(COOKIE, &all)
}

struct LogOut(HttpRequest);

impl Conversation<Revocation> for LogOut {
    fn next(&mut self, now: Timestamp, answer: Option<&Answer>) -> Result<Turn<Revocation>, TokenError> {
        match answer {
            None => Ok(Turn::Send(self.0.clone())),
            // The session was over before we said so.
            Some(answer) if answer.status == 401 => Ok(Turn::Done(Revocation::AlreadyGone)),
            Some(answer) => calls::accepted(now, answer).map(|()| Turn::Done(Revocation::Revoked)),
        }
    }
}
