//! Reading the arguments of host calls.

use crate::invoke::{Argument, Inputs};
use serde_json::Value;
use sluis_lang::value::data::{Data, kind};
use sluis_model::error::{Failure, Reason};

/// A text argument that must be there.
pub fn text<'a>(
    args: &'a [Data],
    at: usize,
    call: &str,
    what: &str,
    example: &str,
) -> Result<&'a str, Failure> {
    match args.get(at) {
        Some(Data::Text(text)) => Ok(text),
        other => Err(Failure::new(
            Reason::InvalidInput,
            format!("{call} needs {what} as text, not {}", other.map_or("nothing", |data| kind(data).name())),
        )
        .help(format!("for example: {example}"))),
    }
}

/// The data argument of `invokeConnector`: a map, the JSON text of one, or nothing.
pub fn inputs(args: &[Data], at: usize) -> Result<Argument, Failure> {
    let mut sent = Argument::default();
    match args.get(at) {
        None | Some(Data::Null) => {}
        Some(Data::Text(text)) => {
            let values: Inputs = serde_json::from_str(text).map_err(|_| not_a_map("another text"))?;
            sent = Argument::from(&values);
        }
        Some(Data::Map(entries)) => {
            for (key, value) in entries {
                match key {
                    Data::Text(name) => sent.put(name, value)?,
                    other => sent.put(&other.to_json(), value)?,
                }
            }
        }
        Some(other) => return Err(not_a_map(kind(other).name())),
    }
    Ok(sent)
}

/// A value of an answer as a value of a script, every digit kept. Its depth is bounded by the reader that
/// made it.
pub fn owned(value: Value) -> Data {
    match value {
        Value::Null => Data::Null,
        Value::Bool(flag) => Data::Bool(flag),
        Value::Number(number) => Data::from_json(&number.to_string()).unwrap_or_default(),
        Value::String(text) => Data::Text(text),
        Value::Array(items) => Data::List(items.into_iter().map(owned).collect()),
        Value::Object(map) => {
            Data::Map(map.into_iter().map(|(key, value)| (Data::Text(key), owned(value))).collect())
        }
    }
}

/// JSON of a definition as a value of a script.
pub fn data(value: &Value) -> Data {
    // It was JSON already, so that it is read without loss.
    Data::from_json(&value.to_string()).unwrap_or_default()
}

/// A value of a script as JSON, every digit kept.
pub fn json(data: &Data) -> Result<Value, Failure> {
    serde_json::from_str(&data.to_json())
        .map_err(|_| Failure::new(Reason::InvalidInput, "the value is nested too deeply to be sent"))
}

fn not_a_map(kind: &str) -> Failure {
    Failure::new(Reason::InvalidInput, format!("the data of invokeConnector must be a map, not {kind}"))
        .help("for example: data = Map(); data.put(\"First_Name\", \"Alfred\");")
}
