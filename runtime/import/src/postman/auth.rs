//! How the requests of a collection authenticate. Keys and tokens that stand in it are not taken over.

use super::variables::Variables;
use crate::document::{items, text};
use crate::names::{self, Taken};
use serde_json::{Map, Value, json};

/// The ways to authenticate of all requests.
#[derive(Default)]
pub(super) struct Found {
    pub(super) configs: Vec<(String, Value)>,
    pub(super) notes: Vec<String>,
}

impl Found {
    /// Whether a header or query parameter is the credential.
    pub(super) fn owns(&self, place: &str, name: &str) -> bool {
        self.configs.iter().any(|(_, config)| {
            config["scheme"] == "api_key"
                && config["in"].as_str().unwrap_or("header") == place
                && config["name"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(name))
        })
    }
}

/// The ways that requests use, each once.
pub(super) fn of<'a>(
    calls: impl Iterator<Item = (Option<&'a Value>, &'a Value)>,
    namespace: &str,
    variables: &Variables,
) -> Found {
    let mut found = Found::default();
    let mut taken = Taken::default();
    for (auth, request) in calls {
        let config = match auth {
            Some(auth) => config(auth, namespace, variables, &mut found.notes),
            None => from_headers(request),
        };
        if let Some(config) = config.filter(|config| !found.configs.iter().any(|(_, known)| known == config))
        {
            let scheme = config["scheme"].as_str().unwrap_or("auth");
            let name = names::segment(scheme.trim_start_matches("oauth2_"), "auth").to_ascii_lowercase();
            found.configs.push((taken.take(&name), config));
        }
    }
    found
}

/// The parameters of a scheme: a list of `{ key, value }` in 2.1, a map in 2.0.
fn parameters(auth: &Value, kind: &str) -> Map<String, Value> {
    match auth.get(kind) {
        Some(Value::Object(map)) => map.clone(),
        list => {
            items(list).filter_map(|pair| Some((text(pair, "key")?, pair.get("value")?.clone()))).collect()
        }
    }
}

fn config(auth: &Value, namespace: &str, variables: &Variables, notes: &mut Vec<String>) -> Option<Value> {
    let kind = text(auth, "type")?;
    let given = Value::Object(parameters(auth, &kind));
    let url = |name: &str| {
        let url = variables.fill(&text(&given, name)?);
        (url.starts_with("https://") && !url.contains("{{")).then_some(url)
    };
    let client = format!("vault:{namespace}");
    Some(match kind.as_str() {
        "noauth" => return None,
        "bearer" => json!({ "scheme": "bearer" }),
        "basic" => json!({ "scheme": "basic" }),
        "digest" => json!({ "scheme": "digest" }),
        "apikey" => {
            let name = text(&given, "key").unwrap_or_else(|| "X-Api-Key".to_owned());
            match text(&given, "in").as_deref() {
                Some("query") => json!({ "scheme": "api_key", "in": "query", "name": name }),
                _ => json!({ "scheme": "api_key", "name": name }),
            }
        }
        "oauth2" => match (text(&given, "grant_type").as_deref(), url("accessTokenUrl"), url("authUrl")) {
            (Some("client_credentials"), Some(token), _) => {
                json!({ "scheme": "oauth2_client_credentials", "token_url": token })
            }
            (Some("password_credentials"), Some(token), _) => {
                json!({ "scheme": "oauth2_password", "token_url": token })
            }
            (_, Some(token), Some(authorize)) => {
                json!({ "scheme": "oauth2_authorization_code", "authorize_url": authorize, "token_url": token, "client": client })
            }
            // The token was pasted: so it is here.
            _ => json!({ "scheme": "bearer" }),
        },
        other => {
            let note = format!("the authentication `{other}` is left out: write it under `auth`");
            if !notes.contains(&note) {
                notes.push(note);
            }
            return None;
        }
    })
}

/// What a header `Authorization` shows.
fn from_headers(request: &Value) -> Option<Value> {
    let mut headers = items(request.get("header"));
    let header = headers
        .find(|header| text(header, "key").is_some_and(|key| key.eq_ignore_ascii_case("authorization")))?;
    let value = text(header, "value").unwrap_or_default();
    crate::curl::authorization(&value)
}
