//! Reads what the person's browser brings back from the provider (RFC 6749 §4.1.2, RFC 9207).
//!
//! Two steps, because the issuer to expect is known only when the grant has been found by its
//! state: [`read_callback`], then [`Callback::code`].

use sluis_model::error::{Failure, Reason};
use sluis_model::secret::SecretText;

/// Longest query read, in bytes.
const QUERY_AT_MOST: usize = 16 * 1024;
/// Longest piece of the provider's words that is shown.
const WORDS_AT_MOST: usize = 200;

/// Why a callback cannot be used. The words of the provider in it are plain text: escape them where
/// they are shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// A parameter stands there twice (RFC 6749 §3.1 forbids it).
    #[error("the provider's answer gives the parameter `{parameter}` more than once")]
    Doubled {
        /// The parameter.
        parameter: &'static str,
    },
    /// No `state`: it cannot be told which authorization this answers.
    #[error("the provider's answer holds no `state`")]
    NoState,
    /// Neither a code nor an error.
    #[error("the provider's answer holds neither a code nor an error")]
    NoCode,
    /// Longer than any honest answer.
    #[error("the provider's answer is too long")]
    TooLong,
    /// The person said no.
    #[error("the authorization was refused at the provider{}", said(.words))]
    Denied {
        /// The provider's words.
        words: Option<String>,
    },
    /// The provider reports an error.
    #[error("the provider could not authorize: `{code}`{}", said(.words))]
    Refused {
        /// Error code.
        code: String,
        /// The provider's words.
        words: Option<String>,
    },
    /// The answer comes from another issuer than the one that was asked (mix-up, RFC 9207 §2.4).
    #[error("the answer comes from another issuer than `{expected}`")]
    WrongIssuer {
        /// The issuer of the connector file.
        expected: String,
    },
}

fn said(words: &Option<String>) -> String {
    words.as_ref().map(|words| format!(": {words}")).unwrap_or_default()
}

impl CallbackError {
    /// Who can mend it, and how.
    pub fn help(&self) -> &'static str {
        match self {
            CallbackError::Denied { .. } => "authorize again and agree on the provider's page",
            CallbackError::Refused { .. } => {
                "the connector's author compares scopes and client with the provider's documentation; if the provider \
                 is in trouble, authorize again later"
            }
            CallbackError::WrongIssuer { .. } => {
                "do not go on: the page that sent you here is not the one this connector uses; the connector's author \
                 compares `issuer` with the provider's documentation"
            }
            _ => "begin the authorization again and follow the provider's page to its end",
        }
    }
}

impl From<CallbackError> for Failure {
    fn from(error: CallbackError) -> Failure {
        let reason = match error {
            CallbackError::Denied { .. } => Reason::Denied,
            CallbackError::Refused { .. } => Reason::BadUpstream,
            _ => Reason::InvalidGrantState,
        };
        Failure::new(reason, error.to_string()).help(error.help())
    }
}

/// A callback whose state is known and whose outcome is still sealed.
#[derive(Debug)]
pub struct Callback {
    /// Finds the grant, by [`crate::state_digest`]. Errors carry a state as well and must match a
    /// grant just the same.
    pub state: SecretText,
    issuer: Option<String>,
    outcome: Result<SecretText, CallbackError>,
}

impl Callback {
    /// The authorization code, if the answer comes from the expected issuer and is not an error.
    pub fn code(self, expected_issuer: Option<&str>) -> Result<SecretText, CallbackError> {
        match (expected_issuer, self.issuer) {
            // Compared as plain text (RFC 9207 §2.4, RFC 3986 §6.2.1).
            (Some(expected), Some(given)) if expected != given => {
                Err(CallbackError::WrongIssuer { expected: expected.to_owned() })
            }
            _ => self.outcome,
        }
    }
}

