//! Host calls that are answered at once, without the machine standing still.
//!
//! Most host calls wait for something and make the machine stop. Some do not: a random number, the
//! present time, a line to print. Who drives the machine with [`Vm::step_with`](super::Vm::step_with)
//! is asked first, and may answer while the machine runs. A run cannot tell the difference.

use super::HostFault;
use crate::value::Value;
use crate::value::data::{self, Data};
use crate::value::heap::Heap;

/// Who may answer a host call at once.
pub trait Answers {
    /// The answer to a call of the register of host calls; `None` lets the machine stop at it.
    fn answer(&mut self, name: &'static str, args: Arguments<'_>) -> Option<Result<Data, HostFault>>;
}

/// Answers nothing: the machine stops at every host call.
pub struct Nobody;

impl Answers for Nobody {
    fn answer(&mut self, _: &'static str, _: Arguments<'_>) -> Option<Result<Data, HostFault>> {
        None
    }
}

/// The arguments of a host call where they stand: only what is asked for is copied.
#[derive(Clone, Copy)]
pub struct Arguments<'a> {
    heap: &'a Heap,
    values: &'a [Value],
}

impl<'a> Arguments<'a> {
    pub(super) fn new(heap: &'a Heap, values: &'a [Value]) -> Self {
        Self { heap, values }
    }

    /// How many there are; optional ones may be absent.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// A whole number; `None` for anything else or if it is absent.
    pub fn int(&self, at: usize) -> Option<i64> {
        match self.values.get(at) {
            Some(Value::Int(n)) => Some(*n),
            _ => None,
        }
    }

    /// The characters of a text; `None` for anything else or if it is absent.
    pub fn text(&self, at: usize) -> Option<&'a str> {
        self.values.get(at).and_then(|value| self.heap.str(value))
    }

    /// A copy of any argument; `None` if it is absent or cannot leave the run.
    #[inline]
    pub fn data(&self, at: usize) -> Option<Data> {
        match self.values.get(at)? {
            // By its payload: a register just written so is slow to read as a whole.
            Value::Int(n) => Some(Data::Int(*n)),
            other => data::export(self.heap, *other).ok(),
        }
    }
}
