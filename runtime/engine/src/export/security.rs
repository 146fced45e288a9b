//! Ways to authenticate as security schemes of OpenAPI.

use serde_json::{Map, Value, json};
use sluis_model::connector::{AuthConfig, ConnectorDefinition, KeyPlace, Oauth2};

/// The schemes by name, and what a call needs: one of them.
pub(super) fn of(definition: &ConnectorDefinition) -> (Map<String, Value>, Value) {
    let named: Vec<(String, &AuthConfig)> = match &definition.auth {
        AuthConfig::Choice(choice) => {
            choice.configs.iter().map(|(name, config)| (name.clone(), config)).collect()
        }
        only => vec![("auth".to_owned(), only)],
    };
    let (mut schemes, mut required) = (Map::new(), Vec::new());
    for (name, config) in named {
        // One may also call without any, or with several at once.
        let mut wanted = Map::new();
        for (part, scheme, scopes) in parts(config) {
            let name = if part.is_empty() { name.clone() } else { format!("{name}.{part}") };
            schemes.insert(name.clone(), scheme);
            wanted.insert(name, json!(scopes));
        }
        required.push(Value::Object(wanted));
    }
    (schemes, Value::Array(required))
}

/// What a way to authenticate puts on a call, each with a name of its own where it is more than one thing.
fn parts(config: &AuthConfig) -> Vec<(String, Value, Vec<String>)> {
    let AuthConfig::ApiKeys(keys) = config else {
        return scheme(config).into_iter().map(|(scheme, scopes)| (String::new(), scheme, scopes)).collect();
    };
    let mut all = Vec::new();
    for (place, names) in [("header", &keys.headers), ("query", &keys.query), ("cookie", &keys.cookies)] {
        for name in names.keys() {
            let part: String = name
                .chars()
                .map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' })
                .collect();
            all.push((part, json!({ "type": "apiKey", "in": place, "name": name }), Vec::new()));
        }
    }
    if keys.basic.is_some() {
        all.push(("basic".to_owned(), json!({ "type": "http", "scheme": "basic" }), Vec::new()));
    }
    if all.is_empty() {
        all.push((String::new(), other("the keys stand in the body"), Vec::new()));
    }
    all
}

/// A scheme with its scopes; none where nothing is needed.
fn scheme(config: &AuthConfig) -> Option<(Value, Vec<String>)> {
    let plain = |scheme: Value| Some((scheme, Vec::new()));
    match config {
        AuthConfig::None {} | AuthConfig::Choice(_) | AuthConfig::ApiKeys(_) => None,
        AuthConfig::ApiKey(key) => {
            let (place, unless_named) = match key.place {
                KeyPlace::Header => ("header", "Authorization"),
                KeyPlace::Query => ("query", "key"),
                KeyPlace::Cookie => ("cookie", "key"),
                KeyPlace::Body => return plain(other("the key stands in the body")),
            };
            let name = key.name.as_deref().unwrap_or(unless_named);
            let mut scheme = json!({ "type": "apiKey", "in": place, "name": name });
            if !key.prefix.is_empty() {
                scheme["description"] = json!(format!("The key stands after `{}`.", key.prefix));
            }
            plain(scheme)
        }
        AuthConfig::Bearer(_) => plain(json!({ "type": "http", "scheme": "bearer" })),
        AuthConfig::Basic(_) => plain(json!({ "type": "http", "scheme": "basic" })),
        AuthConfig::Digest(_) => plain(json!({ "type": "http", "scheme": "digest" })),
        AuthConfig::MutualTls(_) => plain(json!({ "type": "mutualTLS" })),
        AuthConfig::Oauth2AuthorizationCode(oauth) => Some(oauth2("authorizationCode", oauth)),
        AuthConfig::Oauth2ClientCredentials(oauth) => Some(oauth2("clientCredentials", oauth)),
        AuthConfig::Oauth2Password(oauth) => Some(oauth2("password", oauth)),
        // Their access token is a bearer token; how it is got, OpenAPI 3.1 has no words for.
        AuthConfig::Oauth2JwtBearer(_)
        | AuthConfig::Oauth2DeviceCode(_)
        | AuthConfig::Oauth2TokenExchange(_) => plain(json!({ "type": "http", "scheme": "bearer" })),
        AuthConfig::HmacSignature(_) => plain(other("requests are signed with a key")),
        AuthConfig::AwsSigv4(_) => plain(other("AWS Signature Version 4")),
        AuthConfig::Oauth1(_) => plain(other("OAuth 1.0a")),
        AuthConfig::SessionLogin(_) => plain(other("a session that a log-in gives")),
        AuthConfig::TwoStepToken(_) => plain(other("a token that calls of the service's own give")),
    }
}

/// What OpenAPI has no scheme for: a header with words on it.
fn other(description: &str) -> Value {
    json!({ "type": "apiKey", "in": "header", "name": "Authorization", "description": description })
}

fn oauth2(flow: &str, oauth: &Oauth2) -> (Value, Vec<String>) {
    // An issuer whose metadata names the endpoints.
    if let (Some(issuer), None) = (&oauth.issuer, &oauth.token_url) {
        let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        return (json!({ "type": "openIdConnect", "openIdConnectUrl": url }), oauth.scopes.clone());
    }
    let scopes: Map<String, Value> = oauth.scopes.iter().map(|scope| (scope.clone(), json!(""))).collect();
    let mut told =
        json!({ "tokenUrl": super::operation::braced(oauth.token_url.as_deref().unwrap_or_default()) });
    if flow == "authorizationCode" {
        told["authorizationUrl"] =
            json!(super::operation::braced(oauth.authorize_url.as_deref().unwrap_or_default()));
    }
    if let Some(url) = &oauth.refresh_url {
        told["refreshUrl"] = json!(super::operation::braced(url));
    }
    told["scopes"] = Value::Object(scopes);
    (json!({ "type": "oauth2", "flows": { flow: told } }), oauth.scopes.clone())
}
