//! A connector of the catalogue on this machine: its APIs at local peers instead of the provider's hosts, and
//! a credential that is entered instead of one that a person consents to. Everything else is as written.

use serde_json::{Map, Value, json};
use sluis_engine::NewConnection;
use sluis_model::connection::{ConnectionKey, Variables};
use sluis_model::id::Namespace;
use sluis_model::secret::SecretText;
use sluis_tests::place::Place;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Ways to authenticate where something is entered, and nothing asked of the provider.
const ENTERED: &[&str] = &["api_key", "bearer", "basic", "aws_sigv4", "none"];

/// A connector as its file says, in JSON.
#[derive(Clone)]
pub struct Connector {
    pub definition: Value,
}

impl Connector {
    /// The connector in a folder of the catalogue.
    pub fn read(folder: &str) -> Self {
        let folder = catalogue().join(folder);
        let text = std::fs::read_to_string(folder.join("connector.yaml")).unwrap();
        let load = |name: &str| std::fs::read_to_string(folder.join(name)).map_err(|error| error.to_string());
        let read = sluis_definition::read("connector.yaml", &text, &load);
        let definition = read.unwrap_or_else(|problems| panic!("{}: {problems:?}", folder.display()));
        Self { definition: serde_json::to_value(definition).unwrap() }
    }

    pub fn namespace(&self) -> Namespace {
        self.definition["namespace"].as_str().unwrap().parse().unwrap()
    }

    pub fn apis(&self) -> &Map<String, Value> {
        self.definition["apis"].as_object().unwrap()
    }

    /// Method, in lower case, and path of an API, `0` in place of each placeholder.
    pub fn place_of(api: &Value) -> (String, String) {
        let url = api["url"].as_str().unwrap();
        let path = path_of(url).split(['?', '#']).next().unwrap_or_default();
        let mut pieces = path.split("${");
        let mut concrete = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            concrete.push('0');
            concrete.push_str(piece.split_once('}').map_or("", |(_, after)| after));
        }
        (api["method"].as_str().unwrap().to_lowercase(), concrete)
    }

    /// Moves each API to the host that is told for it, or to a path there; those without one are left out.
    pub fn moved(mut self, host_of: impl Fn(&str) -> Option<String>) -> Self {
        let mut hosts = BTreeSet::new();
        let apis = self.definition["apis"].as_object_mut().unwrap();
        apis.retain(|name, api| {
            let Some(place) = host_of(name) else { return false };
            api["url"] = format!("http://{place}{}", path_of(api["url"].as_str().unwrap())).into();
            hosts.insert(place.split('/').next().unwrap_or_default().to_owned());
            true
        });
        let first = hosts.first().cloned().unwrap_or_default();
        self.definition["service"]["base_url"] = format!("http://{first}").into();
        self.definition["hosts"] = json!(hosts);
        // What tries a connection is called as all APIs are; whose it is matters to nobody here.
        for field in ["test", "tests", "identity", "owner"] {
            if let Some(connection) = self.definition["connection"].as_object_mut() {
                connection.remove(field);
            }
        }
        self.definition["auth"] = entered(&self.definition["auth"]);
        self.definition.as_object_mut().unwrap().remove("hooks");
        self
    }

    /// Releases it and connects the org with these values; what is not given is made up.
    pub async fn connect(&self, place: &Place, given: &BTreeMap<&str, &str>) {
        place.release(self.definition.clone()).await;
        let wanted = NewConnection::of(ConnectionKey::main(&place.org, &self.namespace()));
        let form = place.engine.connect_form(&wanted).await.unwrap();
        let variables = form.variables.iter().map(|variable| {
            let known = form.values.get(&variable.name).or(variable.default.as_ref());
            let known = known.or(variable.example.as_ref()).or(variable.choices.first());
            let value = given.get(variable.name.as_str()).copied().or(known.map(String::as_str));
            (variable.name.clone(), value.unwrap_or("any").to_owned())
        });
        let variables: Variables = variables.collect();
        let required = form.fields.iter().filter(|field| field.required);
        let entered: BTreeMap<_, _> = required
            .map(|field| {
                let value = given.get(field.name.as_str()).copied().unwrap_or("made-up");
                (field.name.clone(), SecretText::from(value))
            })
            .collect();
        if entered.is_empty() && variables.is_empty() {
            return;
        }
        let connected = place.engine.connect(&NewConnection { variables, ..wanted }, entered).await;
        connected.unwrap_or_else(|failure| panic!("{}: {failure:?}", self.namespace()));
    }
}

/// The folders of the whole catalogue.
pub fn catalogue() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/connectors")
}

/// What follows the host in a URL, which may be a placeholder.
fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map_or("", |at| &rest[at..])
}

/// The first way to authenticate where something is entered, or else a token in its usual place.
fn entered(auth: &Value) -> Value {
    let ways = auth["configs"].as_object().map(|configs| configs.values().collect()).unwrap_or(vec![auth]);
    let fits = |way: &&&Value| ENTERED.contains(&way["scheme"].as_str().unwrap_or_default());
    ways.iter().find(fits).map_or(json!({"scheme": "bearer"}), |way| (*way).clone())
}