/// Reads the query of a callback (without its `?`).
pub fn read_callback(query: &str) -> Result<Callback, CallbackError> {
    if query.len() > QUERY_AT_MOST {
        return Err(CallbackError::TooLong);
    }
    let one = |parameter: &'static str| -> Result<Option<String>, CallbackError> {
        let mut values = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == parameter);
        let first = values.next().map(|(_, value)| value.into_owned()).filter(|value| !value.is_empty());
        if values.next().is_some() { Err(CallbackError::Doubled { parameter }) } else { Ok(first) }
    };
    let (state, issuer, code) = (one("state")?, one("iss")?, one("code")?);
    let (error, words) = (one("error")?, one("error_description")?);
    let outcome = match (error, code) {
        (Some(error), _) => Err(refusal(&error, words.as_deref())),
        (None, Some(code)) => Ok(SecretText::new(code)),
        (None, None) => Err(CallbackError::NoCode),
    };
    Ok(Callback { state: SecretText::new(state.ok_or(CallbackError::NoState)?), issuer, outcome })
}

fn refusal(error: &str, words: Option<&str>) -> CallbackError {
    let words = words.map(one_line).filter(|words| !words.is_empty());
    match error {
        "access_denied" | "user_denied" | "consent_denied" => CallbackError::Denied { words },
        code => {
            let kept = code.chars().filter(|c| c.is_ascii_alphanumeric() || "_-.".contains(*c));
            CallbackError::Refused { code: kept.take(48).collect(), words }
        }
    }
}

fn one_line(text: &str) -> String {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    words.join(" ").chars().take(WORDS_AT_MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_handed_out_once_the_issuer_fits() {
        let read = || read_callback("code=c%2F1&state=s&iss=https%3A%2F%2Fop.example").unwrap();
        assert_eq!(read().state.expose(), "s");
        assert_eq!(read().code(Some("https://op.example")).unwrap().expose(), "c/1");
        assert_eq!(read().code(None).unwrap().expose(), "c/1");
        for other in ["https://op.example/", "https://OP.example", "https://evil.example"] {
            assert!(matches!(read().code(Some(other)), Err(CallbackError::WrongIssuer { .. })), "{other}");
        }
    }

    #[test]
    fn an_error_from_another_issuer_is_not_believed() {
        let callback = read_callback("error=access_denied&state=s&iss=https://evil.example").unwrap();
        assert!(matches!(callback.code(Some("https://op.example")), Err(CallbackError::WrongIssuer { .. })));
    }

    #[test]
    fn a_doubled_parameter_is_refused() {
        for query in [
            "code=a&code=b&state=s",
            "code=a&state=s&state=s",
            "code=a&state=s&iss=a&iss=b",
            "code=&code=b&state=s",
        ] {
            assert!(matches!(read_callback(query), Err(CallbackError::Doubled { .. })), "{query}");
        }
    }

    #[test]
    fn an_error_redirect_keeps_its_state_and_loses_its_markup() {
        let callback =
            read_callback("error=server%3Cb%3E_error&error_description=a%0d%0aSet-Cookie:+x&state=s")
                .unwrap();
        assert_eq!(callback.state.expose(), "s");
        let error = callback.code(None).unwrap_err();
        assert_eq!(error.to_string(), "the provider could not authorize: `serverb_error`: a Set-Cookie: x");
    }

    #[test]
    fn a_refusal_by_the_person_is_a_denial() {
        let error = read_callback("error=access_denied&state=s").unwrap().code(None).unwrap_err();
        assert_eq!(error, CallbackError::Denied { words: None });
        assert_eq!(Failure::from(error).reason, Reason::Denied);
    }

    #[test]
    fn an_answer_without_state_or_code_is_refused() {
        assert_eq!(read_callback("code=a").unwrap_err(), CallbackError::NoState);
        assert_eq!(read_callback("").unwrap_err(), CallbackError::NoState);
        assert_eq!(read_callback("state=s").unwrap().code(None).unwrap_err(), CallbackError::NoCode);
        assert_eq!(read_callback(&"a".repeat(QUERY_AT_MOST + 1)).unwrap_err(), CallbackError::TooLong);
    }

    #[test]
    fn nothing_printed_holds_the_code_or_the_state() {
        let callback = read_callback("code=canary-code&state=canary-state").unwrap();
        assert!(!format!("{callback:?}").contains("canary"));
    }
}
