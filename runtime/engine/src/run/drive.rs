//! The driving loop: step, answer the host call, go on.

use super::lease::{Halt, Held, lost};
use super::midway::Midway;
use super::nested::{self, Called};
use crate::builder::Engine;
use crate::callbacks::Settled;
use crate::host::{self, Answer, Awaiting, HostContext};
use sluis_lang::value::data::Data;
use sluis_lang::vm::{Answers, Arguments, FaultReport, HostCall, HostFault, Step, Vm};
use sluis_model::error::{FailedAnswer, Failure};
use sluis_model::grant::Grant;
use sluis_model::run::RunStatus;

/// Fuel between two looks at the rest of the world; well under a millisecond of work.
const SLICE: u64 = 50_000;

/// Why a machine came to a stop.
pub(super) enum Stop {
    /// It ended; its value.
    Done(Data),
    /// A fault ended it.
    Fault(FaultReport),
    /// It waits for a person.
    Wait {
        /// The attempt.
        grant: Box<Grant>,
        /// Where the person goes.
        authorize_url: String,
    },
    /// It waits for an answer that a service brings.
    Await(Awaiting),
    /// It must not go on here.
    Halted(Halt),
}

impl Engine {
    /// Drives a machine until it ends or waits, and parks it where it waits; the outcome stands in
    /// the context's run.
    pub(crate) async fn drive(
        &self,
        vm: &mut Vm,
        context: &mut HostContext<'_>,
    ) -> Result<(Option<Data>, Option<FaultReport>), Failure> {
        let stop = self.drive_to_stop(vm, context).await;
        context.run.fuel = vm.fuel_used().saturating_add(context.nested_fuel);
        match stop {
            Stop::Wait { grant, authorize_url } => {
                context.run.status = RunStatus::Waiting { grant: grant.id.clone(), authorize_url };
                self.park(context, &grant.connector, vm).await?;
                Ok((None, None))
            }
            Stop::Await(awaiting) => {
                let Awaiting { call, api, shape } = awaiting;
                let namespace = api.namespace();
                context.run.status = RunStatus::AwaitingCallback { call: call.clone(), api };
                self.park_for(&context.run.org, &call, &context.run.id, &shape).await?;
                self.park(context, &namespace, vm).await?;
                // Brought before the run was parked: whoever took it found nobody to tell.
                if self.is_settled(&context.run.org, &call).await? {
                    let (org, run) = (context.run.org.clone(), Some(context.run.id.clone()));
                    self.tell_settled(Settled { org, call, run });
                }
                Ok((None, None))
            }
            Stop::Halted(Halt::Lost) => Err(lost(&context.run.id)),
            Stop::Halted(Halt::Cancelled(asked)) => {
                context.run.finished_at = Some(self.now());
                context.run.status = RunStatus::Cancelled { by: asked.by };
                Ok((None, None))
            }
            Stop::Done(data) => {
                context.run.finished_at = Some(self.now());
                context.run.status = RunStatus::Done { value: data.to_json() };
                Ok((Some(data), None))
            }
            Stop::Fault(report) => {
                context.run.finished_at = Some(self.now());
                context.run.status = RunStatus::Failed {
                    code: report.code.0.to_owned(),
                    message: report.message.clone(),
                    line: report.line,
                    reason: report.reason.clone(),
                    help: report.help.clone(),
                };
                Ok((None, Some(report)))
            }
        }
    }

    /// Drives a machine until it ends or waits. Stored functions that it calls are machines of their
    /// own, one above the other; only the topmost goes on. They stand in a list and not in each other,
    /// so that no depth of calls is a depth of Rust's stack.
    pub(super) async fn drive_to_stop(&self, vm: &mut Vm, context: &mut HostContext<'_>) -> Stop {
        let mut called: Vec<Called> = Vec::new();
        loop {
            let top = called.last_mut().map_or(&mut *vm, |called| &mut called.vm);
            match top.step_with(SLICE, &mut AtOnce(context)) {
                Step::OutOfFuel => {
                    if let Some(halt) = context.held.as_ref().and_then(|held| held.halted()) {
                        return Stop::Halted(halt);
                    }
                    tokio::task::yield_now().await;
                }
                Step::Host(call) if call.name == "callFunction" => {
                    let live = called.iter().fold(vm.fuel_used(), |sum, called| sum + called.vm.fuel_used());
                    match nested::called(context, &call.args, live).await {
                        Ok(next) => called.push(next),
                        Err(failure) => {
                            called
                                .last_mut()
                                .map_or(&mut *vm, |called| &mut called.vm)
                                .resume(Err(host_fault(failure)));
                        }
                    }
                    context.depth = called.len();
                }
                Step::Host(call) => {
                    let sealable = called.is_empty().then_some(&mut *vm);
                    let ready = match self.answered(sealable, context, &call).await {
                        Ok(Answer::Ready(ready)) => ready,
                        Ok(Answer::Wait { grant, authorize_url }) => {
                            return Stop::Wait { grant, authorize_url };
                        }
                        Ok(Answer::Await(awaiting)) => return Stop::Await(awaiting),
                        Err(halt) => return Stop::Halted(halt),
                    };
                    let top = called.last_mut().map_or(&mut *vm, |called| &mut called.vm);
                    top.resume(ready.map_err(host_fault));
                }
                Step::Done(data) => match finished(&mut called, context) {
                    Some(_) => called.last_mut().map_or(&mut *vm, |called| &mut called.vm).resume(Ok(data)),
                    None => return Stop::Done(data),
                },
                Step::Fault(report) => match finished(&mut called, context) {
                    Some(done) => {
                        let failure = done.failure(&report);
                        let caller = called.last_mut().map_or(&mut *vm, |called| &mut called.vm);
                        caller.resume(Err(host_fault(failure)));
                    }
                    None => return Stop::Fault(report),
                },
            }
        }
    }

