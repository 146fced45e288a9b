//! Walks through every state that can be reached, breadth first, so that the way to a broken rule is a
//! shortest one. Whole states are compared, not digests of them.

use super::nodes::steps;
use super::rules::broken;
use super::state::State;
use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;

/// What an exploration has seen.
pub struct Seen {
    /// Different states.
    pub states: usize,
    /// Steps between them.
    pub steps: usize,
    /// The names of all steps that were taken somewhere.
    pub taken: BTreeSet<&'static str>,
}

/// A state, and the step that first led to it.
struct Reached {
    state: Rc<State>,
    from: usize,
    by: &'static str,
}

/// Explores all that can follow.
///
/// # Panics
/// Where a rule is broken; with the way there.
pub fn explore(start: State) -> Seen {
    let start = Rc::new(start);
    let mut known = HashSet::from([start.clone()]);
    let mut reached = vec![Reached { state: start, from: 0, by: "start" }];
    let mut seen = Seen { states: 0, steps: 0, taken: BTreeSet::new() };
    while let Some(here) = reached.get(seen.states).map(|reached| reached.state.clone()) {
        for (by, next) in steps(&here) {
            seen.steps += 1;
            seen.taken.insert(by);
            if let Some(rule) = broken(&here, &next) {
                panic!("{rule}: {:?}, {by}\n{next:#?}", way_to(&reached, seen.states));
            }
            if !known.contains(&next) {
                let state = Rc::new(next);
                known.insert(state.clone());
                reached.push(Reached { state, from: seen.states, by });
            }
        }
        seen.states += 1;
    }
    seen
}

fn way_to(reached: &[Reached], mut at: usize) -> Vec<&'static str> {
    let mut way = Vec::new();
    while at != 0 {
        way.push(reached[at].by);
        at = reached[at].from;
    }
    way.reverse();
    way
}
