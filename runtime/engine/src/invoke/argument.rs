//! The data argument of a call, in each shape that scripts and programs give it: a flat map of values, or
//! `{VARIABLES, HEADERS, CONTENT_TYPE, PARTS, FILE}`, with `CRMAPIFILES` beside either. This is the one place
//! that reads it.
//!
//! What is in capitals is read as such unless the API has an input of that name.

use super::Inputs;
use crate::host::arguments::{data as data_of, json};
use crate::host::files;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::Value;
use sluis_invoke::{CallData, CompiledApi, FilePart, Files, GivenContent, GivenPart, GivenParts};
use sluis_lang::value::data::{Data, kind};
use sluis_model::error::{Failure, Reason};

/// Names that stand for more than the value of an input.
const STRUCTURE: &[&str] = &["VARIABLES", "HEADERS", "CONTENT_TYPE", "PARTS", "FILE"];
/// A map of files, each an input of its own.
const FILES: &str = "CRMAPIFILES";
/// What stands in a part for the file beside the parts.
const FILE_MARK: &str = "__FILE__";

/// The data argument as it was given.
#[derive(Debug, Clone, Default)]
pub(crate) struct Argument {
    values: Inputs,
    files: Files,
    /// What is read when it is known which inputs the API has.
    structure: Vec<(String, Data)>,
}

impl From<&Inputs> for Argument {
    fn from(values: &Inputs) -> Self {
        let mut argument = Self::default();
        for (name, value) in values {
            let read = (STRUCTURE.contains(&name.as_str()) || name == FILES)
                .then(|| Data::from_json(&value.to_string()).ok())
                .flatten();
            // What cannot be read as a value of a script is a value all the same.
            if read.is_none_or(|data| argument.put(name, &data).is_err()) {
                argument.values.insert(name.clone(), value.clone());
            }
        }
        argument
    }
}

impl Argument {
    /// Values as JSON, and files beside them.
    pub(crate) fn of(values: &Inputs, files: Files) -> Self {
        Self { files, ..Self::from(values) }
    }

    /// Adds an entry.
    pub(crate) fn put(&mut self, name: &str, value: &Data) -> Result<(), Failure> {
        if STRUCTURE.contains(&name) {
            self.structure.push((name.to_owned(), value.clone()));
            return Ok(());
        }
        put(&mut self.values, &mut self.files, name, value)
    }

    /// The values that were given flat.
    #[cfg(test)]
    pub(crate) fn values(&self) -> &Inputs {
        &self.values
    }

    /// Whether the answer's body is wanted as a file.
    pub(crate) fn wants_file(&self) -> bool {
        self.structure.iter().filter(|(name, _)| name == "HEADERS").any(|(_, headers)| {
            headers.entries().iter().any(|(name, value)| {
                is_response_type(name.as_str().unwrap_or_default())
                    && value.as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("stream"))
            })
        })
    }

    /// What it says to an API.
    pub(crate) fn call_data(&self, api: &CompiledApi) -> Result<CallData, Failure> {
        let mut data =
            CallData { values: self.values.clone(), files: self.files.clone(), ..CallData::default() };
        if self.structure.is_empty() {
            take_encoded_files(&mut data, api);
            return Ok(data);
        }
        let is_input = |wanted: &str| api.inputs().any(|(name, _)| name == wanted);
        let (plain, structure): (Vec<_>, Vec<_>) =
            self.structure.iter().partition(|(name, _)| is_input(name));
        for (name, value) in plain {
            put(&mut data.values, &mut data.files, name, value)?;
        }
        let of = |wanted: &str| structure.iter().find(|(name, _)| name == wanted).map(|(_, value)| value);
        for (name, value) in map_of("VARIABLES", of("VARIABLES"))? {
            put(&mut data.values, &mut data.files, &name, value)?;
        }
        for (name, value) in map_of("HEADERS", of("HEADERS"))? {
            if !is_response_type(&name) {
                data.headers.insert(name, json(value)?);
            }
        }
        let kind = match of("CONTENT_TYPE").and_then(Data::as_str).map(str::trim) {
            None | Some("" | "multipart") => None,
            Some(kind) if kind.starts_with("multipart/") => Some(kind.to_owned()),
            Some(kind) => {
                data.headers.insert("Content-Type".to_owned(), Value::from(kind));
                None
            }
        };
        let file = of("FILE").filter(|file| !file.is_null()).map(file_of).transpose()?;
        if let Some(parts) = of("PARTS").filter(|parts| !parts.is_null()) {
            data.parts = Some(GivenParts { media_type: kind, parts: parts_of(parts, file.as_ref())? });
        } else if let Some((name, file)) = file {
            match api.inputs().any(|(known, _)| known == name) {
                true => drop(data.files.insert(name, vec![file])),
                // The API leaves the body to the call.
                false => {
                    let content = GivenContent::File(file, Some(name));
                    let parts = vec![GivenPart { headers: Vec::new(), content }];
                    data.parts = Some(GivenParts { media_type: kind, parts });
                }
            }
        }
        take_encoded_files(&mut data, api);
        Ok(data)
    }
}

