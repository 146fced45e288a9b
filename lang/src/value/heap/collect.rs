//! The meter of the heap, and giving back what nothing reaches.

use super::{ErrorObject, FIRST_COLLECTION, Heap, HeapLimits, Object, SLOT};
use crate::codes;
use crate::value::Value;
use crate::value::fault::{Fault, Run};

impl Heap {
    /// Bytes in use, garbage included.
    pub fn used(&self) -> usize {
        self.used
    }

    /// Replaces the limits; they hold from the next growth on.
    pub fn set_limits(&mut self, limits: HeapLimits) {
        self.limits = limits;
    }

    /// From now on every safe point collects: slow, shows values that the roots miss.
    pub fn set_stress(&mut self) {
        self.stress = true;
        self.collect_at = 0;
    }

    /// Whether the machine should call [`collect`](Self::collect) at its next safe point.
    #[inline]
    pub fn wants_collection(&self) -> bool {
        self.used > self.collect_at
    }

    /// Counts the registers of the machine, which take memory of the run as well.
    ///
    /// # Errors
    /// `E0502` if the limit has no room for them.
    pub fn count_registers(&mut self, count: usize) -> Run<()> {
        let bytes = count * size_of::<Value>();
        self.reserve(bytes.saturating_sub(self.registers))?;
        self.used += bytes.saturating_sub(self.registers);
        self.registers = self.registers.max(bytes);
        Ok(())
    }

    /// Asks before something large is made, so that the limit holds before memory is taken.
    pub fn reserve(&self, bytes: usize) -> Run<()> {
        if bytes > self.limits.memory.saturating_sub(self.alive) {
            return Err(self.out_of_memory());
        }
        Ok(())
    }

    /// Asks whether a text of this many bytes may be made.
    pub fn reserve_text(&self, bytes: usize) -> Run<()> {
        if bytes > self.limits.text {
            return Err(Fault::new(
                codes::TEXT_TOO_LARGE,
                format!("a text would grow to {bytes} bytes; the limit is {}", self.limits.text),
            ));
        }
        self.reserve(bytes)
    }

    fn out_of_memory(&self) -> Box<Fault> {
        Fault::new(
            codes::OUT_OF_MEMORY,
            format!("the script needs more than {} bytes of memory", self.limits.memory),
        )
    }

    /// Frees what cannot be reached from the roots. Faults if what is alive passes the limit.
    pub fn collect(&mut self, roots: impl Iterator<Item = Value>) -> Run<()> {
        let mut texts = vec![false; self.texts.slots.len()];
        let mut decimals = vec![false; self.decimals.slots.len()];
        let mut objects = vec![false; self.objects.slots.len()];
        let mut work: Vec<Value> = roots.collect();
        while let Some(value) = work.pop() {
            match value {
                Value::Text { buffer, .. } => texts[buffer as usize] = true,
                Value::BigDec(at) => decimals[at as usize] = true,
                Value::Object(at) if !objects[at as usize] => {
                    objects[at as usize] = true;
                    match self.objects.get(at) {
                        Object::Empty => {}
                        Object::List(items) => work.extend(items.iter().copied().filter(|v| has_handle(*v))),
                        Object::Map(map) => {
                            work.extend(
                                map.entries().iter().flat_map(|(k, v)| [*k, *v]).filter(|v| has_handle(*v)),
                            );
                        }
                        Object::Error(error) => work.extend([error.message, error.code, error.thrown]),
                        Object::Collection(inner) => work.push(*inner),
                        Object::File(_) => {}
                    }
                }
                _ => {}
            }
        }
        self.texts.sweep(&texts);
        self.decimals.sweep(&decimals);
        self.objects.sweep(&objects);
        self.used = self.registers
            + self.texts.live().map(|t| t.capacity() + SLOT).sum::<usize>()
            + self.decimals.live().count() * SLOT
            + self.objects.live().map(|o| object_bytes(o) + SLOT).sum::<usize>();
        self.alive = self.used;
        self.collect_at = (self.used * 2).max(FIRST_COLLECTION).min(self.limits.memory);
        if self.stress {
            self.collect_at = 0;
        }
        if self.used > self.limits.memory { Err(self.out_of_memory()) } else { Ok(()) }
    }
}

fn has_handle(value: Value) -> bool {
    matches!(value, Value::Text { .. } | Value::BigDec(_) | Value::Object(_))
}

pub(super) fn object_bytes(object: &Object) -> usize {
    match object {
        Object::Empty | Object::Collection(_) => 0,
        Object::List(items) => items.capacity() * size_of::<Value>(),
        Object::Map(map) => map.bytes(),
        Object::Error(_) => size_of::<ErrorObject>(),
        Object::File(file) => file.weight(),
    }
}
