//! Scripts at both ends of an authorization.

use crate::builder::Engine;
use crate::keys::{Place, Slot};
use crate::run::{EntryPoint, RunEnd, RunRefused, RunRequest, Unobserved};
use sluis_lang::value::data::Data;
use sluis_model::connection::Connection;
use sluis_model::connector::Release;
use sluis_model::run::RunStatus;

impl Engine {
    /// Runs the on-authorize hook while the connection is pending. `Err` is the reason of a veto:
    /// `return false` or an uncaught fault.
    pub(crate) async fn run_authorize_hook(
        &self,
        connection: &Connection,
        release: &Release,
        slot: &Slot,
    ) -> Result<(), String> {
        let Some(source) = &release.definition.hooks.on_authorize else { return Ok(()) };
        let end = self.run_hook(connection, "on_authorize", source, slot).await?;
        match end.value {
            Some(Data::Bool(false)) => Err("the connector's on-authorize function refused it".to_owned()),
            _ => Ok(()),
        }
    }

    /// Runs the on-revoke hook; its failure is told, not obeyed.
    pub(crate) async fn run_revoke_hook(&self, connection: &Connection, release: &Release) -> Option<String> {
        let source = release.definition.hooks.on_revoke.as_ref()?;
        self.run_hook(connection, "on_revoke", source, &Slot::Active).await.err()
    }

    async fn run_hook(
        &self,
        connection: &Connection,
        hook: &str,
        source: &str,
        slot: &Slot,
    ) -> Result<RunEnd, String> {
        let request = RunRequest {
            org: connection.org.clone(),
            label: format!("{} {hook}", connection.connector),
            function: None,
            source: source.to_owned(),
            entry: EntryPoint::Default,
            args: arguments(connection),
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

fn arguments(connection: &Connection) -> Vec<(String, Data)> {
    let scopes = connection.scopes.iter().cloned().map(Data::Text).collect();
    vec![
        ("connector".to_owned(), Data::Text(connection.connector.as_str().to_owned())),
        ("org".to_owned(), Data::Text(connection.org.as_str().to_owned())),
        ("scopes".to_owned(), Data::List(scopes)),
    ]
}
