//! Where the values of one run live: text buffers, large decimals, lists and maps.
//!
//! Handles are indices, never pointers. Memory is given back by [`Heap::collect`], which the
//! machine calls between instructions with its roots; natives may therefore hold handles freely
//! while they run. Everything that grows goes through a method here, so the meter is complete.

mod collect;
mod keys;
mod kinds;
mod platform;
mod slab;
mod sound;
mod texts;

pub use platform::Platform;

use super::file::File;
use super::map::MapObject;
use super::number::StoredDecimal;
use super::text::TextBuffer;
use super::{Kind, Value};
use collect::object_bytes;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use slab::Slab;

/// A shared thing behind [`Value::Object`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Object {
    /// `{}`: turns into a list or a map by its first use.
    Empty,
    /// A list.
    List(Vec<Value>),
    /// A map.
    Map(MapObject),
    /// What `catch (e)` gives.
    Error(Box<ErrorObject>),
    /// A collection around what holds its values: a list, a map, or `{}` while it is empty.
    Collection(Value),
    /// A file.
    File(Box<File>),
}

const _: () = assert!(size_of::<Option<Object>>() <= 40, "a place of the heap is small");

/// The fault as a script sees it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ErrorObject {
    /// `e.message`, text.
    pub message: Value,
    /// `e.lineNo`, counted from 1.
    pub line: u32,
    /// `e.code`, text: a host reason such as `not_authorized`, else the fault code.
    pub code: Value,
    /// What `throw` was given, or null.
    pub thrown: Value,
}

/// Limits of one run's memory.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct HeapLimits {
    /// Bytes that may be alive.
    pub memory: usize,
    /// Bytes of one text.
    pub text: usize,
}

impl Default for HeapLimits {
    fn default() -> Self {
        Self { memory: 256 << 20, text: 64 << 20 }
    }
}

/// The memory of one run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Heap {
    texts: Slab<TextBuffer>,
    decimals: Slab<StoredDecimal>,
    objects: Slab<Object>,
    limits: HeapLimits,
    /// What built-ins are measured against besides; set anew when a heap is loaded.
    #[serde(skip)]
    platform: Option<&'static Platform>,
    /// Bytes in use, garbage included.
    #[serde(skip)]
    used: usize,
    /// Those of them that the registers of the machine take.
    #[serde(skip)]
    registers: usize,
    /// Bytes found alive by the last collection.
    #[serde(skip)]
    alive: usize,
    /// Collect when `used` passes this.
    #[serde(skip)]
    collect_at: usize,
    /// Collect at every safe point.
    #[serde(skip)]
    stress: bool,
    /// Seed of key hashes; never visible to scripts, renewed on load.
    #[serde(skip)]
    hasher: foldhash::fast::RandomState,
}

const FIRST_COLLECTION: usize = 1 << 20;
const SLOT: usize = 40;

impl Default for Heap {
    fn default() -> Self {
        Self::new(HeapLimits::default())
    }
}

impl Heap {
    /// An empty heap.
    pub fn new(limits: HeapLimits) -> Self {
        Self {
            texts: Slab::default(),
            decimals: Slab::default(),
            objects: Slab::default(),
            limits,
            platform: None,
            used: 0,
            registers: 0,
            alive: 0,
            collect_at: FIRST_COLLECTION.min(limits.memory),
            stress: false,
            hasher: foldhash::fast::RandomState::default(),
        }
    }

    // ---- decimals -------------------------------------------------------------------------

    /// Makes a decimal value; the scale is kept.
    pub fn decimal(&mut self, decimal: Decimal) -> Value {
        Value::small_decimal(decimal).unwrap_or_else(|| {
            self.used += SLOT;
            Value::BigDec(self.decimals.insert(StoredDecimal(decimal)))
        })
    }

    /// The number in a decimal or whole-number value.
    pub fn as_decimal(&self, value: Value) -> Option<Decimal> {
        match value {
            Value::Int(n) => Some(Decimal::from(n)),
            Value::Dec { scale, mantissa } => {
                Decimal::try_from_i128_with_scale(mantissa.into(), scale.into()).ok()
            }
            Value::BigDec(at) => Some(self.decimals.get(at).0),
            _ => None,
        }
    }

    // ---- objects --------------------------------------------------------------------------

    /// Makes a list.
    pub fn list(&mut self, items: Vec<Value>) -> Value {
        self.object(Object::List(items))
    }

    /// Makes an empty map with room for `n` entries.
    pub fn map(&mut self, n: usize) -> Value {
        self.object(Object::Map(MapObject::with_capacity(n)))
    }

    /// Makes any object.
    pub fn object(&mut self, object: Object) -> Value {
        self.used += object_bytes(&object) + SLOT;
        Value::Object(self.objects.insert(object))
    }

    /// The object behind a handle.
    #[inline]
    pub fn get(&self, handle: u32) -> &Object {
        self.objects.get(handle)
    }

    /// The elements, if it is a list; `{}` counts as an empty one.
    #[inline]
    pub fn as_list(&self, value: Value) -> Option<&[Value]> {
        match value {
            Value::Object(at) => match self.objects.get(at) {
                Object::List(items) => Some(items),
                Object::Empty => Some(&[]),
                _ => None,
            },
            _ => None,
        }
    }

