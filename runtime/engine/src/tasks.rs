//! Which released connector offers which integration task.

use crate::builder::Engine;
use crate::{errors, keys};
use sluis_lang::catalog::task_key;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{ApiId, Namespace};
use sluis_store::{Table, list_json, system_org};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The tasks of the releases that were there when it was made.
#[derive(Debug, Default)]
struct Index {
    /// Each namespace with the number of its newest release.
    of: Vec<(Namespace, u32)>,
    /// APIs by the key of their task, with the task's name as declared.
    apis: HashMap<String, (ApiId, String)>,
}

/// The index that was used last. Releases are immutable, so it is right as long as their newest
/// numbers are the same.
#[derive(Debug, Default)]
pub(crate) struct TaskIndex(Mutex<Arc<Index>>);

impl Engine {
    /// The API that answers an integration task.
    pub(crate) async fn task_api(&self, name: &str) -> Result<ApiId, Failure> {
        let index = self.task_index().await?;
        match index.apis.get(&task_key(name)) {
            Some((api, _)) => Ok(api.clone()),
            None => Err(no_connector(name, &index)),
        }
    }

    async fn task_index(&self) -> Result<Arc<Index>, Failure> {
        let of = self.newest_numbers().await?;
        let kept = {
            let kept = self.tasks().0.lock().unwrap_or_else(PoisonError::into_inner);
            kept.clone()
        };
        if kept.of == of {
            return Ok(kept);
        }
        let mut apis = HashMap::new();
        for (namespace, number) in &of {
            let release = self.release_of(namespace, *number).await?;
            for (key, api) in &release.definition.apis {
                let (Some(task), Ok(id)) = (&api.task, ApiId::of(namespace, key)) else { continue };
                // Two connectors may declare the same task; the first by namespace answers, always.
                apis.entry(task_key(&task.name)).or_insert((id, task.name.clone()));
            }
        }
        let index = Arc::new(Index { of, apis });
        *self.tasks().0.lock().unwrap_or_else(PoisonError::into_inner) = index.clone();
        Ok(index)
    }

    async fn newest_numbers(&self) -> Result<Vec<(Namespace, u32)>, Failure> {
        let store = self.store().await?;
        let rows = list_json::<u32>(store, Table::Releases, &system_org(), keys::LATEST_PREFIX, None, 10_000)
            .await
            .map_err(errors::store)?;
        let named = rows.into_iter().filter_map(|(id, _, number)| {
            Some((id.strip_prefix(keys::LATEST_PREFIX)?.parse().ok()?, number))
        });
        Ok(named.collect())
    }
}

fn no_connector(name: &str, index: &Index) -> Failure {
    let key = task_key(name);
    let service = key.rsplit_once('.').map_or("", |(service, _)| service);
    // A call of another service is no slip of the pen.
    let of_service = |other: &&str| other.rsplit_once('.').is_some_and(|(prefix, _)| prefix == service);
    let near = sluis_model::suggest::nearest(&key, index.apis.keys().map(String::as_str).filter(of_service));
    let help = match near.and_then(|near| index.apis.get(near)) {
        Some((_, near)) => format!("did you mean `{near}`?"),
        None if service == "zoho.crm" => {
            "an operator releases the connector that comes with Sluis, or adds the task to it: \
             sluis connector release examples/connectors/zoho-crm/connector.yaml"
                .to_owned()
        }
        None => {
            format!("an operator releases a connector whose file declares it: `task: {{ name: {name} }}`")
        }
    };
    Failure::new(Reason::ConnectorNotFound, format!("no released connector offers the task `{name}`"))
        .help(help)
}
