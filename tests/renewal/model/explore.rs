//! Hands the model to the checker, which walks through every state that can be reached, breadth first, so
//! that the way to a broken rule is a shortest one.

use super::nodes::steps;
use super::rules::broken;
use super::state::State;
use stateright::{Checker as _, Model, Property};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Mutex;

/// What an exploration has seen.
pub struct Seen {
    /// Different states.
    pub states: usize,
    /// Steps between them.
    pub steps: usize,
    /// The names of all steps that were taken somewhere.
    pub taken: BTreeSet<&'static str>,
}

/// A state, and the rule that the step which led to it broke: rules speak of steps, the checker of states.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Reached {
    state: State,
    broken: Option<&'static str>,
}

/// A step by name, with where it leads.
#[derive(Clone, PartialEq)]
struct Step {
    name: &'static str,
    next: State,
}

/// A way to a broken rule is read by the names of its steps.
impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The protocol from a state on.
struct Protocol {
    start: State,
    taken: Mutex<BTreeSet<&'static str>>,
}

impl Model for Protocol {
    type State = Reached;
    type Action = Step;

    fn init_states(&self) -> Vec<Reached> {
        vec![Reached { state: self.start.clone(), broken: None }]
    }

    fn actions(&self, here: &Reached, actions: &mut Vec<Step>) {
        actions.extend(steps(&here.state).into_iter().map(|(name, next)| Step { name, next }));
    }

    fn next_state(&self, here: &Reached, step: Step) -> Option<Reached> {
        self.taken.lock().unwrap().insert(step.name);
        let broken = broken(&here.state, &step.next);
        Some(Reached { state: step.next, broken })
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("no step breaks a rule", |_, reached: &Reached| reached.broken.is_none())]
    }
}

/// Explores all that can follow.
///
/// # Panics
/// Where a rule is broken; with the way there.
pub fn explore(start: State) -> Seen {
    let checked = Protocol { start, taken: Mutex::default() }.checker().threads(2).spawn_bfs().join();
    checked.assert_properties();
    let taken = checked.model().taken.lock().unwrap().clone();
    Seen { states: checked.unique_state_count(), steps: checked.state_count() - 1, taken }
}
