//! Where the values of one run live: text buffers, large decimals, lists and maps.
//!
//! Handles are indices, never pointers. Memory is given back by [`Heap::collect`], which the
//! machine calls between instructions with its roots; natives may therefore hold handles freely
//! while they run. Everything that grows goes through a method here, so the meter is complete.

use super::arith::{DATE_RANGE, DATE_TIME_RANGE};
use super::fault::{Fault, Run};
use super::map::MapObject;
use super::number::StoredDecimal;
use super::text::TextBuffer;
use super::{Kind, SHORT_TEXT, Value};
use crate::codes;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::hash::{BuildHasher, Hash, Hasher};

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
    Error(ErrorObject),
}

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

/// Entries with reusable places.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Slab<T> {
    slots: Vec<Option<T>>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { slots: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slab<T> {
    fn insert(&mut self, item: T) -> u32 {
        match self.free.pop() {
            Some(at) => {
                self.slots[at as usize] = Some(item);
                at
            }
            None => {
                self.slots.push(Some(item));
                (self.slots.len() - 1) as u32
            }
        }
    }

    #[inline]
    fn get(&self, at: u32) -> &T {
        self.slots[at as usize].as_ref().expect("a live handle")
    }

    #[inline]
    fn get_mut(&mut self, at: u32) -> &mut T {
        self.slots[at as usize].as_mut().expect("a live handle")
    }

    fn holds(&self, at: u32) -> bool {
        self.slots.get(at as usize).is_some_and(Option::is_some)
    }

    /// Whether exactly the empty places are free, each once.
    fn is_sound(&self) -> bool {
        let mut free = vec![false; self.slots.len()];
        let each_once = self.free.iter().all(|at| match free.get_mut(*at as usize) {
            Some(seen) => !std::mem::replace(seen, true) && !self.holds(*at),
            None => false,
        });
        each_once && self.slots.len() < u32::MAX as usize
    }

    fn sweep(&mut self, marks: &[bool]) {
        for (at, slot) in self.slots.iter_mut().enumerate() {
            if slot.is_some() && !marks[at] {
                *slot = None;
                self.free.push(at as u32);
            }
        }
    }

    fn live(&self) -> impl Iterator<Item = &T> {
        self.slots.iter().flatten()
    }
}

/// The memory of one run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Heap {
    texts: Slab<TextBuffer>,
    decimals: Slab<StoredDecimal>,
    objects: Slab<Object>,
    limits: HeapLimits,
    /// Bytes in use, garbage included.
    #[serde(skip)]
    used: usize,
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

const FIRST_COLLECTION: usize = 4 << 20;
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
            used: 0,
            alive: 0,
            collect_at: FIRST_COLLECTION.min(limits.memory),
            stress: false,
            hasher: foldhash::fast::RandomState::default(),
        }
    }

    // ---- metering -------------------------------------------------------------------------

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
                    }
                }
                _ => {}
            }
        }
        self.texts.sweep(&texts);
        self.decimals.sweep(&decimals);
        self.objects.sweep(&objects);
        self.used = self.texts.live().map(|t| t.capacity() + SLOT).sum::<usize>()
            + self.decimals.live().count() * SLOT
            + self.objects.live().map(|o| object_bytes(o) + SLOT).sum::<usize>();
        self.alive = self.used;
        self.collect_at = (self.used * 2).max(FIRST_COLLECTION).min(self.limits.memory);
        if self.stress {
            self.collect_at = 0;
        }
        if self.used > self.limits.memory { Err(self.out_of_memory()) } else { Ok(()) }
    }

    // ---- text -----------------------------------------------------------------------------

    /// Makes a text value.
    pub fn text(&mut self, text: &str) -> Value {
        match Value::short(text) {
            Some(value) => value,
            None => self.long_text(text.to_owned()),
        }
    }

    /// Makes a text value from an owned string.
    pub fn text_owned(&mut self, text: String) -> Value {
        match Value::short(&text) {
            Some(value) => value,
            None => self.long_text(text),
        }
    }

    fn long_text(&mut self, text: String) -> Value {
        let len = text.len() as u32;
        self.used += text.capacity() + SLOT;
        Value::Text { buffer: self.texts.insert(TextBuffer::new(text)), len }
    }

    /// The characters of a text value; `None` for any other kind. Takes the value by reference
    /// because a short text stands inside it.
    #[inline]
    pub fn str<'a>(&'a self, value: &'a Value) -> Option<&'a str> {
        match value {
            Value::Short { len, bytes } => std::str::from_utf8(&bytes[..*len as usize]).ok(),
            Value::Text { buffer, len } => Some(self.texts.get(*buffer).prefix(*len)),
            _ => None,
        }
    }

    /// The bytes of a text value, which need no look at their encoding.
    #[inline]
    fn bytes<'a>(&'a self, value: &'a Value) -> Option<&'a [u8]> {
        match value {
            Value::Short { len, bytes } => bytes.get(..*len as usize),
            Value::Text { buffer, len } => Some(self.texts.get(*buffer).prefix(*len).as_bytes()),
            _ => None,
        }
    }

    /// Whether a text is known to be ASCII without looking at its characters.
    pub fn is_ascii(&self, value: &Value) -> bool {
        match value {
            Value::Short { len, bytes } => bytes[..*len as usize].is_ascii(),
            Value::Text { buffer, .. } => self.texts.get(*buffer).is_ascii(),
            _ => false,
        }
    }

    /// `left` followed by `more`. Appends in place when `left` is the newest view of its buffer.
    pub fn concat(&mut self, left: Value, more: &str) -> Run<Value> {
        let left_len = self.bytes(&left).map_or(0, <[u8]>::len);
        if left_len + more.len() <= SHORT_TEXT {
            let mut bytes = [0; SHORT_TEXT];
            bytes[..left_len].copy_from_slice(self.bytes(&left).unwrap_or_default());
            bytes[left_len..left_len + more.len()].copy_from_slice(more.as_bytes());
            return Ok(Value::Short { len: (left_len + more.len()) as u8, bytes });
        }
        self.reserve_text(left_len + more.len())?;
        if let Value::Text { buffer, len } = left {
            let target = self.texts.get_mut(buffer);
            if target.len() == len as usize {
                let before = target.capacity();
                target.push_str(more);
                self.used += target.capacity() - before;
                return Ok(Value::Text { buffer, len: len + more.len() as u32 });
            }
        }
        let mut joined = String::with_capacity((left_len + more.len()).max(32));
        joined.push_str(self.str(&left).unwrap_or_default());
        joined.push_str(more);
        Ok(self.text_owned(joined))
    }

    /// `left`, a text, followed by `more`, a text; in place where it can be.
    pub fn concat_values(&mut self, left: Value, more: Value) -> Run<Value> {
        let Value::Text { buffer, len } = more else {
            let text = self.str(&more).unwrap_or_default().to_owned();
            return self.concat(left, &text);
        };
        // The buffer is taken out so that its text can be read while another one grows.
        if matches!(left, Value::Text { buffer: same, .. } if same == buffer) {
            let text = self.texts.get(buffer).prefix(len).to_owned();
            return self.concat(left, &text);
        }
        let taken = std::mem::take(self.texts.get_mut(buffer));
        let joined = self.concat(left, taken.prefix(len));
        *self.texts.get_mut(buffer) = taken;
        joined
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

    /// Value under a key; `None` if the key is absent or this is no map.
    #[inline]
    pub fn map_get(&self, map: Value, key: Value) -> Option<Value> {
        let Value::Object(at) = map else { return None };
        let Object::Map(object) = self.objects.get(at) else { return None };
        let position = object.position(|| self.hash_key(key), |other| self.same_key(key, other))?;
        Some(object.entries()[position].1)
    }

    /// `map.get(key)` or `list.get(position)`; `None` if the answer is not that plain.
    #[inline]
    pub fn quick_get(&self, object: Value, key: Value) -> Option<Value> {
        let Value::Object(at) = object else { return None };
        match self.objects.get(at) {
            Object::Map(map) => Some(
                map.position(|| self.hash_key(key), |other| self.same_key(key, other))
                    .map_or(Value::Null, |position| map.entries()[position].1),
            ),
            Object::List(items) => match key {
                Value::Int(n) => items.get(usize::try_from(n).ok()?).copied(),
                _ => None,
            },
            _ => None,
        }
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

    /// Value under a text key.
    pub fn map_get_str(&self, map: Value, key: &str) -> Option<Value> {
        let wanted = Some(key.as_bytes());
        self.as_map(map)?.iter().find(|(k, _)| self.bytes(k) == wanted).map(|(_, v)| *v)
    }

    /// Sets a key, keeping its place if it exists; turns `{}` into a map. False if it is no map.
    pub fn map_put(&mut self, map: Value, key: Value, value: Value) -> bool {
        let Value::Object(at) = map else { return false };
        if matches!(self.objects.get(at), Object::Empty) {
            *self.objects.get_mut(at) = Object::Map(MapObject::default());
        }
        let Object::Map(object) = self.objects.get(at) else { return false };
        let position = object.position(|| self.hash_key(key), |other| self.same_key(key, other));
        let (texts, decimals, hasher) = (&self.texts, &self.decimals, &self.hasher);
        let Object::Map(object) = self.objects.slots[at as usize].as_mut().expect("a live handle") else {
            return false;
        };
        match position {
            Some(position) => object.set_at(position, value),
            None => {
                let before = object.bytes();
                object.push_new(key, value, |k| hash_value(texts, decimals, hasher, k));
                self.used += object.bytes().saturating_sub(before);
            }
        }
        true
    }

    /// Sets a text key.
    pub fn map_put_str(&mut self, map: Value, key: &str, value: Value) -> bool {
        let key = self.text(key);
        self.map_put(map, key, value)
    }

    /// Removes a key; the removed value, or `None` if it was absent.
    pub fn map_remove(&mut self, map: Value, key: Value) -> Option<Value> {
        let Value::Object(at) = map else { return None };
        let Object::Map(object) = self.objects.get(at) else { return None };
        let position = object.position(|| self.hash_key(key), |other| self.same_key(key, other))?;
        let (texts, decimals, hasher) = (&self.texts, &self.decimals, &self.hasher);
        match self.objects.slots[at as usize].as_mut() {
            Some(Object::Map(object)) => {
                Some(object.remove_at(position, |k| hash_value(texts, decimals, hasher, k)))
            }
            _ => None,
        }
    }

    /// Empties a list or map.
    pub fn clear(&mut self, value: Value) {
        if let Value::Object(at) = value {
            match self.objects.get_mut(at) {
                Object::List(items) => items.clear(),
                Object::Map(map) => map.clear(),
                Object::Empty | Object::Error(_) => {}
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
            },
        }
    }

    // ---- keys -----------------------------------------------------------------------------

    fn hash_key(&self, key: Value) -> u64 {
        hash_value(&self.texts, &self.decimals, &self.hasher, key)
    }

    /// Whether two values are one map key: same text, same number (1 and 1.0), same object.
    pub fn same_key(&self, a: Value, b: Value) -> bool {
        match (a, b) {
            (Value::Short { len: m, bytes: x }, Value::Short { len: n, bytes: y }) => m == n && x == y,
            (Value::Short { .. } | Value::Text { .. }, Value::Short { .. } | Value::Text { .. }) => {
                self.bytes(&a) == self.bytes(&b)
            }
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Date(a), Value::Date(b)) => a == b,
            (Value::DateTime(a), Value::DateTime(b)) => a == b,
            (Value::Object(a), Value::Object(b)) => a == b,
            _ => match (self.as_decimal(a), self.as_decimal(b)) {
                (Some(a), Some(b)) => a == b,
                _ => false,
            },
        }
    }

    // ---- snapshots ------------------------------------------------------------------------

    /// Whether every handle in the value and the heap leads somewhere; a loaded snapshot is
    /// outside input.
    pub fn is_sound(&self, roots: impl Iterator<Item = Value>) -> bool {
        let inner = self.objects.live().flat_map(|object| -> Box<dyn Iterator<Item = Value> + '_> {
            match object {
                Object::Empty => Box::new(std::iter::empty()),
                Object::List(items) => Box::new(items.iter().copied()),
                Object::Map(map) => Box::new(map.entries().iter().flat_map(|(k, v)| [*k, *v])),
                Object::Error(e) => Box::new([e.message, e.code, e.thrown].into_iter()),
            }
        });
        let free_ok = self.texts.is_sound() && self.decimals.is_sound() && self.objects.is_sound();
        free_ok && roots.chain(inner).all(|value| self.is_sound_value(value))
    }

    fn is_sound_value(&self, value: Value) -> bool {
        match value {
            Value::Short { len, bytes } => {
                bytes.split_at_checked(len as usize).is_some_and(|(text, rest)| {
                    std::str::from_utf8(text).is_ok() && rest.iter().all(|byte| *byte == 0)
                })
            }
            Value::Text { buffer, len } => {
                self.texts.holds(buffer) && self.texts.get(buffer).is_boundary(len)
            }
            Value::Dec { scale, .. } => scale <= 28,
            Value::BigDec(at) => self.decimals.holds(at),
            Value::Object(at) => self.objects.holds(at),
            Value::Date(day) => DATE_RANGE.contains(&day),
            Value::DateTime(millis) => DATE_TIME_RANGE.contains(&millis),
            _ => true,
        }
    }

    /// Makes the indexes of all maps anew; call after loading a snapshot that [`is_sound`](Self::is_sound).
    pub fn rebuild_indexes(&mut self) {
        let (texts, decimals, hasher) = (&self.texts, &self.decimals, &self.hasher);
        for slot in self.objects.slots.iter_mut().flatten() {
            if let Object::Map(map) = slot {
                map.rebuild_index(|k| hash_value(texts, decimals, hasher, k));
            }
        }
    }
}

