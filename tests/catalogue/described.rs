//! Connectors against the description that the provider publishes, in the hands of a validator that nobody
//! here wrote: each API is called with the examples of its inputs, through the engine, and every request must
//! be one that the description allows.

use crate::description::Description;
use crate::local::Connector;
use crate::names::{self, Sent};
use crate::requests::trials;
use async_trait::async_trait;
use serde_json::{Map, Value, json};
use sluis_invoke::{EgressPolicy, Http, HttpAnswer, OutgoingRequest, SendLimits, Transport, TransportError};
use sluis_model::id::ApiId;
use sluis_tests::packages::Packaged;
use sluis_tests::peers::ServerPeer;
use sluis_tests::place::Place;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::sync::{Arc, Mutex};

/// Connectors, and the descriptions that they are held against.
const SOURCES: &str = include_str!("descriptions.txt");
/// What came of it; may only grow.
const PROVEN: &str = include_str!("proven.txt");

/// A line of the list of sources.
struct Source {
    /// Where the operations stand, if not at the servers that the description names.
    base: Option<String>,
    file: Packaged,
}

/// A connector of the catalogue and the descriptions of its provider, cut to its APIs.
struct Subject {
    folder: String,
    connector: Connector,
    descriptions: Vec<Description>,
    /// Which description an API is in.
    of_api: BTreeMap<String, usize>,
}

impl Subject {
    fn read(folder: &str, files: &[Source]) -> Self {
        let connector = Connector::read(folder);
        let wanted: Vec<_> = connector.apis().values().map(Connector::place_of).collect();
        let cut = |source: &Source| {
            let text = fs::read(source.file.file().unwrap()).unwrap();
            let whole = serde_json::from_slice(&text);
            let whole = whole.unwrap_or_else(|error| panic!("{:?}: {error}", source.file));
            let description = Description::new(whole).at(source.base.as_deref());
            // The signature of OAuth 1.0a is nothing that a local peer could ask for.
            let signed = connector.definition["auth"]["scheme"] == "oauth1";
            let description = if signed { description.without_security() } else { description };
            description.cut(&wanted)
        };
        let descriptions: Vec<_> = files.iter().map(cut).collect();
        let of_api = connector.apis().iter().filter_map(|(name, api)| {
            let (method, path) = Connector::place_of(api);
            let has = |description: &Description| description.operation(&method, &path).is_some();
            Some((name.clone(), descriptions.iter().position(has)?))
        });
        Self { of_api: of_api.collect(), folder: folder.to_owned(), connector, descriptions }
    }

    /// The name of the server of one of its descriptions.
    fn server(&self, description: usize) -> String {
        format!("{}-{description}", self.folder)
    }
}

/// Sends by the product's transport and keeps requests with their answers.
struct Watched {
    transport: Transport,
    seen: Arc<Mutex<Vec<(Sent, HttpAnswer)>>>,
}

#[async_trait]
impl Http for Watched {
    async fn send(&self, request: OutgoingRequest, limits: SendLimits) -> Result<HttpAnswer, TransportError> {
        let media_type = request.headers.get("content-type").and_then(|value| value.to_str().ok());
        let media_type = media_type.and_then(|value| value.split(';').next()).unwrap_or_default().to_owned();
        let (method, url) = (request.method.as_str().to_lowercase(), request.url.clone());
        let sent = Sent { method, url, media_type, body: request.body.to_vec() };
        let answer = self.transport.send(request, limits).await?;
        self.seen.lock().unwrap().push((sent, answer.clone()));
        Ok(answer)
    }
}

/// Where the validator serves each description.
struct Validator {
    told: Value,
    _peer: ServerPeer,
    _folder: tempfile::TempDir,
}

impl Validator {
    async fn start(subjects: &[Subject]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut files = Map::new();
        for subject in subjects {
            for (at, description) in subject.descriptions.iter().enumerate() {
                let path = folder.path().join(format!("{}.json", subject.server(at)));
                fs::write(&path, description.document().to_string()).unwrap();
                files.insert(subject.server(at), json!(path));
            }
        }
        let list = folder.path().join("descriptions.json");
        fs::write(&list, Value::Object(files).to_string()).unwrap();
        let peer = ServerPeer::node("prism", &[("DESCRIPTIONS", list.to_str().unwrap())]).await.unwrap();
        assert_eq!(peer.told["refused"], json!({}), "descriptions that cannot be served");
        Self { told: peer.told["hosts"].clone(), _peer: peer, _folder: folder }
    }

    fn host(&self, server: &str) -> String {
        self.told[server].as_str().unwrap().to_owned()
    }
}

