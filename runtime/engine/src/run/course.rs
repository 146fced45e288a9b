//! The course of a run: its script is compiled, its machine is driven until it stops, and what came of it is
//! written down.

use super::{EntryPoint, Held, RunEnd, RunObserver, RunRefused, RunRequest, entry};
use crate::builder::Engine;
use crate::host::HostContext;
use crate::keys::Place;
use sluis_lang::check::{self, Dialect};
use sluis_lang::codes;
use sluis_lang::diagnostic::Diagnostic;
use sluis_lang::value::data::Data;
use sluis_lang::vm::{Profile, Settings, Vm};
use sluis_model::error::Failure;
use sluis_model::id::RunId;
use sluis_model::run::{Run, RunStatus};
use sluis_model::trigger::Trigger;
use std::sync::Arc;

/// What a machine is driven with.
pub(crate) struct Course {
    /// The connection whose hook the run is.
    pub hook: Option<Place>,
    /// Who has it to themselves, where it is kept.
    pub held: Option<Arc<Held>>,
    /// Fuel that stored functions have used.
    pub nested_fuel: u64,
}

impl Engine {
    /// A run that begins now.
    pub(crate) fn new_run(&self, request: &RunRequest, by: Trigger) -> Run {
        Run {
            id: RunId::generate(self.randomness()),
            org: request.org.clone(),
            user: request.user.clone(),
            label: request.label.clone(),
            function: request.function.clone(),
            source: request.source.clone(),
            entry: None,
            inputs: Vec::new(),
            functions: Vec::new(),
            status: RunStatus::Running,
            output: Vec::new(),
            calls: Vec::new(),
            sites: Default::default(),
            ledger: request.keep,
            open: None,
            by,
            attempts: 1,
            queue: None,
            started_at: self.now(),
            finished_at: None,
            fuel: 0,
        }
    }

    /// Compiles the script of a run, and notes in its record what it was compiled with. Answers the machine
    /// and what is only a warning.
    pub(crate) async fn prepare(
        &self,
        run: &mut Run,
        wanted: &EntryPoint,
        args: Vec<(String, Data)>,
    ) -> Result<(Vm, Vec<Diagnostic>), RunRefused> {
        let mut environment = check::Environment {
            variables: args.iter().map(|(name, _)| name.clone()).collect(),
            dialect: dialect(self.limits().profile),
            count_statements: self.limits().counts_statements(),
            ..check::Environment::default()
        };
        let mut built = sluis_lang::build(&run.source, &environment);
        // A script that calls nothing unknown needs no store, and never opens one.
        if built.diagnostics.iter().any(|diagnostic| diagnostic.code == codes::UNKNOWN_FUNCTION) {
            environment.functions = self.function_names(&run.org).await?;
            if !environment.functions.is_empty() {
                built = sluis_lang::build(&run.source, &environment);
            }
        }
        let Some(program) = built.program else { return Err(RunRefused::Script(built.diagnostics)) };
        let entry = entry::choose(&program, wanted)?;
        run.entry = entry::name(&program, &entry);
        let settings = Settings { zone: self.zone().clone(), ..Settings::default() };
        let vm = Vm::new(program, entry, args, self.limits(), settings)
            .map_err(|error| RunRefused::Entry { message: error.to_string(), help: None })?;
        run.inputs = environment.variables;
        run.functions = environment.functions;
        Ok((vm, built.diagnostics))
    }

    /// Drives a machine until it stops, and writes down what came of it.
    pub(crate) async fn drive_on(
        &self,
        mut vm: Vm,
        run: Run,
        observer: &mut dyn RunObserver,
        course: Course,
        warnings: Vec<Diagnostic>,
    ) -> Result<RunEnd, Failure> {
        let Course { hook, held, nested_fuel } = course;
        let (fuel_before, calls_before) = (run.fuel, run.calls.len());
        let mut context = HostContext::new(self, run, observer, hook, held.clone());
        context.nested_fuel = nested_fuel;
        let driven = Box::pin(self.drive(&mut vm, &mut context)).await;
        let mut run = context.run;
        let calls = run.calls.iter().skip(calls_before).filter(|call| !call.wire.replayed).count();
        self.run_meter().used(&run.org, self.now(), run.fuel.saturating_sub(fuel_before), calls);
        match (driven, held) {
            (Ok((value, fault)), held) => {
                if let Some(held) = held.filter(|_| !run.status.is_parked()) {
                    self.settle_run(&held, &mut run).await?;
                }
                Ok(RunEnd { run, value, fault, warnings })
            }
            (Err(failure), Some(held)) => {
                self.settle_broken(&held, run, &failure).await;
                Err(failure)
            }
            (Err(failure), None) => Err(failure),
        }
    }
}

/// Who asks for the limits of a platform wants to hear what that platform refuses.
fn dialect(profile: Profile) -> Dialect {
    match profile {
        Profile::Crm | Profile::Creator => Dialect::Crm,
        Profile::Local | Profile::Server => Dialect::default(),
    }
}
