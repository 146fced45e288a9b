//! The machine: it runs a program until it is done, faults, has used its fuel, or needs something
//! from outside; then it says so and stands still. Standing still it is plain data.
//!
//! Whoever drives it calls [`Vm::step`] and answers a [`Step::Host`] with [`Vm::resume`], now or in
//! three days in another process ([`Vm::snapshot`], [`Vm::restore`]).
//!
//! **Invariant:** no closure, no Rust stack frame and no pointer is part of a run's state.

pub mod answers;
pub mod entry;
pub mod frame;
mod join;
pub mod limits;
pub mod methods;
pub mod ops;
mod origins;
pub mod program;
pub mod report;
pub mod session;
pub mod snapshot;
mod step;

pub use answers::{Answers, Arguments};
pub use entry::{Entry, EntryError};
pub use limits::{Limits, Profile, Settings};
pub use program::Program;
pub use report::{FaultReport, TraceLine};
pub use session::Session;
pub use snapshot::SnapshotError;

use crate::codes;
use crate::compile::constants::Constant;
use crate::compile::op::Instr;
use crate::host::HOST_CALLS;
use crate::source::Span;
use crate::value::data::{self, Data};
use crate::value::fault::{Fault, Run};
use crate::value::heap::{ErrorObject, Heap, HeapLimits, Object};
use crate::value::{Value, date, print};
use answers::Nobody;
use frame::{Frame, Guard, Pending};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use step::Exit;

/// Why [`Vm::step`] came back.
#[derive(Debug)]
pub enum Step {
    /// The script ended; what it returned.
    Done(Data),
    /// The script ended with a fault that nothing caught, or with a halt.
    Fault(FaultReport),
    /// The slice is used up; call `step` again to go on.
    OutOfFuel,
    /// The script waits for an answer; call [`Vm::resume`], then `step`.
    Host(HostCall),
}

/// What the script asks of the outside.
#[derive(Debug, Clone, PartialEq)]
pub struct HostCall {
    /// Name in the register of host calls.
    pub name: &'static str,
    /// The arguments, in order; optional ones may be absent.
    pub args: Vec<Data>,
    /// For `info`: the line to print.
    pub text: Option<String>,
    /// The call in the script.
    pub span: Span,
    /// Its line, counted from 1.
    pub line: u32,
}

/// A host call that failed. The script can catch it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HostFault {
    /// Machine-readable name, such as `not_authorized`; `e.code` in the script.
    pub reason: String,
    /// One sentence; `e.message` in the script. Never a secret.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// What else the script may read of it, a map: `e.status_code`.
    pub data: Option<Data>,
}

impl HostFault {
    fn into_fault(self) -> Box<Fault> {
        let mut fault = Fault::new(codes::HOST_FAILED, self.message);
        fault.reason = Some(self.reason);
        fault.help = self.help;
        fault
    }
}

/// What a machine is about to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum State {
    Ready,
    Waiting(Pending),
    Done(Value),
    Failed(Box<FaultReport>),
}

/// One run of a program.
#[derive(Debug)]
pub struct Vm {
    program: Arc<Program>,
    heap: Heap,
    constants: Vec<Value>,
    /// Where each constant stood as a key in the map asked last. Only speed depends on it: it is not
    /// part of a snapshot.
    hints: Vec<u32>,
    /// Registers of all frames; everything above the innermost frame is garbage.
    stack: Vec<Value>,
    frames: Vec<Frame>,
    guards: Vec<Guard>,
    state: State,
    used: u64,
    limits: Limits,
    settings: Settings,
}