    /// Answers a host call of a run, unless the run must not go on here. While the call takes long, the
    /// machine is sealed as it stood before it, if it stands alone.
    async fn answered(
        &self,
        sealable: Option<&mut Vm>,
        context: &mut HostContext<'_>,
        call: &HostCall,
    ) -> Result<Answer, Halt> {
        let Some(held) = context.held.clone() else { return Ok(host::answer(context, call).await) };
        if let Some(halt) = held.halted() {
            return Err(halt);
        }
        let fuel = sealable.as_ref().map_or(0, |vm| vm.fuel_used()).saturating_add(context.nested_fuel);
        if let Err(failure) = self.keep_progress(&held, fuel).await {
            tracing::warn!(run = %context.run.id, %failure, "what a run has done so far could not be kept");
        }
        if !host::waits_for_others(call.name) {
            return Ok(host::answer(context, call).await);
        }
        let before = context.run.ledger.then(|| Midway::before_call(context));
        // On the heap: what a call needs is much, and it stands deep in other calls.
        let mut answering = Box::pin(host::answer(context, call));
        tokio::select! {
            biased;
            answer = &mut answering => return Ok(answer),
            halt = held.halts() => return Err(halt),
            () = tokio::time::sleep(self.run_rules().seal_after) => {}
        }
        let sealing = async {
            if let (Some(vm), Some(before)) = (sealable, before) {
                self.seal_midway(&held, &before, vm).await;
            }
        };
        tokio::pin!(sealing);
        // The call goes on meanwhile: it may be writing under the lease at this moment, and sealing waits for that.
        let (ended, sealed) = tokio::select! {
            biased;
            answer = &mut answering => (Ok(answer), false),
            halt = held.halts() => (Err(halt), false),
            () = &mut sealing => tokio::select! {
                biased;
                answer = &mut answering => (Ok(answer), true),
                halt = held.halts() => (Err(halt), true),
            },
        };
        // What the call held is free, so that the seal is written to its end: the lease must know its own version.
        drop(answering);
        if !sealed {
            sealing.await;
        }
        ended
    }

    /// What cannot be sealed is done again from the ledger, if it comes to that.
    async fn seal_midway(&self, held: &Held, before: &Midway, vm: &mut Vm) {
        if let Err(failure) = self.keep_midway(held, before, vm).await {
            tracing::warn!(%failure, "the state of a run in mid-course could not be kept");
        }
    }
}

/// Answers what needs no waiting while the machine runs.
struct AtOnce<'a, 'b>(&'a HostContext<'b>);

impl Answers for AtOnce<'_, '_> {
    fn answer(&mut self, name: &'static str, args: Arguments<'_>) -> Option<Result<Data, HostFault>> {
        if !host::is_value(name) {
            return None;
        }
        let args: Option<Vec<Data>> = (0..args.len()).map(|at| args.data(at)).collect();
        Some(host::value(self.0, name, &args?)?.map_err(host_fault))
    }
}

/// Takes the topmost function off the list and keeps what it has used; none for the run itself.
fn finished(called: &mut Vec<Called>, context: &mut HostContext<'_>) -> Option<Called> {
    let done = called.pop()?;
    context.depth = called.len();
    context.nested_fuel = context.nested_fuel.saturating_add(done.vm.fuel_used());
    Some(done)
}

pub(super) fn host_fault(failure: Failure) -> HostFault {
    let reason = failure.code().to_owned();
    HostFault {
        reason,
        message: failure.message,
        help: failure.help,
        data: failure.answer.map(|answer| of_answer(*answer)),
    }
}

/// What a script reads of an answer that is an error: `e.status_code`, `e.response`, `e.who`, `e.retry`.
fn of_answer(answer: FailedAnswer) -> Data {
    Data::map([
        ("status_code", Data::Int(answer.status_code.into())),
        ("response", Data::from_json(&answer.response.to_string()).unwrap_or_default()),
        ("who", answer.who.map_or(Data::Null, |who| Data::from(who.as_str()))),
        ("retry", Data::Bool(answer.retry)),
    ])
}
