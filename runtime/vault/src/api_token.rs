//! Tokens of the HTTP API: `slu_PREFIX_SECRET`. The prefix names a token, in lists, logs and scanners of
//! leaked secrets; the secret has 256 random bits. The store holds a SHA-256 of the whole, so whoever
//! reads it cannot make a request; no slow hash is needed for that many bits.

use crate::error::VaultError;
use crate::token::{hash_token, same_text};
use serde::{Deserialize, Serialize};
use sluis_model::access::{Permission, Role};
use sluis_model::id::{OrgId, UserId};
use sluis_model::ports::Randomness;
use sluis_model::secret::SecretText;
use sluis_model::time::Timestamp;
use sluis_store::{Expect, Key, Store, StoreError, Table, get_json, list_json, put_json, system_org};
use std::collections::BTreeSet;
use zeroize::Zeroizing;

/// How every token begins.
pub const MARK: &str = "slu_";

const PREFIX_CHARS: usize = 8;
const SECRET_CHARS: usize = 52;
/// The last use is written down once in this many ms: a write for each request would cost more than it
/// tells.
const USE_NOTED_EVERY_MS: i64 = 3_600_000;
const PAGE: usize = 500;

/// A token as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiToken {
    /// Its public part, by which it is found.
    pub prefix: String,
    /// What it is for, in the operator's words.
    pub name: String,
    /// The only org that it may act for; without one it may act for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<OrgId>,
    /// All that it may do; empty for what a token may do that was made without saying.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub scopes: BTreeSet<Permission>,
    /// Who made it: it may never do more than they may at the time of asking. Without one the operator did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<UserId>,
    /// SHA-256 of the whole token in hex.
    hash: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends; without a value it does not.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the hour.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// What a token is made for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Purpose {
    /// What it is for, in words.
    pub name: String,
    /// The only org that it may act for.
    pub org: Option<OrgId>,
    /// All that it may do; empty: see [`ApiToken::scopes`].
    pub scopes: BTreeSet<Permission>,
    /// Who makes it.
    pub owner: Option<UserId>,
}

impl ApiToken {
    /// Whether it was made for something, its owner's own rights aside.
    pub fn allows(&self, permission: Permission) -> bool {
        if self.scopes.is_empty() {
            return Permission::of_unscoped_token(self.org.is_some()).contains(&permission);
        }
        // Bound to an org, it is nothing above orgs, whatever it names.
        let within = self.org.is_none() || Role::Admin.permissions().contains(&permission);
        within && self.scopes.contains(&permission)
    }
}

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// Nobody made it.
    #[error("the API token is not one of this server")]
    Unknown,
    /// It was good once. Only whoever shows the whole of it learns this.
    #[error("the API token is revoked")]
    Revoked,
    /// Its time is over.
    #[error("the API token has expired")]
    Expired,
}

fn row(prefix: &str) -> Key {
    Key::system(Table::ApiTokens, prefix)
}

