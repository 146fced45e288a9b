//! What every authentication scheme can do. A scheme is bound to its parameters; it keeps nothing
//! else.

use crate::error::AuthError;
use crate::http_value::HttpRequest;
use crate::pending::Begun;
use crate::token_answer::read_tokens_at;
use crate::token_error::TokenError;
use http::HeaderMap;
use http::header::HeaderName;
use sluis_model::connector::ClientReference;
use sluis_model::credential::{ClientCredentials, TokenSet};
use sluis_model::ports::Randomness;
use sluis_model::secret::SecretText;
use sluis_model::time::Timestamp;

/// One way to authenticate, bound to the parameters in a connector file.
///
/// A scheme without consent keeps the defaults; a scheme with consent overrides `begin`,
/// `exchange`, `refresh` and `revoke`.
pub trait Scheme: Send + Sync {
    /// Its name in connector files.
    fn name(&self) -> &'static str;

    /// Whether a person must agree before the connector can be used.
    fn needs_consent(&self) -> bool {
        false
    }

    /// The client registration it needs, if any.
    fn client(&self) -> Option<&ClientReference> {
        None
    }

    /// Issuer that a callback must name, if it names one (RFC 9207).
    fn issuer(&self) -> Option<&str> {
        None
    }

    /// Starts an authorization.
    fn begin(
        &self,
        _client: &ClientCredentials,
        _redirect_uri: &str,
        _randomness: &dyn Randomness,
    ) -> Result<Begun, AuthError> {
        Err(AuthError::NoSuchStep { scheme: self.name(), step: "begin" })
    }

    /// The request that turns a code into tokens. `redirect_uri` is the very text given to
    /// [`Scheme::begin`].
    fn exchange(
        &self,
        _client: &ClientCredentials,
        _code: &SecretText,
        _verifier: &SecretText,
        _redirect_uri: &str,
    ) -> Result<HttpRequest, AuthError> {
        Err(AuthError::NoSuchStep { scheme: self.name(), step: "exchange" })
    }

    /// The request that renews tokens; none if these cannot be renewed.
    fn refresh(
        &self,
        _client: &ClientCredentials,
        _tokens: &TokenSet,
    ) -> Result<Option<HttpRequest>, AuthError> {
        Ok(None)
    }

    /// The request that tells the provider to forget the grant; none if it offers no such thing.
    fn revoke(
        &self,
        _client: &ClientCredentials,
        _tokens: &TokenSet,
    ) -> Result<Option<HttpRequest>, AuthError> {
        Ok(None)
    }

    /// Reads the answer to `exchange` (without `previous`) or `refresh` (with it).
    fn read_tokens_at(
        &self,
        now: Timestamp,
        status: u16,
        headers: &HeaderMap,
        body: &[u8],
        previous: Option<&TokenSet>,
    ) -> Result<TokenSet, TokenError> {
        read_tokens_at(now, status, headers, body, previous)
    }

    /// The header that carries the credential.
    fn apply(&self, tokens: &TokenSet) -> Result<Option<(HeaderName, SecretText)>, AuthError>;
}
