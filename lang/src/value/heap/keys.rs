//! Maps by key: finding, setting, removing.
//!
//! A lookup by a constant key can take a *hint*: the position where that key stood in the map asked
//! before. Maps that a script builds in one place are alike, so the hint is nearly always right, and
//! being wrong costs only time.

use super::{Heap, Object, Slab};
use crate::value::Value;
use crate::value::map::MapObject;
use crate::value::number::StoredDecimal;
use crate::value::text::TextBuffer;
use rust_decimal::Decimal;
use std::hash::{BuildHasher, Hash, Hasher};

/// What stands under a key that is not there.
static NULL: Value = Value::Null;

/// What comparing and hashing keys needs of a heap.
#[derive(Clone, Copy)]
pub(super) struct Keys<'a> {
    texts: &'a Slab<TextBuffer>,
    decimals: &'a Slab<StoredDecimal>,
    hasher: &'a foldhash::fast::RandomState,
}

/// The words of a short text: equal texts, equal words.
fn words(len: u8, bytes: &[u8; crate::value::SHORT_TEXT]) -> (u64, u64) {
    let &[a, b, c, d, e, f, g, h, i, j, k, l, m, n] = bytes;
    (u64::from_le_bytes([a, b, c, d, e, f, g, h]), u64::from_le_bytes([i, j, k, l, m, n, len, 0]))
}

impl Keys<'_> {
    /// Hash of a key; equal keys have equal ones.
    #[inline]
    pub(super) fn hash(self, key: &Value) -> u32 {
        let mut state = self.hasher.build_hasher();
        match key {
            Value::Short { len, bytes } => {
                let (head, tail) = words(*len, bytes);
                state.write_u64(head);
                state.write_u64(tail);
            }
            Value::Int(n) => state.write_i64(*n),
            _ => self.hash_other(key, &mut state),
        }
        let hash = state.finish();
        (hash ^ (hash >> 32)) as u32
    }

    #[inline(never)]
    fn hash_other(self, key: &Value, state: &mut foldhash::fast::FoldHasher<'_>) {
        let decimal = match *key {
            Value::Text { buffer, len } => return state.write(self.texts.get(buffer).prefix(len).as_bytes()),
            Value::Dec { scale, mantissa } => Decimal::from_i128_with_scale(mantissa.into(), scale.into()),
            Value::BigDec(at) => self.decimals.get(at).0,
            Value::Bool(b) => return b.hash(state),
            Value::Date(d) => return d.hash(state),
            Value::DateTime(d) => return d.hash(state),
            Value::Object(at) => return at.hash(state),
            _ => return,
        };
        // 1 and 1.0 are one key.
        let decimal = decimal.normalize();
        match i64::try_from(decimal.mantissa()) {
            Ok(whole) if decimal.scale() == 0 => state.write_i64(whole),
            _ => decimal.hash(state),
        }
    }

    /// Whether two values are one key.
    #[inline]
    pub(super) fn same(self, a: &Value, b: &Value) -> bool {
        match (a, b) {
            (Value::Short { len: m, bytes: x }, Value::Short { len: n, bytes: y }) => m == n && x == y,
            (Value::Int(a), Value::Int(b)) => a == b,
            // A text of that few bytes is always a short one.
            (Value::Short { .. }, _) | (_, Value::Short { .. }) => false,
            _ => self.same_other(a, b),
        }
    }

    #[inline(never)]
    fn same_other(self, a: &Value, b: &Value) -> bool {
        match (*a, *b) {
            (Value::Text { buffer: x, len: m }, Value::Text { buffer: y, len: n }) => {
                m == n && self.texts.get(x).prefix(m) == self.texts.get(y).prefix(n)
            }
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Date(a), Value::Date(b)) => a == b,
            (Value::DateTime(a), Value::DateTime(b)) => a == b,
            (Value::Object(a), Value::Object(b)) => a == b,
            (a, b) => match (self.decimal(a), self.decimal(b)) {
                (Some(a), Some(b)) => a == b,
                _ => false,
            },
        }
    }

    fn decimal(self, value: Value) -> Option<Decimal> {
        match value {
            Value::Int(n) => Some(Decimal::from(n)),
            Value::Dec { scale, mantissa } => {
                Decimal::try_from_i128_with_scale(mantissa.into(), scale.into()).ok()
            }
            Value::BigDec(at) => Some(self.decimals.get(at).0),
            _ => None,
        }
    }

    #[inline]
    fn position(self, map: &MapObject, key: &Value) -> Option<usize> {
        map.position(|| self.hash(key), |other| self.same(key, other))
    }
}

