//! What a token endpoint's refusal means, by error code first and status second. A busy or broken
//! provider is never taken for a revoked grant.

use crate::error::AuthError;
use sluis_model::error::{Failure, Reason};
use std::time::Duration;

/// What to do about a failed token request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenErrorKind {
    /// The code or refresh token is no longer good: a person must authorize again.
    InvalidGrant,
    /// The client id or secret is wrong, or the client may not do this: the operator mends it.
    InvalidClient,
    /// The person or the provider's policy said no.
    Denied,
    /// The request itself is wrong (scope, redirect URI, grant type): the connector's author or the
    /// operator mends it.
    Misconfigured,
    /// The provider is busy or broken; the tokens may be perfectly good. Try later.
    Transient {
        /// How long the provider asks to wait.
        retry_after: Option<Duration>,
    },
    /// The answer is none that can be used; nothing is known about the grant.
    Unusable,
}

/// A failed token request, worded for an admin. Holds neither the body nor a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TokenError {
    /// What to do about it.
    pub kind: TokenErrorKind,
    /// What went wrong, one sentence.
    pub message: String,
}

impl TokenError {
    /// A failure of a kind.
    pub(crate) fn new(kind: TokenErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// Who can mend it, and how.
    pub fn help(&self) -> &'static str {
        match self.kind {
            TokenErrorKind::InvalidGrant => "an admin of the org authorizes the connector again",
            TokenErrorKind::InvalidClient => {
                "the operator compares client id and secret with the registration at the provider, and whether the \
                 provider wants them as `client_auth: basic`, `basic_unencoded` or `body`"
            }
            TokenErrorKind::Denied => {
                "someone with enough rights at the provider authorizes the connector again"
            }
            TokenErrorKind::Misconfigured => {
                "the connector's author compares scopes and endpoints with the provider's documentation; the operator \
                 compares the redirect URI with the one registered there"
            }
            TokenErrorKind::Transient { .. } => {
                "nothing is lost; try again later, or look at the provider's status page"
            }
            TokenErrorKind::Unusable => {
                "the connector's author checks that the endpoint in the connector file is the provider's token endpoint"
            }
        }
    }
}

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Failure {
        let reason = match error.kind {
            TokenErrorKind::InvalidGrant => Reason::NeedsReauthorization,
            TokenErrorKind::InvalidClient | TokenErrorKind::Misconfigured => Reason::InvalidDefinition,
            TokenErrorKind::Denied => Reason::Denied,
            TokenErrorKind::Transient { .. } => Reason::Unreachable,
            TokenErrorKind::Unusable => Reason::BadUpstream,
        };
        let help = error.help();
        Failure::new(reason, error.message).help(help)
    }
}

impl From<AuthError> for TokenError {
    fn from(error: AuthError) -> TokenError {
        TokenError::new(TokenErrorKind::Misconfigured, error.to_string())
    }
}

/// The kind that an error code of RFC 6749 §5.2, or of a provider that made up its own, stands for.
pub(crate) fn kind_of_code(code: &str) -> Option<TokenErrorKind> {
    let kind = match code {
        "invalid_grant"
        | "invalid_code"
        | "invalid_refresh_token"
        | "bad_refresh_token"
        | "bad_verification_code"
        | "code_expired"
        | "expired_token"
        | "token_expired"
        | "token_revoked"
        | "invalid_token"
        | "interaction_required"
        | "consent_required"
        | "login_required" => TokenErrorKind::InvalidGrant,
        "invalid_client"
        | "unauthorized_client"
        | "incorrect_client_credentials"
        | "invalid_client_id"
        | "invalid_client_secret"
        | "bad_client_secret" => TokenErrorKind::InvalidClient,
        "access_denied" => TokenErrorKind::Denied,
        "invalid_request"
        | "invalid_scope"
        | "unsupported_grant_type"
        | "unsupported_response_type"
        | "redirect_uri_mismatch"
        | "invalid_redirect_uri"
        | "bad_redirect_uri"
        | "unsupported_token_type" => TokenErrorKind::Misconfigured,
        "temporarily_unavailable"
        | "server_error"
        | "slow_down"
        | "rate_limited"
        | "ratelimited"
        | "too_many_requests"
        | "internal_error"
        | "service_unavailable" => TokenErrorKind::Transient { retry_after: None },
        _ => return None,
    };
    Some(kind)
}
