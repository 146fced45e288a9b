//! What the model knows.

use std::collections::BTreeSet;

/// What a second use of a refresh token does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Strictness {
    /// The old token is answered with the same successor, until that is used.
    Leeway,
    /// It ends the grant.
    Strict,
}

/// How often each thing may happen. Refresh tokens are numbers that count up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Tokens after the first.
    pub renewals: u8,
    /// Kills.
    pub crashes: u8,
    /// Messages lost.
    pub drops: u8,
    /// Answers of a broken provider, which has done nothing.
    pub failures: u8,
    /// Answers that are waited for too briefly.
    pub timeouts: u8,
    /// Answers that come twice.
    pub copies: u8,
    /// Leases that end while their owner is at it.
    pub stalls: u8,
    /// Revocations by the administrator.
    pub revokes: u8,
}

/// What the provider says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Answer {
    /// New tokens, by number.
    Tokens(u8),
    /// `invalid_grant`.
    Refused,
    /// Something that says nothing about the grant; or nothing in time.
    Failure,
}

/// The connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// In use.
    Active,
    /// The provider has ended it.
    NeedsPerson,
    /// The administrator has ended it.
    Revoked,
}

/// How far the row of a renewal has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// A request is being sent.
    Asking,
    /// The answer is in the row.
    Answered(Answer),
    /// Nobody is at it.
    Resting,
}

/// The row of a renewal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Intent {
    /// Its version in the store.
    pub fence: u8,
    /// Node and life of whoever wrote it.
    pub owner: (usize, u8),
    /// The token that is to be replaced.
    pub replaces: u8,
    /// An answer was lost.
    pub lost: bool,
    /// How far.
    pub phase: Phase,
}

/// A renewal in the memory of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Work {
    /// The version of the row that is ours, or is expected; none where there must be none.
    pub expect: Option<u8>,
    /// The token that is to be replaced.
    pub replaces: u8,
    /// An answer was lost.
    pub lost: bool,
    /// The one immediate repetition is used up.
    pub repeated: bool,
    /// Somebody has taken the row over.
    pub overtaken: bool,
}

/// Where a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum At {
    /// Nowhere.
    Idle,
    /// It has read, and is about to write its intent.
    Looked(Work),
    /// It has written the first intent, and is about to read the credential again.
    Checking(Work),
    /// It is about to send.
    Ready(Work),
    /// It waits for the answer to its request of this number.
    Waiting(Work, u8),
    /// The answer is in memory alone.
    Heard(Work, Answer),
    /// The answer is to be acted upon.
    Deciding(Work, Answer),
}

/// One of the processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    /// Counts its crashes.
    pub life: u8,
    /// Counts its requests.
    pub requests: u8,
    /// Where it is.
    pub at: At,
}

/// Whose request: the node and the number.
pub type Asker = (usize, u8);

/// Everything.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// What the provider does on reuse.
    pub strictness: Strictness,
    /// What may still happen.
    pub left: Limits,
    /// The newest token that the provider has given.
    pub newest: u8,
    /// The grant lives at the provider.
    pub alive: bool,
    /// The stored token.
    pub stored: u8,
    /// The stored connection.
    pub status: Status,
    /// The stored row of a renewal.
    pub intent: Option<Intent>,
    /// The version of the last row written.
    pub fences: u8,
    /// The processes.
    pub nodes: [Node; 2],
    /// Requests on their way, with the token they show.
    pub requests: BTreeSet<(Asker, u8)>,
    /// Answers on their way; whether it is a copy.
    pub answers: BTreeSet<(Asker, Answer, bool)>,
    /// Tokens were given, and nobody has heard of them or kept them.
    pub unheard: bool,
    /// A request has reached the provider after its sender had died or given it up.
    pub late: bool,
    /// A lease has ended while its owner was at it.
    pub stalled: bool,
}

impl State {
    /// A connection that has just been authorized.
    pub fn new(strictness: Strictness, limits: Limits) -> Self {
        let node = Node { life: 0, requests: 0, at: At::Idle };
        Self {
            strictness,
            left: limits,
            newest: 0,
            alive: true,
            stored: 0,
            status: Status::Active,
            intent: None,
            fences: 0,
            nodes: [node; 2],
            requests: BTreeSet::new(),
            answers: BTreeSet::new(),
            unheard: false,
            late: false,
            stalled: false,
        }
    }

    /// Whether the row is there in the version that a node expects.
    pub fn is_expected(&self, work: &Work) -> bool {
        self.intent.map(|intent| intent.fence) == work.expect
    }

    /// Whether somebody waits for the answer to this request.
    pub fn is_awaited(&self, (node, request): Asker) -> bool {
        matches!(self.nodes[node].at, At::Waiting(_, waited) if waited == request)
    }
}