/// Takes files that came as JSON for files, where the API does.
fn take_encoded_files(data: &mut CallData, api: &CompiledApi) {
    let encoded = |(name, value): (&String, &Value)| {
        let map = value.as_object().filter(|map| map.contains_key("base64") && api.takes_file(name));
        map.and_then(|_| encoded_file(&data_of(value))).map(|file| (name.clone(), file))
    };
    let found: Vec<(String, FilePart)> = data.values.iter().filter_map(encoded).collect();
    for (name, file) in found {
        data.values.shift_remove(&name);
        data.files.insert(name, vec![file]);
    }
}

fn is_response_type(name: &str) -> bool {
    name.eq_ignore_ascii_case("RESPONSE_TYPE")
}

/// Adds the value of an input, or its files.
fn put(values: &mut Inputs, all: &mut Files, name: &str, value: &Data) -> Result<(), Failure> {
    match value {
        Data::File(file) => drop(all.insert(name.to_owned(), vec![files::part(file)])),
        Data::List(items) if !items.is_empty() && items.iter().all(|item| item.as_file().is_some()) => {
            let parts = items.iter().filter_map(Data::as_file).map(files::part);
            all.insert(name.to_owned(), parts.collect());
        }
        Data::Map(_) | Data::List(_) if name == FILES => {
            for (name, file) in files::parts(value, FILES)? {
                all.entry(name).or_default().push(file);
            }
        }
        value => drop(values.insert(name.to_owned(), json(value)?)),
    }
    Ok(())
}

/// A file as JSON carries it: `{"name": "a.pdf", "media_type": "application/pdf", "base64": "…"}`.
fn encoded_file(value: &Data) -> Option<FilePart> {
    let text = |key: &str| value.get(key).and_then(Data::as_str);
    let known = ["name", "media_type", "base64"];
    if value.entries().iter().any(|(key, _)| !key.as_str().is_some_and(|key| known.contains(&key))) {
        return None;
    }
    let content = BASE64_STANDARD.decode(text("base64")?).ok()?;
    Some(FilePart {
        name: text("name")?.to_owned(),
        media_type: text("media_type").map(str::to_owned),
        content: content.into(),
    })
}

fn refuse(name: &str, why: impl std::fmt::Display, help: &str) -> Failure {
    Failure::new(Reason::InvalidInput, format!("`{name}` of the data {why}")).help(help)
}

/// The entries of a map that may be left out.
fn map_of<'d>(name: &str, value: Option<&'d Data>) -> Result<Vec<(String, &'d Data)>, Failure> {
    match value {
        None | Some(Data::Null) => Ok(Vec::new()),
        Some(Data::Map(entries)) => {
            let key = |key: &Data| key.as_str().map_or_else(|| key.to_json(), str::to_owned);
            Ok(entries.iter().map(|(name, value)| (key(name), value)).collect())
        }
        Some(other) => {
            let help = format!("for example: {{\"{name}\": {{\"First_Name\": \"Ada\"}}}}");
            Err(refuse(name, format!("must be a map, not {}", kind(other).name()), &help))
        }
    }
}

/// The file of `FILE` and the name of its part.
fn file_of(given: &Data) -> Result<(String, FilePart), Failure> {
    let help = "for example: {\"FILE\": {\"fileParam\": \"content\", \"file\": file}}";
    let (value, own) = match given {
        Data::File(_) => (given, None),
        _ => match given.get("file") {
            Some(value) => (value, given.get("fileParam").and_then(Data::as_str)),
            None => return Err(refuse("FILE", "holds no `file`", help)),
        },
    };
    let (part, param) = match value {
        Data::File(file) => (files::part(file), file.param_name.clone()),
        other => match encoded_file(other) {
            Some(part) => (part, None),
            None => {
                let what = kind(other).name();
                return Err(refuse("FILE", format!("holds {what} where a file belongs"), help));
            }
        },
    };
    Ok((own.map(str::to_owned).or(param).unwrap_or_else(|| "file".to_owned()), part))
}

fn parts_of(given: &Data, file: Option<&(String, FilePart)>) -> Result<Vec<GivenPart>, Failure> {
    let help = "for example: {\"PARTS\": [{\"headers\": {\"Content-Type\": \"application/json\"}, \"content\": {}}, \
                {\"content\": \"__FILE__\"}], \"FILE\": {\"fileParam\": \"content\", \"file\": file}}";
    let Some(items) = given.as_list() else {
        return Err(refuse("PARTS", format!("must be a list of parts, not {}", kind(given).name()), help));
    };
    items
        .iter()
        .map(|item| {
            let headers = map_of("headers", item.get("headers"))?;
            let headers = headers
                .into_iter()
                .map(|(name, value)| (name, value.as_str().map_or_else(|| value.to_json(), str::to_owned)));
            let content = match item.get("content") {
                Some(Data::Text(text)) if text == FILE_MARK => match file {
                    Some((name, file)) => GivenContent::File(file.clone(), Some(name.clone())),
                    None => return Err(refuse("PARTS", "names `__FILE__`, but there is no `FILE`", help)),
                },
                Some(Data::Text(text)) => GivenContent::Text(text.clone()),
                Some(Data::File(own)) => GivenContent::File(files::part(own), own.param_name.clone()),
                Some(Data::Null) | None => return Err(refuse("PARTS", "has a part without `content`", help)),
                Some(other) => GivenContent::Json(json(other)?),
            };
            Ok(GivenPart { headers: headers.collect(), content })
        })
        .collect()
}
