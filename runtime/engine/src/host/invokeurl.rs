//! `invokeurl [ url: … type: GET connection: "ns" detailed: true ]`.

use super::{HostContext, arguments};
use crate::connectors::parse_namespace;
use serde_json::Value;
use sluis_auth::scheme_of;
use sluis_invoke::{ConnectionRules, UrlRequest, prepare_url};
use sluis_lang::value::data::{Data, kind};
use sluis_model::error::{Failure, Reason};

/// Sends the request. Answers the parsed JSON of the answer, else its text; with `detailed: true` a
/// map of `responseCode`, `responseText` and `responseHeader`. A remote 4xx or 5xx is an answer.
pub async fn call(context: &mut HostContext<'_>, args: &[Data]) -> Result<Data, Failure> {
    let task = args.first().cloned().unwrap_or_default();
    let request = read(&task)?;
    let org = context.run.org.clone();
    let answered = match text(&task, "connection")? {
        Some(name) => {
            let namespace = parse_namespace(&name)?;
            let connector = context.engine.ready_connector(&namespace).await?;
            let rules = ConnectionRules {
                namespace: namespace.as_str(),
                hosts: &connector.compiled.hosts,
                supplies_authorization: scheme_of(&connector.release.definition.auth).needs_consent(),
            };
            let prepared = prepare_url(&request, Some(rules))?;
            let slot = context.slot_for(&namespace);
            context.engine.send_prepared(&org, Some(&connector), &prepared, &slot).await
        }
        None => {
            let prepared = prepare_url(&request, None)?;
            context.engine.send_prepared(&org, None, &prepared, &context.slot.clone()).await
        }
    };
    let answer = match answered {
        Ok(answer) => answer,
        Err(failed) => {
            if let Some(record) = failed.record {
                context.record(record, &failed.wire);
            }
            return Err(failed.failure);
        }
    };
    context.record(answer.record.clone(), &answer.wire);
    let body = parsed(&answer.response);
    if !flag(&task, "detailed")? {
        return Ok(body);
    }
    let headers = answer.headers.into_iter().map(|(name, value)| (Data::Text(name), Data::Text(value)));
    Ok(Data::map([
        ("responseCode", Data::Int(answer.status_code.into())),
        ("responseText", body),
        ("responseHeader", Data::Map(headers.collect())),
    ]))
}

/// JSON objects and arrays as values, anything else as text: a lone `12` or `true` of a service
/// stays what it was sent as.
fn parsed(response: &str) -> Data {
    match Data::from_json(response) {
        Ok(data @ (Data::Map(_) | Data::List(_))) => data,
        _ => Data::Text(response.to_owned()),
    }
}

fn read(task: &Data) -> Result<UrlRequest, Failure> {
    if let Some(key) =
        ["files", "response-format", "response-decoding"].iter().find(|key| task.get(key).is_some())
    {
        return Err(Failure::new(
            Reason::InvalidInput,
            format!("invokeurl does not know `{key}` in this version"),
        )
        .help("leave the entry out; answers are read as JSON or text"));
    }
    let headers = match json(task, "headers")? {
        None | Some(Value::Null) => serde_json::Map::new(),
        Some(Value::Object(map)) => map,
        Some(_) => return Err(wrong("headers", "a map", task)),
    };
    Ok(UrlRequest {
        url: text(task, "url")?.unwrap_or_default(),
        method: text(task, "type")?,
        parameters: json(task, "parameters")?.filter(|value| !value.is_null()),
        body: json(task, "body")?.filter(|value| !value.is_null()),
        headers,
        content_type: text(task, "content-type")?,
    })
}

fn text(task: &Data, key: &str) -> Result<Option<String>, Failure> {
    match task.get(key) {
        None | Some(Data::Null) => Ok(None),
        Some(Data::Text(text)) => Ok(Some(text.clone())),
        Some(_) => Err(wrong(key, "text", task)),
    }
}

fn flag(task: &Data, key: &str) -> Result<bool, Failure> {
    match task.get(key) {
        None | Some(Data::Null) => Ok(false),
        Some(Data::Bool(flag)) => Ok(*flag),
        Some(_) => Err(wrong(key, "true or false", task)),
    }
}

fn json(task: &Data, key: &str) -> Result<Option<Value>, Failure> {
    task.get(key).map(arguments::json).transpose()
}

fn wrong(key: &str, wanted: &str, task: &Data) -> Failure {
    let given = task.get(key).map_or("nothing", |data| kind(data).name());
    Failure::new(Reason::InvalidInput, format!("`{key}` of invokeurl must be {wanted}, not {given}"))
}