/// Makes a token. The text is shown here and never again.
///
/// # Errors
/// [`VaultError::TokenName`] for a name without a character or with more than 100.
pub async fn create(
    store: &dyn Store,
    randomness: &dyn Randomness,
    purpose: &Purpose,
    now: Timestamp,
    expires_at: Option<Timestamp>,
) -> Result<(SecretText, ApiToken), VaultError> {
    let name = purpose.name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(VaultError::TokenName);
    }
    loop {
        let prefix = random_text::<PREFIX_CHARS>(randomness).as_str().to_owned();
        let secret = random_text::<SECRET_CHARS>(randomness);
        let text = SecretText::new(format!("{MARK}{prefix}_{}", secret.as_str()));
        let token = ApiToken {
            prefix,
            name: name.to_owned(),
            org: purpose.org.clone(),
            scopes: purpose.scopes.clone(),
            owner: purpose.owner.clone(),
            hash: hash_token(text.expose()),
            created_at: now,
            expires_at,
            last_used_at: None,
            revoked_at: None,
        };
        match store.apply(vec![put_json(row(&token.prefix), &token, Expect::Absent)?]).await {
            Ok(_) => return Ok((text, token)),
            // Another token happens to have this prefix.
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// All tokens, also those that are revoked or have ended.
pub async fn list(store: &dyn Store) -> Result<Vec<ApiToken>, VaultError> {
    let (mut all, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = list_json(store, Table::ApiTokens, &system_org(), "", after.as_deref(), PAGE).await?;
        let last = page.len() < PAGE;
        after = page.last().map(|(id, _, _)| id.clone());
        all.extend(page.into_iter().map(|(_, _, token)| token));
        if last {
            return Ok(all);
        }
    }
}

/// Revokes the token with a prefix; one that is revoked stays so. From the next request on it is refused.
///
/// # Errors
/// [`VaultError::TokenNotFound`].
pub async fn revoke(store: &dyn Store, prefix: &str, now: Timestamp) -> Result<ApiToken, VaultError> {
    let prefix = prefix.strip_prefix(MARK).unwrap_or(prefix);
    // Whoever pastes the whole token must not see it again in an error.
    let prefix: String = prefix.chars().take_while(char::is_ascii_alphanumeric).take(PREFIX_CHARS).collect();
    if prefix.is_empty() {
        return Err(VaultError::TokenNotFound { prefix });
    }
    loop {
        let Some((version, mut token)) = get_json::<ApiToken>(store, &row(&prefix)).await? else {
            return Err(VaultError::TokenNotFound { prefix });
        };
        if token.revoked_at.is_some() {
            return Ok(token);
        }
        token.revoked_at = Some(now);
        match store.apply(vec![put_json(row(&prefix), &token, Expect::Version(version))?]).await {
            Ok(_) => return Ok(token),
            // Its use was noted at this moment.
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Whether a text is a token that counts now, and which.
pub async fn verify(
    store: &dyn Store,
    text: &str,
    now: Timestamp,
) -> Result<Result<ApiToken, TokenRefusal>, VaultError> {
    let Some(prefix) = prefix_of(text) else { return Ok(Err(TokenRefusal::Unknown)) };
    let Some((version, token)) = get_json::<ApiToken>(store, &row(prefix)).await? else {
        return Ok(Err(TokenRefusal::Unknown));
    };
    if !same_text(&hash_token(text), &token.hash) {
        return Ok(Err(TokenRefusal::Unknown));
    }
    if token.revoked_at.is_some() {
        return Ok(Err(TokenRefusal::Revoked));
    }
    if token.expires_at.is_some_and(|end| now >= end) {
        return Ok(Err(TokenRefusal::Expired));
    }
    let since = token.last_used_at.map(|at| now.0.saturating_sub(at.0));
    let noted = since.is_some_and(|since| (0..USE_NOTED_EVERY_MS).contains(&since));
    if noted {
        return Ok(Ok(token));
    }
    let used = ApiToken { last_used_at: Some(now), ..token };
    match store.apply(vec![put_json(row(prefix), &used, Expect::Version(version))?]).await {
        // Somebody else noted it, or revoked it: the next request sees that.
        Ok(_) | Err(StoreError::Conflict { .. }) => Ok(Ok(used)),
        Err(error) => Err(error.into()),
    }
}

/// The prefix of a text that has the form of a token.
fn prefix_of(text: &str) -> Option<&str> {
    let (prefix, secret) = text.strip_prefix(MARK)?.split_once('_')?;
    let fits = |part: &str, length| part.len() == length && part.bytes().all(|b| ALPHABET.contains(&b));
    (fits(prefix, PREFIX_CHARS) && fits(secret, SECRET_CHARS)).then_some(prefix)
}

/// Base 32 after Crockford: no letters that look like digits.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Characters of 5 random bits each.
fn random_text<const CHARS: usize>(randomness: &dyn Randomness) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0u8; CHARS]);
    randomness.fill(bytes.as_mut_slice());
    let mut text = Zeroizing::new(String::with_capacity(CHARS));
    text.extend(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])));
    text
}
