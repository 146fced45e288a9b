//! Runs that are asked for and that nobody waits for: written down as queued together with the job that
//! begins them, in one batch.

use super::keep::recorded;
use super::slots::Found;
use super::{Course, EntryPoint, RunEnd, RunObserver, RunRefused, RunRequest};
use crate::builder::Engine;
use crate::{errors, keys};
use sluis_lang::value::data::Data;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{FunctionName, OrgId, RunId, UserId};
use sluis_model::run::{InQueue, Run, RunStatus};
use sluis_model::time::Timestamp;
use sluis_model::trigger::Trigger;
use sluis_store::{Change, Expect, Job, StoreError, get_json, put_json};

/// Name of the task that works on runs. Part of what is stored.
pub(crate) const TASK: &str = "run";

/// Attempts of the job itself, where the runtime failed before or after the run: those of the script are
/// counted in the run.
const JOB_ATTEMPTS: u32 = 25;

/// A run that is asked for.
#[derive(Debug, Clone)]
pub struct Enqueued {
    /// On whose behalf.
    pub org: OrgId,
    /// The stored function.
    pub function: FunctionName,
    /// Its named arguments.
    pub args: Vec<(String, Data)>,
    /// What asks for it.
    pub by: Trigger,
    /// The user on whose behalf, where each user has connections of their own.
    pub user: Option<UserId>,
    /// Who asks a second time with the same text gets the run that there is.
    pub dedupe: Option<String>,
    /// It does not begin before.
    pub not_before: Option<Timestamp>,
}

/// The key under which the job of a run stands in the queue.
pub(crate) fn job_key(run: &RunId) -> String {
    format!("run/{run}")
}

/// The change that queues the job of a run: from when the run says.
pub(crate) fn job_of(run: &Run) -> Change {
    let run_at = run.queue.as_ref().and_then(|queue| queue.not_before);
    job_with(&run.org, &run.id, run.id.to_string(), run_at)
}

/// The same with another payload.
pub(crate) fn job_with(org: &OrgId, run: &RunId, payload: String, run_at: Option<Timestamp>) -> Change {
    let (task, key) = (TASK.to_owned(), Some(job_key(run)));
    Change::Enqueue { job: Job { task, org: org.clone(), payload, key, run_at, max_attempts: JOB_ATTEMPTS } }
}

fn dedupe_key(org: &OrgId, hash: &str) -> sluis_store::Key {
    keys::indexed(org, keys::ASKED_FOR, hash)
}

/// The change that forgets by which text a run was asked for.
pub(super) fn forget_dedupe(run: &Run) -> Option<Change> {
    let hash = run.queue.as_ref()?.dedupe.as_ref()?;
    Some(Change::Delete { key: dedupe_key(&run.org, hash), expect: Expect::Any })
}

impl Engine {
    /// Writes down a run that is to begin as soon as somebody has a hand free, or later. A script that does
    /// not compile any more, arguments that do not fit and a quota that is used up are told at once.
    pub async fn enqueue_run(&self, wanted: Enqueued) -> Result<RunId, Failure> {
        let store = self.store().await?;
        loop {
            let (run, changes) = self.enqueue_changes(wanted.clone()).await?;
            if changes.is_empty() {
                return Ok(run);
            }
            match store.apply(changes).await {
                Ok(_) => return Ok(run),
                // Somebody has asked for the same at the same moment: the next look finds it.
                Err(StoreError::Conflict { key }) if key.id.starts_with(keys::ASKED_FOR) => {}
                Err(error) => return Err(errors::store(error)),
            }
        }
    }

    /// Runs a request at once, if there is a place for it; else it is put into the line.
    pub(crate) async fn run_in_place(
        &self,
        request: RunRequest,
        by: Trigger,
        observer: &mut dyn RunObserver,
    ) -> Result<RunEnd, RunRefused> {
        let mut run = self.new_run(&request, by);
        let (vm, warnings) = self.prepare(&mut run, &request.entry, request.args.clone()).await?;
        self.run_meter().run(&run.org, self.now());
        let args = self.keep_args(&run, &request.args).await?;
        let mut changes = recorded(&run, Expect::Absent)?;
        changes.push(args.clone());
        match self.begin_in_place(&run, &changes, false).await? {
            Found::Held(held) => {
                let course = Course { hook: None, held: Some(held), nested_fuel: 0 };
                Ok(self.drive_on(vm, run, observer, course, warnings).await?)
            }
            Found::Line(line) => {
                (run.status, run.attempts) = (RunStatus::Queued, 0);
                run.queue = Some(InQueue::default());
                let mut changes = recorded(&run, Expect::Absent)?;
                changes.extend([args, self.stand_in(&run, &line)]);
                self.store().await?.apply(changes).await.map_err(errors::store)?;
                Ok(RunEnd { run, value: None, fault: None, warnings })
            }
        }
    }

    /// The changes that do, for whoever has more to write in the same batch; none if the run was asked for
    /// before. A `conflict` at a row of the index means that somebody asks for the same right now: look again.
    pub async fn enqueue_changes(&self, wanted: Enqueued) -> Result<(RunId, Vec<Change>), Failure> {
        let Enqueued { org, function, args, by, user, dedupe, not_before } = wanted;
        self.org(&org).await?;
        let dedupe = dedupe.map(|text| sluis_vault::hash_token(&text));
        if let Some(hash) = &dedupe {
            let found = get_json::<RunId>(self.store().await?, &dedupe_key(&org, hash)).await;
            if let Some((_, run)) = found.map_err(errors::store)? {
                return Ok((run, Vec::new()));
            }
        }
        self.within_quota(&org).await?;
        let stored = self.function(&org, &function).await?;
        let request = RunRequest {
            org,
            user,
            label: function.to_string(),
            function: Some(function),
            source: stored.source,
            entry: EntryPoint::Default,
            args,
            keep: true,
        };
        let mut run = self.new_run(&request, by);
        self.prepare(&mut run, &request.entry, request.args.clone()).await.map_err(as_failure)?;
        run.status = RunStatus::Queued;
        run.attempts = 0;
        run.queue = Some(InQueue { not_before, dedupe: dedupe.clone(), ..InQueue::default() });
        let mut changes = recorded(&run, Expect::Absent)?;
        changes.push(self.keep_args(&run, &request.args).await?);
        if let Some(hash) = &dedupe {
            let key = dedupe_key(&run.org, hash);
            changes.push(put_json(key, &run.id, Expect::Absent).map_err(errors::store)?);
        }
        changes.push(job_of(&run));
        self.run_meter().run(&run.org, self.now());
        Ok((run.id, changes))
    }
}

/// Why a run that is asked for cannot begin.
pub(super) fn as_failure(refused: RunRefused) -> Failure {
    match refused {
        RunRefused::Failure(failure) => failure,
        RunRefused::Entry { message, help } => {
            let failure = Failure::new(Reason::InvalidInput, message);
            match help {
                Some(help) => failure.help(help),
                None => failure,
            }
        }
        RunRefused::Script(diagnostics) => {
            let first = diagnostics.iter().find(|diagnostic| diagnostic.is_error());
            let why = first.map(|diagnostic| diagnostic.message.clone()).unwrap_or_default();
            Failure::new(Reason::InvalidDefinition, format!("the function does not compile: {why}"))
                .help("store it again: what is wrong is shown then, with its place")
        }
    }
}
