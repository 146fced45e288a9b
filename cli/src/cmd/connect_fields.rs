//! The part of `sluis authorize NS` for connectors that are connected by entering values: asks for
//! variables and fields, secrets without echo, documents by the path of a file; or reads all of them
//! as JSON from standard input. No value is ever an argument, where other users could read it in the
//! list of processes.

use crate::outcome::{Exit, Outcome, Problem};
use crate::terminal;
use sluis_auth::{Field, FieldKind};
use sluis_engine::{ConnectForm, Engine, NewConnection};
use sluis_model::connection::Variables;
use sluis_model::connection_settings::Variable;
use sluis_model::secret::SecretText;
use std::collections::BTreeMap;
use std::io::{BufRead as _, IsTerminal as _, Read as _};

/// Asks, connects, and says what came of it.
pub async fn connect(
    engine: &Engine,
    mut wanted: NewConnection,
    form: &ConnectForm,
    from_stdin: bool,
) -> Outcome {
    let entered = match from_stdin {
        true => all_from_stdin()?,
        false => ask(form, &mut wanted.variables)?,
    };
    let connection = engine.connect(&wanted, entered).await?;
    let account = connection.account.map(|account| format!(" as {account}")).unwrap_or_default();
    terminal::success(format!("{} is connected for org {}{account}", wanted.key, wanted.key.org));
    Ok(Exit::Done)
}

fn unreadable(error: std::io::Error) -> Problem {
    Problem::environment(format!("what was entered cannot be read: {error}"))
}

/// A JSON object of texts by field.
fn all_from_stdin() -> Result<BTreeMap<String, SecretText>, Problem> {
    let mut text = String::new();
    std::io::stdin().lock().read_to_string(&mut text).map_err(unreadable)?;
    let text = SecretText::new(text);
    let read: Result<BTreeMap<String, String>, _> = serde_json::from_str(text.expose());
    let fields = read.map_err(|_| {
        Problem::refused("standard input holds no JSON object of texts")
            .help("for example: {\"user\": \"ada\", \"password\": \"…\"}")
    })?;
    Ok(fields.into_iter().map(|(name, value)| (name, value.into())).collect())
}

fn ask(form: &ConnectForm, variables: &mut Variables) -> Result<BTreeMap<String, SecretText>, Problem> {
    for variable in &form.variables {
        if variables.contains_key(&variable.name) || form.values.contains_key(&variable.name) {
            continue;
        }
        let value = line(&asked(variable))?;
        if !value.is_empty() {
            variables.insert(variable.name.clone(), value);
        }
    }
    ask_fields(&form.fields)
}

/// Asks for the fields of a credential alone.
pub fn ask_fields(fields: &[Field]) -> Result<BTreeMap<String, SecretText>, Problem> {
    fields.iter().map(|field| Ok((field.name.clone(), value_of(field)?))).collect()
}

/// The question for a variable, with what people see around its value.
fn asked(variable: &Variable) -> String {
    let shape = format!("{}…{}", variable.prefix, variable.suffix);
    let shape = if shape == "…" { String::new() } else { format!(" ({shape})") };
    let example = variable.example.as_ref().map(|e| format!(", for example {e}")).unwrap_or_default();
    let default = variable.default.as_ref().map(|d| format!(" [{d}]")).unwrap_or_default();
    format!("{}{shape}{example}{default}: ", variable.label())
}

fn value_of(field: &Field) -> Result<SecretText, Problem> {
    if let Some(help) = &field.help {
        terminal::note(help);
    }
    let optional = if field.required { "" } else { " (may be left out)" };
    match field.kind {
        FieldKind::Text => Ok(line(&format!("{}{optional}: ", field.label))?.into()),
        FieldKind::Secret if std::io::stdin().is_terminal() => {
            let question = format!("{}{optional} (not shown): ", field.label);
            rpassword::prompt_password(question).map(SecretText::new).map_err(unreadable)
        }
        FieldKind::Secret => Ok(line(&format!("{}{optional}: ", field.label))?.into()),
        FieldKind::Document => {
            let path = line(&format!("{}{optional}, path of the file: ", field.label))?;
            if path.is_empty() {
                return Ok(SecretText::default());
            }
            let text = std::fs::read_to_string(&path);
            text.map(SecretText::new)
                .map_err(|error| Problem::refused(format!("{path} cannot be read: {error}")))
        }
    }
}

fn line(question: &str) -> Result<String, Problem> {
    if std::io::stdin().is_terminal() {
        terminal::err(question);
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(unreadable)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
