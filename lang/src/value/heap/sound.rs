//! What must hold of a heap that comes from outside, in a snapshot.

use super::{Heap, Object};
use crate::value::arith::{DATE_RANGE, DATE_TIME_RANGE};
use crate::value::{SHORT_TEXT, Value};

impl Heap {
    /// Whether every handle in the value and the heap leads somewhere; a loaded snapshot is
    /// outside input.
    pub fn is_sound(&self, roots: impl Iterator<Item = Value>) -> bool {
        let inner = self.objects.live().flat_map(|object| -> Box<dyn Iterator<Item = Value> + '_> {
            match object {
                Object::Empty | Object::File(_) => Box::new(std::iter::empty()),
                Object::Collection(inner) => Box::new(std::iter::once(*inner)),
                Object::List(items) => Box::new(items.iter().copied()),
                Object::Map(map) => Box::new(map.entries().iter().flat_map(|(k, v)| [*k, *v])),
                Object::Error(e) => Box::new([e.message, e.code, e.thrown].into_iter()),
            }
        });
        let free_ok = self.texts.is_sound() && self.decimals.is_sound() && self.objects.is_sound();
        free_ok && self.collections_are_sound() && roots.chain(inner).all(|value| self.is_sound_value(value))
    }

    fn is_sound_value(&self, value: Value) -> bool {
        match value {
            Value::Short { len, bytes } => {
                bytes.split_at_checked(len as usize).is_some_and(|(text, rest)| {
                    std::str::from_utf8(text).is_ok() && rest.iter().all(|byte| *byte == 0)
                })
            }
            Value::Text { buffer, len } => {
                // Shorter texts always stand inside the value, and keys are compared on that ground.
                len as usize > SHORT_TEXT
                    && self.texts.holds(buffer)
                    && self.texts.get(buffer).is_boundary(len)
            }
            Value::Dec { scale, .. } => scale <= 28,
            Value::BigDec(at) => self.decimals.holds(at),
            Value::Object(at) => self.objects.holds(at),
            Value::Date(day) => DATE_RANGE.contains(&day),
            Value::DateTime(millis) => DATE_TIME_RANGE.contains(&millis),
            _ => true,
        }
    }
}
