//! A machine that stands still, as bytes, and back.
//!
//! Bytes are outside input: everything that the machine relies on is checked before it runs again,
//! so that changed bytes give an error or another run, never a panic.

use super::frame::{Frame, Guard, Pending};
use super::limits::{Limits, Settings};
use super::program::{Function, Program, ProgramId};
use super::{State, Vm, live_top};
use crate::compile::op::Instr;
use crate::value::Value;
use crate::value::heap::{Heap, HeapLimits};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Raised with every change of the layout or of what an instruction does.
const VERSION: u32 = 1;

/// Why a snapshot cannot be loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// Taken by another version of the machine.
    #[error("the snapshot has version {found}; this build reads version {VERSION}")]
    Version {
        /// The version in the bytes.
        found: u32,
    },
    /// Taken from another program, or from this one before it was changed.
    #[error("the snapshot belongs to another version of the script")]
    Program,
    /// Cut, changed or not a snapshot.
    #[error("the snapshot is damaged: {0}")]
    Damaged(&'static str),
}

#[derive(Serialize, Deserialize)]
struct Header {
    version: u32,
    program: ProgramId,
}

#[derive(Serialize)]
struct Taken<'a> {
    limits: &'a Limits,
    used: u64,
    state: &'a State,
    frames: &'a [Frame],
    guards: &'a [Guard],
    stack: &'a [Value],
    constants: &'a [Value],
    heap: &'a Heap,
}

#[derive(Deserialize)]
struct Loaded {
    limits: Limits,
    used: u64,
    state: State,
    frames: Vec<Frame>,
    guards: Vec<Guard>,
    stack: Vec<Value>,
    constants: Vec<Value>,
    heap: Heap,
}

impl Vm {
    /// The run as bytes; the time zone is not part of it.
    pub fn snapshot(&mut self) -> Vec<u8> {
        // Garbage is not worth keeping. Running short of memory shows when the run goes on.
        let _ = self.collect();
        let header = Header { version: VERSION, program: self.program.id() };
        let taken = Taken {
            limits: &self.limits,
            used: self.used,
            state: &self.state,
            frames: &self.frames,
            guards: &self.guards,
            stack: &self.stack[..self.top()],
            constants: &self.constants,
            heap: &self.heap,
        };
        // Plain data into a growing vector: there is nothing that could fail.
        postcard::to_stdvec(&(header, taken)).unwrap_or_default()
    }

    /// A run from bytes. It goes on exactly where the other one stood.
    ///
    /// # Errors
    /// [`SnapshotError`] if the bytes are damaged or belong to another program.
    pub fn restore(program: Arc<Program>, bytes: &[u8], settings: Settings) -> Result<Self, SnapshotError> {
        let (header, rest) = postcard::take_from_bytes::<Header>(bytes)
            .map_err(|_| SnapshotError::Damaged("it has no header"))?;
        if header.version != VERSION {
            return Err(SnapshotError::Version { found: header.version });
        }
        if header.program != program.id() {
            return Err(SnapshotError::Program);
        }
        let (loaded, rest) = postcard::take_from_bytes::<Loaded>(rest)
            .map_err(|_| SnapshotError::Damaged("it cannot be read"))?;
        if !rest.is_empty() {
            return Err(SnapshotError::Damaged("more follows after its end"));
        }
        check(&program, &loaded).map_err(SnapshotError::Damaged)?;
        let Loaded { limits, used, state, frames, guards, stack, constants, mut heap } = loaded;
        heap.rebuild_indexes();
        if settings.stress_collection {
            heap.set_stress();
        }
        heap.set_limits(HeapLimits { memory: limits.memory, text: limits.text });
        heap.set_platform(limits.profile.platform());
        let hints = vec![0; constants.len()];
        let mut vm =
            Self { program, heap, constants, hints, stack, frames, guards, state, used, limits, settings };
        let registers = vm.stack.len();
        vm.heap
            .count_registers(registers)
            .map_err(|_| SnapshotError::Damaged("it holds more than its memory limit"))?;
        // The meters start from what is there, not from what the bytes say is there. A run may stop
        // while it holds more than it may, before anything looked: that shows when it goes on.
        let _ = vm.collect();
        Ok(vm)
    }
}

fn check(program: &Program, loaded: &Loaded) -> Result<(), &'static str> {
    check_frames(program, loaded)?;
    check_guards(program, loaded)?;
    if loaded.constants.len() != program.constants.len() {
        return Err("a wrong number of constants");
    }
    if let State::Waiting(pending) = loaded.state {
        let frame = loaded.frames.last();
        let at = frame.and_then(|frame| Some((program.functions().get(frame.function as usize)?, frame.pc)));
        let written = at.and_then(|(function, pc)| function.code.get((pc as usize).checked_sub(1)?));
        let Pending { call, base, argc, to } = pending;
        if written != Some(&Instr::Host { argc, call, base, to }) {
            return Err("a host call that nothing made");
        }
    }
    let result = if let State::Done(value) = loaded.state { value } else { Value::Null };
    if !loaded.heap.is_sound(loaded.stack.iter().chain(&loaded.constants).copied().chain([result])) {
        return Err("a value that leads nowhere");
    }
    Ok(())
}

/// Every frame lies on the stack, stands at an instruction, and was called from the one before.
fn check_frames(program: &Program, loaded: &Loaded) -> Result<(), &'static str> {
    let stopped = matches!(loaded.state, State::Done(_) | State::Failed(_));
    if loaded.frames.is_empty() && !stopped {
        return Err("no frame");
    }
    let mut caller: Option<(&Frame, &Function)> = None;
    for frame in &loaded.frames {
        let Some(function) = program.functions().get(frame.function as usize) else {
            return Err("a function that does not exist");
        };
        if frame.pc as usize >= function.code.len() {
            return Err("a position outside the code");
        }
        if let Some((below, calling)) = caller {
            check_call(below, calling, frame)?;
        } else if frame.base != 0 {
            return Err("a frame out of place");
        }
        caller = Some((frame, function));
    }
    if loaded.stack.len() != live_top(program, &loaded.frames) {
        Err("a stack of a wrong size")
    } else {
        Ok(())
    }
}

fn check_call(below: &Frame, calling: &Function, frame: &Frame) -> Result<(), &'static str> {
    let call = below.pc.checked_sub(1).and_then(|pc| calling.code.get(pc as usize));
    match call {
        Some(Instr::Call { function, base, to, .. })
            if u32::from(*function) == frame.function
                && below.base.checked_add(u32::from(*base)) == Some(frame.base)
                && *to == frame.to =>
        {
            Ok(())
        }
        _ => Err("a frame that nothing called"),
    }
}

/// Every pending `try` belongs to a frame, in their order, and is one that its function has.
fn check_guards(program: &Program, loaded: &Loaded) -> Result<(), &'static str> {
    let mut last = 0;
    for guard in &loaded.guards {
        let Some(frame) = loaded.frames.get(guard.frame as usize) else {
            return Err("a try without a frame");
        };
        let function = &program.functions()[frame.function as usize];
        let written = function.code.get(guard.at as usize);
        if guard.frame < last || !matches!(written, Some(Instr::Try { .. })) {
            return Err("a try out of place");
        }
        last = guard.frame;
    }
    Ok(())
}
