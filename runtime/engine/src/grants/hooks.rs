//! Scripts at both ends of an authorization.

use crate::builder::Engine;
use crate::keys::{Place, Slot};
use crate::run::{EntryPoint, RunEnd, RunRefused, RunRequest, Unobserved};
use sluis_lang::value::data::Data;
use sluis_model::connection::{Connection, Variables};
use sluis_model::connector::Release;
use sluis_model::run::RunStatus;

impl Engine {
    /// Runs the on-authorize hook while the connection is pending; answers the variables that it adds.
    /// `Err` is the reason of a veto: `return false` or an uncaught fault.
    pub(crate) async fn run_authorize_hook(
        &self,
        connection: &Connection,
        release: &Release,
        slot: &Slot,
    ) -> Result<Variables, String> {
        let Some(source) = &release.definition.hooks.on_authorize else { return Ok(Variables::new()) };
        let end = self.run_hook(connection, "on_authorize", source, slot, &event_of(slot)).await?;
        match end.value {
            Some(Data::Bool(false)) => Err("the connector's on-authorize function refused it".to_owned()),
            Some(Data::Map(answer)) => variables_in(&answer),
            _ => Ok(Variables::new()),
        }
    }

    /// Runs the on-revoke hook, with a token that still works; its failure is told, not obeyed.
    pub(crate) async fn run_revoke_hook(
        &self,
        connection: &Connection,
        release: &Release,
        slot: &Slot,
        event: &str,
    ) -> Option<String> {
        let source = release.definition.hooks.on_revoke.as_ref()?;
        self.run_hook(connection, "on_revoke", source, slot, event).await.err()
    }

    async fn run_hook(
        &self,
        connection: &Connection,
        hook: &str,
        source: &str,
        slot: &Slot,
        event: &str,
    ) -> Result<RunEnd, String> {
        let request = RunRequest {
            org: connection.org.clone(),
            user: connection.user.clone(),
            label: format!("{} {hook}", connection.connector),
            function: None,
            source: source.to_owned(),
            entry: EntryPoint::Default,
            args: arguments(connection, event),
            keep: true,
        };
        let place = Place { key: connection.key(), slot: slot.clone() };
        // Boxed: a hook may invoke, and an invocation can be part of the run that led here.
        let end = Box::pin(self.run_as_hook(request, &mut Unobserved, Some(place))).await;
        match end {
            Ok(end) => match &end.run.status {
                RunStatus::Failed { message, line, .. } => {
                    Err(format!("the connector's {hook} function failed at line {line}: {message}"))
                }
                _ => Ok(end),
            },
            Err(RunRefused::Failure(failure)) => Err(failure.message),
            Err(refused) => Err(format!("the connector's {hook} function could not run: {refused}")),
        }
    }
}

/// What a hook is told about: the same text however often it is tried.
fn event_of(slot: &Slot) -> String {
    match slot {
        Slot::Pending(grant) => grant.to_string(),
        Slot::Revoking(out) => out.to_string(),
        Slot::Active => String::new(),
    }
}

/// The connection variables in what an on-authorize hook returned: `{"variables": {"tenant": "7"}}`.
fn variables_in(answer: &[(Data, Data)]) -> Result<Variables, String> {
    let named = |(key, _): &&(Data, Data)| *key == Data::Text("variables".to_owned());
    let variables = match answer.iter().find(named) {
        None => return Ok(Variables::new()),
        Some((_, Data::Map(variables))) => variables,
        Some(_) => {
            return Err(
                "the connector's on-authorize function returned `variables` that are no map".to_owned()
            );
        }
    };
    let text = |name: &str, value: &Data| match value {
        Data::Text(text) => Ok(text.clone()),
        Data::Int(number) => Ok(number.to_string()),
        Data::Bool(truth) => Ok(truth.to_string()),
        _ => Err(format!(
            "the connector's on-authorize function returned a variable `{name}` that is neither text nor a whole number"
        )),
    };
    variables
        .iter()
        .map(|(name, value)| match name {
            Data::Text(name) => Ok((name.clone(), text(name, value)?)),
            _ => Err("the connector's on-authorize function returned a variable without a name".to_owned()),
        })
        .collect()
}

fn arguments(connection: &Connection, event: &str) -> Vec<(String, Data)> {
    let scopes = connection.scopes.iter().cloned().map(Data::Text).collect();
    vec![
        ("connector".to_owned(), Data::Text(connection.connector.as_str().to_owned())),
        ("org".to_owned(), Data::Text(connection.org.as_str().to_owned())),
        ("scopes".to_owned(), Data::List(scopes)),
        ("event".to_owned(), Data::Text(event.to_owned())),
    ]
}
