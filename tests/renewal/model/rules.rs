//! What must hold in every state and of every step.

use super::state::{Answer, At, Phase, State, Status, Strictness};

/// The rule that a step breaks, if any.
pub fn broken(before: &State, after: &State) -> Option<&'static str> {
    let rules: [(&'static str, bool); 8] = [
        ("revoked stays revoked", before.status != Status::Revoked || after.status == Status::Revoked),
        ("what is revoked stores nothing", after.status != Status::Revoked || before.stored == after.stored),
        ("a good token is never replaced by an older one", after.stored >= before.stored),
        ("no error ends a grant that lives", after.status != Status::NeedsPerson || !after.alive),
        ("with leeway no grant is lost", after.alive || after.stalled || !is_lenient(after)),
        (
            "a strict provider ends a grant only for an answer lost or a request late",
            after.alive || after.stalled || is_lenient(after) || after.unheard || after.late,
        ),
        ("one use in flight for each fence", uses(after) <= 1),
        ("what was lost is remembered", is_remembered(after)),
    ];
    rules.into_iter().find(|(_, holds)| !holds).map(|(rule, _)| rule)
}

fn is_lenient(state: &State) -> bool {
    state.strictness == Strictness::Leeway
}

/// Nodes that may send, or wait for an answer, and hold the row; all of them where no process is ever
/// stopped for longer than its lease.
fn uses(state: &State) -> usize {
    let is_use = |at: &At| match at {
        At::Ready(work) | At::Waiting(work, _) => {
            // What was revoked meanwhile has no row any more.
            state.status == Status::Active && (!state.stalled || state.is_expected(work))
        }
        _ => false,
    };
    state.nodes.iter().filter(|node| is_use(&node.at)).count()
}

/// Where all is quiet and the provider has given tokens that nobody stored, a row says so.
fn is_remembered(state: &State) -> bool {
    let quiet = state.nodes.iter().all(|node| node.at == At::Idle)
        && state.requests.is_empty()
        && state.answers.is_empty();
    let missing = state.alive && state.status == Status::Active && state.stored < state.newest;
    let says_so = state.intent.is_some_and(|intent| match intent.phase {
        Phase::Asking => true,
        Phase::Answered(answer) => matches!(answer, Answer::Tokens(_)) || intent.lost,
        Phase::Resting => intent.lost,
    });
    !quiet || !missing || says_so
}
