//! Which variables surely have a value at a point of a function. Reads elsewhere are checked at run
//! time.

use super::op::Reg;

/// A set of variables, by register. Code that is never reached has them all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assigned {
    words: Vec<u64>,
    unreachable: bool,
}

impl Assigned {
    /// Adds a variable.
    pub fn insert(&mut self, reg: Reg) {
        let word = usize::from(reg / 64);
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= 1 << (reg % 64);
    }

    /// Whether the variable surely has a value.
    pub fn contains(&self, reg: Reg) -> bool {
        self.unreachable
            || self.words.get(usize::from(reg / 64)).is_some_and(|word| word & (1 << (reg % 64)) != 0)
    }

    /// The code that follows is never reached: after `return`, `throw`, `break`, `continue`.
    pub fn leave(&mut self) {
        self.unreachable = true;
    }

    /// Keeps what holds on both ways that meet here.
    pub fn meet(&mut self, other: &Assigned) {
        if other.unreachable {
            return;
        }
        if self.unreachable {
            *self = other.clone();
            return;
        }
        for (at, word) in self.words.iter_mut().enumerate() {
            *word &= other.words.get(at).copied().unwrap_or(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_both_ways_assign_is_assigned_after_they_meet() {
        let (mut a, mut b) = (Assigned::default(), Assigned::default());
        a.insert(1);
        a.insert(70);
        b.insert(70);
        a.meet(&b);
        assert!(!a.contains(1) && a.contains(70));
    }

    #[test]
    fn a_way_that_never_arrives_does_not_count() {
        let (mut a, mut b) = (Assigned::default(), Assigned::default());
        a.insert(1);
        b.leave();
        a.meet(&b);
        assert!(a.contains(1));
        b.meet(&a);
        assert!(b.contains(1) && !b.contains(2));
    }
}
