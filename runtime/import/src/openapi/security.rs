//! Security schemes: how a connector authenticates.

use super::servers::Server;
use crate::api::ApiBuilder;
use crate::document::{Document, entries, items, text};
use crate::names::{self, Taken};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use url::Url;

/// The ways to authenticate that a file's operations use.
pub(crate) struct Schemes {
    /// By the name that the file gives them.
    known: Vec<Known>,
    /// What operations need that say nothing.
    usual: Option<Value>,
}

struct Known {
    id: String,
    name: String,
    config: Value,
}

impl Schemes {
    /// Reads those that any operation asks for; all, if none does.
    pub(crate) fn read(document: &Document, namespace: &str, base: &Server, notes: &mut Vec<String>) -> Self {
        let usual = document.root.get("security").cloned();
        let wanted = asked_for(document, usual.as_ref());
        let declared = document.root.pointer("/components/securitySchemes");
        let mut taken = Taken::default();
        let mut known = Vec::new();
        for (id, scheme) in entries(declared) {
            if !wanted.is_empty() && !wanted.contains(id.as_str()) {
                continue;
            }
            let place = SchemePlace { namespace, base };
            for (suffix, config) in place.configs(id, document.resolved(scheme), notes) {
                let plain = names::segment(&format!("{id}{suffix}"), "auth").to_ascii_lowercase();
                let short: String = plain.chars().take(28).collect();
                known.push(Known { id: id.clone(), name: taken.take(short.trim_end_matches('_')), config });
            }
        }
        if known.is_empty()
            && let Some(config) = from_headers(document)
        {
            notes.push(
                "no security scheme can be used, but operations take a header `Authorization`".to_owned(),
            );
            known.push(Known { id: String::new(), name: "authorization".to_owned(), config });
        }
        if known.is_empty() {
            notes.push("no way to authenticate is described".to_owned());
        }
        tell_of_pairs(usual.as_ref(), notes);
        Self { known, usual }
    }

    /// Whether a parameter is the place of a credential, which some files describe once more as such.
    pub(super) fn owns(&self, place: &str, name: &str) -> bool {
        self.known.iter().map(|known| &known.config).any(|config| {
            let of_config = config["in"].as_str().unwrap_or("header");
            config["scheme"] == "api_key"
                && of_config == place
                && config["name"].as_str().unwrap_or("Authorization").eq_ignore_ascii_case(name)
        })
    }

    /// Notes which scopes an operation needs.
    pub(super) fn note_needs(&self, operation: &Value, api: &mut ApiBuilder) {
        let needs = operation.get("security").or(self.usual.as_ref());
        for (id, scopes) in items(needs).flat_map(|need| entries(Some(need))) {
            for known in self.known.iter().filter(|known| known.id == *id) {
                let named = items(Some(scopes)).filter_map(Value::as_str);
                api.scopes.extend(named.map(|scope| (known.name.clone(), scope.to_owned())));
            }
        }
    }

    /// The ways by name.
    pub(crate) fn into_used(self) -> Vec<(String, Value)> {
        self.known.into_iter().map(|known| (known.name, known.config)).collect()
    }
}

/// Names of the schemes that operations ask for.
fn asked_for<'a>(document: &'a Document, usual: Option<&'a Value>) -> BTreeSet<&'a str> {
    let mut wanted: BTreeSet<&str> = BTreeSet::new();
    let mut add = |needs: Option<&'a Value>| {
        wanted.extend(items(needs).flat_map(|need| entries(Some(need))).map(|(id, _)| id.as_str()));
    };
    add(usual);
    for (_, item) in entries(document.root.get("paths")) {
        for (_, operation) in entries(Some(document.resolved(item))) {
            add(operation.get("security"));
        }
    }
    wanted
}

/// A key in a header `Authorization` that is described as a mere parameter.
fn from_headers(document: &Document) -> Option<Value> {
    let operations = entries(document.root.get("paths")).flat_map(|(_, item)| entries(Some(item)));
    let mut parameters = operations.flat_map(|(_, operation)| items(operation.get("parameters")));
    let is_header = |parameter: &Value| {
        let parameter = document.resolved(parameter);
        let name = text(parameter, "name").unwrap_or_default();
        parameter.get("in").and_then(Value::as_str) == Some("header")
            && name.eq_ignore_ascii_case("authorization")
    };
    parameters.any(is_header).then(|| json!({ "scheme": "api_key" }))
}

fn tell_of_pairs(usual: Option<&Value>, notes: &mut Vec<String>) {
    for need in items(usual) {
        let together: Vec<&str> = entries(Some(need)).map(|(id, _)| id.as_str()).collect();
        if together.len() > 1 {
            notes.push(format!("wanted together, but a connection uses one: {}", together.join(" and ")));
        }
    }
}

struct SchemePlace<'a> {
    namespace: &'a str,
    base: &'a Server,
}

