//! What every authentication scheme can do. A scheme is bound to its parameters; it keeps nothing
//! else.

use crate::callback::Returned;
use crate::challenges::Challenges;
use crate::conversation::{Obtained, Talk};
use crate::device::{DeviceBegun, Polled};
use crate::error::AuthError;
use crate::field::Field;
use crate::http_value::{Answer, HttpRequest};
use crate::pending::Begun;
use crate::revocation::Revocation;
use http::StatusCode;
use sluis_model::connection::Variables;
use sluis_model::connector::ClientReference;
use sluis_model::credential::{ClientCredentials, Credential, TokenSet};
use sluis_model::ports::Randomness;
use sluis_model::secret::SecretText;
use sluis_model::time::Timestamp;

/// What a scheme may look at while it works.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The present moment.
    pub now: Timestamp,
    /// Where nonces come from.
    pub randomness: &'a dyn Randomness,
    /// The client registered at the provider, if the scheme names one.
    pub client: Option<&'a ClientCredentials>,
    /// The connection's variables.
    pub variables: &'a Variables,
    /// What servers asked for last, for schemes that answer a challenge.
    pub challenges: &'a Challenges,
}

impl<'a> Context<'a> {
    /// The client, which schemes that name one are given.
    pub fn client(&self, scheme: &dyn Scheme) -> Result<&'a ClientCredentials, AuthError> {
        self.client.ok_or(AuthError::NoClient { scheme: scheme.name() })
    }
}

/// How a connection comes to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Connects {
    /// By itself: there is nothing to connect.
    Freely,
    /// Somebody enters [`Scheme::fields`].
    ByFields,
    /// Somebody agrees on a page of the provider, and comes back with the browser.
    ByConsent,
    /// Somebody agrees on a page of the provider, on whatever device, after entering a code
    /// (RFC 8628).
    ByDevice,
}

/// One way to authenticate, bound to the parameters in a connector file.
///
/// A scheme overrides what it can do and keeps the defaults for the rest.
pub trait Scheme: Send + Sync {
    /// Its name in connector files.
    fn name(&self) -> &'static str;

    /// Whether its parameters can be used at all: asked once, when a connector is released.
    fn check(&self) -> Result<(), AuthError> {
        Ok(())
    }

    /// How a connection comes to be.
    fn connects(&self) -> Connects;

    /// What somebody enters to connect. A scheme with consent may want some as well.
    fn fields(&self) -> Vec<Field> {
        Vec::new()
    }

    /// The client registration it needs, if any.
    fn client(&self) -> Option<&ClientReference> {
        None
    }

    /// Whether [`Scheme::apply`] looks at the client, so that it has to be there at each call.
    fn signs_with_client(&self) -> bool {
        false
    }

    /// Issuer that a callback must name, if it names one (RFC 9207).
    fn issuer(&self) -> Option<&str> {
        None
    }

    /// Whether a callback that names no issuer is refused (RFC 9207 §2.4).
    fn requires_issuer(&self) -> bool {
        false
    }

    /// Scopes that are asked for.
    fn scopes(&self) -> &[String] {
        &[]
    }

    /// Parameter of the callback that holds the code.
    fn code_parameter(&self) -> &str {
        "code"
    }

    /// Starts an authorization with consent.
    fn begin<'a>(&'a self, _cx: Context<'a>, _redirect_uri: &'a str) -> Result<Talk<'a, Begun>, AuthError> {
        Err(AuthError::NoSuchStep { scheme: self.name(), step: "begin" })
    }

    /// Turns what the callback brought into tokens. `kept` is [`Begun::kept`], `redirect_uri` the very
    /// text given to [`Scheme::begin`].
    fn exchange<'a>(
        &'a self,
        _cx: Context<'a>,
        _returned: &'a Returned,
        _kept: &'a SecretText,
        _redirect_uri: &'a str,
    ) -> Result<Talk<'a, Obtained>, AuthError> {
        Err(AuthError::NoSuchStep { scheme: self.name(), step: "exchange" })
    }

    /// Starts a device authorization (RFC 8628 §3.1).
    fn begin_device<'a>(&'a self, _cx: Context<'a>) -> Result<Talk<'a, DeviceBegun>, AuthError> {
        Err(AuthError::NoSuchStep { scheme: self.name(), step: "begin_device" })
    }

    /// Asks once whether the person has agreed (RFC 8628 §3.4).
    fn poll_device<'a>(
        &'a self,
        _cx: Context<'a>,
        _device_code: &'a SecretText,
    ) -> Result<Talk<'a, Polled>, AuthError> {
        Err(AuthError::NoSuchStep { scheme: self.name(), step: "poll_device" })
    }

    /// Gets tokens with what was entered, without a person; none for a scheme whose entered values
    /// are used as they are.
    fn obtain<'a>(
        &'a self,
        _cx: Context<'a>,
        _credential: &'a Credential,
    ) -> Result<Option<Talk<'a, Obtained>>, AuthError> {
        Ok(None)
    }

    /// Renews tokens; none if these cannot be renewed. Where the answer leaves something out that the
    /// old tokens had (refresh token, scopes), the new ones have it still.
    fn renew<'a>(
        &'a self,
        cx: Context<'a>,
        credential: &'a Credential,
    ) -> Result<Option<Talk<'a, Obtained>>, AuthError> {
        self.obtain(cx, credential)
    }

    /// Whether [`Scheme::renew`] can do something for these tokens.
    fn is_renewable(&self, _credential: &Credential) -> bool {
        false
    }

    /// Whether renewing uses the old tokens up, so that a second try with them may end the grant.
    fn renewal_is_delicate(&self) -> bool {
        false
    }

    /// Tells the provider to forget the grant; none if it offers no such thing.
    fn revoke<'a>(
        &'a self,
        _cx: Context<'a>,
        _credential: &'a Credential,
    ) -> Result<Option<Talk<'a, Revocation>>, AuthError> {
        Ok(None)
    }

    /// Puts the credential on a request that lacks nothing else: a signature covers what it is given.
    fn apply(
        &self,
        cx: Context<'_>,
        credential: &Credential,
        request: &mut HttpRequest,
    ) -> Result<(), AuthError>;

    /// Like [`Scheme::apply`], but with stars in place of everything secret or derived from a secret:
    /// what people are shown before a request is sent.
    fn sketch(&self, cx: Context<'_>, request: &mut HttpRequest) -> Result<(), AuthError> {
        let stars = Credential {
            fields: self.fields().into_iter().map(|field| (field.name, "***".into())).collect(),
            tokens: Some(TokenSet::of("***", cx.now)),
            previous: None,
        };
        self.apply(cx, &stars, request)
    }

    /// After an answer to a request with this credential on it: whether the request is worth sending
    /// again, now that the scheme has put the answer to the server's challenge on it (RFC 7616).
    fn answer_challenge(
        &self,
        _cx: Context<'_>,
        _credential: &Credential,
        _answer: &Answer,
        _request: &mut HttpRequest,
    ) -> Result<bool, AuthError> {
        Ok(false)
    }

    /// Whether an answer says that the service does not accept the access token.
    fn is_refused(&self, answer: &Answer) -> bool {
        answer.status == StatusCode::UNAUTHORIZED
    }
}