impl Vm {
    /// Makes a run ready. `args` are the variables of the top level or the parameters of the
    /// function, by name, in any order; each must be given.
    ///
    /// # Errors
    /// [`EntryError`] if there is no such function or the arguments do not fit it.
    pub fn new(
        program: Arc<Program>,
        entry: Entry,
        args: Vec<(String, Data)>,
        limits: Limits,
        settings: Settings,
    ) -> Result<Self, EntryError> {
        let function = entry::resolve(&program, &entry)?;
        let args = entry::arrange(&program, function, args, &settings.zone)?;
        let mut heap = Heap::new(HeapLimits { memory: limits.memory, text: limits.text });
        heap.set_platform(limits.profile.platform());
        if settings.stress_collection {
            heap.set_stress();
        }
        let constants: Vec<Value> =
            program.constants.iter().map(|constant| load(&mut heap, constant, &settings)).collect();
        let hints = vec![0; constants.len()];
        let mut stack = vec![Value::Unset; usize::from(program.functions()[function].registers)];
        for (register, argument) in stack.iter_mut().zip(&args) {
            *register = data::import(&mut heap, argument)
                .map_err(|fault| EntryError::Unusable(fault.message.clone()))?;
        }
        let frames = vec![Frame { function: function as u32, pc: 0, base: 0, to: 0 }];
        let (guards, state) = (Vec::new(), State::Ready);
        Ok(Self { program, heap, constants, hints, stack, frames, guards, state, used: 0, limits, settings })
    }

    /// Runs for about `fuel` units, or until something else stops it. A call that waits is given
    /// again, a result that was given is given again.
    pub fn step(&mut self, fuel: u64) -> Step {
        self.step_with(fuel, &mut Nobody)
    }

    /// As [`step`](Self::step), but `answers` is asked at every host call before the machine stops.
    pub fn step_with(&mut self, fuel: u64, answers: &mut dyn Answers) -> Step {
        loop {
            match &self.state {
                State::Ready => {}
                State::Done(value) => match data::export(&self.heap, *value) {
                    Ok(value) => return Step::Done(value),
                    Err(fault) => self.fail(*fault, Vec::new()),
                },
                State::Failed(report) => return Step::Fault((**report).clone()),
                State::Waiting(pending) => match self.host_call(*pending) {
                    Ok(call) => return Step::Host(call),
                    Err(fault) => self.raise(fault),
                },
            }
            if matches!(self.state, State::Ready)
                && let Some(step) = self.run_slice(fuel, answers)
            {
                return step;
            }
        }
    }

    /// One slice; `None` if the state changed and has to be looked at.
    fn run_slice(&mut self, fuel: u64, answers: &mut dyn Answers) -> Option<Step> {
        // A native may have used more than was left; a fault that was caught then does not undo that.
        let over = i64::try_from(self.used.saturating_sub(self.limits.fuel)).unwrap_or(i64::MAX);
        let rest = fuel.min(self.limits.fuel.saturating_sub(self.used));
        let slice = i64::try_from(rest).unwrap_or(i64::MAX).saturating_sub(over);
        let mut left = slice;
        let exit = self.execute(&mut left, answers);
        self.used = self.used.saturating_add_signed(slice.saturating_sub(left));
        match exit {
            Ok(Exit::Done) => {}
            Ok(Exit::Host) => return self.wait(),
            // With fuel left it came back for a test of interruption; what is owed is asked for where a
            // loop turns or a function is called, as in every other run.
            Ok(Exit::OutOfFuel) if left >= 0 || self.used <= self.limits.fuel => {
                return Some(Step::OutOfFuel);
            }
            // The machine stands before the instruction that it has no fuel for.
            Ok(Exit::OutOfFuel) => self.raise_at(
                0,
                Fault::new(
                    codes::OUT_OF_FUEL,
                    format!("the script used up its {} units of fuel", self.limits.fuel),
                )
                .with_help("look for a loop that does not end, or does more than it must"),
            ),
            Err(fault) => self.raise(fault),
        }
        None
    }

    /// Stands still at the host call before the present position.
    fn wait(&mut self) -> Option<Step> {
        let frame = self.frames.last()?;
        let function = &self.program.functions()[frame.function as usize];
        let at = (frame.pc as usize).checked_sub(1)?;
        let Some(&Instr::Host { argc, call, base, to }) = function.code.get(at) else { return None };
        let pending = Pending { call, base, argc, to };
        match self.host_call(pending) {
            Ok(call) => {
                self.state = State::Waiting(pending);
                Some(Step::Host(call))
            }
            Err(fault) => {
                self.raise(fault);
                None
            }
        }
    }

