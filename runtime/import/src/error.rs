//! Why something cannot be imported, and what to do about it.

/// Why something cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// Neither JSON nor YAML.
    #[error("this is neither JSON nor YAML that can be read: {why}")]
    Unreadable {
        /// What the parser says, with the place.
        why: String,
    },
    /// Something else than what was asked to be imported.
    #[error("this is not {wanted}: {why}")]
    OtherKind {
        /// What was wanted, with its article.
        wanted: &'static str,
        /// What it is, as far as can be told.
        why: String,
        /// What to do.
        help: &'static str,
    },
    /// No absolute address of the service.
    #[error("the address of the service cannot be told: {why}")]
    NoServer {
        /// What the file says instead.
        why: String,
    },
    /// Operations that were asked for and are not there.
    #[error("there is no operation `{wanted}`")]
    UnknownOperation {
        /// What was asked for.
        wanted: String,
        /// Did you mean.
        help: String,
    },
    /// None of the operations can be imported.
    #[error("none of the {of} operations can be imported; the first because {why}")]
    Nothing {
        /// How many were looked at.
        of: usize,
        /// Why the first cannot.
        why: String,
    },
    /// A connector file would be larger than such a file may be.
    #[error("{operations} operations make a larger connector file than can be read: {why}")]
    TooLarge {
        /// How many operations were chosen.
        operations: usize,
        /// Which limit.
        why: String,
        /// Groups to choose from.
        help: String,
    },
    /// A command line that cannot be followed.
    #[error("{why}")]
    Command {
        /// What is wrong.
        why: String,
        /// What to do.
        help: String,
    },
    /// The file that was made is not a connector file for a reason that concerns no operation.
    #[error("the connector that comes out is not one: {why}")]
    Refused {
        /// What the reader of connector files says.
        why: String,
    },
}

impl ImportError {
    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Unreadable { .. } => {
                Some("name the file of the description itself, not a web page around it".into())
            }
            Self::OtherKind { help, .. } => Some((*help).to_owned()),
            Self::NoServer { .. } => Some("name it: --server https://api.example.com/v1".into()),
            Self::UnknownOperation { help, .. }
            | Self::TooLarge { help, .. }
            | Self::Command { help, .. } => Some(help.clone()),
            Self::Nothing { .. } => Some("--scan lists the reason of each".into()),
            Self::Refused { .. } => None,
        }
    }
}
