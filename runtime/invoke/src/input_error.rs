//! What is wrong with the data of a call, in words for the script's author.

use sluis_definition::Misfit;
use sluis_model::error::{Failure, Reason};
use sluis_model::suggest;

/// Data that an API cannot be called with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// Values are missing; all of them are named.
    #[error("{}", missing_message(.api, .missing))]
    Missing {
        /// Full id of the API.
        api: String,
        /// What is missing, in alphabetical order.
        missing: Vec<MissingInput>,
        /// A call that would do, as script text.
        example: String,
    },
    /// A value cannot stand where its placeholder stands.
    #[error("`{name}` of {api} {why}")]
    Unfit {
        /// Full id of the API.
        api: String,
        /// The placeholder, or the part of the request.
        name: String,
        /// What is wrong with it, after its name.
        why: String,
    },
    /// Values, or parts of them, are not what their inputs take; all of them are told.
    #[error("{}", misfits_message(.api, .misfits))]
    Misfits {
        /// Full id of the API.
        api: String,
        /// Each with the name of its input.
        misfits: Vec<(String, Misfit)>,
    },
    /// A header that calls of this API do not set.
    #[error("a call of {api} may not set the header `{name}`")]
    Header {
        /// Full id of the API.
        api: String,
        /// The header.
        name: String,
        /// Those that it may set.
        allowed: Vec<String>,
    },
    /// A part of a free-form request cannot be used.
    #[error("the {part} of the request {why}")]
    Request {
        /// `url`, `type`, `headers` …
        part: &'static str,
        /// What is wrong with it.
        why: String,
        /// How to mend it.
        help: String,
    },
    /// A free-form request wants to leave the connector's hosts.
    #[error("the connection `{connection}` may not be used for `{host}`")]
    ForeignHost {
        /// Namespace of the connector.
        connection: String,
        /// Where the request wants to go.
        host: String,
        /// Where it may go.
        declared: String,
    },
}

/// A value that was not given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingInput {
    /// Name of the placeholder.
    pub name: String,
    /// A key that was given and looks alike.
    pub similar: Option<String>,
}

fn missing_message(api: &str, missing: &[MissingInput]) -> String {
    let names: Vec<String> = missing.iter().map(|input| format!("`{}`", input.name)).collect();
    match names.as_slice() {
        [] => format!("{api} lacks a value"),
        [one] => format!("{api} needs the value {one}, which was not given"),
        [most @ .., last] => {
            format!("{api} needs the values {} and {last}, which were not given", most.join(", "))
        }
    }
}

/// So many misfits are told at once.
const MISFITS_AT_MOST: usize = 5;

fn misfits_message(api: &str, misfits: &[(String, Misfit)]) -> String {
    let told = misfits.iter().take(MISFITS_AT_MOST).map(|(name, misfit)| {
        let dot = if misfit.at.is_empty() || misfit.at.starts_with('[') { "" } else { "." };
        format!("`{name}{dot}{}` of {api} {}", misfit.at, misfit.message)
    });
    let told: Vec<String> = told.collect();
    let more = misfits.len().saturating_sub(told.len());
    let more = if more == 0 { String::new() } else { format!("; and {more} more") };
    format!("{}{more}", told.join("; "))
}

impl InputError {
    /// How the script's author mends it.
    pub fn help(&self) -> String {
        match self {
            InputError::Missing { missing, example, .. } => {
                let mut help = String::new();
                for input in missing {
                    if let Some(similar) = &input.similar {
                        help.push_str(&format!("`{similar}` was given; did you mean `{}`? ", input.name));
                    }
                }
                help + "Call it like this: " + example
            }
            InputError::Unfit { .. } => {
                "give another value; the connector's author says in `inputs` what is meant".to_owned()
            }
            InputError::Misfits { misfits, .. } => {
                let meant: Vec<&str> =
                    misfits.iter().filter_map(|(_, misfit)| misfit.help.as_deref()).collect();
                match meant.as_slice() {
                    [] => "give a value of that kind; `inputs` of the API says what it takes".to_owned(),
                    meant => meant.join(" "),
                }
            }
            InputError::Header { allowed, .. } if allowed.is_empty() => {
                "its author lets no header be set; one is added under `override_headers` of the API"
                    .to_owned()
            }
            InputError::Header { name, allowed, .. } => {
                suggest::help(name, allowed, "headers that may be set")
            }
            InputError::Request { help, .. } => help.clone(),
            InputError::ForeignHost { declared, .. } => format!(
                "its credential goes to {declared} only; leave out `connection`, or the connector's author adds the host \
                 under `hosts`"
            ),
        }
    }
}

impl From<InputError> for Failure {
    fn from(error: InputError) -> Failure {
        let reason = match error {
            InputError::ForeignHost { .. } => Reason::Forbidden,
            _ => Reason::InvalidInput,
        };
        let help = error.help();
        Failure::new(reason, error.to_string()).help(help)
    }
}
