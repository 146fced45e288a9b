//! Client authentication: `client_secret_basic` and `client_secret_post` (RFC 6749 §2.3.1).

use super::error::OAuthError;
use super::params::Params;
use crate::secret;
use crate::settings::Settings;
use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;

/// Makes sure that the request comes from the registered client.
///
/// # Errors
/// `invalid_client` (401) when it does not, `invalid_request` when two methods are used at once.
pub(super) fn authenticate(
    settings: &Settings,
    headers: &HeaderMap,
    params: &Params,
) -> Result<(), OAuthError> {
    let in_header = headers.get(header::AUTHORIZATION);
    let (id, given) = match (in_header, params.get("client_secret")) {
        (Some(_), Some(_)) => {
            return Err(OAuthError::invalid_request("authenticate by header or by body, not by both"));
        }
        (Some(value), None) => {
            let basic = value.to_str().ok().and_then(parse_basic);
            basic.ok_or_else(|| {
                OAuthError::invalid_client("the Authorization header is not well-formed Basic")
            })?
        }
        (None, Some(given)) => (params.need("client_id")?.to_owned(), given.to_owned()),
        (None, None) => return Err(OAuthError::invalid_client("client authentication is missing")),
    };
    if params.get("client_id").is_some_and(|in_body| in_body != id) {
        return Err(OAuthError::invalid_request(
            "client_id in the body is not the client that authenticated",
        ));
    }
    // Both are compared, whatever the first comparison says, so that time does not tell them apart.
    let known = secret::same(&id, &settings.client_id);
    let proven = secret::same(&given, &settings.client_secret);
    if known & proven { Ok(()) } else { Err(OAuthError::invalid_client("unknown client or wrong secret")) }
}

/// Identifier and secret of a Basic header. Both are form-encoded before they are joined.
fn parse_basic(value: &str) -> Option<(String, String)> {
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((form_decode(id)?, form_decode(secret)?))
}

fn form_decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(|text| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn settings() -> Settings {
        let client_secret = "p%:+ä".to_owned();
        Settings { client_id: "a:b".to_owned(), client_secret, ..Settings::default() }
    }

    fn tried(header: Option<&str>, body: &[u8]) -> Result<(), &'static str> {
        let mut headers = HeaderMap::new();
        if let Some(plain) = header {
            let value = format!("Basic {}", STANDARD.encode(plain));
            headers.insert(header::AUTHORIZATION, HeaderValue::from_str(&value).unwrap());
        }
        authenticate(&settings(), &headers, &Params::parse(body)).map_err(|error| error.error)
    }

    #[test]
    fn basic_credentials_are_form_decoded() {
        assert_eq!(tried(Some("a%3Ab:p%25%3A%2B%C3%A4"), b""), Ok(()));
        assert_eq!(
            tried(Some("a%3Ab:p%:+ä"), b""),
            Err("invalid_client"),
            "not encoded, hence another secret"
        );
    }

    #[test]
    fn credentials_in_the_body_are_accepted() {
        assert_eq!(tried(None, b"client_id=a%3Ab&client_secret=p%25%3A%2B%C3%A4"), Ok(()));
    }

    #[test]
    fn a_wrong_secret_an_unknown_client_and_silence_are_refused() {
        assert_eq!(tried(Some("a%3Ab:wrong"), b""), Err("invalid_client"));
        assert_eq!(tried(Some("b:p%25%3A%2B%C3%A4"), b""), Err("invalid_client"));
        assert_eq!(tried(None, b"client_id=a%3Ab"), Err("invalid_client"));
    }

    #[test]
    fn two_methods_at_once_are_refused() {
        let header = Some("a%3Ab:p%25%3A%2B%C3%A4");
        assert_eq!(tried(header, b"client_secret=x"), Err("invalid_request"));
        assert_eq!(tried(header, b"client_id=other"), Err("invalid_request"));
    }
}