    /// Answers the host call that waits. Does nothing if none does.
    pub fn resume(&mut self, answer: Result<Data, HostFault>) {
        let State::Waiting(pending) = self.state else { return };
        self.state = State::Ready;
        let answer = match answer {
            Ok(data) => self.take_in(&data),
            Err(mut failure) => {
                let more = failure.data.take().map(|data| self.take_in(&data));
                let mut fault = failure.into_fault();
                match more {
                    Some(Ok(value)) => fault.thrown = Some(value),
                    // What does not fit into the run's memory ends it as any other value would.
                    Some(Err(halt)) => fault = halt,
                    None => {}
                }
                Err(fault)
            }
        };
        match answer {
            Ok(value) => {
                let base = self.frames.last().map_or(0, |frame| frame.base as usize);
                if let Some(register) = self.stack.get_mut(base + usize::from(pending.to)) {
                    *register = value;
                }
            }
            Err(fault) => self.raise(fault),
        }
    }

    /// Imports an answer; if memory seems short, after a collection.
    fn take_in(&mut self, data: &Data) -> Run<Value> {
        if self.heap.wants_collection() {
            self.collect()?;
        }
        data::import(&mut self.heap, data)
    }

    fn collect(&mut self) -> Run<()> {
        let top = self.top();
        let result = if let State::Done(value) = self.state { value } else { Value::Null };
        let roots = self.stack[..top].iter().chain(&self.constants).copied().chain([result]);
        self.heap.collect(roots)
    }

    /// One past the last register that any frame may look at.
    fn top(&self) -> usize {
        live_top(&self.program, &self.frames)
    }

    /// The host call that waits, if one does.
    ///
    /// # Errors
    /// A value in the arguments that cannot leave the run: too deep, or too large.
    fn host_call(&self, pending: Pending) -> Run<HostCall> {
        let frame = self.frames.last().copied().unwrap_or(Frame { function: 0, pc: 0, base: 0, to: 0 });
        let first = frame.base as usize + usize::from(pending.base);
        let values = self.stack.get(first..first + usize::from(pending.argc)).unwrap_or_default();
        let name = HOST_CALLS.get(usize::from(pending.call)).map_or("", |call| call.name);
        let text = match values {
            [value] if name == "info" => Some(print::info_text(&self.heap, &self.settings.zone, *value)?),
            _ => None,
        };
        let mut args = Vec::with_capacity(values.len());
        for value in values {
            // Written where it belongs: a value on its way through a register of 16 bytes is slow.
            match value {
                Value::Int(n) => args.push(Data::Int(*n)),
                other => push_copy(&self.heap, *other, &mut args)?,
            }
        }
        let span = self.span_of(frame);
        Ok(HostCall { name, args, text, span, line: self.program.line(span) })
    }

    /// Place of the instruction that a frame stands at or has called from.
    fn span_of(&self, frame: Frame) -> Span {
        let function = &self.program.functions()[frame.function as usize];
        function.spans.get((frame.pc as usize).saturating_sub(1)).copied().unwrap_or(function.span)
    }

    /// The instruction just executed faults: goes to the innermost handler, or ends the run.
    fn raise(&mut self, fault: Box<Fault>) {
        self.raise_at(1, fault);
    }