    /// The entries, if it is a map; `{}` counts as an empty one.
    #[inline]
    pub fn as_map(&self, value: Value) -> Option<&[(Value, Value)]> {
        match value {
            Value::Object(at) => match self.objects.get(at) {
                Object::Map(map) => Some(map.entries()),
                Object::Empty => Some(&[]),
                _ => None,
            },
            _ => None,
        }
    }

    /// Changes a list in place, turning `{}` into one; `None` if it is something else. Growth is
    /// metered by capacity; ask [`reserve`](Self::reserve) first where much is added at once.
    #[inline]
    pub fn edit_list<R>(&mut self, value: Value, edit: impl FnOnce(&mut Vec<Value>) -> R) -> Option<R> {
        let Value::Object(at) = value else { return None };
        let object = self.objects.get_mut(at);
        if matches!(object, Object::Empty) {
            *object = Object::List(Vec::new());
        }
        let Object::List(items) = object else { return None };
        let before = items.capacity();
        let result = edit(items);
        let grown = items.capacity().saturating_sub(before);
        self.used += grown * size_of::<Value>();
        Some(result)
    }

    /// Number of elements or entries, if it is a list or a map.
    #[inline]
    pub fn size(&self, object: Value) -> Option<usize> {
        let Value::Object(at) = object else { return None };
        match self.objects.get(at) {
            Object::List(items) => Some(items.len()),
            Object::Map(map) => Some(map.len()),
            _ => None,
        }
    }

    /// Empties a list or map.
    pub fn clear(&mut self, value: Value) {
        if let Value::Object(at) = value {
            match self.objects.get_mut(at) {
                Object::List(items) => items.clear(),
                Object::Map(map) => map.clear(),
                Object::Collection(inner) => {
                    let inner = *inner;
                    self.clear(inner);
                }
                Object::Empty | Object::Error(_) | Object::File(_) => {}
            }
        }
    }

    /// What kind of value it is.
    pub fn kind(&self, value: Value) -> Kind {
        match value {
            Value::Unset | Value::Null => Kind::Null,
            Value::Bool(_) => Kind::Boolean,
            Value::Int(_) => Kind::Number,
            Value::Dec { .. } | Value::BigDec(_) => Kind::Decimal,
            Value::Date(_) => Kind::Date,
            Value::DateTime(_) => Kind::DateTime,
            Value::Short { .. } | Value::Text { .. } => Kind::Text,
            Value::Object(at) => match self.objects.get(at) {
                Object::Empty => Kind::Empty,
                Object::List(_) => Kind::List,
                Object::Map(_) => Kind::Map,
                Object::Error(_) => Kind::Error,
                Object::Collection(_) => Kind::Collection,
                Object::File(_) => Kind::File,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn appending_to_the_newest_view_leaves_older_views_as_they_were() {
        let mut heap = Heap::default();
        let a = heap.text("a text longer than fourteen");
        let b = heap.concat(a, " bytes").unwrap();
        let c = heap.concat(a, " letters").unwrap();
        assert_eq!(heap.str(&a), Some("a text longer than fourteen"));
        assert_eq!(heap.str(&b), Some("a text longer than fourteen bytes"));
        assert_eq!(heap.str(&c), Some("a text longer than fourteen letters"));
    }

    #[test]
    fn a_map_keeps_the_order_of_its_first_puts_past_the_index_limit() {
        let mut heap = Heap::default();
        let map = heap.map(0);
        for n in 0..40 {
            let key = heap.text(&format!("a key with the number {n}"));
            heap.map_put(map, key, Value::Int(n));
        }
        let key = heap.text("a key with the number 20");
        assert!(matches!(heap.map_get(map, key), Some(Value::Int(20))));
        assert!(heap.map_remove(map, key).is_some());
        assert!(heap.map_get(map, key).is_none());
        let values: Vec<i64> = heap
            .as_map(map)
            .unwrap()
            .iter()
            .map(|(_, v)| if let Value::Int(n) = v { *n } else { -1 })
            .collect();
        assert_eq!(values, (0..40).filter(|n| *n != 20).collect::<Vec<_>>());
    }

    #[test]
    fn a_collection_frees_cycles_and_keeps_what_is_reachable() {
        let mut heap = Heap::default();
        let kept = heap.list(vec![]);
        let lost = heap.list(vec![]);
        heap.edit_list(lost, |items| items.push(lost)).unwrap();
        let long = heap.text("a text that needs the heap");
        heap.edit_list(kept, |items| items.push(long)).unwrap();
        let before = heap.used();
        heap.collect([kept].into_iter()).unwrap();
        assert!(heap.used() < before);
        assert_eq!(heap.as_list(kept).unwrap().len(), 1);
        assert!(heap.is_sound([kept].into_iter()));
        assert!(!heap.is_sound([lost].into_iter()));
    }

    #[test]
    fn one_and_one_point_zero_are_one_key() {
        let mut heap = Heap::default();
        let map = heap.map(0);
        for n in 0..20 {
            heap.map_put(map, Value::Int(n), Value::Int(n));
        }
        let one = heap.decimal(Decimal::new(10, 1));
        assert!(matches!(heap.map_get(map, one), Some(Value::Int(1))));
    }
}
