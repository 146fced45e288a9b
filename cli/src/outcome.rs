//! How `sluis` ends: the exit codes, and what is said when something is in the way.

use sluis_model::error::Failure;
use std::process::ExitCode;

/// The exit codes, the same for every verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: done.
    Done,
    /// 1: an uncaught fault of the script, a call that failed, a consent that was refused.
    Failed,
    /// 2: what was given is wrong: a script that does not compile, a definition, the command line.
    Refused,
    /// 3: the environment is in the way: a missing file, a store in use, a taken port.
    Environment,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Refused => 2,
            Exit::Environment => 3,
        })
    }
}

/// What is in the way, worded for the person at the terminal.
#[derive(Debug)]
pub struct Problem {
    /// With which code `sluis` ends.
    pub exit: Exit,
    /// What went wrong, one sentence.
    pub message: String,
    /// Stable name of the reason, where the runtime gave one.
    pub reason: Option<&'static str>,
    /// What to do about it.
    pub help: Option<String>,
}

/// What every verb answers.
pub type Outcome = Result<Exit, Problem>;

impl Problem {
    /// Something given on the command line or in a file is wrong.
    pub fn refused(message: impl Into<String>) -> Self {
        Self { exit: Exit::Refused, message: message.into(), reason: None, help: None }
    }

    /// The environment is in the way.
    pub fn environment(message: impl Into<String>) -> Self {
        Self { exit: Exit::Environment, message: message.into(), reason: None, help: None }
    }

    /// Something was tried and did not succeed.
    pub fn failed(message: impl Into<String>) -> Self {
        Self { exit: Exit::Failed, message: message.into(), reason: None, help: None }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// A failure of the runtime is one of the environment, unless what was asked for was wrong.
impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        Self {
            exit: Exit::Environment,
            message: failure.message,
            reason: Some(failure.reason.as_str()),
            help: failure.help,
        }
    }
}

/// A name that is not one.
impl From<sluis_model::id::IdError> for Problem {
    fn from(error: sluis_model::id::IdError) -> Self {
        Problem::refused(error.to_string())
    }
}
