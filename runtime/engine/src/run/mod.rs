//! Runs: a script is built, driven from host call to host call, parked when it waits for a person,
//! and goes on later, in this process or another.

mod again;
pub mod drive;
pub mod entry;
pub mod keep;
pub mod list;
mod nested;
pub mod resume;
pub mod session;

use crate::builder::Engine;
use crate::host::HostContext;
use crate::keys::Place;
use sluis_lang::check::{self, Dialect};
use sluis_lang::codes;
use sluis_lang::diagnostic::Diagnostic;
use sluis_lang::value::data::Data;
use sluis_lang::vm::{FaultReport, Profile, Settings, Vm};
use sluis_model::error::Failure;
use sluis_model::id::{FunctionName, OrgId, RunId, UserId};
use sluis_model::run::{CallRecord, Run, RunStatus};

pub use entry::EntryPoint;
pub use session::{SessionRun, SessionStep};

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
        self.run_as(request, observer, hook, None).await
    }

    /// The same for a run that there was before, whose record is claimed already.
    async fn run_as(
        &self,
        request: RunRequest,
        observer: &mut dyn RunObserver,
        hook: Option<Place>,
        before: Option<Run>,
    ) -> Result<RunEnd, RunRefused> {
        let mut environment = check::Environment {
            variables: request.args.iter().map(|(name, _)| name.clone()).collect(),
            dialect: dialect(self.limits().profile),
            count_statements: self.limits().counts_statements(),
            ..check::Environment::default()
        };
        let mut built = sluis_lang::build(&request.source, &environment);
        // A script that calls nothing unknown needs no store, and never opens one.
        if built.diagnostics.iter().any(|diagnostic| diagnostic.code == codes::UNKNOWN_FUNCTION) {
            environment.functions = self.function_names(&request.org).await?;
            if !environment.functions.is_empty() {
                built = sluis_lang::build(&request.source, &environment);
            }
        }
        let Some(program) = built.program else { return Err(RunRefused::Script(built.diagnostics)) };
        let entry = entry::choose(&program, &request.entry)?;
        let entry_name = entry::name(&program, &entry);
        let settings = Settings { zone: self.zone().clone(), ..Settings::default() };
        let args = request.args.clone();
        let mut vm = Vm::new(program, entry, request.args, self.limits(), settings)
            .map_err(|error| RunRefused::Entry { message: error.to_string(), help: None })?;
        let run = Run {
            id: before.as_ref().map_or_else(|| RunId::generate(self.randomness()), |run| run.id.clone()),
            org: request.org,
            user: request.user,
            label: request.label,
            function: request.function,
            source: request.source,
            entry: entry_name,
            inputs: environment.variables,
            functions: environment.functions,
            status: RunStatus::Running,
            output: Vec::new(),
            calls: Vec::new(),
            sites: Default::default(),
            ledger: request.keep,
            open: None,
            started_at: before.as_ref().map_or_else(|| self.now(), |run| run.started_at),
            finished_at: None,
            fuel: 0,
        };
        if request.keep && before.is_none() {
            self.keep_run_and(&run, vec![self.keep_args(&run, &args).await?]).await?;
        }
        let mut context = HostContext::new(self, run, observer, hook);
        let driven = self.drive(&mut vm, &mut context).await;
        let mut run = context.run;
        let (value, fault) = match driven {
            Ok(end) => end,
            Err(failure) => {
                run.status = RunStatus::Interrupted;
                if request.keep {
                    self.keep_run(&run).await?;
                }
                return Err(failure.into());
            }
        };
        if request.keep && !run.status.is_parked() {
            self.keep_run(&run).await?;
        }
        Ok(RunEnd { run, value, fault, warnings: built.diagnostics })
    }
}

/// Who asks for the limits of a platform wants to hear what that platform refuses.
fn dialect(profile: Profile) -> Dialect {
    match profile {
        Profile::Crm | Profile::Creator => Dialect::Crm,
        Profile::Local | Profile::Server => Dialect::default(),
    }
}
