//! Releases with their APIs compiled, kept so that a call parses nothing.

use crate::builder::Engine;
use sluis_invoke::CompiledConnector;
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
}

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
        let ready = Arc::new(ReadyConnector { release, compiled });
        self.compiled().put(&ready);
        Ok(ready)
    }
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
