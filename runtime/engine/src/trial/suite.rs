//! The tests that a definition holds: against the service, with a cassette running along, or against a
//! cassette alone, which needs neither a store nor a network.

use super::{Trial, expect};
use crate::builder::Engine;
use crate::compiled;
use crate::invoke::{Argument, Through};
use serde::Serialize;
use serde_json::Value;
use sluis_invoke::cassette::{Cassette, Exchange, FORMAT, Replay};
use sluis_invoke::{Http, Moment, SendLimits, read_answer, variables};
use sluis_model::api_test::ApiTest;
use sluis_model::connection::Variables;
use sluis_model::connector::{ConnectorDefinition, Effect};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::OrgId;
use sluis_model::shape::Shape;
use std::time::Duration;

/// Which tests are made, and how.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Those of one API only.
    pub api: Option<String>,
    /// Also those of APIs that change something.
    pub writes: bool,
    /// Values of the connection's variables in place of those that it has.
    pub variables: Variables,
    /// Whose connection is used.
    pub through: Through,
}

/// How the tests went.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Each test in the order of the file.
    pub tests: Vec<Tested>,
}

/// How one test went.
#[derive(Debug, Clone, Serialize)]
pub struct Tested {
    /// The API, by the part of its id after the namespace.
    pub api: String,
    /// Name of the test.
    pub name: String,
    /// What came of it.
    pub outcome: Outcome,
    /// HTTP status of the answer, if one came.
    pub status: Option<u16>,
    /// Time from sending to the last byte, in ms.
    pub millis: u64,
    /// What is not as expected, or why it was not made.
    pub faults: Vec<String>,
}

/// What came of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The answer was as expected.
    Passed,
    /// It was not, or none came.
    Failed,
    /// It was not made.
    Skipped,
}

impl Report {
    /// Tests of an outcome.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.tests.iter().filter(|test| test.outcome == outcome).count()
    }
}

impl Engine {
    /// Makes the tests of a definition against the service, through the org's connection of its
    /// namespace, and keeps what was sent and answered on a cassette.
    pub async fn test_live(
        &self,
        org: &OrgId,
        definition: &ConnectorDefinition,
        selection: &Selection,
    ) -> Result<(Report, Cassette), Failure> {
        compiled::check_definition(definition)?;
        let mut report = Report { tests: Vec::new() };
        let mut cassette = Cassette {
            sluis_cassette: FORMAT,
            connector: definition.namespace.to_string(),
            recorded_at: jiff::Timestamp::from_millisecond(self.now().0)
                .map(|at| at.to_string())
                .unwrap_or_default(),
            variables: Variables::new(),
            exchanges: Vec::new(),
        };
        for (api, effect, test) in selected(definition, selection)? {
            if effect != Effect::Read && !selection.writes {
                report.tests.push(skipped(api, test));
                continue;
            }
            let mut trial = Trial::of(definition.clone(), api, test.inputs.clone());
            trial.variables.clone_from(&selection.variables);
            trial.through = selection.through.clone();
            match self.make_trial(org, &trial).await {
                Ok(made) => {
                    let answer = &made.answer;
                    let name = format!("{api}: {}", test.name);
                    let parts = (answer.status_code, answer.headers.as_slice(), &answer.body[..]);
                    cassette.exchanges.push(Exchange::record(&name, &made.plain, parts, &made.redactor));
                    cassette.variables = made.variables;
                    let took = Duration::from_millis(answer.millis);
                    report.tests.push(judged(api, test, answer.status_code, &answer.response, took));
                }
                // Without a connection none of them can be made.
                Err(failure) if is_of_all(&failure) => return Err(failure),
                Err(failure) => report.tests.push(failed(api, test, &failure)),
            }
        }
        Ok((report, cassette))
    }
}

/// Whether a failure would be the same for every test.
fn is_of_all(failure: &Failure) -> bool {
    use Reason::{ConnectorNotFound, NeedsReauthorization, NotAuthorized, OrgNotFound};
    matches!(failure.reason, ConnectorNotFound | NeedsReauthorization | NotAuthorized | OrgNotFound)
}