/// Calls all APIs of a connector; what is amiss by API.
async fn amiss(subject: &Subject, validator: &Validator) -> BTreeMap<String, Vec<String>> {
    let host = |api: &str| Some(validator.host(&subject.server(*subject.of_api.get(api)?)));
    let connector = subject.connector.clone().moved(host);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let transport = Transport::new(EgressPolicy::opening(&["127.0.0.0/8"]).unwrap());
    let place = Place::empty(Arc::new(Watched { transport, seen: seen.clone() })).await;
    connector.connect(&place, &BTreeMap::new()).await;
    let mut amiss = BTreeMap::new();
    for (name, api) in subject.connector.apis() {
        let found = match (subject.of_api.get(name), trials(api)) {
            (None, _) => vec!["no such operation is described".to_owned()],
            (_, Err(lacking)) => vec![format!("no example of the required {}", lacking.join(", "))],
            (Some(&at), Ok(trials)) => {
                let id = ApiId::of(&connector.namespace(), name).unwrap();
                let mut found = BTreeSet::new();
                for trial in trials {
                    seen.lock().unwrap().clear();
                    let called = place.engine.invoke(&place.org, &id, &trial.inputs).await;
                    let seen = seen.lock().unwrap();
                    let Some((sent, answer)) = seen.last() else {
                        found.insert(format!("nothing was sent: {}", called.unwrap_err()));
                        continue;
                    };
                    found.extend(names::unknown(&subject.descriptions[at], sent));
                    if trial.earnest && answer.status != 200 {
                        found.insert(complaint(sent, answer));
                    }
                }
                found.into_iter().collect()
            }
        };
        amiss.insert(name.clone(), found);
    }
    amiss
}

/// What the validator says, in a line.
fn complaint(sent: &Sent, answer: &HttpAnswer) -> String {
    let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let mut text = format!("{} for {} {}", answer.status, sent.method, sent.url);
    for violation in said["validation"].as_array().into_iter().flatten() {
        let at: Vec<_> =
            violation["location"].as_array().into_iter().flatten().map(Value::to_string).collect();
        let _ = write!(text, "; {}: {}", at.join("/").replace('"', ""), violation["message"]);
    }
    if said["validation"].is_null() {
        let _ = write!(text, "; {} {}", said["title"], said["detail"]);
    }
    text
}

/// The lines of a list that say something.
fn lines(list: &str) -> impl Iterator<Item = &str> {
    list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn subjects() -> Vec<Subject> {
    let mut files: BTreeMap<&str, Vec<Source>> = BTreeMap::new();
    for line in lines(SOURCES) {
        let (place, file) = line.split_once(' ').unwrap();
        let (folder, base) = place.split_once('/').map_or((place, None), |(at, base)| (at, Some(base)));
        let base = base.map(|base| format!("/{base}"));
        files.entry(folder).or_default().push(Source { base, file: Packaged::parse(file).unwrap() });
    }
    files.iter().map(|(folder, files)| Subject::read(folder, files)).collect()
}

/// What the list says of an API: what of its requests the description need not know. Each exception is a
/// piece of the complaint and a reason.
type Excepted<'a> = Vec<(&'a str, &'a str)>;

/// Reads `API` or `API except "PIECE" because REASON`, several lines for one API.
fn listed(list: &str) -> BTreeMap<&str, Excepted<'_>> {
    let mut apis: BTreeMap<&str, Excepted<'_>> = BTreeMap::new();
    for line in lines(list) {
        let Some((api, exception)) = line.split_once(" except \"") else {
            apis.entry(line).or_default();
            continue;
        };
        let exception = exception.split_once("\" because ");
        apis.entry(api).or_default().push(exception.unwrap_or_else(|| panic!("`{line}` gives no reason")));
    }
    apis
}

/// How the list and what was found disagree.
fn disagreements(api: &str, listed: Option<&Excepted<'_>>, found: &[String]) -> Vec<String> {
    let Some(exceptions) = listed else {
        let found = if found.is_empty() { "it agrees".to_owned() } else { found.join("\n    ") };
        return vec![format!("{api} is not in tests/catalogue/proven.txt: {found}")];
    };
    let known = |found: &&String| !exceptions.iter().any(|(piece, _)| found.contains(piece));
    let bad = found.iter().filter(known).map(|found| format!("{api}: {found}"));
    let met = |(piece, _): &&(&str, &str)| !found.iter().any(|found| found.contains(piece));
    let stale = exceptions.iter().filter(met);
    bad.chain(stale.map(|(piece, _)| format!("{api} is no longer told \"{piece}\": take that away")))
        .collect()
}

#[tokio::test]
async fn every_request_of_the_catalogue_is_one_that_the_provider_describes() {
    let subjects = tokio::task::spawn_blocking(subjects).await.unwrap();
    let validator = Validator::start(&subjects).await;
    let mut listed = listed(PROVEN);
    let (mut problems, mut proven) = (Vec::new(), 0);
    for subject in &subjects {
        for (api, found) in amiss(subject, &validator).await {
            let id = format!("{}.{api}", subject.folder);
            proven += usize::from(found.is_empty());
            problems.extend(disagreements(&id, listed.remove(id.as_str()).as_ref(), &found));
        }
    }
    problems.extend(listed.keys().map(|id| format!("{id} is listed and was not tried")));
    println!("{proven} APIs of {} connectors agree with the description of their provider", subjects.len());
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn a_list_that_is_out_of_step_is_noticed() {
    let list = listed("# why\n\na.b\na.c except \"parameter x\" because it is newer\n");
    let bad = ["query parameter x".to_owned()];
    for (api, found, problems) in [
        ("a.b", &[][..], 0),
        ("a.b", &bad, 1),
        ("a.c", &bad, 0),
        ("a.c", &[], 1),
        ("new", &[], 1),
        ("new", &bad, 1),
    ] {
        assert_eq!(disagreements(api, list.get(api), found).len(), problems, "{api} {found:?}");
    }
}
