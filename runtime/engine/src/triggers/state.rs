//! How a trigger stands: what came of its last firings, and when the next is planned.

use crate::builder::Engine;
use crate::{errors, keys};
use serde::{Deserialize, Serialize};
use sluis_model::error::Failure;
use sluis_model::id::{OrgId, RunId, TriggerName};
use sluis_model::time::Timestamp;
use sluis_store::{Expect, StoreError, get_json, put_json};
use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

/// Firings that are remembered.
const REMEMBERED: usize = 20;

/// How a trigger stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriggerState {
    /// How often it started a run.
    #[serde(default)]
    pub started: u64,
    /// How often what came was the same as before.
    #[serde(default)]
    pub repeated: u64,
    /// How often it was asked without right, or with what it cannot use.
    #[serde(default)]
    pub refused: u64,
    /// How often it let a moment or a request go by.
    #[serde(default)]
    pub skipped: u64,
    /// When it last started a run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_started_at: Option<Timestamp>,
    /// The run that it started last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_run: Option<RunId>,
    /// The moment that is planned next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Timestamp>,
    /// Moments that wait until the run before has ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owed: Vec<Timestamp>,
    /// The last firings, newest first.
    #[serde(default)]
    pub recent: VecDeque<Firing>,
    /// The last refusals, newest first. They stand by themselves, so that whoever has no right here does not
    /// fill up what its owner reads.
    #[serde(default)]
    pub refusals: VecDeque<Firing>,
}

/// One time that a trigger was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Firing {
    /// When.
    pub at: Timestamp,
    /// The moment that was planned, where it is a schedule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned: Option<Timestamp>,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: FiringOutcome,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum FiringOutcome {
    /// A run was started.
    Started {
        /// The run.
        run: RunId,
    },
    /// It was the same as before, whose run this is.
    Repeated {
        /// The run.
        run: RunId,
    },
    /// It was let go by.
    Skipped {
        /// Why.
        why: String,
    },
    /// A question of the service was answered.
    Answered,
    /// Who asked has no right, or what came cannot be used.
    Refused {
        /// Why.
        why: String,
    },
    /// The run could not be started.
    Failed {
        /// Why.
        why: String,
    },
}

impl TriggerState {
    /// Remembers a firing.
    pub fn note(&mut self, firing: Firing) {
        match &firing.outcome {
            FiringOutcome::Started { run } => {
                self.started += 1;
                self.last_started_at = Some(firing.at);
                self.last_run = Some(run.clone());
            }
            FiringOutcome::Repeated { .. } => self.repeated += 1,
            FiringOutcome::Skipped { .. } => self.skipped += 1,
            FiringOutcome::Refused { .. } => self.refused += 1,
            FiringOutcome::Answered | FiringOutcome::Failed { .. } => {}
        }
        let kept = match firing.outcome {
            FiringOutcome::Refused { .. } => &mut self.refusals,
            _ => &mut self.recent,
        };
        kept.push_front(firing);
        kept.truncate(REMEMBERED);
    }
}

/// Firings that are yet to be written down. Whoever comes while somebody writes leaves theirs to them: a hundred
/// requests to one trigger do not write its row a hundred times.
#[derive(Debug, Default)]
pub struct TriggerNotes(Mutex<HashMap<(OrgId, TriggerName), Vec<Firing>>>);

impl TriggerNotes {
    /// Leaves a firing; whether nobody is writing those of this trigger, so that the caller has to.
    fn leave(&self, of: &(OrgId, TriggerName), firing: Firing) -> bool {
        let mut all = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match all.get_mut(of) {
            Some(waiting) => {
                waiting.push(firing);
                false
            }
            None => {
                all.insert(of.clone(), vec![firing]);
                true
            }
        }
    }

    /// Takes what is to be written; without anything, nobody is writing from now on.
    fn take(&self, of: &(OrgId, TriggerName)) -> Vec<Firing> {
        let mut all = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match all.get_mut(of) {
            Some(waiting) if !waiting.is_empty() => std::mem::take(waiting),
            _ => {
                all.remove(of);
                Vec::new()
            }
        }
    }
}

impl Engine {
    /// How a trigger stands, and the version of that; nothing if it never fired and nothing is planned.
    pub(super) async fn trigger_state(
        &self,
        org: &OrgId,
        name: &TriggerName,
    ) -> Result<(Expect, TriggerState), Failure> {
        let found = get_json(self.store().await?, &keys::trigger_state(org, name)).await;
        Ok(match found.map_err(errors::store)? {
            Some((version, state)) => (Expect::Version(version), state),
            None => (Expect::Absent, TriggerState::default()),
        })
    }

    /// Writes a firing down. A trigger that fires all the same must not fail because of that.
    pub(super) async fn note_firing(&self, org: &OrgId, name: &TriggerName, outcome: FiringOutcome) {
        let firing = Firing { at: self.now(), planned: None, outcome };
        let of = (org.clone(), name.clone());
        if !self.trigger_notes().leave(&of, firing) {
            return;
        }
        loop {
            let firings = self.trigger_notes().take(&of);
            if firings.is_empty() {
                return;
            }
            if let Err(failure) = self.write_firings(org, name, &firings).await {
                tracing::warn!(%org, trigger = %name, %failure, "what came of a trigger could not be written down");
            }
        }
    }

    async fn write_firings(
        &self,
        org: &OrgId,
        name: &TriggerName,
        firings: &[Firing],
    ) -> Result<(), Failure> {
        loop {
            let (expect, mut state) = self.trigger_state(org, name).await?;
            firings.iter().for_each(|firing| state.note(firing.clone()));
            let change = put_json(keys::trigger_state(org, name), &state, expect).map_err(errors::store)?;
            match self.store().await?.apply(vec![change]).await {
                Ok(_) => return Ok(()),
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(errors::store(error)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(at: i64) -> Firing {
        let outcome = FiringOutcome::Refused { why: "no".to_owned() };
        Firing { at: Timestamp(at), planned: None, outcome }
    }

    #[test]
    fn refusals_push_out_no_firing() {
        let mut state = TriggerState::default();
        let run: RunId = "run_00000000000000000000000000".parse().unwrap();
        let outcome = FiringOutcome::Started { run };
        state.note(Firing { at: Timestamp(1), planned: None, outcome: outcome.clone() });
        (2..200).for_each(|at| state.note(refused(at)));
        assert_eq!((state.started, state.refused, state.recent.len()), (1, 198, 1));
        assert_eq!(state.refusals.len(), REMEMBERED);
        assert_eq!(state.refusals[0].at, Timestamp(199));
    }

    #[test]
    fn whoever_comes_while_somebody_writes_leaves_it_to_them() {
        let notes = TriggerNotes::default();
        let of = ("acme".parse().unwrap(), "t".parse().unwrap());
        assert!(notes.leave(&of, refused(1)));
        assert!(!notes.leave(&of, refused(2)));
        assert_eq!(notes.take(&of).len(), 2);
        assert!(!notes.leave(&of, refused(3)), "the first is still at it");
        assert_eq!(notes.take(&of).len(), 1);
        assert!(notes.take(&of).is_empty());
        assert!(notes.leave(&of, refused(4)));
    }
}
