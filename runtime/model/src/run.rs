//! One execution of a script, as it is kept.

use crate::id::{FunctionName, GrantId, OrgId, RunId, UserId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How a run stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum RunStatus {
    /// A process is at work on it.
    Running,
    /// It waits for a person's consent; its machine is sealed in the store.
    Waiting {
        /// The attempt it waits for.
        grant: GrantId,
        /// Where the person goes. It holds an OAuth `state`: the store keeps it sealed beside the
        /// record, where this is empty.
        authorize_url: String,
    },
    /// Finished; the value as JSON text.
    Done {
        /// JSON.
        value: String,
    },
    /// An uncaught fault ended it.
    Failed {
        /// Code of the fault.
        code: String,
        /// What went wrong.
        message: String,
        /// Line of the script, counted from 1.
        line: u32,
        /// `reason` of a failed host call, such as `not_authorized`.
        reason: Option<String>,
        /// What to do about it.
        help: Option<String>,
    },
    /// The process that worked on it went away in mid-run.
    Interrupted,
}

/// One outgoing request of a run, secrets starred.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRecord {
    /// API id, or the connector's namespace for `invokeurl`, or empty without one.
    pub api: String,
    /// Method.
    pub method: String,
    /// URL without secrets.
    pub url: String,
    /// Status of the answer; absent if none came.
    pub status: Option<u16>,
    /// Whole time in milliseconds.
    pub millis: u64,
    /// When it was sent.
    pub at: Timestamp,
    /// What is known of why it was refused, and who can mend that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// An address that a script asks to have opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenedUrl {
    /// An http, https or mailto address, or a relative one.
    pub url: String,
    /// Where: `new window`, `same window`, `popup window`, `iframe`, `parent window`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<String>,
    /// Further wishes, such as `height=100`, as the script wrote them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<String>,
}

/// One execution of a script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Identity.
    pub id: RunId,
    /// On whose behalf.
    pub org: OrgId,
    /// The user on whose behalf, where connectors are authorized by each user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// File name or function name, for people.
    pub label: String,
    /// Stored function, if it was one.
    pub function: Option<FunctionName>,
    /// The script itself: a waiting run goes on with the text it began with.
    pub source: String,
    /// Function of the file that was called; none for its top-level statements.
    pub entry: Option<String>,
    /// Names of the arguments it was given; a waiting script is compiled again with them.
    pub inputs: Vec<String>,
    /// Names of the stored functions that it was compiled with; none if it calls none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<String>,
    /// How it stands.
    #[serde(flatten)]
    pub status: RunStatus,
    /// Lines printed by `info`.
    pub output: Vec<String>,
    /// Requests sent.
    pub calls: Vec<CallRecord>,
    /// The address that whoever shows the run is asked to open at its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<OpenedUrl>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Fuel used.
    pub fuel: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_run_is_read_back_as_it_was_written() {
        let run = Run {
            id: "run_00000000000000000000000000".parse().unwrap(),
            org: "local".parse().unwrap(),
            user: Some("ada@example.com".parse().unwrap()),
            label: "a.dg".into(),
            function: None,
            source: "info 1;".into(),
            entry: None,
            inputs: vec![],
            functions: vec![],
            status: RunStatus::Failed {
                code: "E0401".into(),
                message: "null".into(),
                line: 7,
                reason: None,
                help: None,
            },
            output: vec![],
            calls: vec![],
            open: None,
            started_at: Timestamp(1),
            finished_at: Some(Timestamp(2)),
            fuel: 9,
        };
        let text = serde_json::to_string(&run).unwrap();
        assert_eq!(serde_json::from_str::<Run>(&text).unwrap(), run, "{text}");
    }
}
