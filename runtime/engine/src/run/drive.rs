//! The driving loop: step, answer the host call, go on.

use crate::builder::Engine;
use crate::host::{self, Answer, HostContext};
use sluis_lang::value::data::Data;
use sluis_lang::vm::{FaultReport, HostFault, Step, Vm};
use sluis_model::error::Failure;
use sluis_model::run::RunStatus;

/// Fuel between two looks at the rest of the world; well under a millisecond of work.
const SLICE: u64 = 50_000;

impl Engine {
    /// Drives a machine until it ends or waits; the outcome stands in the context's run.
    pub(crate) async fn drive(
        &self,
        vm: &mut Vm,
        context: &mut HostContext<'_>,
    ) -> Result<(Option<Data>, Option<FaultReport>), Failure> {
        loop {
            match vm.step(SLICE) {
                Step::OutOfFuel => tokio::task::yield_now().await,
                Step::Host(call) => match host::answer(context, &call).await {
                    Answer::Ready(Ok(data)) => vm.resume(Ok(data)),
                    Answer::Ready(Err(failure)) => vm.resume(Err(host_fault(failure))),
                    Answer::Wait { grant, authorize_url } => {
                        context.run.fuel = vm.fuel_used();
                        context.run.status = RunStatus::Waiting { grant: grant.id.clone(), authorize_url };
                        self.park(&context.run, &grant.connector, vm).await?;
                        return Ok((None, None));
                    }
                },
                Step::Done(data) => {
                    context.run.fuel = vm.fuel_used();
                    context.run.finished_at = Some(self.now());
                    context.run.status = RunStatus::Done { value: data.to_json() };
                    return Ok((Some(data), None));
                }
                Step::Fault(report) => {
                    context.run.fuel = vm.fuel_used();
                    context.run.finished_at = Some(self.now());
                    context.run.status = RunStatus::Failed {
                        code: report.code.0.to_owned(),
                        message: report.message.clone(),
                        line: report.line,
                        reason: report.reason.clone(),
                        help: report.help.clone(),
                    };
                    return Ok((None, Some(report)));
                }
            }
        }
    }
}

fn host_fault(failure: Failure) -> HostFault {
    HostFault { reason: failure.reason.as_str().to_owned(), message: failure.message, help: failure.help }
}
