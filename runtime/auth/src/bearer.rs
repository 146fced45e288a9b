//! Bearer tokens on requests (RFC 6750 §2.1), and when to renew them.

use crate::error::AuthError;
use crate::http_value::HttpRequest;
use http::header::AUTHORIZATION;
use sluis_model::credential::{Credential, TokenSet};
use sluis_model::secret::SecretText;
use sluis_model::time::Timestamp;

/// Longest time before the end at which a token is renewed, in seconds.
const AHEAD_AT_MOST: i64 = 60;

/// Puts the access token on a request as its `Authorization` header. Refuses tokens that could break
/// out of it.
pub fn apply(credential: &Credential, request: &mut HttpRequest) -> Result<(), AuthError> {
    let missing = || AuthError::MissingField { field: "access_token".to_owned() };
    let token = credential.tokens.as_ref().ok_or_else(missing)?.access_token.expose();
    if !is_header_safe(token) {
        return Err(AuthError::UnusableToken);
    }
    request.set_secret_header(AUTHORIZATION, &SecretText::new(format!("Bearer {token}")))
}

/// Whether a token can stand in a header: printable ASCII, not empty, no outer spaces.
pub(crate) fn is_header_safe(token: &str) -> bool {
    !token.is_empty() && token.trim() == token && token.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}

/// Whether it is time to renew: the token has ended or will within 60 seconds, or within a tenth of
/// its lifetime if that is shorter. A token of unknown end is renewed on 401 only. Looks at time
/// only: whether there is a refresh token is another question.
pub fn needs_refresh_at(now: Timestamp, tokens: &TokenSet) -> bool {
    renewal_due_at(tokens).is_some_and(|due| now >= due)
}

/// When [`needs_refresh_at`] begins to say yes; none for a token of unknown end.
pub fn renewal_due_at(tokens: &TokenSet) -> Option<Timestamp> {
    Some(renewal_due_of(tokens.issued_at, tokens.expires_at?))
}

/// The same for a token that is issued and ends at these moments.
pub fn renewal_due_of(issued_at: Timestamp, expires_at: Timestamp) -> Timestamp {
    let lifetime_ms = expires_at.0.saturating_sub(issued_at.0).max(0);
    let ahead_ms = (lifetime_ms / 10).min(AHEAD_AT_MOST * 1000);
    Timestamp(expires_at.0.saturating_sub(ahead_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(access: &str, lifetime_s: Option<i64>) -> TokenSet {
        TokenSet {
            expires_at: lifetime_s.map(|seconds| Timestamp(0).plus_seconds(seconds)),
            ..TokenSet::of(access, Timestamp(0))
        }
    }

    fn applied(access: &str) -> Result<http::HeaderValue, AuthError> {
        let mut request = HttpRequest::new(http::Method::GET, "https://a.example/".parse().unwrap());
        apply(&Credential::of_tokens(tokens(access, None)), &mut request)?;
        Ok(request.headers[AUTHORIZATION].clone())
    }

    #[test]
    fn a_token_is_renewed_a_minute_or_a_tenth_of_its_life_ahead() {
        for (lifetime_s, not_yet_ms, time_ms) in
            [(3600, 3_539_999, 3_540_000), (100, 89_999, 90_000), (1, 899, 900), (0, -1, 0)]
        {
            let tokens = tokens("a", Some(lifetime_s));
            assert!(!needs_refresh_at(Timestamp(not_yet_ms), &tokens), "{lifetime_s} s");
            assert!(needs_refresh_at(Timestamp(time_ms), &tokens), "{lifetime_s} s");
        }
    }

    #[test]
    fn a_token_of_unknown_end_is_not_renewed_ahead() {
        assert!(!needs_refresh_at(Timestamp(i64::MAX), &tokens("a", None)));
    }

    #[test]
    fn a_token_with_control_characters_is_refused() {
        for bad in ["", "a\r\nX-Evil: 1", "a\nb", "a\0", "é", " a", "a\u{7f}"] {
            assert_eq!(applied(bad).unwrap_err(), AuthError::UnusableToken, "{bad:?}");
        }
        let value = applied("ya29.A-b_c~d+e/f==").unwrap();
        assert!(value.is_sensitive());
        assert_eq!(value, "Bearer ya29.A-b_c~d+e/f==");
    }
}