impl SchemePlace<'_> {
    /// A scheme's configs, each with what tells it from the others.
    fn configs(&self, id: &str, scheme: &Value, notes: &mut Vec<String>) -> Vec<(&'static str, Value)> {
        let label = text(scheme, "description").as_deref().and_then(crate::prose::one_line);
        let kind = text(scheme, "type").unwrap_or_default();
        match kind.to_ascii_lowercase().as_str() {
            "apikey" => vec![("", api_key(scheme))],
            "http" | "basic" | "bearer" => {
                match text(scheme, "scheme").unwrap_or(kind).to_ascii_lowercase().as_str() {
                    "basic" => vec![("", with_help(json!({ "scheme": "basic" }), label))],
                    "bearer" => vec![("", with_help(json!({ "scheme": "bearer" }), label))],
                    "digest" => vec![("", json!({ "scheme": "digest" }))],
                    other => {
                        notes.push(format!(
                            "`{id}` is left out: a connector file knows no HTTP scheme `{other}`"
                        ));
                        Vec::new()
                    }
                }
            }
            "mutualtls" => vec![("", json!({ "scheme": "mutual_tls" }))],
            "openidconnect" => self.open_id(id, scheme, notes),
            "oauth2" => self.oauth2(id, scheme, notes),
            other => {
                notes.push(format!("`{id}` is left out: `{other}` is no kind of security scheme"));
                Vec::new()
            }
        }
    }

    fn open_id(&self, id: &str, scheme: &Value, notes: &mut Vec<String>) -> Vec<(&'static str, Value)> {
        let url = text(scheme, "openIdConnectUrl").and_then(|url| self.endpoint(&url));
        let issuer = url.as_deref().map(|url| url.split("/.well-known/").next().unwrap_or(url).to_owned());
        match issuer.filter(|issuer| !issuer.contains('?')) {
            Some(issuer) => vec![(
                "",
                json!({ "scheme": "oauth2_authorization_code", "issuer": issuer, "client": self.client(), "scopes": ["openid"] }),
            )],
            None => {
                notes.push(format!("`{id}` is left out: its `openIdConnectUrl` is not an absolute URL"));
                Vec::new()
            }
        }
    }

    fn oauth2(&self, id: &str, scheme: &Value, notes: &mut Vec<String>) -> Vec<(&'static str, Value)> {
        let mut configs = Vec::new();
        let flows: Vec<(&String, &Value)> = entries(scheme.get("flows")).collect();
        for (flow, fields) in &flows {
            let url = |name: &str| text(fields, name).and_then(|url| self.endpoint(&url));
            let (suffix, scheme, wanted): (_, _, &[(&str, &str)]) = match flow.as_str() {
                "authorizationCode" => (
                    "",
                    "oauth2_authorization_code",
                    &[("authorize_url", "authorizationUrl"), ("token_url", "tokenUrl")],
                ),
                "clientCredentials" => ("_client", "oauth2_client_credentials", &[("token_url", "tokenUrl")]),
                "password" => ("_password", "oauth2_password", &[("token_url", "tokenUrl")]),
                "deviceAuthorization" => (
                    "_device",
                    "oauth2_device_code",
                    &[("device_url", "deviceAuthorizationUrl"), ("token_url", "tokenUrl")],
                ),
                other => {
                    notes.push(format!("the flow `{other}` of `{id}` is left out: it gives tokens to browsers and is no longer used"));
                    continue;
                }
            };
            let mut config = Map::new();
            config.insert("scheme".to_owned(), Value::from(scheme));
            for (ours, theirs) in wanted {
                match url(theirs) {
                    Some(url) => drop(config.insert((*ours).to_owned(), Value::from(url))),
                    None => notes.push(format!(
                        "the flow `{flow}` of `{id}` is left out: its `{theirs}` is not an absolute https URL"
                    )),
                }
            }
            if config.len() <= wanted.len() {
                continue;
            }
            if let Some(refresh) = url("refreshUrl")
                .filter(|refresh| config.get("token_url").and_then(Value::as_str) != Some(refresh))
            {
                config.insert("refresh_url".to_owned(), Value::from(refresh));
            }
            if matches!(suffix, "" | "_device") {
                config.insert("client".to_owned(), Value::from(self.client()));
            }
            configs.push((if flows.len() > 1 { suffix } else { "" }, Value::Object(config)));
        }
        configs
    }

    fn client(&self) -> String {
        format!("vault:{}", self.namespace)
    }

    /// An endpoint as a connector file takes it; a relative one stands under the server.
    fn endpoint(&self, text: &str) -> Option<String> {
        let url = Url::parse(text).or_else(|_| Url::parse(&self.base.url)?.join(text)).ok()?;
        let text = url.as_str().to_owned();
        let good = !text.contains(['{', '}', '#']) && !text.contains("%7B") && url.username().is_empty();
        match url.scheme() {
            "https" if good => Some(text),
            "http" if good && url.host_str() != Some("localhost") => {
                Some(text.replacen("http:", "https:", 1))
            }
            "http" if good => Some(text),
            _ => None,
        }
    }
}

fn api_key(scheme: &Value) -> Value {
    let name = text(scheme, "name").unwrap_or_else(|| "Authorization".to_owned());
    let place = text(scheme, "in").filter(|place| matches!(place.as_str(), "query" | "cookie"));
    let bearer = name.eq_ignore_ascii_case("authorization")
        && text(scheme, "description").is_some_and(|text| text.to_ascii_lowercase().contains("bearer"));
    match place {
        None if bearer => json!({ "scheme": "bearer" }),
        None => json!({ "scheme": "api_key", "name": name }),
        Some(place) => json!({ "scheme": "api_key", "in": place, "name": name }),
    }
}

fn with_help(mut config: Value, help: Option<String>) -> Value {
    if let (Some(config), Some(help)) = (config.as_object_mut(), help) {
        config.insert("help".to_owned(), Value::from(help));
    }
    config
}