/// Makes the tests of a definition against a cassette. Those of APIs that change something as well: nothing
/// is changed by them.
pub async fn test_replayed(
    definition: &ConnectorDefinition,
    selection: &Selection,
    cassette: Cassette,
) -> Result<Report, Failure> {
    let mut values = cassette.variables.clone();
    values.extend(selection.variables.clone());
    let filled = match variables::lacking(definition, &values) {
        // What a cassette does not know is as good as any other value: it is no part of what was recorded.
        Some(_) => variables::with_samples(definition)?,
        None => variables::bind(definition, &values)?,
    };
    let ready = compiled::compile(&filled)?;
    let replay = Replay::new(cassette);
    let mut report = Report { tests: Vec::new() };
    for (api, _, test) in selected(definition, selection)? {
        let sent = async {
            let api = ready.api(api)?;
            let data = Argument::from(&test.inputs).call_data(api)?;
            let prepared = sluis_invoke::prepare(api, &data, Moment::settled())?;
            Ok::<_, Failure>(replay.send(prepared.request, SendLimits::default()).await?)
        };
        report.tests.push(match sent.await {
            Ok(answer) => {
                let read = read_answer(&answer);
                judged(api, test, read.status_code, &read.response, answer.elapsed)
            }
            Err(failure) => failed(api, test, &failure),
        });
    }
    Ok(report)
}

/// How the shapes of answers on a newer cassette differ from those on an older one, test by test.
pub fn drift(older: &Cassette, newer: &Cassette) -> Vec<String> {
    let shape = |exchange: &Exchange| {
        let body = exchange.answer.body.as_ref()?.bytes();
        serde_json::from_slice::<Value>(&body).ok().map(|value| Shape::of(&value))
    };
    let mut told = Vec::new();
    for exchange in &newer.exchanges {
        let Some(before) = older.exchanges.iter().find(|known| known.name == exchange.name) else { continue };
        let name = &exchange.name;
        if before.answer.status != exchange.answer.status {
            told.push(format!(
                "{name}: the status became {} and was {}",
                exchange.answer.status, before.answer.status
            ));
        }
        match (shape(before), shape(exchange)) {
            (Some(one), Some(other)) => {
                told.extend(one.drift(&other).into_iter().map(|text| format!("{name}: {text}")));
            }
            (None, Some(_)) => told.push(format!("{name}: the answer became JSON")),
            (Some(_), None) => told.push(format!("{name}: the answer is no longer JSON")),
            (None, None) => {}
        }
    }
    told
}

fn selected<'a>(
    definition: &'a ConnectorDefinition,
    selection: &Selection,
) -> Result<Vec<(&'a str, Effect, &'a ApiTest)>, Failure> {
    if let Some(api) = &selection.api
        && !definition.apis.contains_key(api)
    {
        let known: Vec<String> = definition.apis.keys().cloned().collect();
        let message = format!("the connector `{}` has no API `{api}`", definition.namespace);
        return Err(
            Failure::new(Reason::ApiNotFound, message).help(sluis_model::suggest::help(api, &known, "APIs"))
        );
    }
    let wanted =
        definition.apis.iter().filter(|(key, _)| selection.api.as_ref().is_none_or(|api| api == *key));
    Ok(wanted
        .flat_map(|(key, api)| api.tests.iter().map(move |test| (key.as_str(), api.effect, test)))
        .collect())
}

fn judged(api: &str, test: &ApiTest, status: u16, response: &str, took: Duration) -> Tested {
    let faults = expect::faults(&test.expect, status, response);
    Tested {
        api: api.to_owned(),
        name: test.name.clone(),
        outcome: if faults.is_empty() { Outcome::Passed } else { Outcome::Failed },
        status: Some(status),
        millis: took.as_millis().try_into().unwrap_or(u64::MAX),
        faults,
    }
}

fn failed(api: &str, test: &ApiTest, failure: &Failure) -> Tested {
    let help = failure.help.as_ref().map(|help| format!("\n  {help}")).unwrap_or_default();
    Tested {
        api: api.to_owned(),
        name: test.name.clone(),
        outcome: Outcome::Failed,
        status: None,
        millis: 0,
        faults: vec![format!("{}{help}", failure.message)],
    }
}

fn skipped(api: &str, test: &ApiTest) -> Tested {
    Tested {
        api: api.to_owned(),
        name: test.name.clone(),
        outcome: Outcome::Skipped,
        status: None,
        millis: 0,
        faults: vec!["it changes something at the service; --writes makes it all the same".to_owned()],
    }
}
