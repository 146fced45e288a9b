//! Signs assertions (RFC 7523): RS256 with a private key, HS256 with a client's secret, and nothing else.
//! Each is for one audience, good for at most five minutes, and has a `jti` of its own.

use crate::error::AuthError;
use crate::pending::random_token;
use crate::scheme::Context;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde::{Deserialize, Serialize};
use sluis_model::credential::ClientCredentials;
use sluis_model::secret::SecretText;

/// Longest that an assertion is good for, in seconds.
pub(super) const LIFETIME_S: u16 = 300;

/// What an assertion says (RFC 7523 §3).
#[derive(Debug, Serialize)]
pub(super) struct Claims<'a> {
    pub(super) iss: &'a str,
    pub(super) sub: &'a str,
    pub(super) aud: &'a str,
    pub(super) iat: i64,
    pub(super) exp: i64,
    pub(super) jti: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scope: Option<String>,
}

impl<'a> Claims<'a> {
    /// What a client says about itself.
    pub(super) fn of_client(cx: Context<'_>, id: &'a str, audience: &'a str) -> Self {
        let iat = cx.now.0 / 1000;
        let jti = random_token(cx.randomness).expose().clone();
        Self { iss: id, sub: id, aud: audience, iat, exp: iat + i64::from(LIFETIME_S), jti, scope: None }
    }
}

/// Signs with the client's registered private key.
pub(super) fn by_client_key(
    client: &ClientCredentials,
    claims: &Claims<'_>,
) -> Result<SecretText, AuthError> {
    let refuse = |why: &str| AuthError::UnusableClient { why: why.to_owned() };
    let pem = client.private_key.as_ref().ok_or_else(|| refuse("it has no private key"))?;
    by_key(pem.expose(), client.key_id.as_deref(), claims).map_err(refuse)
}

/// Signs with the client's secret.
pub(super) fn by_client_secret(
    client: &ClientCredentials,
    claims: &Claims<'_>,
) -> Result<SecretText, AuthError> {
    let refuse = |why: &str| AuthError::UnusableClient { why: why.to_owned() };
    let secret = client.secret.as_ref().ok_or_else(|| refuse("it has no secret"))?;
    // RFC 7518 §3.2: a key of the hash's size or larger.
    if secret.expose().len() < 32 {
        return Err(refuse("its secret is shorter than the 32 bytes that HS256 needs"));
    }
    let key = EncodingKey::from_secret(secret.expose().as_bytes());
    let signed = encode(&Header::new(Algorithm::HS256), claims, &key);
    signed.map(SecretText::new).map_err(|_| refuse("its secret cannot sign"))
}

fn by_key(pem: &str, key_id: Option<&str>, claims: &Claims<'_>) -> Result<SecretText, &'static str> {
    let key = EncodingKey::from_rsa_pem(pem.trim().as_bytes())
        .map_err(|_| "its private key is not an RSA key in PEM (`-----BEGIN PRIVATE KEY-----`)")?;
    let header = Header { kid: key_id.map(str::to_owned), ..Header::new(Algorithm::RS256) };
    encode(&header, claims, &key).map(SecretText::new).map_err(|_| "its private key cannot sign")
}

/// A service account's key, as it is entered: PEM, or the JSON file that some providers hand out.
#[derive(Debug)]
pub(in crate::schemes) struct KeyFile {
    pem: SecretText,
    id: Option<String>,
    /// Who it belongs to, if the file says so.
    pub(in crate::schemes) owner: Option<String>,
}

#[derive(Deserialize)]
struct JsonKeyFile {
    private_key: String,
    private_key_id: Option<String>,
    client_email: Option<String>,
    client_id: Option<String>,
}

impl KeyFile {
    /// Reads what was entered in a field.
    pub(in crate::schemes) fn read(field: &str, text: &SecretText) -> Result<Self, AuthError> {
        let text = text.expose().trim();
        if !text.starts_with('{') {
            return Ok(Self { pem: SecretText::new(text.to_owned()), id: None, owner: None });
        }
        let file: JsonKeyFile = serde_json::from_str(text).map_err(|_| AuthError::BadField {
            field: field.to_owned(),
            why: "it is not the JSON file of a key, which holds a `private_key`".to_owned(),
        })?;
        Ok(Self {
            pem: SecretText::new(file.private_key),
            id: file.private_key_id,
            owner: file.client_email.or(file.client_id),
        })
    }

    /// Signs with it.
    pub(super) fn sign(&self, field: &str, claims: &Claims<'_>) -> Result<SecretText, AuthError> {
        by_key(self.pem.expose(), self.id.as_deref(), claims).map_err(|why| AuthError::BadField {
            field: field.to_owned(),
            why: why.replace("its private key", "it"),
        })
    }
}
