//! What the endpoints of OAuth 1.0a answer: a token with its secret, or a refusal. The standard has no
//! codes for refusals; those of the *problem reporting* extension and of common servers are known here.

use crate::http_value::Answer;
use crate::json_path;
use crate::schemes::calls::accepted;
use crate::token_error::{TokenError, TokenErrorKind};
use serde_json::Value;
use sluis_model::secret::SecretText;
use sluis_model::time::Timestamp;

/// Longest code or sentence of a provider that is shown.
const SHOWN_AT_MOST: usize = 200;

/// Token and secret of an answer, and the rest of it.
pub(super) fn read(now: Timestamp, answer: &Answer) -> Result<(String, SecretText, Value), TokenError> {
    accepted(now, answer).map_err(|error| refusal(answer).unwrap_or(error))?;
    let unusable = |what: &str| {
        let why = format!("the provider's answer holds no `{what}`");
        refusal(answer).unwrap_or_else(|| TokenError::new(TokenErrorKind::Unusable, why))
    };
    let body = json_path::body(answer).ok_or_else(|| unusable("oauth_token"))?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let token = text("oauth_token").ok_or_else(|| unusable("oauth_token"))?.to_owned();
    let secret = text("oauth_token_secret").ok_or_else(|| unusable("oauth_token_secret"))?.into();
    Ok((token, secret, body))
}

/// Whether the provider confirms the callback (RFC 5849 §2.1). Servers in Python write `True`.
pub(super) fn is_confirmed(body: &Value) -> bool {
    match body.get("oauth_callback_confirmed") {
        Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
        Some(value) => value.as_bool() == Some(true),
        None => false,
    }
}

/// The refusal that an answer tells of by a code.
fn refusal(answer: &Answer) -> Option<TokenError> {
    let body = json_path::body(answer)?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let code = text("oauth_problem").or_else(|| text("error"))?;
    let kind = kind_of(code)?;
    let said = text("oauth_problem_advice").or_else(|| text("error_description"));
    let shown = |text: &str| -> String {
        text.chars().filter(|c| !c.is_control()).take(SHOWN_AT_MOST).collect::<String>()
    };
    let words = said.map(|words| format!(": {}", shown(words))).unwrap_or_default();
    Some(TokenError::new(kind, format!("the provider refused with `{}`{words}", shown(code))))
}

fn kind_of(code: &str) -> Option<TokenErrorKind> {
    Some(match code {
        // Before anybody has a token, only the client's secret can have made a signature wrong; later the
        // token's is as it was given.
        "signature_invalid"
        | "invalid_signature"
        | "consumer_key_unknown"
        | "consumer_key_rejected"
        | "consumer_key_refused"
        | "invalid_client"
        | "unauthorized_client" => TokenErrorKind::InvalidClient,
        "token_expired"
        | "token_revoked"
        | "token_used"
        | "token_rejected"
        | "token_not_authorized"
        | "verifier_invalid"
        | "invalid_token"
        | "invalid_verifier" => TokenErrorKind::InvalidGrant,
        "user_refused" | "permission_denied" | "permission_unknown" | "access_denied" => {
            TokenErrorKind::Denied
        }
        "timestamp_refused"
        | "invalid_timestamp"
        | "nonce_used"
        | "invalid_nonce"
        | "version_rejected"
        | "signature_method_rejected"
        | "unsupported_signature_method"
        | "parameter_absent"
        | "parameter_rejected"
        | "missing_required_parameter"
        | "invalid_request" => TokenErrorKind::Misconfigured,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn refused(status: u16, body: &'static str) -> TokenError {
        let answer =
            Answer { status, headers: Default::default(), body: Bytes::from_static(body.as_bytes()) };
        read(Timestamp(0), &answer).unwrap_err()
    }

    #[test]
    fn a_refusal_is_told_by_its_code() {
        let error = refused(401, "oauth_problem=signature_invalid&oauth_problem_advice=look%20again");
        assert_eq!(error.kind, TokenErrorKind::InvalidClient);
        assert_eq!(error.message, "the provider refused with `signature_invalid`: look again");
        assert_eq!(refused(401, "oauth_problem=token_revoked").kind, TokenErrorKind::InvalidGrant);
        assert_eq!(refused(200, "oauth_problem=user_refused").kind, TokenErrorKind::Denied);
    }

    #[test]
    fn a_code_that_is_not_known_leaves_the_word_to_the_status() {
        assert_eq!(refused(401, "oauth_problem=strange").kind, TokenErrorKind::InvalidGrant);
        assert_eq!(refused(200, "<html>").kind, TokenErrorKind::Unusable);
    }

    #[test]
    fn a_confirmation_may_be_spelled_as_python_does() {
        for text in ["true", "True", "TRUE"] {
            assert!(is_confirmed(&serde_json::json!({"oauth_callback_confirmed": text})));
        }
        assert!(is_confirmed(&serde_json::json!({"oauth_callback_confirmed": true})));
        assert!(!is_confirmed(&serde_json::json!({"oauth_callback_confirmed": "no"})));
        assert!(!is_confirmed(&serde_json::json!({})));
    }
}
