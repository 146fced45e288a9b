//! What is wrong with a connector definition, in words for its author.

use crate::hosts::HostError;
use sluis_model::error::{Failure, Reason};
use sluis_model::template::TemplateError;

/// A fault of a definition and where it stands: `apis.pushcontact.url`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {fault}")]
pub struct DefinitionError {
    /// Path in the connector file.
    pub at: String,
    /// What is wrong.
    pub fault: DefinitionFault,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DefinitionFault {
    /// A text is not a template.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// An entry of `hosts` is not a host.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The key of an API makes no id.
    #[error("{why}")]
    BadId {
        /// The rule it breaks.
        why: String,
    },
    /// The scheme cannot work with its parameters.
    #[error("{why}")]
    BadAuth {
        /// What is wrong with them.
        why: String,
    },
    /// A variable of the connections, or what uses it, is not sound.
    #[error("{why}")]
    BadVariable {
        /// What is wrong.
        why: String,
    },
    /// No hosts at all.
    #[error("no host is declared, so nothing could be called")]
    NoHosts,
    /// A placeholder stands in or before the host.
    #[error("a placeholder stands before the path; scheme, host and port are written out")]
    PlaceholderInHost,
    /// The URL is not absolute or not one for HTTP.
    #[error("`{url}` is not an absolute https URL{why}")]
    BadUrl {
        /// The text, shortened.
        url: String,
        /// More about it, with its separator.
        why: String,
    },
    /// The URL goes to a host that is not declared.
    #[error("`{host}` is not among the declared hosts ({declared})")]
    UndeclaredHost {
        /// Host of the URL.
        host: String,
        /// All declared hosts.
        declared: String,
    },
    /// The path holds something that would change its meaning.
    #[error("the path holds {what}")]
    BadPath {
        /// What it holds.
        what: &'static str,
    },
    /// A header name or literal value that HTTP does not allow.
    #[error("`{name}` is not a header that can be sent")]
    BadHeader {
        /// Its name.
        name: String,
    },
    /// A header that Sluis or the auth scheme sets.
    #[error("the header `{name}` is set by Sluis itself")]
    ReservedHeader {
        /// Its name.
        name: String,
    },
    /// What is said of an input's values is not sound.
    #[error("what is said of the values of `{name}` is not sound: {why}")]
    BadValue {
        /// Name of the input.
        name: String,
        /// What is wrong.
        why: String,
    },
    /// An expression about answers does not compile.
    #[error("{why}")]
    BadExpression {
        /// What is wrong.
        why: String,
    },
    /// A placeholder in the key of a JSON map.
    #[error("a placeholder stands in the key `{key}`; only values can hold placeholders")]
    PlaceholderInKey {
        /// The key.
        key: String,
    },
    /// A placeholder in the document of a GraphQL operation.
    #[error("a GraphQL document holds no placeholder")]
    PlaceholderInGraphql,
    /// Not exactly one placeholder where one is wanted.
    #[error("exactly one placeholder is wanted here, such as `${{Name}}`")]
    NotOnePlaceholder,
    /// A part that is neither text nor JSON, or both.
    #[error("a part has either `value` or `json`")]
    BadPart,
    /// The XML of a body is none, or has placeholders where they have no place.
    #[error("the XML of the body cannot be used: {why}")]
    BadXml {
        /// What is wrong.
        why: String,
    },
    /// A body of a mail server where the service is none, or the other way round.
    #[error("a mail server takes `mail` or `sign_in`, and every other service anything else")]
    BodyOfMail,
    /// The address of a mail server that is none, or an API of one that has a URL.
    #[error("this is not the address of a mail server, which all its APIs share")]
    BadMailServer,
    /// A body with a method that has none.
    #[error("a {method} request has no body")]
    BodyNotAllowed {
        /// The method.
        method: http::Method,
    },
    /// The JSON body is nested too deeply.
    #[error("the body is nested deeper than {limit} levels")]
    TooDeep {
        /// Levels allowed.
        limit: usize,
    },
    /// The pages of an API cannot follow one another as it is written.
    #[error("{why}")]
    BadPagination {
        /// What is wrong.
        why: String,
    },
    /// `timeout_s` out of range.
    #[error("{seconds} is no usable time limit; write 1 to 300 seconds")]
    BadTimeout {
        /// What is written there.
        seconds: u32,
    },
    /// What is said of retries, rates or idempotency does not fit together.
    #[error("{why}")]
    BadManners {
        /// What is wrong.
        why: String,
    },
    /// An input that no placeholder uses.
    #[error("no placeholder `${{{name}}}` uses this input{hint}")]
    UnusedInput {
        /// Its name.
        name: String,
        /// A placeholder of a similar name, with its separator.
        hint: String,
    },
}

impl DefinitionError {
    /// How to mend it.
    pub fn help(&self) -> &'static str {
        match &self.fault {
            DefinitionFault::Template(_) => "write placeholders as `${name}`",
            DefinitionFault::BadId { .. } => "name APIs `name` or `group.name`, with letters, digits and _",
            DefinitionFault::Host(_) | DefinitionFault::NoHosts => {
                "list every host that requests go to, such as `people.example.com`, under `hosts`"
            }
            DefinitionFault::PlaceholderInHost | DefinitionFault::BadUrl { .. } => {
                "write `https://people.example.com/v1/people/${id}`"
            }
            DefinitionFault::UndeclaredHost { .. } => "add it under `hosts` if the credential may go there",
            DefinitionFault::BadPath { .. } => {
                "write the path as the service receives it, without `.` and `..` segments"
            }
            DefinitionFault::BadManners { .. } => {
                "`retry: {}` and `idempotency: { header: Idempotency-Key }` are enough where a service is usual"
            }
            DefinitionFault::BadHeader { .. } => {
                "header names hold letters, digits and hyphens; values fit on one line"
            }
            DefinitionFault::ReservedHeader { .. } => {
                "remove it; credentials come from `auth`, lengths and hosts by themselves"
            }
            DefinitionFault::PlaceholderInKey { .. } => "write the key out",
            DefinitionFault::PlaceholderInGraphql => {
                "declare a variable in the operation, and give it a value under `variables`"
            }
            DefinitionFault::NotOnePlaceholder => "write `${Name}`, with nothing before or after it",
            DefinitionFault::BodyOfMail | DefinitionFault::BadMailServer => {
                "write `base_url: smtp://mail.example.com:587` under `service`, and `body: { mail: … }` in its APIs"
            }
            DefinitionFault::BadPart => {
                "`value` is a text or a placeholder that takes files, `json` is a map or list"
            }
            DefinitionFault::BadXml { .. } => {
                "write a whole document with one root, and placeholders in texts and values of attributes"
            }
            DefinitionFault::BodyNotAllowed { .. } => {
                "use POST, PUT or PATCH, or move the values into `query`"
            }
            DefinitionFault::TooDeep { .. } => "flatten the body",
            DefinitionFault::BadTimeout { .. } => {
                "set `timeout_s` to what a call may take at most, 30 if in doubt"
            }
            DefinitionFault::BadAuth { .. } => {
                "compare the parameters of `auth` with the page of its scheme in the documentation"
            }
            DefinitionFault::BadVariable { .. } => {
                "correct the section `connection`, or what uses its variables"
            }
            DefinitionFault::BadValue { .. } => "correct its `schema`, `pattern`, `min` or `max`",
            DefinitionFault::BadExpression { .. } => {
                "an expression is what could stand behind `return`; it reads `status`, `headers`, `body`, `text` and \
                 `inputs`"
            }
            DefinitionFault::BadPagination { .. } => {
                "compare `pagination` with spec/connector/pagination.md, which has an example of each style"
            }
            DefinitionFault::UnusedInput { .. } => "remove it, or use it in url, query, headers or body",
        }
    }
}

impl From<DefinitionError> for Failure {
    fn from(error: DefinitionError) -> Failure {
        Failure::new(Reason::InvalidDefinition, error.to_string()).help(error.help())
    }
}
