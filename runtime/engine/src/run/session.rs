//! Inputs of a prompt: programs that run one after the other over the same variables. A session
//! lives in its process; where an input waits for consent the prompt waits with it, so nothing is
//! parked.

use super::drive::{Stop, host_fault};
use super::resume::Verdict;
use crate::builder::Engine;
use crate::host::HostContext;
use crate::run::RunObserver;
use sluis_lang::value::data::Data;
use sluis_lang::vm::{FaultReport, Program, Session, Settings, Vm};
use sluis_model::error::Failure;
use sluis_model::grant::Grant;
use sluis_model::id::{GrantId, OrgId, RunId, UserId};
use sluis_model::run::{Run, RunStatus};
use sluis_model::trigger::Trigger;
use std::sync::Arc;

/// One input that runs.
pub struct SessionRun {
    vm: Vm,
    run: Run,
}

/// Why an input came to a stop.
#[derive(Debug)]
pub enum SessionStep {
    /// It ended; its value.
    Done(Data),
    /// It ended with a fault that nothing caught.
    Fault(FaultReport),
    /// It waits for a person: [`Engine::decide_in_session`], then go on.
    Waiting {
        /// The attempt.
        grant: Box<Grant>,
        /// Where the person goes.
        authorize_url: String,
    },
}

impl SessionRun {
    /// Ends the input, wherever it stands, and keeps what it has assigned.
    pub fn into_session(self) -> Session {
        self.vm.into_session()
    }
}

impl Engine {
    /// Makes an input ready that goes on with a session. The program must have been compiled with
    /// the session's variables.
    pub fn begin_in_session(
        &self,
        org: &OrgId,
        user: Option<UserId>,
        label: &str,
        program: Arc<Program>,
        session: Session,
    ) -> SessionRun {
        let settings = Settings { zone: self.zone().clone(), ..Settings::default() };
        let run = Run {
            id: RunId::generate(self.randomness()),
            org: org.clone(),
            user,
            label: label.to_owned(),
            function: None,
            source: program.source().to_owned(),
            entry: None,
            inputs: session.names(),
            functions: Vec::new(),
            status: RunStatus::Running,
            output: Vec::new(),
            calls: Vec::new(),
            sites: Default::default(),
            ledger: false,
            open: None,
            by: Trigger::ByHand,
            attempts: 1,
            queue: None,
            started_at: self.now(),
            finished_at: None,
            fuel: 0,
        };
        SessionRun { vm: Vm::in_session(program, session, self.limits(), settings), run }
    }

    /// Runs an input until it ends or waits. Dropping the call stops the input where it stands.
    pub async fn go_on_in_session(
        &self,
        input: &mut SessionRun,
        observer: &mut dyn RunObserver,
    ) -> SessionStep {
        let mut context = HostContext::new(self, input.run.clone(), observer, None, None);
        context.parks = false;
        let stop = self.drive_to_stop(&mut input.vm, &mut context).await;
        input.run = context.run;
        match stop {
            Stop::Done(value) => SessionStep::Done(value),
            Stop::Fault(report) => SessionStep::Fault(report),
            Stop::Wait { grant, authorize_url } => SessionStep::Waiting { grant, authorize_url },
            // Nobody has a session but its process.
            Stop::Halted(_) => SessionStep::Done(Data::Null),
            // Refused before anything is sent, because a session cannot be parked.
            Stop::Await(awaiting) => {
                tracing::error!(call = %awaiting.call, "a session waits for an answer that is brought");
                SessionStep::Done(Data::Null)
            }
        }
    }

    /// Gives a waiting input the answer to its `authorize`. False while nothing is decided.
    pub async fn decide_in_session(&self, input: &mut SessionRun, grant: &GrantId) -> Result<bool, Failure> {
        let grant = self.grant(&input.run.org, grant).await?;
        match self.verdict(&grant).await? {
            Verdict::StillWaiting => return Ok(false),
            Verdict::Answer(answer) => input.vm.resume(Ok(Data::Bool(answer))),
            Verdict::Fault(failure) => input.vm.resume(Err(host_fault(failure))),
        }
        Ok(true)
    }
}
