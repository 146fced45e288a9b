//! Endpoints from an issuer alone: OAuth metadata (RFC 8414), and where there is none OpenID metadata.
//! Who drives it keeps the answer for a bounded time.

use crate::conversation::{Conversation, Talk, Turn};
use crate::http_value::{Answer, HttpRequest, is_local};
use crate::token_answer::read_object_at;
use crate::token_error::{TokenError, TokenErrorKind};
use http::Method;
use serde_json::{Map, Value};
use sluis_model::connector::{AuthConfig, Oauth2};
use sluis_model::time::Timestamp;
use url::Url;

/// What an issuer says about itself.
#[derive(Debug, Clone)]
pub struct Metadata(Map<String, Value>);

/// The issuer whose metadata an auth config needs, because it lacks an endpoint.
pub fn issuer_to_ask(config: &AuthConfig) -> Option<&str> {
    let needs_more = |own: &Oauth2, other: bool| own.token_url.is_none() || other;
    let (own, incomplete) = match config {
        AuthConfig::Oauth2AuthorizationCode(own) => (own, needs_more(own, own.authorize_url.is_none())),
        AuthConfig::Oauth2DeviceCode(own) => (own, needs_more(own, own.device_url.is_none())),
        AuthConfig::Oauth2ClientCredentials(own)
        | AuthConfig::Oauth2Password(own)
        | AuthConfig::Oauth2JwtBearer(own)
        | AuthConfig::Oauth2TokenExchange(own) => (own, needs_more(own, false)),
        _ => return None,
    };
    own.issuer.as_deref().filter(|_| incomplete)
}

/// Asks an issuer about itself.
///
/// # Errors
/// When the issuer is no https URL (http is taken for hosts that cannot be public).
pub fn ask_issuer(issuer: &str) -> Result<Talk<'_, Metadata>, TokenError> {
    let url = Url::parse(issuer).ok().filter(|url| url.scheme() == "https" || is_local(url));
    let url = url.filter(|url| url.query().is_none() && url.fragment().is_none());
    let url =
        url.ok_or_else(|| wrong(format!("`{issuer}` is no issuer: it is an https URL without a query")))?;
    Ok(Box::new(Discovery { issuer, url, asked: 0 }))
}

struct Discovery<'a> {
    issuer: &'a str,
    url: Url,
    asked: usize,
}

impl Discovery<'_> {
    /// RFC 8414 §3.1 puts the well-known part before the issuer's path, OpenID behind it.
    fn address(&self, openid: bool) -> Url {
        let path = self.url.path().trim_end_matches('/');
        let mut url = self.url.clone();
        match openid {
            false => url.set_path(&format!("/.well-known/oauth-authorization-server{path}")),
            true => url.set_path(&format!("{path}/.well-known/openid-configuration")),
        }
        url
    }
}

impl Conversation<Metadata> for Discovery<'_> {
    fn next(&mut self, now: Timestamp, answer: Option<&Answer>) -> Result<Turn<Metadata>, TokenError> {
        let Some(answer) = answer else {
            return Ok(Turn::Send(HttpRequest::new(Method::GET, self.address(false))));
        };
        self.asked += 1;
        let found = match read_object_at(now, answer) {
            Err(error) if matches!(error.kind, TokenErrorKind::Transient { .. }) => return Err(error),
            Err(_) if self.asked == 1 => {
                return Ok(Turn::Send(HttpRequest::new(Method::GET, self.address(true))));
            }
            Err(_) => {
                return Err(wrong(format!("`{}` has no metadata of an authorization server", self.issuer)));
            }
            Ok(found) => found,
        };
        // RFC 8414 §3.3: the very same text, or the metadata are somebody else's.
        if found.get("issuer").and_then(Value::as_str) != Some(self.issuer) {
            return Err(wrong(format!("the metadata found for `{}` are of another issuer", self.issuer)));
        }
        Ok(Turn::Done(Metadata(found)))
    }
}

