//! `invokeurl [ url: … type: GET connection: "ns" detailed: true ]`.

use super::connection::Named;
use super::{HostContext, arguments, files, send};
use crate::invoke::{Call, CallOptions, Invocation, InvocationFailed};
use serde_json::Value;
use sluis_invoke::{ConnectionRules, UrlRequest, decode_as, prepare_url};
use sluis_lang::value::data::{Data, kind};
use sluis_model::connector::AuthConfig;
use sluis_model::error::{Failure, Reason};

/// Sends the request. Answers the parsed JSON of the answer, else its text; with `detailed: true` a
/// map of `responseCode`, `responseText` and `responseHeader`. A remote 4xx or 5xx is an answer.
pub async fn call(context: &mut HostContext<'_>, task: &Data) -> Result<Data, Failure> {
    let request = read(task)?;
    Wish::of(task)?;
    let (options, site) = (&CallOptions::default(), Some(&context.next_site()));
    let answered = match text(task, "connection")? {
        Some(name) => {
            let named = Named::parse(&name)?;
            let connector = context.engine.ready_connector(&named.connector).await?;
            let rules = ConnectionRules {
                namespace: named.connector.as_str(),
                hosts: &connector.compiled.hosts,
                supplies_authorization: connector.release.definition.auth != AuthConfig::None {},
            };
            let prepared = prepare_url(&request, Some(rules))?;
            let place = context.place_of(&named).await?;
            let through = Some((&connector, &place));
            context.engine.perform(&Call { prepared: &prepared, through, api: None, options, site }).await
        }
        None => {
            let prepared = prepare_url(&request, None)?;
            context
                .engine
                .perform(&Call { prepared: &prepared, through: None, api: None, options, site })
                .await
        }
    };
    shown(context, task, answered)
}

/// Keeps what was sent in the record of the run, and gives the answer the form that the task wants.
pub(super) fn shown(
    context: &mut HostContext<'_>,
    task: &Data,
    answered: Result<Invocation, Box<InvocationFailed>>,
) -> Result<Data, Failure> {
    let wish = Wish::of(task)?;
    let detailed = flag(task, "detailed")?;
    let answer = send::recorded(context, answered)?;
    let body = body(&answer, &wish);
    if !detailed {
        return Ok(body);
    }
    let headers = answer.headers.into_iter().map(|(name, value)| (Data::Text(name), Data::Text(value)));
    Ok(Data::map([
        ("responseCode", Data::Int(answer.status_code.into())),
        ("responseText", body),
        ("responseHeader", Data::Map(headers.collect())),
    ]))
}

/// How the script wants the answer.
struct Wish {
    format: Format,
    /// `response-decoding`: the encoding of the answer's text.
    encoding: Option<String>,
}

/// `response-format`
#[derive(PartialEq)]
enum Format {
    /// By what it is: JSON as values, what is no text as a file, else text.
    Whatever,
    /// As text, whatever it is.
    Text,
    /// As a file, whatever it is.
    File,
}

impl Wish {
    fn of(task: &Data) -> Result<Self, Failure> {
        let format = text(task, "response-format")?.unwrap_or_default();
        let format = match format.trim().to_ascii_uppercase().as_str() {
            "" | "JSON" => Format::Whatever,
            "TEXT" | "XML" => Format::Text,
            "FILE" => Format::File,
            other => {
                return Err(Failure::new(
                    Reason::InvalidInput,
                    format!("`{}` is not a format of an answer", other.chars().take(20).collect::<String>()),
                )
                .help("write `response-format: TEXT`, JSON, XML or FILE, or leave it out"));
            }
        };
        let encoding = text(task, "response-decoding")?.filter(|label| !label.trim().is_empty());
        if let Some(label) = &encoding
            && decode_as(b"", label).is_none()
        {
            return Err(Failure::new(
                Reason::InvalidInput,
                format!("`{}` is not an encoding", label.chars().take(40).collect::<String>()),
            )
            .help("write `response-decoding: \"UTF-8\"`, \"ISO-8859-1\", \"Shift_JIS\" or the like"));
        }
        Ok(Self { format, encoding })
    }
}

fn body(answer: &Invocation, wish: &Wish) -> Data {
    let is_file = match wish.format {
        Format::File => true,
        Format::Text => false,
        Format::Whatever => wish.encoding.is_none() && files::is_binary(&answer.headers, &answer.body),
    };
    if is_file {
        return files::of_answer(&answer.headers, &answer.record.url, &answer.body);
    }
    let decoded = wish.encoding.as_deref().and_then(|label| decode_as(&answer.body, label));
    let text = decoded.unwrap_or_else(|| answer.response.clone());
    if wish.format == Format::Text { Data::Text(text) } else { parsed(text) }
}

/// JSON objects and arrays as values, anything else as text: a lone `12` or `true` of a service
/// stays what it was sent as.
fn parsed(response: String) -> Data {
    match Data::from_json(&response) {
        Ok(data @ (Data::Map(_) | Data::List(_))) => data,
        _ => Data::Text(response),
    }
}

/// What the script wrote.
pub(super) fn read(task: &Data) -> Result<UrlRequest, Failure> {
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
        files: match task.get("files") {
            Some(given) => files::parts(given, "`files` of invokeurl")?,
            None => Vec::new(),
        },
        headers,
        content_type: text(task, "content-type")?,
        follow_redirects: match task.get("follow-redirects") {
            None | Some(Data::Null) => None,
            Some(_) => Some(flag(task, "follow-redirects")?),
        },
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
