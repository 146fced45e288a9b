//! What a connection holds: what a person entered, tokens, and the client that may use them. Never
//! serialised by serde; the vault has its own sealed form.

use crate::secret::SecretText;
use crate::time::Timestamp;
use std::collections::BTreeMap;

/// The client registered at a provider (RFC 6749 §2).
#[derive(Debug, Clone, Default)]
pub struct ClientCredentials {
    /// `client_id`; not secret.
    pub id: String,
    /// `client_secret`; public clients have none.
    pub secret: Option<SecretText>,
    /// Private key in PEM, for clients that sign assertions (RFC 7523 §2.2).
    pub private_key: Option<SecretText>,
    /// Identifier under which the provider knows the public half of that key (`kid`, RFC 7515 §4.1.4); not
    /// secret. Providers that know several keys of a client need it.
    pub key_id: Option<String>,
}

/// Everything secret about one connection.
#[derive(Debug, Clone, Default)]
pub struct Credential {
    /// What a person entered when connecting, by the name of the scheme's field.
    pub fields: BTreeMap<String, SecretText>,
    /// Tokens, of schemes that get some.
    pub tokens: Option<TokenSet>,
    /// The tokens before the last renewal, kept until the present ones have worked once.
    pub previous: Option<TokenSet>,
}

impl Credential {
    /// A credential of tokens alone.
    pub fn of_tokens(tokens: TokenSet) -> Self {
        Self { tokens: Some(tokens), ..Self::default() }
    }

    /// A credential of entered values alone.
    pub fn of_fields(fields: BTreeMap<String, SecretText>) -> Self {
        Self { fields, ..Self::default() }
    }

    /// Every secret in it.
    pub fn secrets(&self) -> impl Iterator<Item = &SecretText> {
        self.secrets_besides(&[])
    }

    /// The same without the fields that are no secret in themselves: to star a user's name wherever it
    /// stands would spoil the answers of the service that knows them.
    pub fn secrets_besides<'a>(&'a self, plain: &'a [String]) -> impl Iterator<Item = &'a SecretText> {
        let tokens = self.tokens.iter().chain(&self.previous);
        let entered = self.fields.iter().filter(|(name, _)| !plain.contains(name));
        entered.map(|(_, value)| value).chain(tokens.flat_map(TokenSet::secrets))
    }
}

/// Tokens of one grant (RFC 6749 §5.1), or what another scheme got in their place: a session, an
/// OAuth 1.0a token with its secret.
#[derive(Debug, Clone)]
pub struct TokenSet {
    /// The access token.
    pub access_token: SecretText,
    /// The refresh token, if the provider gave one.
    pub refresh_token: Option<SecretText>,
    /// The secret that belongs to the access token (RFC 5849 §2.3), where there is one.
    pub token_secret: Option<SecretText>,
    /// When the access token ends; unknown if the provider did not say.
    pub expires_at: Option<Timestamp>,
    /// When the refresh token ends; unknown if the provider did not say.
    pub refresh_expires_at: Option<Timestamp>,
    /// When it was received; refreshing ahead of time looks at the whole lifetime.
    pub issued_at: Timestamp,
    /// Scopes granted; empty if the provider did not say.
    pub scopes: Vec<String>,
}

impl TokenSet {
    /// An access token received at a moment, and nothing else.
    pub fn of(access_token: impl Into<SecretText>, issued_at: Timestamp) -> Self {
        Self {
            access_token: access_token.into(),
            refresh_token: None,
            token_secret: None,
            expires_at: None,
            refresh_expires_at: None,
            issued_at,
            scopes: Vec::new(),
        }
    }

    /// Every secret in it.
    pub fn secrets(&self) -> impl Iterator<Item = &SecretText> {
        std::iter::once(&self.access_token).chain(&self.refresh_token).chain(&self.token_secret)
    }
}
