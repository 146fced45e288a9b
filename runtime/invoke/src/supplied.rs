//! Which headers a connector's ways to authenticate put a credential into: no request of its file may
//! set them.

use http::Method;
use http::header::{AUTHORIZATION, COOKIE, HeaderName};
use sluis_auth::{Challenges, Context, HttpRequest, scheme_of};
use sluis_model::connection::Variables;
use sluis_model::connector::AuthConfig;
use sluis_model::credential::ClientCredentials;
use sluis_model::ports::Randomness;
use sluis_model::time::Timestamp;
use url::Url;

/// Nonces do not matter to where a credential goes.
struct NoNonces;

impl Randomness for NoNonces {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}

/// The headers of all auth configs, found out by letting each put stars on a request. A cookie is added
/// to those that a request has and replaces none.
pub(crate) fn supplied_headers(auth: &AuthConfig) -> Vec<HeaderName> {
    let mut headers = Vec::new();
    if matches!(auth, AuthConfig::None {}) {
        return headers;
    }
    headers.push(AUTHORIZATION);
    let Ok(url) = Url::parse("https://service.example/") else { return headers };
    let client =
        ClientCredentials { id: "client".to_owned(), secret: Some("***".into()), ..Default::default() };
    let (variables, challenges) = (Variables::new(), Challenges::new());
    for config in auth.all() {
        let context = Context {
            now: Timestamp(0),
            randomness: &NoNonces,
            client: Some(&client),
            variables: &variables,
            challenges: &challenges,
        };
        let mut request = HttpRequest::new(Method::GET, url.clone());
        // One that cannot be shown without a person's values is refused at its first call at the latest.
        if scheme_of(config).sketch(context, &mut request).is_ok() {
            let secret =
                request.headers.iter().filter(|(name, value)| value.is_sensitive() && *name != COOKIE);
            headers.extend(secret.map(|(name, _)| name.clone()));
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn supplied(auth: serde_json::Value) -> Vec<String> {
        let auth: AuthConfig = serde_json::from_value(auth).unwrap();
        supplied_headers(&auth).iter().map(|name| name.as_str().to_owned()).collect()
    }

    #[test]
    fn each_scheme_tells_where_its_credential_goes() {
        assert!(supplied(json!({"scheme": "none"})).is_empty());
        assert_eq!(supplied(json!({"scheme": "basic"})), ["authorization", "authorization"]);
        let key = json!({"scheme": "api_key", "in": "header", "name": "X-Api-Key"});
        assert_eq!(supplied(key.clone()), ["authorization", "x-api-key"]);
        let choice = json!({"scheme": "choice", "configs": {"a": key, "b": {"scheme": "digest"}}});
        assert!(supplied(choice).contains(&"x-api-key".to_owned()));
    }
}