impl Metadata {
    /// The config with every endpoint that it lacks; what stands in the connector file wins.
    ///
    /// # Errors
    /// When the server offers no PKCE with S256: a weaker method is never used.
    pub fn fill(&self, config: &AuthConfig) -> Result<AuthConfig, TokenError> {
        let mut filled = config.clone();
        let own = match &mut filled {
            AuthConfig::Oauth2AuthorizationCode(own)
            | AuthConfig::Oauth2ClientCredentials(own)
            | AuthConfig::Oauth2Password(own)
            | AuthConfig::Oauth2JwtBearer(own)
            | AuthConfig::Oauth2DeviceCode(own)
            | AuthConfig::Oauth2TokenExchange(own) => own,
            _ => return Ok(filled),
        };
        if let Some(Value::Array(methods)) = self.0.get("code_challenge_methods_supported")
            && own.pkce != Some(false)
            && !methods.iter().any(|method| method == "S256")
        {
            let why = "the provider offers PKCE, but not with S256, and nothing weaker is used";
            return Err(wrong(why.to_owned()));
        }
        let put = |field: &mut Option<String>, name: &str| {
            if field.is_none() {
                *field = self.0.get(name).and_then(Value::as_str).map(str::to_owned);
            }
        };
        put(&mut own.authorize_url, "authorization_endpoint");
        put(&mut own.token_url, "token_endpoint");
        put(&mut own.device_url, "device_authorization_endpoint");
        if own.revoke_call.is_none() {
            put(&mut own.revoke_url, "revocation_endpoint");
        }
        let says = |name: &str| self.0.get(name) == Some(&Value::Bool(true));
        if says("require_pushed_authorization_requests") {
            put(&mut own.par_url, "pushed_authorization_request_endpoint");
        }
        own.require_iss |= says("authorization_response_iss_parameter_supported");
        Ok(filled)
    }
}

fn wrong(why: String) -> TokenError {
    TokenError::new(TokenErrorKind::Misconfigured, why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::HeaderMap;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, headers: HeaderMap::new(), body: Bytes::from(body.to_owned()) }
    }

    fn config() -> AuthConfig {
        let config = r#"{"scheme": "oauth2_authorization_code", "issuer": "https://op.example/t", "client": "vault:a"}"#;
        serde_json::from_str(config).unwrap()
    }

    fn asks(turn: Turn<Metadata>) -> String {
        match turn {
            Turn::Send(request) => request.url.to_string(),
            Turn::Done(_) => panic!("nothing is asked"),
        }
    }

    fn metadata(body: &str) -> Result<Metadata, TokenError> {
        let config = config();
        let mut talk = ask_issuer(issuer_to_ask(&config).unwrap())?;
        talk.next(Timestamp(0), None)?;
        match talk.next(Timestamp(0), Some(&answer(200, body)))? {
            Turn::Done(metadata) => Ok(metadata),
            Turn::Send(_) => panic!("one answer is enough"),
        }
    }

    #[test]
    fn metadata_are_looked_for_in_two_places() {
        let mut talk = ask_issuer("https://op.example/t").unwrap();
        let first = asks(talk.next(Timestamp(0), None).unwrap());
        assert_eq!(first, "https://op.example/.well-known/oauth-authorization-server/t");
        let second = asks(talk.next(Timestamp(0), Some(&answer(404, "no"))).unwrap());
        assert_eq!(second, "https://op.example/t/.well-known/openid-configuration");
        assert!(talk.next(Timestamp(0), Some(&answer(404, "no"))).is_err());
    }

    #[test]
    fn metadata_of_another_issuer_are_refused() {
        for other in ["https://op.example/t/", "https://evil.example", ""] {
            let error = metadata(&format!(r#"{{"issuer": "{other}"}}"#)).unwrap_err();
            assert!(error.message.contains("another issuer"), "{other}");
        }
        assert!(ask_issuer("http://op.example").is_err());
        assert!(ask_issuer("https://op.example?a=b").is_err());
    }

    #[test]
    fn an_endpoint_of_the_connector_file_wins_over_the_metadata() {
        let found = metadata(
            r#"{"issuer": "https://op.example/t", "token_endpoint": "https://op.example/token",
                "authorization_endpoint": "https://op.example/authorize",
                "authorization_response_iss_parameter_supported": true}"#,
        );
        let mut config = config();
        if let AuthConfig::Oauth2AuthorizationCode(own) = &mut config {
            own.authorize_url = Some("https://op.example/own".to_owned());
        }
        let AuthConfig::Oauth2AuthorizationCode(own) = found.unwrap().fill(&config).unwrap() else {
            panic!()
        };
        assert_eq!(own.authorize_url.as_deref(), Some("https://op.example/own"));
        assert_eq!(own.token_url.as_deref(), Some("https://op.example/token"));
        assert!(own.require_iss);
    }

    #[test]
    fn a_provider_that_offers_plain_pkce_only_is_refused() {
        let found =
            metadata(r#"{"issuer": "https://op.example/t", "code_challenge_methods_supported": ["plain"]}"#);
        assert!(found.unwrap().fill(&config()).unwrap_err().message.contains("S256"));
    }
}
