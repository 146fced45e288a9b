//! Starting a run: which function, with which arguments.

use super::program::{Parameter, Program};
use crate::suggest::closest;
use crate::value::data::{self, Data};
use crate::value::number::{self, Number};
use crate::value::{Value, date};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

/// Where a run starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// The top-level statements.
    Body,
    /// A declared function by position.
    Function(usize),
    /// A declared function by name, also by its last segment.
    Named(String),
}

/// Why a run cannot start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// No such function.
    #[error("the script has no function `{name}`{}", .nearest.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    NoFunction {
        /// The name asked for.
        name: String,
        /// One that looks like it.
        nearest: Option<String>,
    },
    /// A parameter without an argument.
    #[error("`{function}` needs a value for `{parameter}`")]
    Missing {
        /// The function.
        function: String,
        /// Its parameter.
        parameter: String,
    },
    /// An argument without a parameter.
    #[error("`{function}` has no parameter `{argument}`{}", .nearest.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    Unknown {
        /// The function.
        function: String,
        /// The argument.
        argument: String,
        /// A parameter that looks like it.
        nearest: Option<String>,
    },
    /// An argument that is not of the declared type.
    #[error("`{parameter}` of `{function}` is declared `{ty}`; {given} cannot be one")]
    WrongType {
        /// The function.
        function: String,
        /// Its parameter.
        parameter: String,
        /// The declared type as written.
        ty: String,
        /// What was given.
        given: String,
    },
    /// Arguments that are too large or nested too deeply.
    #[error("the arguments cannot be used: {0}")]
    Unusable(String),
}

/// Finds the function of an entry.
pub(super) fn resolve(program: &Program, entry: &Entry) -> Result<usize, EntryError> {
    let declared = program.declared();
    match entry {
        Entry::Body => Ok(declared.len()),
        Entry::Function(at) if *at < declared.len() => Ok(*at),
        Entry::Function(at) => Err(EntryError::NoFunction { name: format!("#{at}"), nearest: None }),
        Entry::Named(name) => program.find(name).ok_or_else(|| EntryError::NoFunction {
            name: name.clone(),
            nearest: closest(name, declared.iter().map(|f| f.name.as_str())).map(str::to_owned),
        }),
    }
}

/// Orders named arguments by parameter and converts them to the declared types.
pub(super) fn arrange(
    program: &Program,
    function: usize,
    mut args: Vec<(String, Data)>,
    zone: &TimeZone,
) -> Result<Vec<Data>, EntryError> {
    let function = &program.functions()[function];
    let mut arranged = Vec::with_capacity(function.parameters.len());
    for parameter in &function.parameters {
        let at = args
            .iter()
            .position(|(name, _)| *name == parameter.name)
            .or_else(|| args.iter().position(|(name, _)| name.eq_ignore_ascii_case(&parameter.name)));
        let Some(at) = at else {
            return Err(EntryError::Missing {
                function: function.name.clone(),
                parameter: parameter.name.clone(),
            });
        };
        let (_, given) = args.swap_remove(at);
        arranged.push(convert(&function.name, parameter, given, zone)?);
    }
    match args.into_iter().next() {
        None => Ok(arranged),
        Some((argument, _)) => Err(EntryError::Unknown {
            function: function.name.clone(),
            nearest: closest(&argument, function.parameters.iter().map(|p| p.name.as_str()))
                .map(str::to_owned),
            argument,
        }),
    }
}

/// The kinds that a declared type may stand for.
enum Wanted {
    Text,
    Int,
    Decimal,
    Bool,
    Date,
    List,
    Map,
    Anything,
}

fn wanted(ty: &str) -> Wanted {
    match ty.to_ascii_lowercase().as_str() {
        "string" | "text" => Wanted::Text,
        "int" | "long" | "bigint" | "number" => Wanted::Int,
        "decimal" | "float" => Wanted::Decimal,
        "bool" | "boolean" => Wanted::Bool,
        "date" | "datetime" | "timestamp" => Wanted::Date,
        "list" => Wanted::List,
        "map" | "key-value" => Wanted::Map,
        _ => Wanted::Anything,
    }
}

/// Text from outside (a command line, a query string) becomes the declared type where nothing is
/// lost; null fits every type.
fn convert(function: &str, parameter: &Parameter, given: Data, zone: &TimeZone) -> Result<Data, EntryError> {
    let Some(ty) = &parameter.ty else { return Ok(given) };
    let converted = match (wanted(ty), &given) {
        (_, Data::Null) | (Wanted::Anything, _) => Some(given.clone()),
        (Wanted::Text, Data::Text(_)) => Some(given.clone()),
        (Wanted::Text, Data::Int(_) | Data::Decimal(_) | Data::Bool(_)) => Some(Data::Text(given.to_json())),
        (Wanted::Text, Data::Date(_) | Data::DateTime(_) | Data::List(_) | Data::Map(_)) => {
            Some(given.clone())
        }
        (Wanted::Int, Data::Int(_)) => Some(given.clone()),
        (Wanted::Int, Data::Decimal(d)) if d.fract().is_zero() => i64::try_from(*d).ok().map(Data::Int),
        (Wanted::Int, Data::Text(text)) => match number::parse(text) {
            Some(Number::Int(n)) => Some(Data::Int(n)),
            _ => None,
        },
        (Wanted::Decimal, Data::Decimal(_)) => Some(given.clone()),
        (Wanted::Decimal, Data::Int(n)) => Some(Data::Decimal(Decimal::from(*n))),
        (Wanted::Decimal, Data::Text(text)) => number::parse(text).map(|n| Data::Decimal(n.decimal())),
        (Wanted::Bool, Data::Bool(_)) => Some(given.clone()),
        (Wanted::Bool, Data::Text(text)) => text.trim().to_lowercase().parse().ok().map(Data::Bool),
        (Wanted::Date, Data::Date(_) | Data::DateTime(_)) => Some(given.clone()),
        (Wanted::Date, Data::Text(text)) => match date::parse_date_text(text, zone) {
            Some(Value::Date(day)) => Some(Data::Date(day)),
            Some(Value::DateTime(millis)) => Some(Data::DateTime(millis)),
            _ => None,
        },
        (Wanted::List, Data::List(_)) | (Wanted::Map, Data::Map(_)) => Some(given.clone()),
        (Wanted::List, Data::Text(text)) => {
            Data::from_json(text).ok().filter(|data| matches!(data, Data::List(_)))
        }
        (Wanted::Map, Data::Text(text)) => {
            Data::from_json(text).ok().filter(|data| matches!(data, Data::Map(_)))
        }
        _ => None,
    };
    converted.ok_or_else(|| EntryError::WrongType {
        function: function.to_owned(),
        parameter: parameter.name.clone(),
        ty: ty.clone(),
        given: match &given {
            Data::Text(_) => "this text".to_owned(),
            other => format!("a {}", data::kind(other).name()),
        },
    })
}
