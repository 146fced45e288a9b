//! Entries with reusable places; a handle is a place.

use serde::{Deserialize, Serialize};

/// Entries with reusable places.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Slab<T> {
    pub(super) slots: Vec<Option<T>>,
    pub(super) free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { slots: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slab<T> {
    pub(super) fn insert(&mut self, item: T) -> u32 {
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
    pub(super) fn get(&self, at: u32) -> &T {
        self.slots[at as usize].as_ref().expect("a live handle")
    }

    #[inline]
    pub(super) fn get_mut(&mut self, at: u32) -> &mut T {
        self.slots[at as usize].as_mut().expect("a live handle")
    }

    pub(super) fn holds(&self, at: u32) -> bool {
        self.slots.get(at as usize).is_some_and(Option::is_some)
    }

    /// Whether exactly the empty places are free, each once.
    pub(super) fn is_sound(&self) -> bool {
        let mut free = vec![false; self.slots.len()];
        let each_once = self.free.iter().all(|at| match free.get_mut(*at as usize) {
            Some(seen) => !std::mem::replace(seen, true) && !self.holds(*at),
            None => false,
        });
        each_once && self.slots.len() < u32::MAX as usize
    }

    pub(super) fn sweep(&mut self, marks: &[bool]) {
        for (at, slot) in self.slots.iter_mut().enumerate() {
            if slot.is_some() && !marks[at] {
                *slot = None;
                self.free.push(at as u32);
            }
        }
    }

    pub(super) fn live(&self) -> impl Iterator<Item = &T> {
        self.slots.iter().flatten()
    }
}
