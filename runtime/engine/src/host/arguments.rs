//! Reading the arguments of host calls.

use super::files;
use serde_json::Value;
use sluis_invoke::Files;
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

/// What is sent with a call: values as JSON, and files beside them.
#[derive(Debug, Default)]
pub struct Sent {
    /// Values by the name of their input.
    pub values: serde_json::Map<String, Value>,
    /// Files by the name of their input.
    pub files: Files,
}

impl Sent {
    /// Adds the value of an input. `CRMAPIFILES` is a map of files, each an input of its own.
    pub fn put(&mut self, name: &str, value: &Data) -> Result<(), Failure> {
        match value {
            Data::File(file) => {
                self.files.insert(name.to_owned(), files::part(file));
                return Ok(());
            }
            Data::Map(_) if name == "CRMAPIFILES" => {
                self.files.extend(files::parts(value, "CRMAPIFILES")?);
                return Ok(());
            }
            _ => {}
        }
        self.values.insert(name.to_owned(), json(value)?);
        Ok(())
    }
}

/// The data argument of `invokeConnector`: a map, the JSON text of one, or nothing.
pub fn inputs(args: &[Data], at: usize) -> Result<Sent, Failure> {
    let mut sent = Sent::default();
    match args.get(at) {
        None | Some(Data::Null) => {}
        Some(Data::Text(text)) => {
            sent.values = serde_json::from_str(text).map_err(|_| not_a_map("another text"))?;
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
