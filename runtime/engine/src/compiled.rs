//! Releases with their APIs compiled, kept so that a call parses nothing.

use crate::builder::Engine;
use crate::invoke::not_authorized;
use crate::keys::Place;
use sluis_invoke::{CompiledConnector, variables};
use sluis_model::connection::Variables;
use sluis_model::connector::{ConnectorDefinition, Release};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::Namespace;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A release and its compiled APIs.
#[derive(Debug)]
pub(crate) struct ReadyConnector {
    /// The release.
    pub release: Release,
    /// Its APIs.
    pub compiled: CompiledConnector,
    /// The same with values of its variables in their places, those used last.
    bound: Mutex<Vec<(Variables, Arc<ReadyConnector>)>>,
}

/// So many sets of values of one connector are kept compiled.
const BOUND_AT_MOST: usize = 64;

/// The compiled release of each connector that was used last. Releases are immutable, so an entry
/// never goes stale; it is replaced when a newer number is asked for.
#[derive(Debug, Default)]
pub(crate) struct CompiledReleases(Mutex<HashMap<Namespace, Arc<ReadyConnector>>>);

impl CompiledReleases {
    fn get(&self, namespace: &Namespace, number: u32) -> Option<Arc<ReadyConnector>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(namespace).filter(|ready| ready.release.number == number).cloned()
    }

    fn put(&self, ready: &Arc<ReadyConnector>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(ready.release.definition.namespace.clone(), ready.clone());
    }
}

impl Engine {
    /// The newest release of a connector, compiled.
    pub(crate) async fn ready_connector(
        &self,
        namespace: &Namespace,
    ) -> Result<Arc<ReadyConnector>, Failure> {
        let number = self.latest_number(namespace).await?;
        if let Some(ready) = self.compiled().get(namespace, number) {
            return Ok(ready);
        }
        let release = self.release_of(namespace, number).await?;
        let compiled = compile(&release.definition)?;
        let ready = Arc::new(ReadyConnector { release, compiled, bound: Mutex::default() });
        self.compiled().put(&ready);
        Ok(ready)
    }
}

impl Engine {
    /// The newest release of a connector with the variables of a connection in their places.
    pub(crate) async fn ready_at(&self, place: &Place) -> Result<Arc<ReadyConnector>, Failure> {
        let ready = self.ready_connector(&place.key.connector).await?;
        let definition = &ready.release.definition;
        if definition.connection.variables.is_empty() {
            return Ok(ready);
        }
        let connection = self.connection(&place.key, &place.slot).await?;
        let connection = connection.ok_or_else(|| not_authorized(&place.key.org, &place.key))?;
        ready.bound_to(&connection.variables).map_err(|failure| match failure.help {
            Some(_) => failure,
            None => failure.help(format!("connect it again: {}", place.key.authorize_command())),
        })
    }
}

impl ReadyConnector {
    /// The same with values of variables in their places, compiled anew unless they are the ones that
    /// were used last.
    fn bound_to(&self, variables: &Variables) -> Result<Arc<ReadyConnector>, Failure> {
        let definition = &self.release.definition;
        if let Some(variable) = variables::lacking(definition, variables) {
            return Err(Failure::new(
                Reason::NeedsReauthorization,
                format!(
                    "the connection of `{}` lacks the variable `{}`",
                    definition.namespace, variable.name
                ),
            ));
        }
        let mut last = self.bound.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, bound)) = last.iter().find(|(known, _)| known == variables) {
            return Ok(bound.clone());
        }
        let filled = variables::bind(definition, variables)?.into_owned();
        let compiled = compile(&filled)?;
        let release = Release { definition: filled, ..self.release.clone() };
        let bound = Arc::new(ReadyConnector { release, compiled, bound: Mutex::default() });
        if last.len() >= BOUND_AT_MOST {
            last.remove(0);
        }
        last.push((variables.clone(), bound.clone()));
        Ok(bound)
    }
}

/// Whether a definition can be released; what is wrong with it if not.
pub fn check_definition(definition: &ConnectorDefinition) -> Result<(), Failure> {
    compile(definition).map(drop)
}

/// Compiles all APIs of a definition; all errors in one message.
pub(crate) fn compile(definition: &ConnectorDefinition) -> Result<CompiledConnector, Failure> {
    CompiledConnector::compile(definition).map_err(|errors| {
        let all: Vec<String> = errors.iter().map(ToString::to_string).collect();
        Failure::new(
            Reason::InvalidDefinition,
            format!("connector `{}` cannot be used: {}", definition.namespace, all.join("; ")),
        )
        .help("the connector's author corrects the file: sluis connector check FILE shows every place")
    })
}
