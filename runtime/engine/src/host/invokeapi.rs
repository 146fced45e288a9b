//! `invokeapi [ service: crm path: "v8/Leads" type: GET ]`: a request to the service of a released
//! connector, with that connector's authorization.

use super::{HostContext, invokeurl};
use crate::compiled::ReadyConnector;
use crate::connectors::parse_namespace;
use sluis_lang::value::data::Data;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::Namespace;
use std::sync::Arc;

/// Puts the address together and sends the rest as `invokeurl` does.
pub async fn call(context: &mut HostContext<'_>, args: &[Data]) -> Result<Data, Failure> {
    let task = args.first().cloned().unwrap_or_default();
    let text =
        |key: &str| task.get(key).and_then(Data::as_str).map(str::trim).filter(|text| !text.is_empty());
    let service = text("service").ok_or_else(|| missing("service", "zohocrm"))?;
    let path = text("path").ok_or_else(|| missing("path", "\"v8/Leads\""))?;
    let connector = connector_of(context, service).await?;
    let definition = &connector.release.definition;
    let base = match &definition.service.base_url {
        Some(base) => base.clone(),
        // A definition has at least one host.
        None => format!("https://{}", definition.hosts.first().map_or("", String::as_str)),
    };
    let url = format!("{}/{}", base.trim_end_matches('/'), path.trim_start_matches('/'));
    let namespace = definition.namespace.as_str().to_owned();
    let own = ["service", "path", "url"];
    let mut entries: Vec<(Data, Data)> = task
        .entries()
        .iter()
        .filter(|(key, _)| !key.as_str().is_some_and(|key| own.contains(&key)))
        .cloned()
        .collect();
    entries.push(("url".into(), url.into()));
    if task.get("connection").is_none_or(Data::is_null) {
        entries.push(("connection".into(), namespace.into()));
    }
    invokeurl::call(context, &Data::Map(entries)).await
}

/// The connector whose namespace is the service's name, without case; `crm` finds `zohocrm` too.
async fn connector_of(context: &HostContext<'_>, service: &str) -> Result<Arc<ReadyConnector>, Failure> {
    let known = context.engine.namespaces().await?;
    let find = |wanted: &str| known.iter().find(|known| known.as_str().eq_ignore_ascii_case(wanted));
    let found: Option<&Namespace> = find(service).or_else(|| find(&format!("zoho{service}")));
    match found {
        Some(namespace) => context.engine.ready_connector(namespace).await,
        None => {
            parse_namespace(service)?;
            Err(Failure::new(
                Reason::ConnectorNotFound,
                format!("invokeapi finds no released connector for the service `{service}`"),
            )
            .help(format!(
                "an operator releases a connector with the namespace `{service}`; its `service.base_url` is where \
                 the paths stand"
            )))
        }
    }
}

fn missing(key: &str, example: &str) -> Failure {
    Failure::new(Reason::InvalidInput, format!("`{key}` of invokeapi has no value"))
        .help(format!("for example: {key}: {example}"))
}
