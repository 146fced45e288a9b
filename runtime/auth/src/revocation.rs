//! Reads the answer to a revocation (RFC 7009 §2.2).

use crate::http_value::Answer;
use crate::token_answer::read_tokens_at;
use crate::token_error::{TokenError, TokenErrorKind};
use sluis_model::time::Timestamp;

/// What has become of the grant at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revocation {
    /// The provider has forgotten it.
    Revoked,
    /// The provider did not know it any more, which is as good.
    AlreadyGone,
}

/// Reads a revocation endpoint's answer. A success says so by its status only; any body will do.
pub fn read_revocation_at(now: Timestamp, answer: &Answer) -> Result<Revocation, TokenError> {
    let status = answer.status;
    if (200..300).contains(&status) {
        return Ok(Revocation::Revoked);
    }
    match read_tokens_at(now, answer, None) {
        Err(TokenError { kind: TokenErrorKind::InvalidGrant, .. }) => Ok(Revocation::AlreadyGone),
        Err(error) => Err(error),
        // Tokens under a failed status: not an answer to what was asked.
        Ok(_) => Err(TokenError::new(
            TokenErrorKind::Unusable,
            format!("the provider's revocation endpoint answered status {status}"),
        )),
    }
}
