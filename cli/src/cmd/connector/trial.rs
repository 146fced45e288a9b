//! The part of `sluis connector test` that calls one API with values of the moment, before anything is
//! released.

use crate::args::Global;
use crate::cmd::call::{inputs, split_pair};
use crate::cmd::connect_fields;
use crate::outcome::{Exit, Outcome, Problem};
use crate::{local_engine, runtime, terminal};
use clap::Args;
use serde_json::Value;
use sluis_auth::scheme_of;
use sluis_engine::{EnteredCredential, Overrides, Through, Trial};
use sluis_lang::vm::Limits;
use sluis_model::connection::Variables;
use sluis_model::connector::ConnectorDefinition;
use std::collections::BTreeMap;

/// Options that make one call of it.
#[derive(Debug, Args)]
#[command(next_help_heading = "One call, with --api")]
pub struct OneCall {
    /// An input; may be repeated
    #[arg(long = "set", value_name = "INPUT=VALUE")]
    set: Vec<String>,
    /// The path of the URL, in place of the file's
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// A query parameter in place of the file's, `NAME=` takes it away; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    query: Vec<String>,
    /// A header in place of the file's, `NAME=` takes it away; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    header: Vec<String>,
    /// The body in place of the file's, JSON or any text
    #[arg(long, value_name = "TEXT")]
    body: Option<String>,
    /// Call it once as the file stands, without the tests
    #[arg(long)]
    call: bool,
    /// Enter a credential for this call alone, which is kept nowhere; asked for, or read as lines from
    /// standard input
    #[arg(long)]
    enter: bool,
    /// The way to authenticate, where the connector has several
    #[arg(long, value_name = "NAME", requires = "enter")]
    auth: Option<String>,
}

impl OneCall {
    /// Whether one call is wanted and not the tests.
    pub fn is_asked_for(&self) -> bool {
        let given = [&self.set, &self.query, &self.header].iter().any(|all| !all.is_empty());
        given || self.path.is_some() || self.body.is_some() || self.call || self.enter
    }

    /// The call; a credential is asked for if one is to be entered.
    pub fn trial(
        &self,
        definition: ConnectorDefinition,
        api: &str,
        variables: Variables,
        through: Through,
    ) -> Result<Trial, Problem> {
        // An id of one of its APIs is as good as the part after the namespace.
        let prefix = format!("{}.", definition.namespace);
        let api = api.strip_prefix(&prefix).unwrap_or(api).to_owned();
        let body = self
            .body
            .as_ref()
            .map(|text| serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone())));
        let overrides = Overrides {
            path: self.path.clone(),
            query: replaced(&self.query)?,
            headers: replaced(&self.header)?,
            body,
        };
        let entered = self.enter.then(|| self.entered(&definition)).transpose()?;
        Ok(Trial {
            inputs: inputs(&self.set)?,
            overrides,
            variables,
            through,
            entered,
            ..Trial::of(definition, &api, Default::default())
        })
    }

    fn entered(&self, definition: &ConnectorDefinition) -> Result<EnteredCredential, Problem> {
        let config = definition
            .auth
            .chosen(self.auth.as_deref())
            .map_err(|error| Problem::refused(error.to_string()).help("name one: --auth NAME"))?;
        let fields = connect_fields::ask_fields(&scheme_of(config).fields())?;
        Ok(EnteredCredential { auth: self.auth.clone(), fields })
    }
}

/// `NAME=VALUE`, and `NAME=` for what is to be taken away.
fn replaced(given: &[String]) -> Result<BTreeMap<String, Option<String>>, Problem> {
    let pairs = given.iter().map(|text| {
        let (name, value) = split_pair(text)?;
        Ok((name.to_owned(), (!value.is_empty()).then(|| value.to_owned())))
    });
    pairs.collect()
}

/// `NAME=VALUE`, texts as they stand.
pub fn texts(given: &[String]) -> Result<BTreeMap<String, String>, Problem> {
    given
        .iter()
        .map(|text| split_pair(text).map(|(name, value)| (name.to_owned(), value.to_owned())))
        .collect()
}

/// Makes the call and shows what was sent and answered.
pub fn run(global: &Global, org: &str, trial: Trial, as_json: bool) -> Outcome {
    let org = local_engine::org(org)?;
    let engine = local_engine::build(global, Limits::local())?;
    let answer = runtime::on_this_thread(async {
        let answer = engine.try_api(&org, &trial).await;
        engine.close().await?;
        Ok(answer?)
    })?;
    if as_json {
        terminal::out(serde_json::json!(answer).to_string());
    } else {
        terminal::out(&answer.request);
        terminal::out(format!("→ {} in {} ms", answer.status_code, answer.millis));
        for (name, value) in &answer.headers {
            terminal::out(format!("{name}: {value}"));
        }
        terminal::out(format!("\n{}", answer.response));
    }
    if !answer.unused.is_empty() {
        terminal::heed(format!("nothing takes the input {}", answer.unused.join(", ")));
    }
    Ok(if (200..400).contains(&answer.status_code) { Exit::Done } else { Exit::Failed })
}
