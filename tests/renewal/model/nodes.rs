//! The steps: what each party may do next. Those of a node follow `runtime/engine/src/renewal/` write
//! for write.

use super::state::{Answer, Asker, At, Intent, Phase, State, Status, Strictness, Work};

/// A step by its name, and what it leads to.
pub type Step = (&'static str, State);

/// Everything that may happen next.
pub fn steps(state: &State) -> Vec<Step> {
    let mut steps = Vec::new();
    for node in 0..state.nodes.len() {
        of_node(state, node, &mut steps);
    }
    of_network(state, &mut steps);
    if state.left.revokes > 0 && state.status == Status::Active {
        let mut next = state.clone();
        next.left.revokes -= 1;
        (next.status, next.intent) = (Status::Revoked, None);
        steps.push(("revoke", next));
    }
    steps
}

fn of_node(state: &State, node: usize, steps: &mut Vec<Step>) {
    let mut step = |name, change: &dyn Fn(&mut State)| {
        let mut next = state.clone();
        change(&mut next);
        steps.push((name, next));
    };
    match state.nodes[node].at {
        At::Idle => look(state, node, steps),
        At::Looked(work) => step("announce", &|s| announce(s, node, work)),
        At::Checking(work) => step("read again", &|s| check(s, node, work)),
        At::Ready(work) => step("send", &|s| {
            s.nodes[node].requests += 1;
            let number = s.nodes[node].requests;
            s.requests.insert(((node, number), work.replaces));
            s.nodes[node].at = At::Waiting(work, number);
        }),
        At::Waiting(work, number) => give_up(state, node, work, (node, number), steps),
        At::Heard(work, answer) => step("keep", &|s| keep(s, node, work, answer)),
        At::Deciding(work, answer) => steps.push(decide(state, node, work, answer)),
    }
    if state.left.crashes > 0 && state.nodes[node].at != At::Idle {
        steps.push(("crash", crash(state, node)));
    }
}

/// Reads what is there, and makes up its mind.
fn look(state: &State, node: usize, steps: &mut Vec<Step>) {
    if state.status != Status::Active {
        return;
    }
    let work = Work { expect: None, replaces: state.stored, lost: false, repeated: false, overtaken: false };
    let mut next = state.clone();
    // The next renewal is minutes away: no request of the last one is under way any more.
    let too_early = state.stored >= state.left.renewals || !state.requests.is_empty();
    let (name, at) = match state.intent {
        None if too_early => return,
        Some(intent) if intent.replaces != state.stored && too_early => return,
        None => ("begin", At::Looked(work)),
        Some(intent) if intent.replaces != state.stored => {
            ("begin over a stale row", At::Looked(Work { expect: Some(intent.fence), ..work }))
        }
        Some(intent) => {
            let (owner, life) = intent.owner;
            let lives = state.nodes[owner].life == life && state.nodes[owner].at != At::Idle;
            if lives && intent.phase != Phase::Resting {
                if state.left.stalls == 0 {
                    return;
                }
                next.left.stalls -= 1;
                next.stalled = true;
            }
            let work = Work { expect: Some(intent.fence), lost: intent.lost, ..work };
            let asks_again = At::Looked(Work { lost: true, repeated: true, ..work });
            match intent.phase {
                Phase::Answered(answer) => ("finish from a kept answer", At::Deciding(work, answer)),
                Phase::Resting => ("ask again after a rest", At::Looked(work)),
                Phase::Asking if lives => ("overtake the living", asks_again),
                Phase::Asking => ("take over and ask once more", asks_again),
            }
        }
    };
    next.nodes[node].at = at;
    steps.push((name, next));
}

/// Writes the row if it is as expected; its new version, or none if somebody else was quicker.
fn write(state: &mut State, node: usize, work: &mut Work, phase: Phase) -> bool {
    if work.overtaken || !state.is_expected(work) {
        return false;
    }
    state.fences += 1;
    let owner = (node, state.nodes[node].life);
    let (fence, replaces, lost) = (state.fences, work.replaces, work.lost);
    state.intent = Some(Intent { fence, owner, replaces, lost, phase });
    work.expect = Some(fence);
    true
}

fn announce(state: &mut State, node: usize, mut work: Work) {
    let first = work.expect.is_none();
    let written = write(state, node, &mut work, Phase::Asking);
    state.nodes[node].at = match (written, first) {
        (false, _) => At::Idle,
        (true, true) => At::Checking(work),
        (true, false) => At::Ready(work),
    };
}

/// Reads the credential once more; gives the row up if it is another.
fn check(state: &mut State, node: usize, work: Work) {
    let same = state.status == Status::Active && state.stored == work.replaces;
    if !same && state.is_expected(&work) {
        state.intent = None;
    }
    state.nodes[node].at = if same { At::Ready(work) } else { At::Idle };
}

/// Waits no longer: of course where nothing will come, by chance where something might.
fn give_up(state: &State, node: usize, work: Work, asker: Asker, steps: &mut Vec<Step>) {
    let answered = state.answers.iter().find(|(of, ..)| *of == asker);
    let may_come = answered.is_some() || state.requests.iter().any(|(of, _)| *of == asker);
    if may_come && state.left.timeouts == 0 {
        return;
    }
    let mut next = state.clone();
    next.left.timeouts -= u8::from(may_come);
    next.unheard |= answered.is_some_and(|(_, answer, _)| matches!(answer, Answer::Tokens(_)));
    let lost = Work { lost: true, repeated: true, ..work };
    next.nodes[node].at = if work.repeated { At::Deciding(lost, Answer::Failure) } else { At::Looked(lost) };
    steps.push(("give up waiting", next));
}

fn keep(state: &mut State, node: usize, mut work: Work, answer: Answer) {
    work.overtaken |= !write(state, node, &mut work, Phase::Answered(answer));
    state.nodes[node].at = At::Deciding(work, answer);
}

/// The last batch of a renewal.
fn decide(state: &State, node: usize, work: Work, answer: Answer) -> Step {
    let mut next = state.clone();
    next.nodes[node].at = At::Idle;
    let ours = !work.overtaken && state.is_expected(&work);
    if state.status == Status::Revoked {
        if let (Answer::Tokens(_), true) = (answer, ours || work.overtaken) {
            next.intent = None;
        }
        let came = matches!(answer, Answer::Tokens(_));
        return (if came { "tokens come home revoked" } else { "nothing left to do" }, next);
    }
    if state.stored != work.replaces || state.status != Status::Active {
        return ("somebody else has seen to it", next);
    }
    match answer {
        Answer::Tokens(token) => {
            (next.stored, next.intent) = (token, None);
            (if ours { "store" } else { "store though overtaken" }, next)
        }
        _ if !ours => ("leave it to whoever took over", next),
        Answer::Refused => {
            (next.status, next.intent) = (Status::NeedsPerson, None);
            ("need a person", next)
        }
        Answer::Failure => {
            let mut work = work;
            next.intent = work.lost.then_some(state.intent).flatten();
            if work.lost {
                write(&mut next, node, &mut work, Phase::Resting);
            }
            ("fail for now", next)
        }
    }
}

fn crash(state: &State, node: usize) -> State {
    let mut next = state.clone();
    next.left.crashes -= 1;
    let mine = |of: &Asker| of.0 == node;
    let tokens = |answer: &Answer| matches!(answer, Answer::Tokens(_));
    next.unheard |=
        state.answers.iter().any(|(of, answer, _)| state.is_awaited(*of) && mine(of) && tokens(answer));
    next.unheard |= matches!(state.nodes[node].at, At::Heard(_, Answer::Tokens(_)));
    next.answers.retain(|(of, ..)| !mine(of));
    next.nodes[node].life += 1;
    next.nodes[node].at = At::Idle;
    next
}

fn of_network(state: &State, steps: &mut Vec<Step>) {
    for request @ (asker, token) in &state.requests {
        let mut without = state.clone();
        without.requests.remove(request);
        if state.left.drops > 0 {
            let mut next = without.clone();
            next.left.drops -= 1;
            steps.push(("lose a request", next));
        }
        if state.left.failures > 0 {
            let mut next = without.clone();
            next.left.failures -= 1;
            answered(&mut next, *asker, Answer::Failure);
            steps.push(("answer nonsense", next));
        }
        let answer = provider(&mut without, *token);
        answered(&mut without, *asker, answer);
        steps.push(("answer", without));
    }
    for message @ (asker, answer, copy) in &state.answers {
        let mut without = state.clone();
        without.answers.remove(message);
        let awaited = state.is_awaited(*asker);
        if state.left.copies > 0 && !copy {
            let mut next = state.clone();
            next.left.copies -= 1;
            next.answers.insert((*asker, *answer, true));
            steps.push(("copy an answer", next));
        }
        if state.left.drops > 0 && awaited && !copy {
            let mut next = without.clone();
            next.left.drops -= 1;
            next.unheard |= matches!(answer, Answer::Tokens(_));
            steps.push(("lose an answer", next));
        }
        if let At::Waiting(work, _) = state.nodes[asker.0].at
            && awaited
        {
            without.nodes[asker.0].at = At::Heard(work, *answer);
            steps.push(("hear", without));
        } else {
            steps.push((if *copy { "hear a copy too late" } else { "hear too late" }, without));
        }
    }
}

/// An answer sets out, if there is still somebody to hear it.
fn answered(state: &mut State, asker: Asker, answer: Answer) {
    if state.is_awaited(asker) {
        state.answers.insert((asker, answer, false));
    } else {
        state.late = true;
    }
}

/// What the provider does with a refresh token.
fn provider(state: &mut State, token: u8) -> Answer {
    let again = state.strictness == Strictness::Leeway && token + 1 == state.newest;
    match (state.alive, token == state.newest) {
        (false, _) => return Answer::Refused,
        (true, true) => state.newest += 1,
        (true, false) if again => {}
        (true, false) => {
            state.alive = false;
            return Answer::Refused;
        }
    }
    Answer::Tokens(state.newest)
}
