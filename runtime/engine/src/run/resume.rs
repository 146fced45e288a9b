//! A waiting run goes on.

use super::drive::host_fault;
use super::{RunEnd, RunObserver};
use crate::builder::Engine;
use crate::errors;
use crate::host::HostContext;
use crate::keys;
use sluis_lang::check;
use sluis_lang::value::data::Data;
use sluis_lang::vm::{Program, Settings, SnapshotError, Vm};
use sluis_model::error::{Failure, Reason};
use sluis_model::grant::{Grant, GrantOutcome};
use sluis_model::id::{Namespace, OrgId, RunId};
use sluis_model::run::{CallRecord, Run, RunStatus};
use sluis_store::{Change, Expect, Record, StoreError, Table, put_json};
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
        let run = self.run_record(org, id).await?;
        let Some(decided) = self.decided(&run).await? else { return Ok(ended(run)) };
        let (mut run, snapshot) = self.claim(run, &decided.namespace).await?;
        let mut vm = self.restore(&run, &snapshot).await?;
        run.status = RunStatus::Running;
        vm.resume(decided.answer.map_err(host_fault));
        let mut context = HostContext::new(self, run, observer, None);
        if let Some(record) = decided.record {
            context.record(record, "");
        }
        let (value, fault) = self.drive(&mut vm, &mut context).await?;
        let run = context.run;
        if !run.status.is_parked() {
            self.keep_run(&run).await?;
        }
        Ok(RunEnd { run, value, fault, warnings: Vec::new() })
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

    /// Takes the parked machine out of the store, so that nobody else goes on with it.
    async fn claim(&self, mut run: Run, namespace: &Namespace) -> Result<(Run, Record), Failure> {
        let key = keys::snapshot(&run.org, namespace, &run.id);
        let store = self.store().await?;
        run.status = RunStatus::Running;
        loop {
            let snapshot = store.get(&key).await.map_err(errors::store)?.ok_or_else(|| {
                Failure::new(Reason::Conflict, format!("run `{}` is already going on elsewhere", run.id))
            })?;
            let changes = vec![
                Change::Delete { key: key.clone(), expect: Expect::Version(snapshot.version) },
                Change::Delete { key: keys::waiting_link(&run.org, &run.id), expect: Expect::Any },
                put_json(keys::run(&run.org, &run.id), &run, Expect::Any).map_err(errors::store)?,
            ];
            match store.apply(changes).await {
                Ok(_) => return Ok((run, snapshot)),
                // Somebody took it, which the next look tells, or it was sealed anew with another key.
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(errors::store(error)),
            }
        }
    }

    async fn restore(&self, run: &Run, snapshot: &Record) -> Result<Vm, Failure> {
        let vault = self.vault_of(&run.org).await?;
        let bytes = vault.open(run.id.as_str(), field::SNAPSHOT, &snapshot.bytes).map_err(errors::vault)?;
        let settings = Settings { zone: self.zone().clone(), ..Settings::default() };
        let load = |count_statements| {
            let program = rebuilt(run, count_statements)?;
            Ok::<_, Failure>(Vm::restore(program, bytes.expose(), settings.clone()))
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
