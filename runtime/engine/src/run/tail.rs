//! Looking on while a run goes on: first what it has done so far, then each line and call as it happens, at
//! last its end. Also of a run that another process works on: then what it keeps now and then is read.

use crate::builder::Engine;
use sluis_model::error::Failure;
use sluis_model::id::{OrgId, RunId};
use sluis_model::run::{CallRecord, Run};
use sluis_model::run_state::RunState;
use std::collections::VecDeque;
use std::time::Duration;

/// How often a run of another process is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How far somebody has looked on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TailPlace {
    /// Lines seen.
    pub lines: usize,
    /// Calls seen.
    pub calls: usize,
}

/// What is seen of a run.
#[derive(Debug, Clone, PartialEq)]
pub enum TailEvent {
    /// It stands so from now on.
    State(RunState),
    /// It has begun again: what it does from its beginning is told again.
    Anew,
    /// It has printed a line.
    Line(String),
    /// It has made a call.
    Call(Box<CallRecord>),
    /// It has ended; its record.
    End(Box<Run>),
}

/// Looks on while a run goes on.
pub struct RunTail {
    engine: Engine,
    org: OrgId,
    run: RunId,
    place: TailPlace,
    state: Option<RunState>,
    seen: VecDeque<(TailPlace, TailEvent)>,
    has_ended: bool,
}

impl Engine {
    /// Looks on from a place: from the beginning, or where somebody has stopped looking.
    pub async fn tail_run(&self, org: &OrgId, run: &RunId, from: TailPlace) -> Result<RunTail, Failure> {
        let mut tail = RunTail {
            engine: self.clone(),
            org: org.clone(),
            run: run.clone(),
            place: from,
            state: None,
            seen: VecDeque::new(),
            has_ended: false,
        };
        // A run that is not there is told now.
        let record = self.run_record(org, run).await?;
        tail.take(record);
        Ok(tail)
    }
}

impl RunTail {
    /// What is seen next and the place after it, as soon as there is something; none after the end.
    pub async fn next(&mut self) -> Result<Option<(TailPlace, TailEvent)>, Failure> {
        loop {
            if let Some(seen) = self.seen.pop_front() {
                return Ok(Some(seen));
            }
            if self.has_ended {
                return Ok(None);
            }
            // Asked for before the record is read, so that nothing falls between look and wait.
            let here = self.engine.held_runs().find(&self.org, &self.run);
            let mut changes = here.map(|held| held.live.changes());
            let record = self.engine.run_record(&self.org, &self.run).await?;
            self.take(record);
            if !self.seen.is_empty() {
                continue;
            }
            match &mut changes {
                Some(changes) => drop(tokio::time::timeout(LOOK_EVERY, changes.changed()).await),
                None => tokio::time::sleep(LOOK_EVERY).await,
            }
        }
    }

    /// Notes what is new in a record.
    fn take(&mut self, record: Run) {
        let state = RunState::from(&record.status);
        if record.output.len() < self.place.lines || record.calls.len() < self.place.calls {
            self.place = TailPlace::default();
            self.see(TailEvent::Anew);
        }
        if self.state != Some(state) && !state.has_ended() {
            self.see(TailEvent::State(state));
        }
        self.state = Some(state);
        for line in record.output.iter().skip(self.place.lines) {
            self.place.lines += 1;
            self.seen.push_back((self.place, TailEvent::Line(line.clone())));
        }
        for call in record.calls.iter().skip(self.place.calls) {
            self.place.calls += 1;
            self.seen.push_back((self.place, TailEvent::Call(Box::new(call.clone()))));
        }
        if state.has_ended() {
            self.has_ended = true;
            self.see(TailEvent::End(Box::new(record)));
        }
    }

    fn see(&mut self, event: TailEvent) {
        self.seen.push_back((self.place, event));
    }
}
