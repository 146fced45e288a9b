//! Reads what the person's browser brings back from the provider (RFC 6749 §4.1.2, RFC 9207).
//!
//! Two steps, because the issuer to expect is known only when the grant has been found by its
//! state: [`read_callback`], then [`Callback::returned`].

use crate::scheme::Scheme;
use sluis_model::connection::Variables;
use sluis_model::error::{Failure, Reason};
use sluis_model::secret::SecretText;
use std::collections::BTreeMap;

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
        parameter: String,
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
    /// The answer names no issuer, and this provider's answers do (RFC 9207 §2.4).
    #[error("the answer does not say that it comes from `{expected}`, as this provider's answers do")]
    NoIssuer {
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
            CallbackError::WrongIssuer { .. } | CallbackError::NoIssuer { .. } => {
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

/// What a callback brought that the exchange needs.
#[derive(Debug)]
pub struct Returned {
    /// The code (RFC 6749 §4.1.2) or verifier (RFC 5849 §2.2).
    pub code: SecretText,
    /// The other parameters, of which a definition may take some for the connection's variables. What
    /// the protocol itself uses is not among them.
    pub parameters: Variables,
}

/// Parameters of a callback that never become variables.
const OF_THE_PROTOCOL: &[&str] =
    &["state", "iss", "code", "error", "error_description", "oauth_token", "oauth_verifier"];

/// A callback whose state is known and whose outcome is still sealed.
#[derive(Debug)]
pub struct Callback {
    /// Finds the grant, by [`crate::state_digest`]. Errors carry a state as well and must match a
    /// grant just the same. OAuth 1.0a knows no `state`; its request token takes that place.
    pub state: SecretText,
    issuer: Option<String>,
    error: Option<CallbackError>,
    parameters: BTreeMap<String, SecretText>,
}

impl Callback {
    /// What it brought, if it comes from the scheme's issuer and is not an error.
    pub fn returned(mut self, scheme: &dyn Scheme) -> Result<Returned, CallbackError> {
        match (scheme.issuer(), self.issuer) {
            // Compared as plain text (RFC 9207 §2.4, RFC 3986 §6.2.1).
            (Some(expected), Some(given)) if expected != given => {
                return Err(CallbackError::WrongIssuer { expected: expected.to_owned() });
            }
            (Some(expected), None) if scheme.requires_issuer() => {
                return Err(CallbackError::NoIssuer { expected: expected.to_owned() });
            }
            _ => {}
        }
        if let Some(error) = self.error {
            return Err(error);
        }
        let code = self.parameters.remove(scheme.code_parameter()).ok_or(CallbackError::NoCode)?;
        self.parameters.retain(|name, _| !OF_THE_PROTOCOL.contains(&name.as_str()));
        let parameters =
            self.parameters.into_iter().map(|(name, value)| (name, value.expose().clone())).collect();
        Ok(Returned { code, parameters })
    }
}

/// Reads the query of a callback (without its `?`).
pub fn read_callback(query: &str) -> Result<Callback, CallbackError> {
    if query.len() > QUERY_AT_MOST {
        return Err(CallbackError::TooLong);
    }
    let mut parameters: BTreeMap<String, SecretText> = BTreeMap::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let doubled = || CallbackError::Doubled { parameter: one_line(&name) };
        if parameters.insert(name.clone().into_owned(), SecretText::new(value.into_owned())).is_some() {
            return Err(doubled());
        }
    }
    parameters.retain(|_, value| !value.expose().is_empty());
    let text = |name: &str| parameters.get(name).map(|value| value.expose().clone());
    let state = parameters.get("state").or_else(|| parameters.get("oauth_token")).cloned();
    let error = text("error").or_else(|| text("oauth_problem"));
    let error = error.map(|error| refusal(&error, text("error_description").as_deref()));
    let issuer = text("iss");
    Ok(Callback { state: state.ok_or(CallbackError::NoState)?, issuer, error, parameters })
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
    use crate::schemes::scheme_of;
    use sluis_model::connector::AuthConfig;

    fn returned(query: &str, issuer: Option<&str>) -> Result<Returned, CallbackError> {
        let mut config = serde_json::json!({"scheme": "oauth2_authorization_code", "client": "vault:a",
            "authorize_url": "https://a.example/authorize", "token_url": "https://a.example/token"});
        if let Some(issuer) = issuer {
            config["issuer"] = issuer.into();
        }
        let config: AuthConfig = serde_json::from_value(config).unwrap();
        read_callback(query).unwrap().returned(scheme_of(&config).as_ref())
    }

    #[test]
    fn a_code_is_handed_out_once_the_issuer_fits() {
        let query = "code=c%2F1&state=s&iss=https%3A%2F%2Fop.example&realmId=7";
        assert_eq!(read_callback(query).unwrap().state.expose(), "s");
        let fits = returned(query, Some("https://op.example")).unwrap();
        assert_eq!(fits.code.expose(), "c/1");
        assert_eq!(fits.parameters, Variables::from([("realmId".to_owned(), "7".to_owned())]));
        assert_eq!(returned(query, None).unwrap().code.expose(), "c/1");
        for other in ["https://op.example/", "https://OP.example", "https://evil.example"] {
            assert!(
                matches!(returned(query, Some(other)), Err(CallbackError::WrongIssuer { .. })),
                "{other}"
            );
        }
    }

    #[test]
    fn an_error_from_another_issuer_is_not_believed() {
        let query = "error=access_denied&state=s&iss=https://evil.example";
        assert!(matches!(
            returned(query, Some("https://op.example")),
            Err(CallbackError::WrongIssuer { .. })
        ));
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
        let query = "error=server%3Cb%3E_error&error_description=a%0d%0aSet-Cookie:+x&state=s";
        assert_eq!(read_callback(query).unwrap().state.expose(), "s");
        let error = returned(query, None).unwrap_err();
        assert_eq!(error.to_string(), "the provider could not authorize: `serverb_error`: a Set-Cookie: x");
    }

    #[test]
    fn a_refusal_by_the_person_is_a_denial() {
        let error = returned("error=access_denied&state=s", None).unwrap_err();
        assert_eq!(error, CallbackError::Denied { words: None });
        assert_eq!(Failure::from(error).reason, Reason::Denied);
    }

    #[test]
    fn an_answer_without_state_or_code_is_refused() {
        assert_eq!(read_callback("code=a").unwrap_err(), CallbackError::NoState);
        assert_eq!(read_callback("").unwrap_err(), CallbackError::NoState);
        assert_eq!(returned("state=s", None).unwrap_err(), CallbackError::NoCode);
        assert_eq!(read_callback(&"a".repeat(QUERY_AT_MOST + 1)).unwrap_err(), CallbackError::TooLong);
    }

    #[test]
    fn nothing_printed_holds_the_code_or_the_state() {
        let callback = read_callback("code=canary-code&state=canary-state").unwrap();
        assert!(!format!("{callback:?}").contains("canary"));
    }
}
