//! Runs: a script is built, driven from host call to host call, parked when it waits for a person,
//! and goes on later, in this process or another.

mod again;
pub mod cancel;
mod course;
pub mod dead_letters;
pub mod drive;
pub mod enqueue;
pub mod entry;
pub mod index;
pub mod keep;
mod lease;
mod live;
pub mod meter;
mod midway;
mod nested;
pub mod quota;
pub mod recover;
pub mod resume;
pub mod retention;
pub mod rules;
pub mod session;
pub mod settings;
mod settle;
mod slots;
mod store_clock;
pub mod tail;
mod work;

use crate::builder::Engine;
use crate::keys::Place;
use keep::recorded;
use sluis_lang::diagnostic::Diagnostic;
use sluis_lang::value::data::Data;
use sluis_lang::vm::FaultReport;
use sluis_model::error::Failure;
use sluis_model::id::{FunctionName, OrgId, UserId};
use sluis_model::run::{CallRecord, Run};
use sluis_model::trigger::Trigger;
use sluis_store::Expect;

pub(crate) use course::Course;
pub use enqueue::Enqueued;
pub(crate) use enqueue::TASK;
pub use entry::EntryPoint;
pub(crate) use lease::Held;
pub(crate) use live::HeldRuns;
pub(crate) use meter::RunMeter;
pub use rules::RunRules;
pub use session::{SessionRun, SessionStep};
pub(crate) use store_clock::StoreClock;
pub(crate) use work::work;

/// What is to be run.
#[derive(Debug, Clone)]
pub struct RunRequest {
    /// On whose behalf.
    pub org: OrgId,
    /// The user on whose behalf: whose connections it uses where each user has their own.
    pub user: Option<UserId>,
    /// File name or function name, for people.
    pub label: String,
    /// Stored function, if it is one.
    pub function: Option<FunctionName>,
    /// The script.
    pub source: String,
    /// Where it begins.
    pub entry: EntryPoint,
    /// Named arguments: parameters of the function, or variables of the top-level statements.
    pub args: Vec<(String, Data)>,
    /// Whether a record is kept from the first moment. Without it a record appears only when the
    /// run has to wait: so a script that needs no store never opens one.
    pub keep: bool,
}

/// Watches a run while it goes, on whichever thread that is.
pub trait RunObserver: Send + Sync {
    /// A line printed by `info`.
    fn info(&mut self, _line: &str) {}
    /// A request has been answered, or not; `wire` is what was sent, secrets starred.
    fn call(&mut self, _record: &CallRecord, _wire: &str) {}
}

/// Watches nothing.
pub struct Unobserved;

impl RunObserver for Unobserved {}

/// A run that stopped: at its end, or waiting.
#[derive(Debug)]
pub struct RunEnd {
    /// The record.
    pub run: Run,
    /// Its value, if it is done.
    pub value: Option<Data>,
    /// The uncaught fault with its place, if there was one.
    pub fault: Option<FaultReport>,
    /// Variables or warnings found before it began.
    pub warnings: Vec<Diagnostic>,
}

/// Why a run did not begin.
#[derive(Debug, thiserror::Error)]
pub enum RunRefused {
    /// The script does not compile.
    #[error("the script has errors")]
    Script(Vec<Diagnostic>),
    /// The function to begin with, or an argument, is wrong.
    #[error("{message}")]
    Entry {
        /// What is wrong.
        message: String,
        /// What to do about it.
        help: Option<String>,
    },
    /// The runtime failed.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl Engine {
    /// Runs a script until it ends or has to wait.
    pub async fn run(
        &self,
        request: RunRequest,
        observer: &mut dyn RunObserver,
    ) -> Result<RunEnd, RunRefused> {
        self.run_as_hook(request, observer, None).await
    }

    /// The same for a hook, which sees the connection it is about.
    pub(crate) async fn run_as_hook(
        &self,
        request: RunRequest,
        observer: &mut dyn RunObserver,
        hook: Option<Place>,
    ) -> Result<RunEnd, RunRefused> {
        let mut run = self.new_run(&request, Trigger::ByHand);
        let (vm, warnings) = self.prepare(&mut run, &request.entry, request.args.clone()).await?;
        let held = match request.keep {
            true => {
                let mut changes = recorded(&run, Expect::Absent)?;
                changes.push(self.keep_args(&run, &request.args).await?);
                Some(self.take_run(&run, Vec::new(), changes).await.map_err(Failure::from)?)
            }
            false => None,
        };
        let course = Course { hook, held, nested_fuel: 0 };
        Ok(self.drive_on(vm, run, observer, course, warnings).await?)
    }
}