fn has_handle(value: Value) -> bool {
    matches!(value, Value::Text { .. } | Value::BigDec(_) | Value::Object(_))
}

fn object_bytes(object: &Object) -> usize {
    match object {
        Object::Empty => 0,
        Object::List(items) => items.capacity() * size_of::<Value>(),
        Object::Map(map) => map.bytes(),
        Object::Error(_) => size_of::<ErrorObject>(),
    }
}

fn hash_value(
    texts: &Slab<TextBuffer>,
    decimals: &Slab<StoredDecimal>,
    hasher: &foldhash::fast::RandomState,
    key: Value,
) -> u64 {
    let mut state = hasher.build_hasher();
    match key {
        Value::Short { len, bytes } => bytes[..len as usize].hash(&mut state),
        Value::Text { buffer, len } => texts.get(buffer).prefix(len).as_bytes().hash(&mut state),
        Value::Int(n) => Decimal::from(n).normalize().hash(&mut state),
        Value::Dec { scale, mantissa } => {
            Decimal::from_i128_with_scale(mantissa.into(), scale.into()).normalize().hash(&mut state);
        }
        Value::BigDec(at) => decimals.get(at).0.normalize().hash(&mut state),
        Value::Bool(b) => b.hash(&mut state),
        Value::Date(d) => d.hash(&mut state),
        Value::DateTime(d) => d.hash(&mut state),
        Value::Object(at) => at.hash(&mut state),
        Value::Null | Value::Unset => {}
    }
    state.finish()
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
