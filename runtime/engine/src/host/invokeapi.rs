//! `invokeapi [ service: crm path: "v8/Leads" type: GET ]`: a request to the service of a released
//! connector, with that connector's authorization. `wait: false` has it sent and goes on.

use super::connection::Named;
use super::{HostContext, invokeurl};
use crate::activity::Activity;
use crate::compiled::ReadyConnector;
use crate::connectors::parse_namespace;
use sluis_lang::value::data::Data;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::Namespace;
use std::sync::Arc;

/// Sends it below the base URL of the service and answers as `invokeurl` does; with `wait: false` the id under
/// which it is kept until it is sent.
pub async fn call(context: &mut HostContext<'_>, args: &[Data]) -> Result<Data, Failure> {
    let task = args.first().cloned().unwrap_or_default();
    let text =
        |key: &str| task.get(key).and_then(Data::as_str).map(str::trim).filter(|text| !text.is_empty());
    let service = text("service").ok_or_else(|| missing("service", "zohocrm"))?;
    let path = text("path").ok_or_else(|| missing("path", "\"v8/Leads\""))?;
    let connector = connector_of(context, service).await?;
    let namespace = &connector.release.definition.namespace;
    let app = text("connection").unwrap_or(namespace.as_str());
    let named = Named::parse(app)?;
    if named.connector != *namespace {
        return Err(Failure::new(
            Reason::InvalidInput,
            format!("the connection `{app}` is none of the service `{namespace}`"),
        )
        .help(format!("name one of its own, `{namespace}/NAME`, or leave `connection` out")));
    }
    let request = invokeurl::read(&task)?;
    let activity = Activity {
        app: app.to_owned(),
        method: request.method,
        path: path.to_owned(),
        parameters: request.parameters,
        headers: request.headers,
        body: request.body,
        content_type: request.content_type,
        timeout_s: seconds(&task)?,
        follow_redirects: request.follow_redirects,
        user: context.run.user.clone(),
    };
    match task.get("wait") {
        None | Some(Data::Null | Data::Bool(true)) => {
            let place = context.place_of(&named).await?;
            let answered = context.engine.activity_at(&place, &activity, &request.files).await;
            invokeurl::shown(context, &task, answered)
        }
        Some(Data::Bool(false)) if request.files.is_empty() => {
            let org = context.run.org.clone();
            let id = context.engine.accept_activity(&org, activity).await?;
            Ok(Data::Text(id.to_string()))
        }
        Some(Data::Bool(false)) => Err(Failure::new(
            Reason::InvalidInput,
            "a request with `files` is waited for; `wait: false` does not go with it",
        )
        .help("leave `wait` out")),
        Some(_) => Err(wrong("wait", "true or false")),
    }
}

/// `timeout`: seconds.
fn seconds(task: &Data) -> Result<Option<f64>, Failure> {
    match task.get("timeout") {
        None | Some(Data::Null) => Ok(None),
        Some(given) => match super::arguments::json(given)?.as_f64() {
            Some(seconds) => Ok(Some(seconds)),
            None => Err(wrong("timeout", "a number of seconds")),
        },
    }
}

fn wrong(key: &str, wanted: &str) -> Failure {
    Failure::new(Reason::InvalidInput, format!("`{key}` of invokeapi must be {wanted}"))
        .help("for example: invokeapi [ service: zohocrm path: \"v8/Leads\" timeout: 10 wait: false ]")
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
