//! Tokens with which the HTTP API is called.

use crate::builder::Engine;
use crate::errors;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::OrgId;
use sluis_model::secret::SecretText;
use sluis_vault::api_token::{self, ApiToken, Purpose};

/// The longest lifetime that a token can be given, in seconds: ten years of 365 days.
pub const MAX_LIFETIME_S: i64 = 315_360_000;

impl Engine {
    /// Makes a token for a purpose, for so many seconds or for good. Its text is answered here and never
    /// again.
    pub async fn create_api_token(
        &self,
        purpose: &Purpose,
        lifetime_s: Option<i64>,
    ) -> Result<(SecretText, ApiToken), Failure> {
        let now = self.now();
        let expires_at = match lifetime_s {
            Some(seconds) if !(1..=MAX_LIFETIME_S).contains(&seconds) => {
                let what = format!("a token lives from 1 to {MAX_LIFETIME_S} seconds, not {seconds}");
                return Err(Failure::new(Reason::InvalidInput, what)
                    .help("leave `expires_in_s` out for a token that lives until it is revoked"));
            }
            Some(seconds) => Some(now.plus_seconds(seconds)),
            None => None,
        };
        if let Some(org) = &purpose.org {
            self.org(org).await?;
        }
        let made = api_token::create(self.store().await?, self.randomness(), purpose, now, expires_at).await;
        let (text, token) = made.map_err(errors::custody)?;
        tracing::info!(token = %token.prefix, name = %token.name, "an API token was made");
        Ok((text, token))
    }

    /// The tokens that are bound to an org.
    pub async fn api_tokens_of(&self, org: &OrgId) -> Result<Vec<ApiToken>, Failure> {
        self.org(org).await?;
        let all = self.api_tokens().await?;
        Ok(all.into_iter().filter(|token| token.org.as_ref() == Some(org)).collect())
    }

    /// Revokes a token that is bound to an org; one of another org is not found.
    pub async fn revoke_api_token_of(&self, org: &OrgId, prefix: &str) -> Result<ApiToken, Failure> {
        let bare = prefix.strip_prefix(api_token::MARK).unwrap_or(prefix);
        let known = self.api_tokens_of(org).await?.into_iter().any(|token| token.prefix == bare);
        if !known {
            let shown: String = bare.chars().take_while(char::is_ascii_alphanumeric).take(8).collect();
            return Err(Failure::new(
                Reason::NotFound,
                format!("there is no API token `slu_{shown}…` of `{org}`"),
            )
            .help("the list of its tokens names their prefixes"));
        }
        self.revoke_api_token(bare).await
    }

    /// All tokens, also those that have ended.
    pub async fn api_tokens(&self) -> Result<Vec<ApiToken>, Failure> {
        api_token::list(self.store().await?).await.map_err(errors::custody)
    }

    /// Revokes the token with a prefix: from the next request on it is refused.
    pub async fn revoke_api_token(&self, prefix: &str) -> Result<ApiToken, Failure> {
        let revoked = api_token::revoke(self.store().await?, prefix, self.now()).await;
        let revoked = revoked.map_err(errors::custody)?;
        tracing::info!(token = %revoked.prefix, name = %revoked.name, "an API token was revoked");
        Ok(revoked)
    }

    /// The token that a text is, if it counts now; else `unauthenticated`.
    pub async fn verify_api_token(&self, text: &str) -> Result<ApiToken, Failure> {
        let found =
            api_token::verify(self.store().await?, text, self.now()).await.map_err(errors::custody)?;
        found.map_err(|refusal| Failure::new(Reason::Unauthenticated, refusal.to_string()))
    }
}
