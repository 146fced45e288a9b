//! The steps of a renewal at which a process is killed.

use serde::{Deserialize, Serialize};

/// Where the process is when it is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Step {
    /// It has made up its mind, and nothing is written.
    BeforeTheIntent,
    /// The intent is durable, nothing was sent.
    AfterTheIntent,
    /// The provider has the request and has done nothing.
    RequestArrived,
    /// The provider has given the tokens, and its answer is not sent.
    ProviderDecided,
    /// The answer is in memory alone.
    AnswerHeard,
    /// The answer is being written: killed after a moment left to chance.
    AnswerBeingKept,
    /// The answer is durable, nobody has looked at it.
    AnswerKept,
    /// The new tokens are about to be swapped in.
    BeforeTheSwap,
    /// They are being swapped in: killed after a moment left to chance.
    Swapping,
    /// They are the stored ones, those before them are kept too.
    Swapped,
    /// They have worked, and those before them are about to be forgotten.
    BeforeForgetting,
    /// All is done.
    Forgotten,
    /// A moment left to chance.
    AnyMoment,
}

impl Step {
    /// All of them, in order.
    pub const ALL: [Step; 13] = [
        Step::BeforeTheIntent,
        Step::AfterTheIntent,
        Step::RequestArrived,
        Step::ProviderDecided,
        Step::AnswerHeard,
        Step::AnswerBeingKept,
        Step::AnswerKept,
        Step::BeforeTheSwap,
        Step::Swapping,
        Step::Swapped,
        Step::BeforeForgetting,
        Step::Forgotten,
        Step::AnyMoment,
    ];

    /// Whether a crash here must cost the grant at a provider that ends the family on reuse: it has
    /// given tokens that nobody has kept. None where chance decides.
    pub fn costs_a_strict_grant(self) -> Option<bool> {
        match self {
            Step::ProviderDecided | Step::AnswerHeard => Some(true),
            Step::AnswerBeingKept | Step::AnyMoment => None,
            _ => Some(false),
        }
    }
}

/// What a process is told when it starts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Task {
    /// Where its store is: a file or a URL.
    pub store: String,
    /// The file of the root key.
    pub key: String,
    /// The provider.
    pub issuer: String,
    /// Where it is to stop and be killed; at nothing if there is no step.
    pub step: Option<Step>,
    /// Whether it may be killed already while it sees to what the process before it left behind.
    pub from_the_start: bool,
    /// How long a request to the token endpoint may take, in seconds, where it is not the default. A
    /// lease is half as long again.
    pub request_s: Option<u64>,
}

/// The variable by which a process gets its task.
pub const TASK: &str = "SLUIS_TEST_RENEWAL_TASK";

/// What a process says, one line each, on its standard error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Said {
    /// After seeing to what was left behind: the connection works.
    FoundActive,
    /// It does not, and this is why.
    FoundLost(String),
    /// It is ready to renew, and waits for a number on its standard input: calls that it is to make at a
    /// time, each with a token that has ended, or none if it is to renew of its own accord.
    Ready {
        /// Whether it has renewed already, where the one before it was killed.
        renewed: bool,
    },
    /// It stands still at its step.
    At,
    /// It is about to pass a step at which chance decides.
    Near,
    /// An answer is durable: when, in microseconds since 1970, and how long after it was heard.
    Kept {
        /// When.
        at_us: u64,
        /// Microseconds since its last byte.
        after_us: u64,
    },
    /// How the renewal that was asked for ended: calls answered with 200, and failures in words.
    Done {
        /// Calls answered with 200.
        ok: usize,
        /// The rest.
        failures: Vec<String>,
    },
}

/// What each line of a process begins with; whatever else it writes is a complaint.
pub const PREFIX: &str = "renewal-process: ";
