//! The insertion-ordered map of the language.
//!
//! Entries stand in one vector in the order of their first `put`; past a handful of entries a hash
//! index over positions is kept beside it. Keys are compared by content: text by its characters,
//! numbers by value. Hashing and comparing need the heap's texts, so both come in as functions.

use super::Value;
use hashbrown::HashTable;
use serde::{Deserialize, Serialize};

/// Up to this many entries are searched one by one.
const INDEX_FROM: usize = 9;

/// Keys and values in insertion order.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct MapObject {
    entries: Vec<(Value, Value)>,
    /// Hash of each key, parallel to `entries`; kept only while an index exists.
    #[serde(skip)]
    index: Option<Box<HashTable<(u64, u32)>>>,
}

impl MapObject {
    /// An empty map with room for `n` entries.
    pub fn with_capacity(n: usize) -> Self {
        Self { entries: Vec::with_capacity(n), index: None }
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Keys and values in insertion order.
    pub fn entries(&self) -> &[(Value, Value)] {
        &self.entries
    }

    /// Replaces the value at a position found by [`position`](Self::position).
    pub fn set_at(&mut self, position: usize, value: Value) {
        self.entries[position].1 = value;
    }

    /// Bytes held, for the memory meter.
    pub fn bytes(&self) -> usize {
        self.entries.capacity() * size_of::<(Value, Value)>()
            + self.index.as_ref().map_or(0, |index| index.capacity() * 16)
    }

    /// Where the key stands. `hash` is asked for only if there is an index.
    pub fn position(&self, hash: impl FnOnce() -> u64, mut same: impl FnMut(Value) -> bool) -> Option<usize> {
        match &self.index {
            None => self.entries.iter().position(|(key, _)| same(*key)),
            Some(index) => {
                let hash = hash();
                index
                    .find(hash, |(h, at)| *h == hash && same(self.entries[*at as usize].0))
                    .map(|(_, at)| *at as usize)
            }
        }
    }

    /// Appends an entry whose key is known to be new. `hash_of` hashes any key of the map.
    pub fn push_new(&mut self, key: Value, value: Value, hash_of: impl Fn(Value) -> u64) {
        let at = self.entries.len() as u32;
        self.entries.push((key, value));
        match &mut self.index {
            Some(index) => {
                index.insert_unique(hash_of(key), (hash_of(key), at), |(h, _)| *h);
            }
            None if self.entries.len() >= INDEX_FROM => self.rebuild_index(hash_of),
            None => {}
        }
    }

    /// Removes the entry at a position; the order of the others stays.
    pub fn remove_at(&mut self, position: usize, hash_of: impl Fn(Value) -> u64) -> Value {
        let (_, value) = self.entries.remove(position);
        self.index = None;
        if self.entries.len() >= INDEX_FROM {
            self.rebuild_index(hash_of);
        }
        value
    }

    /// Removes everything.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.index = None;
    }

    /// Makes the index anew if the map is large enough for one; needed after a snapshot is loaded.
    pub fn rebuild_index(&mut self, hash_of: impl Fn(Value) -> u64) {
        self.index = None;
        if self.entries.len() < INDEX_FROM {
            return;
        }
        let mut index = HashTable::with_capacity(self.entries.len());
        for (at, (key, _)) in self.entries.iter().enumerate() {
            let hash = hash_of(*key);
            index.insert_unique(hash, (hash, at as u32), |(h, _)| *h);
        }
        self.index = Some(Box::new(index));
    }
}
