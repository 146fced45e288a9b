//! What a request asks for: the parameters of the API apart from those of the protocol.

use super::describe::{CONNECTION, ProxyParameter, USER};
use super::envelope::Refusal;
use crate::builder::Engine;
use crate::invoke::{Argument, Inputs, Through};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::Value;
use sluis_invoke::{FilePart, Files};
use sluis_model::connector::{ConnectorDefinition, InputType};
use sluis_model::error::Failure;
use sluis_model::id::{ApiId, Namespace, OrgId};
use sluis_model::suggest;

/// Every parameter of the protocol itself begins so.
const RESERVED: &str = "spiff__";
/// Where the outcome is told, if the call is accepted.
const CALLBACK_URL: &str = "spiff__callback_url";

/// A call that can be made.
#[derive(Debug)]
pub(super) struct Command {
    /// Which API.
    pub api: ApiId,
    /// Its arguments, files among them as they came.
    pub inputs: Inputs,
    /// Through which connection.
    pub through: Through,
    /// Where the outcome is told, if that is asked for.
    pub callback: Option<String>,
    /// The definition that it was checked against.
    pub definition: ConnectorDefinition,
}

impl Engine {
    /// Reads what is asked for. Whatever the protocol adds is taken out, known or not; what neither it
    /// nor the API knows is an error, as a wrong keyword argument is.
    pub(super) async fn read_command(
        &self,
        org: &OrgId,
        plugin: &str,
        command: &str,
        mut given: Inputs,
    ) -> Result<Command, Refusal> {
        let (api, definition) = self.api_of_command(org, plugin, command).await?;
        let callback = match given.remove(CALLBACK_URL) {
            Some(Value::String(url)) if !url.trim().is_empty() => Some(url),
            _ => None,
        };
        given.retain(|name, _| !name.starts_with(RESERVED));
        let parameters = self.parameters(&definition, api.api()).await.map_err(Refusal::Failed)?;
        check_names(&api, &parameters, &given)?;
        let through = through(&definition, given.remove(CONNECTION), given.remove(USER))?;
        Ok(Command { api, inputs: given, through, callback, definition })
    }

    /// The API that a command is, if the org has it.
    pub(super) async fn api_of_command(
        &self,
        org: &OrgId,
        plugin: &str,
        command: &str,
    ) -> Result<(ApiId, ConnectorDefinition), Refusal> {
        self.org(org).await.map_err(Refusal::Failed)?;
        let Ok(namespace) = plugin.parse::<Namespace>() else { return Err(Refusal::NotFound) };
        let definition = match self.connectable(org, &namespace).await {
            Ok(release) => release.definition,
            Err(failure) if failure.reason.status() == 404 => return Err(Refusal::NotFound),
            Err(failure) => return Err(Refusal::Failed(failure)),
        };
        match definition.apis.contains_key(command) {
            true => match ApiId::of(&namespace, command) {
                Ok(api) => Ok((api, definition)),
                Err(_) => Err(Refusal::NotFound),
            },
            false => Err(Refusal::NotFound),
        }
    }
}

fn check_names(api: &ApiId, parameters: &[ProxyParameter], given: &Inputs) -> Result<(), Refusal> {
    let known: Vec<String> = parameters.iter().map(|parameter| parameter.id.clone()).collect();
    if let Some(strange) = given.keys().find(|name| !known.contains(name)) {
        let shown: String = strange.chars().take(100).collect();
        return Err(Refusal::Arguments(format!(
            "{api} got an unexpected keyword argument '{shown}'; {}",
            suggest::help(&shown, &known, "parameters")
        )));
    }
    let lacking = |parameter: &&ProxyParameter| {
        parameter.required && given.get(&parameter.id).is_none_or(Value::is_null)
    };
    let missing: Vec<String> =
        parameters.iter().filter(lacking).map(|parameter| format!("'{}'", parameter.id)).collect();
    match missing.is_empty() {
        true => Ok(()),
        false => {
            Err(Refusal::Arguments(format!("{api} misses the required parameters {}", missing.join(", "))))
        }
    }
}

/// The connection that is named, or that a reference stands for.
fn through(
    definition: &ConnectorDefinition,
    connection: Option<Value>,
    user: Option<Value>,
) -> Result<Through, Refusal> {
    let text = |value: Option<Value>, name: &str| match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        // A secret that holds the whole of what a backend was given.
        Some(Value::Object(map)) => match map.get("reference") {
            Some(Value::String(text)) => Ok(Some(text.clone())),
            _ => Err(Refusal::Arguments(format!("'{name}' holds no reference"))),
        },
        Some(_) => Err(Refusal::Arguments(format!("'{name}' must be text"))),
    };
    let mut through = Through::default();
    let unfit = |error: sluis_model::id::IdError| Refusal::Arguments(error.to_string());
    if let Some(user) = text(user, USER)? {
        through.user = Some(user.parse().map_err(unfit)?);
    }
    if let Some(connection) = text(connection, CONNECTION)? {
        match super::authorize::reference_in(&connection) {
            Some(reference) => {
                let key = reference.key(definition);
                through = Through { name: key.0, user: key.1.or(through.user) };
            }
            None => through.name = connection.parse().map_err(unfit)?,
        }
    }
    Ok(through)
}

/// The arguments with those that are files apart. A file is text, or a map of `name`, `media_type` and
/// `base64`, of which the first two may be left out.
pub(super) fn with_files(
    definition: &ConnectorDefinition,
    api: &ApiId,
    mut inputs: Inputs,
) -> Result<Argument, Failure> {
    let mut files = Files::new();
    let declared = definition.apis.get(api.api()).map(|api| api.inputs.clone()).unwrap_or_default();
    for (name, _) in declared.iter().filter(|(_, input)| input.kind == InputType::File) {
        match inputs.remove(name) {
            None | Some(Value::Null) => {}
            Some(given) => {
                files.insert(name.to_owned(), vec![file(name, given)?]);
            }
        }
    }
    Ok(Argument::of(&inputs, files))
}

fn file(input: &str, given: Value) -> Result<FilePart, Failure> {
    let unfit = || {
        Failure::new(sluis_model::error::Reason::InvalidInput, format!("`{input}` is no file")).help(
            "give its text, or {\"name\": \"a.pdf\", \"media_type\": \"application/pdf\", \"base64\": \"…\"}",
        )
    };
    match given {
        Value::String(text) => Ok(FilePart {
            name: input.to_owned(),
            media_type: Some("text/plain;charset=utf-8".to_owned()),
            content: Bytes::from(text),
        }),
        Value::Object(map) => {
            let text = |key: &str| map.get(key).and_then(Value::as_str);
            let content = text("base64").and_then(|text| STANDARD.decode(text).ok()).ok_or_else(unfit)?;
            Ok(FilePart {
                name: text("name").unwrap_or(input).to_owned(),
                media_type: text("media_type").map(str::to_owned),
                content: Bytes::from(content),
            })
        }
        _ => Err(unfit()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_file_is_text_or_a_map_with_base64() {
        assert_eq!(file("f", json!("hello")).unwrap().content, "hello");
        let given = json!({ "name": "a.bin", "media_type": "x/y", "base64": "AAE=" });
        let part = file("f", given).unwrap();
        assert_eq!((part.name.as_str(), part.media_type.as_deref()), ("a.bin", Some("x/y")));
        assert_eq!(part.content.as_ref(), [0, 1]);
        for wrong in [json!({}), json!({ "base64": "?" }), json!(1), json!(["a"])] {
            assert!(file("f", wrong.clone()).is_err(), "{wrong}");
        }
    }
}