impl Heap {
    #[inline]
    pub(super) fn keys(&self) -> Keys<'_> {
        Keys { texts: &self.texts, decimals: &self.decimals, hasher: &self.hasher }
    }

    /// Value under a key; `None` if the key is absent or this is no map.
    #[inline]
    pub fn map_get(&self, map: Value, key: Value) -> Option<Value> {
        let Value::Object(at) = map else { return None };
        let Object::Map(object) = self.objects.get(at) else { return None };
        let position = self.keys().position(object, &key)?;
        Some(object.entries()[position].1)
    }

    /// `map.get(key)` or `list.get(position)`; `None` if the answer is not that plain.
    #[inline]
    pub fn quick_get(&mut self, object: &Value, key: &Value) -> Option<&Value> {
        let Value::Object(at) = *object else { return None };
        let keys = Keys { texts: &self.texts, decimals: &self.decimals, hasher: &self.hasher };
        match self.objects.get_mut(at) {
            Object::Map(map) => {
                let Some(position) = keys.position(map, key) else { return Some(&NULL) };
                map.remember_read(position);
                map.entries().get(position).map(|(_, value)| value)
            }
            Object::List(items) => match *key {
                Value::Int(n) => items.get(usize::try_from(n).ok()?),
                _ => None,
            },
            _ => None,
        }
    }

    /// As [`quick_get`](Self::quick_get) of a map with a key that is asked for often.
    #[inline]
    pub fn hinted_get(&self, object: &Value, key: &Value, hint: &mut u32) -> Option<&Value> {
        let Value::Object(at) = *object else { return None };
        let Object::Map(map) = self.objects.get(at) else { return None };
        let keys = self.keys();
        if let Some((other, value)) = map.entries().get(*hint as usize)
            && keys.same(key, other)
        {
            return Some(value);
        }
        let Some(position) = keys.position(map, key) else { return Some(&NULL) };
        *hint = position as u32;
        map.entries().get(position).map(|(_, value)| value)
    }

    /// Value under a text key.
    pub fn map_get_str(&self, map: Value, key: &str) -> Option<Value> {
        let wanted = Some(key.as_bytes());
        self.as_map(map)?.iter().find(|(k, _)| self.bytes(k) == wanted).map(|(_, v)| *v)
    }

    /// Sets a key, keeping its place if it exists; turns `{}` into a map. False if it is no map.
    #[inline]
    pub fn map_put(&mut self, map: Value, key: Value, value: Value) -> bool {
        let mut none = u32::MAX;
        self.hinted_put(map, &key, value, &mut none)
    }

    /// As [`map_put`](Self::map_put) with a key that may be the one just read.
    #[inline]
    pub fn quick_put(&mut self, map: &Value, key: &Value, value: Value) -> bool {
        let Value::Object(at) = *map else { return false };
        let mut hint = match self.objects.get(at) {
            Object::Map(object) => object.last_read() as u32,
            _ => u32::MAX,
        };
        self.hinted_put(*map, key, value, &mut hint)
    }

    /// As [`map_put`](Self::map_put) with a key that is used often.
    #[inline]
    pub fn hinted_put(&mut self, map: Value, key: &Value, value: Value, hint: &mut u32) -> bool {
        let Value::Object(at) = map else { return false };
        let keys = Keys { texts: &self.texts, decimals: &self.decimals, hasher: &self.hasher };
        let object = match self.objects.get_mut(at) {
            Object::Map(object) => object,
            object @ Object::Empty => {
                *object = Object::Map(MapObject::default());
                let Object::Map(object) = object else { return false };
                object
            }
            _ => return false,
        };
        if let Some((other, place)) = object.entry_mut(*hint as usize)
            && keys.same(key, other)
        {
            *place = value;
            return true;
        }
        match keys.position(object, key) {
            Some(position) => {
                *hint = position as u32;
                if let Some((_, place)) = object.entry_mut(position) {
                    *place = value;
                }
            }
            None => {
                let before = object.bytes();
                *hint = object.len() as u32;
                object.push_new(*key, value, |key| keys.hash(key));
                self.used += object.bytes().saturating_sub(before);
            }
        }
        true
    }

    /// Appends an entry to a map that does not have the key yet.
    pub fn map_push(&mut self, map: Value, key: Value, value: Value) {
        let Value::Object(at) = map else { return };
        let keys = Keys { texts: &self.texts, decimals: &self.decimals, hasher: &self.hasher };
        let Object::Map(object) = self.objects.get_mut(at) else { return };
        let before = object.bytes();
        object.push_new(key, value, |key| keys.hash(key));
        self.used += object.bytes().saturating_sub(before);
    }

    /// Sets a text key.
    pub fn map_put_str(&mut self, map: Value, key: &str, value: Value) -> bool {
        let key = self.text(key);
        self.map_put(map, key, value)
    }

    /// Removes a key; the removed value, or `None` if it was absent.
    pub fn map_remove(&mut self, map: Value, key: Value) -> Option<Value> {
        let Value::Object(at) = map else { return None };
        let keys = Keys { texts: &self.texts, decimals: &self.decimals, hasher: &self.hasher };
        let Object::Map(object) = self.objects.get_mut(at) else { return None };
        let position = keys.position(object, &key)?;
        Some(object.remove_at(position, |key| keys.hash(key)))
    }

    /// Whether two values are one map key: same text, same number (1 and 1.0), same object.
    pub fn same_key(&self, a: Value, b: Value) -> bool {
        self.keys().same(&a, &b)
    }

    /// Makes the indexes of all maps anew; call after loading a snapshot that [`is_sound`](Self::is_sound).
    pub fn rebuild_indexes(&mut self) {
        let keys = Keys { texts: &self.texts, decimals: &self.decimals, hasher: &self.hasher };
        for slot in self.objects.slots.iter_mut().flatten() {
            if let Object::Map(map) = slot {
                map.rebuild_index(|key| keys.hash(key));
            }
        }
    }
}
