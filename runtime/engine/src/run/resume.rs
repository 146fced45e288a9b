//! A waiting run goes on.

use super::keep::{recorded, run_not_found};
use super::lease::{Held, going_on_elsewhere};
use super::midway::{Answered, Midway};
use super::{Course, RunEnd, RunObserver};
use crate::builder::Engine;
use crate::{errors, keys};
use sluis_lang::check;
use sluis_lang::value::data::Data;
use sluis_lang::vm::{Program, Settings, SnapshotError, Vm};
use sluis_model::error::{Failure, Reason};
use sluis_model::grant::{Grant, GrantOutcome};
use sluis_model::id::{Namespace, OrgId, RunId};
use sluis_model::run::{CallRecord, Run, RunStatus};
use sluis_store::{Change, Expect, Table};
use sluis_vault::field;
use std::sync::Arc;

/// What a waiting run learns.
pub(super) enum Verdict {
    /// Nothing yet.
    StillWaiting,
    /// `authorize` answers this.
    Answer(bool),
    /// `authorize` faults.
    Fault(Failure),
}

/// How a parked run goes on.
struct Decided {
    /// The connector that it waited for.
    namespace: Namespace,
    /// What its host call answers.
    answer: Result<Data, Failure>,
    /// What is kept of what was brought.
    record: Option<CallRecord>,
}

/// A parked run that this process goes on with.
struct Claimed {
    held: Arc<Held>,
    run: Run,
    vm: Vm,
    answer: Answered,
}

impl Engine {
    /// Runs of an org that wait for a connector.
    pub async fn waiting_runs(&self, org: &OrgId, namespace: &Namespace) -> Result<Vec<RunId>, Failure> {
        let page = self
            .store()
            .await?
            .list(Table::Snapshots, org, &keys::snapshots_of(namespace), None, 10_000)
            .await
            .map_err(errors::store)?;
        Ok(page.iter().filter_map(|(id, _)| id.split_once('/')?.1.parse().ok()).collect())
    }

    /// Lets a waiting run go on if what it waits for has been decided; else answers it as it is.
    /// Two processes that try at once: one goes on, the other gets `conflict`.
    pub async fn resume(
        &self,
        org: &OrgId,
        id: &RunId,
        observer: &mut dyn RunObserver,
    ) -> Result<RunEnd, Failure> {
        let (version, run) = self.stored_run(org, id).await?.ok_or_else(|| run_not_found(org, id))?;
        let Some(decided) = self.decided(&run).await? else {
            return Ok(ended(self.run_record(org, id).await?));
        };
        let Claimed { held, mut run, mut vm, answer } = self.claim(run, version, decided).await?;
        // From here on the record is ours, and it is in it.
        run.status = RunStatus::Running;
        vm.resume(answer.into_result());
        let course = Course { hook: None, held: Some(held), nested_fuel: 0 };
        self.drive_on(vm, run, observer, course, Vec::new()).await
    }

    /// What the host call that a parked run stopped at answers; nothing while that is not decided.
    async fn decided(&self, run: &Run) -> Result<Option<Decided>, Failure> {
        match &run.status {
            RunStatus::Waiting { grant, .. } => {
                let grant = self.grant(&run.org, grant).await?;
                let answer = match self.verdict(&grant).await? {
                    Verdict::StillWaiting => return Ok(None),
                    Verdict::Answer(answer) => Ok(Data::Bool(answer)),
                    Verdict::Fault(failure) => Err(failure),
                };
                Ok(Some(Decided { namespace: grant.connector, answer, record: None }))
            }
            RunStatus::AwaitingCallback { call, api } => {
                self.end_if_late(&run.org, call).await?;
                let decided = self.answer_for_run(&run.org, call).await?;
                let namespace = api.namespace();
                Ok(decided.map(|(answer, record)| Decided { namespace, answer, record }))
            }
            _ => Ok(None),
        }
    }

