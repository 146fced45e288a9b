//! What a grant gives: tokens, and the client that may use them. Never serialised by serde; the
//! vault has its own sealed form.

use crate::secret::SecretText;
use crate::time::Timestamp;

/// The client registered at a provider (RFC 6749 §2).
#[derive(Debug, Clone)]
pub struct ClientCredentials {
    /// `client_id`; not secret.
    pub id: String,
    /// `client_secret`; public clients have none.
    pub secret: Option<SecretText>,
}

/// Tokens of one grant (RFC 6749 §5.1).
#[derive(Debug, Clone)]
pub struct TokenSet {
    /// The access token.
    pub access_token: SecretText,
    /// The refresh token, if the provider gave one.
    pub refresh_token: Option<SecretText>,
    /// When the access token ends; unknown if the provider did not say.
    pub expires_at: Option<Timestamp>,
    /// When it was received; refreshing ahead of time looks at the whole lifetime.
    pub issued_at: Timestamp,
    /// Scopes granted; empty if the provider did not say.
    pub scopes: Vec<String>,
}
