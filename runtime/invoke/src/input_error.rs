//! What is wrong with the data of a call, in words for the script's author.

use sluis_model::error::{Failure, Reason};

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
