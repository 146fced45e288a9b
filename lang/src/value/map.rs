//! The insertion-ordered map of the language.
//!
//! Entries stand in one vector in the order of their first `put`; past a handful of entries a hash
//! index over positions is kept beside it. Keys are compared by content: text by its characters,
//! numbers by value. Hashing and comparing need the heap's texts, so both come in as functions.

use super::Value;
use hashbrown::HashTable;
use serde::{Deserialize, Serialize};

/// Maps of fewer entries are searched one by one.
const INDEX_FROM: usize = 17;

/// Keys and values in insertion order.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct MapObject {
    entries: Vec<(Value, Value)>,
    /// Hash of each key and where it stands; kept only past a handful of entries.
    #[serde(skip)]
    index: Option<Box<Index>>,
}

/// Where the keys of a large map stand.
#[derive(Debug, Clone)]
struct Index {
    places: HashTable<Place>,
    /// Where the key stood that was read last: what is read is often written next.
    read: u32,
}

/// One key in the index. Eight bytes: a lookup in a large map waits for memory, not for arithmetic.
#[derive(Debug, Clone, Copy)]
struct Place {
    hash: u32,
    at: u32,
}

impl Place {
    /// The hash as the table wants it, which looks at its highest and its lowest bits.
    fn spread(hash: u32) -> u64 {
        u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
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
    #[inline]
    pub fn entries(&self) -> &[(Value, Value)] {
        &self.entries
    }

    /// The entry at a position, to replace its value.
    #[inline]
    pub fn entry_mut(&mut self, position: usize) -> Option<&mut (Value, Value)> {
        self.entries.get_mut(position)
    }

    /// Bytes held, for the memory meter.
    #[inline]
    pub fn bytes(&self) -> usize {
        self.entries.capacity() * size_of::<(Value, Value)>()
            + self.index.as_ref().map_or(0, |index| index.places.capacity() * 2 * size_of::<Place>())
    }

    /// Where the key stands. `hash` is asked for only if there is an index.
    #[inline]
    pub fn position(&self, hash: impl FnOnce() -> u32, same: impl Fn(&Value) -> bool) -> Option<usize> {
        match &self.index {
            None => self.entries.iter().position(|(key, _)| same(key)),
            Some(index) => {
                let hash = hash();
                index
                    .places
                    .find(Place::spread(hash), |place| {
                        place.hash == hash && same(&self.entries[place.at as usize].0)
                    })
                    .map(|place| place.at as usize)
            }
        }
    }

    /// Remembers where a key was read, for a write to the same key; large maps alone do.
    #[inline]
    pub fn remember_read(&mut self, position: usize) {
        if let Some(index) = &mut self.index {
            index.read = position as u32;
        }
    }

    /// Where the key stood that was read last; of a map that does not remember, nowhere.
    #[inline]
    pub fn last_read(&self) -> usize {
        self.index.as_ref().map_or(usize::MAX, |index| index.read as usize)
    }

    /// Appends an entry whose key is known to be new. `hash_of` hashes any key of the map.
    #[inline]
    pub fn push_new(&mut self, key: Value, value: Value, hash_of: impl Fn(&Value) -> u32) {
        let at = self.entries.len() as u32;
        self.entries.push((key, value));
        match &mut self.index {
            Some(index) => {
                let hash = hash_of(&key);
                let again = |place: &Place| Place::spread(place.hash);
                index.places.insert_unique(Place::spread(hash), Place { hash, at }, again);
            }
            None if self.entries.len() >= INDEX_FROM => self.rebuild_index(hash_of),
            None => {}
        }
    }

    /// Removes the entry at a position; the order of the others stays.
    pub fn remove_at(&mut self, position: usize, hash_of: impl Fn(&Value) -> u32) -> Value {
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
    #[inline(never)]
    pub fn rebuild_index(&mut self, hash_of: impl Fn(&Value) -> u32) {
        self.index = None;
        if self.entries.len() < INDEX_FROM {
            return;
        }
        let mut places = HashTable::with_capacity(self.entries.len());
        for (at, (key, _)) in self.entries.iter().enumerate() {
            let hash = hash_of(key);
            let again = |place: &Place| Place::spread(place.hash);
            places.insert_unique(Place::spread(hash), Place { hash, at: at as u32 }, again);
        }
        self.index = Some(Box::new(Index { places, read: 0 }));
    }
}