    /// How what an attempt is about stands: the very connection, whichever others there are.
    pub(super) async fn verdict(&self, grant: &Grant) -> Result<Verdict, Failure> {
        let key = grant.key();
        if self.is_connected(&key).await? {
            return Ok(Verdict::Answer(true));
        }
        Ok(match &grant.outcome {
            GrantOutcome::Waiting | GrantOutcome::Exchanging => Verdict::StillWaiting,
            GrantOutcome::Authorized | GrantOutcome::Denied { .. } => Verdict::Answer(false),
            GrantOutcome::Failed { reason } => Verdict::Fault(
                Failure::new(Reason::BadUpstream, format!("`{key}` could not be authorized: {reason}"))
                    .help("an admin of the org tries again"),
            ),
            GrantOutcome::Expired => Verdict::Fault(
                Failure::new(Reason::Denied, format!("nobody authorized `{key}` in time"))
                    .help("run the script again and open the link it prints"),
            ),
        })
    }

    /// Takes the parked run, so that nobody else goes on with it; what it goes on with is kept, in case that
    /// this process dies.
    async fn claim(&self, mut run: Run, version: u64, decided: Decided) -> Result<Claimed, Failure> {
        let Decided { namespace, answer, record } = decided;
        let key = keys::snapshot(&run.org, &namespace, &run.id);
        let snapshot = self.store().await?.get(&key).await.map_err(errors::store)?;
        let snapshot = snapshot.ok_or_else(|| going_on_elsewhere(&run.id))?;
        let vault = self.vault_of(&run.org).await?;
        let bytes = vault.open(run.id.as_str(), field::SNAPSHOT, &snapshot.bytes).map_err(errors::vault)?;
        let vm = self.machine(&run, bytes.expose())?;
        run.calls.extend(record);
        run.status = RunStatus::Running;
        run.attempts = run.attempts.saturating_add(1);
        let answer = Answered::of(answer);
        let midway = Midway::answered(&run, answer.clone());
        let mut changes = recorded(&run, Expect::Version(version))?;
        changes.push(Change::Delete { key, expect: Expect::Any });
        changes.push(Change::Delete { key: keys::waiting_link(&run.org, &run.id), expect: Expect::Any });
        changes.extend(self.midway_change(&run.org, &run.id, &midway, bytes.expose()).await?);
        let held = self.take_run(&run, Vec::new(), changes).await?;
        Ok(Claimed { held, run, vm, answer })
    }

    /// A machine as it was sealed.
    pub(crate) fn machine(&self, run: &Run, bytes: &[u8]) -> Result<Vm, Failure> {
        let settings = Settings { zone: self.zone().clone(), ..Settings::default() };
        let load = |count_statements| {
            let program = rebuilt(run, count_statements)?;
            Ok::<_, Failure>(Vm::restore(program, bytes, settings.clone()))
        };
        // The machine carries its limits; whether they count statements only its program tells.
        let machine = match load(false)? {
            Err(SnapshotError::Program) => load(true)?,
            loaded => loaded,
        };
        machine.map_err(|error| {
            tracing::error!(run = %run.id, %error, "a parked machine could not be loaded");
            Failure::new(Reason::Internal, format!("run `{}` cannot go on: {error}", run.id))
                .help("run it again")
        })
    }
}

/// The program of a waiting run.
fn rebuilt(run: &Run, count_statements: bool) -> Result<Arc<Program>, Failure> {
    let environment = check::Environment {
        variables: run.inputs.clone(),
        functions: run.functions.clone(),
        count_statements,
        ..check::Environment::default()
    };
    let built = sluis_lang::build(&run.source, &environment);
    built.program.ok_or_else(|| {
        Failure::new(Reason::Internal, "the waiting script no longer compiles with this version of Sluis")
            .help("run it again")
    })
}

fn ended(run: Run) -> RunEnd {
    RunEnd { run, value: None, fault: None, warnings: Vec::new() }
}
