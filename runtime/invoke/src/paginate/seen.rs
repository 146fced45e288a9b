//! What a walk has seen, in bounded memory: the last marks exactly, longer circles by Brent's method
//! (R. P. Brent, *An improved Monte Carlo factorization algorithm*, 1980, §2).

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::VecDeque;
use std::io;

/// A circle of up to so many pages is found at its first page that comes again.
const WINDOW: usize = 32;

/// Marks of what came before.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Seen {
    /// The last ones, oldest first.
    last: VecDeque<u64>,
    /// One that is held while the walk goes on; moved to where the walk stands at each power of two.
    held: u64,
    count: u64,
}

impl Seen {
    /// Remembers a mark; whether it came before. One that came longer ago than [`WINDOW`] marks is found
    /// within three rounds of the circle it belongs to.
    pub fn again(&mut self, mark: u64) -> bool {
        if self.last.contains(&mark) || (self.count > 0 && self.held == mark) {
            return true;
        }
        self.count = self.count.saturating_add(1);
        if self.count.is_power_of_two() {
            self.held = mark;
        }
        if self.last.len() >= WINDOW {
            self.last.pop_front();
        }
        self.last.push_back(mark);
        false
    }
}

/// The mark of a value: the first 8 bytes of a digest of its JSON, the same in every process.
pub(super) fn mark_of(value: &impl Serialize) -> u64 {
    struct Digesting(Sha256);
    impl io::Write for Digesting {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.update(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut digest = Digesting(Sha256::new());
    // Neither JSON values nor the digest can fail to be written.
    let _ = serde_json::to_writer(&mut digest, value);
    digest.0.finalize().iter().take(8).fold(0, |mark, byte| mark << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At which step a walk that runs into a circle is found out.
    fn found(tail: u64, circle: u64) -> u64 {
        let mut seen = Seen::default();
        let at = |step: u64| if step < tail { step } else { tail + (step - tail) % circle };
        (0..).find(|step| seen.again(mark_of(&at(*step)))).unwrap()
    }

    #[test]
    fn a_short_circle_is_found_at_once_and_a_long_one_before_long() {
        for (tail, circle) in [(0, 1), (5, 1), (3, 32), (1000, 7)] {
            assert_eq!(found(tail, circle), tail + circle, "{tail} {circle}");
        }
        for (tail, circle) in [(0, 33), (10, 100), (1000, 500), (3, 4097)] {
            let step = found(tail, circle);
            assert!(step <= 3 * (tail + circle), "{tail} {circle}: {step}");
        }
    }

    #[test]
    fn what_never_comes_again_is_never_taken_for_it_and_takes_no_more_room() {
        let mut seen = Seen::default();
        assert!((0..100_000u64).all(|step| !seen.again(mark_of(&step))));
        assert!(serde_json::to_string(&seen).unwrap().len() < 1000);
    }
}
