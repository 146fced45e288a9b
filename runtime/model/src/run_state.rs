//! How a run stands, in a word.

use crate::run::RunStatus;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How a run stands, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// It waits for its turn.
    Queued,
    /// A process is at work on it.
    Running,
    /// It waits for a person's consent.
    Waiting,
    /// It waits for an answer that a service brings.
    AwaitingCallback,
    /// It has ended well.
    Done,
    /// A fault has ended it.
    Failed,
    /// Its process went away.
    Interrupted,
    /// Somebody has ended it.
    Cancelled,
}

impl RunState {
    /// All of them.
    pub const ALL: &'static [RunState] = &[
        RunState::Queued,
        RunState::Running,
        RunState::Waiting,
        RunState::AwaitingCallback,
        RunState::Done,
        RunState::Failed,
        RunState::Interrupted,
        RunState::Cancelled,
    ];

    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            RunState::Queued => "queued",
            RunState::Running => "running",
            RunState::Waiting => "waiting",
            RunState::AwaitingCallback => "awaiting_callback",
            RunState::Done => "done",
            RunState::Failed => "failed",
            RunState::Interrupted => "interrupted",
            RunState::Cancelled => "cancelled",
        }
    }

    /// Whether nothing happens to the run any more by itself.
    pub fn has_ended(self) -> bool {
        matches!(self, RunState::Done | RunState::Failed | RunState::Interrupted | RunState::Cancelled)
    }
}

impl From<&RunStatus> for RunState {
    fn from(status: &RunStatus) -> Self {
        match status {
            RunStatus::Queued => RunState::Queued,
            RunStatus::Running => RunState::Running,
            RunStatus::Waiting { .. } => RunState::Waiting,
            RunStatus::AwaitingCallback { .. } => RunState::AwaitingCallback,
            RunStatus::Done { .. } => RunState::Done,
            RunStatus::Failed { .. } => RunState::Failed,
            RunStatus::Interrupted => RunState::Interrupted,
            RunStatus::Cancelled { .. } => RunState::Cancelled,
        }
    }
}

impl fmt::Display for RunState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for RunState {
    type Err = String;

    /// # Errors
    /// A text that is none of them, with those that there are.
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.iter().copied().find(|state| state.as_str() == text).ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|state| state.as_str()).collect();
            format!("runs are one of: {}", known.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_written_and_read_by_its_name() {
        for state in RunState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
            assert_eq!(state.as_str().parse(), Ok(*state));
        }
        assert!("ended".parse::<RunState>().unwrap_err().contains("queued, running"));
    }
}
