//! One execution of a script, as it is kept.

use crate::id::{ApiId, DeliveryId, FunctionName, GrantId, OrgId, RunId, UserId};
use crate::run_state::RunState;
use crate::time::Timestamp;
use crate::trigger::Trigger;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How a run stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum RunStatus {
    /// It waits for its turn: for the first time, after a failure, or because as many run as may.
    Queued,
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
    /// It waits for an answer that a service brings by itself; its machine is sealed in the store.
    AwaitingCallback {
        /// The call, under which the answer is asked for.
        call: DeliveryId,
        /// Its API.
        api: ApiId,
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
    /// Somebody has ended it.
    Cancelled {
        /// Who, if it was a user. `by` of a record is what started it.
        #[serde(rename = "cancelled_by", default, skip_serializing_if = "Option::is_none")]
        by: Option<UserId>,
    },
}

impl RunStatus {
    /// Whether its machine is in the store, and goes on when something has happened.
    pub fn is_parked(&self) -> bool {
        matches!(self, Self::Waiting { .. } | Self::AwaitingCallback { .. })
    }

    /// Whether nothing happens to it any more by itself.
    pub fn has_ended(&self) -> bool {
        RunState::from(self).has_ended()
    }
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
    /// How it went over the wire.
    #[serde(default)]
    pub wire: WireRecord,
}

/// How a call went over the wire.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireRecord {
    /// The call's place in the script and how often it came by (`812#3`); none of a call without a script.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<String>,
    /// Its tries in order. None where nothing was sent, or the answer was known already.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<AttemptRecord>,
    /// Milliseconds that it waited for its turn before the first try.
    #[serde(default)]
    pub queued_ms: u64,
    /// Bytes of body sent, in all tries.
    #[serde(default)]
    pub bytes_sent: u64,
    /// Bytes of body received, unpacked, in all tries.
    #[serde(default)]
    pub bytes_received: u64,
    /// First half of the SHA-256 of its idempotency key in hexadecimal: enough to compare, nothing to use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key_hash: Option<String>,
    /// Whether nothing was sent because the answer was kept from before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replayed: bool,
}

/// One try of a call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptRecord {
    /// Status of the answer; absent if none came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why none came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Milliseconds of pause before it.
    #[serde(default)]
    pub waited_ms: u64,
    /// Milliseconds until the host had a place free.
    #[serde(default)]
    pub queued_ms: u64,
    /// Milliseconds from then to the first byte of the answer, connecting included.
    #[serde(default)]
    pub first_byte_ms: u64,
    /// Milliseconds from then to the last byte.
    #[serde(default)]
    pub body_ms: u64,
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
    /// How often the script has come by each place in it that calls out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sites: BTreeMap<String, u32>,
    /// Whether its calls are kept in the ledger, so that it can be run again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ledger: bool,
    /// The address that whoever shows the run is asked to open at its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<OpenedUrl>,
    /// What started it.
    #[serde(default)]
    pub by: Trigger,
    /// How often it was begun, from its beginning or where a process that died had left it.
    #[serde(default)]
    pub attempts: u32,
    /// How it stands in the queue; none if it never was in it, and whoever started it waited for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<InQueue>,
    /// When it began, or was put into the queue. It never changes, and sorts an org's runs.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Fuel used.
    pub fuel: u64,
}

/// What is known of a run that was put into the queue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InQueue {
    /// It does not begin before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// When it first began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun_at: Option<Timestamp>,
    /// Failures so far, by which its retries are counted.
    #[serde(default)]
    pub failures: u32,
    /// What the last of them was, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_failure: Option<String>,
    /// How many processes have died while they worked on it.
    #[serde(default)]
    pub deaths: u32,
    /// Hash of the text by which it is known to whoever might ask for it twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dedupe: Option<String>,
    /// Whether it has failed for good and lies among the dead letters.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dead: bool,
}

impl Run {
    /// Whether another process goes on with it by itself when the one that worked on it has died: its calls
    /// are in the ledger, and it is a stored function's. A script from somebody's terminal is run again by
    /// them.
    pub fn goes_on_by_itself(&self) -> bool {
        self.ledger && self.function.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_ended_a_run_is_not_taken_for_what_started_it() {
        let status = RunStatus::Cancelled { by: Some("ada@example.com".parse().unwrap()) };
        let run = serde_json::json!({"status": status, "by": "url"});
        assert_eq!(run["status"]["cancelled_by"], "ada@example.com");
        assert_eq!(run["status"].get("by"), None);
    }

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
            sites: BTreeMap::new(),
            ledger: false,
            open: None,
            by: Trigger::Schedule,
            attempts: 2,
            queue: Some(InQueue { failures: 1, dead: true, ..InQueue::default() }),
            started_at: Timestamp(1),
            finished_at: Some(Timestamp(2)),
            fuel: 9,
        };
        let text = serde_json::to_string(&run).unwrap();
        assert_eq!(serde_json::from_str::<Run>(&text).unwrap(), run, "{text}");
    }
}