    /// The instruction that lies `back` before the present position faults.
    fn raise_at(&mut self, back: u32, mut fault: Box<Fault>) {
        self.state = State::Ready;
        if let Some(frame) = self.frames.last() {
            report::locate(&self.program, frame.function as usize, frame.pc.saturating_sub(back), &mut fault);
        }
        let Some((frame, handler, reg)) = self.handler(&fault) else {
            let trace = self.trace();
            return self.fail(*fault, trace);
        };
        let line = fault.span.map_or(0, |span| self.program.line(span));
        let message = self.heap.text(&fault.message);
        let code = self.heap.text(fault.reason.as_deref().unwrap_or(fault.code.0));
        let thrown = fault.thrown.unwrap_or(Value::Null);
        let error = self.heap.object(Object::Error(Box::new(ErrorObject { message, line, code, thrown })));
        self.frames.truncate(frame + 1);
        if let Some(frame) = self.frames.last_mut() {
            frame.pc = handler;
            if let Some(register) = self.stack.get_mut(frame.base as usize + usize::from(reg)) {
                *register = error;
            }
        }
    }

    /// Frame, position and register of the innermost handler, taken off the stack of them.
    fn handler(&mut self, fault: &Fault) -> Option<(usize, u32, u16)> {
        if fault.is_halt() {
            return None;
        }
        let guard = self.guards.pop()?;
        let frame = self.frames.get(guard.frame as usize)?;
        let function = self.program.functions().get(frame.function as usize)?;
        match function.code.get(guard.at as usize) {
            Some(Instr::Try { reg, handler }) => Some((guard.frame as usize, *handler, *reg)),
            _ => None,
        }
    }

    fn trace(&self) -> Vec<TraceLine> {
        const LONGEST: usize = 50;
        let lines = self.frames.iter().rev().take(LONGEST);
        lines
            .map(|frame| TraceLine {
                function: self.program.functions()[frame.function as usize].name.clone(),
                line: self.program.line(self.span_of(*frame)),
            })
            .collect()
    }

    fn fail(&mut self, fault: Fault, trace: Vec<TraceLine>) {
        let span = fault.span.unwrap_or_default();
        let (line, column) = self.program.line_column(span);
        let thrown = fault.thrown.and_then(|value| data::export(&self.heap, value).ok());
        let Fault { code, message, help, reason, .. } = fault;
        self.state = State::Failed(Box::new(FaultReport {
            code,
            message,
            help,
            span,
            line,
            column,
            reason,
            thrown,
            trace,
        }));
    }

    /// Ends the run from outside; nothing in the script can catch it.
    pub fn cancel(&mut self) {
        if matches!(self.state, State::Ready | State::Waiting(_)) {
            self.raise(Fault::new(codes::CANCELLED, "the run was cancelled"));
        }
    }

    /// The program that runs.
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// Fuel used so far. The same script with the same answers always uses the same.
    pub fn fuel_used(&self) -> u64 {
        self.used
    }

    /// Bytes in use, garbage included.
    pub fn memory_used(&self) -> usize {
        self.heap.used()
    }
}

/// One past the last register that any frame may look at. A caller's window may reach further than
/// that of the function it calls.
fn live_top(program: &Program, frames: &[Frame]) -> usize {
    let end_of = |frame: &Frame| {
        let registers = program.functions().get(frame.function as usize).map_or(0, |f| f.registers);
        frame.base as usize + usize::from(registers)
    };
    frames.iter().map(end_of).max().unwrap_or(0)
}

#[inline(never)]
fn push_copy(heap: &Heap, value: Value, out: &mut Vec<Data>) -> Run<()> {
    out.push(data::export(heap, value)?);
    Ok(())
}

fn load(heap: &mut Heap, constant: &Constant, settings: &Settings) -> Value {
    match constant {
        Constant::Int(n) => Value::Int(*n),
        Constant::Decimal(mantissa, scale) => {
            heap.decimal(Decimal::try_from_i128_with_scale(*mantissa, *scale).unwrap_or_default())
        }
        Constant::Text(text) => heap.text(text),
        Constant::Date(text) => {
            date::parse_date_literal(text, &settings.zone).unwrap_or_else(|| heap.text(text))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_can_move_to_another_thread() {
        fn is_send<T: Send>() {}
        is_send::<Vm>();
        fn is_shared<T: Send + Sync>() {}
        is_shared::<Program>();
    }
}
