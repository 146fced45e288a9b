//! What a run may use, and where it runs.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// What a run may use at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Units of work in all: about one per instruction of a loop turn, per call and per element or
    /// 16 bytes that a built-in touches.
    pub fuel: u64,
    /// Bytes that may be alive.
    pub memory: usize,
    /// Bytes of one text.
    pub text: usize,
    /// Calls inside each other.
    pub depth: u32,
}

impl Limits {
    /// For a script on its author's own machine.
    pub const fn local() -> Self {
        Self { fuel: 50_000_000, memory: 256 << 20, text: 64 << 20, depth: 200 }
    }

    /// For a script of one organisation among many.
    pub const fn server() -> Self {
        Self { fuel: 20_000_000, memory: 64 << 20, text: 16 << 20, depth: 100 }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::local()
    }
}

/// Where a run takes place.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Time zone of the organisation.
    pub zone: TimeZone,
    /// Collects garbage at every safe point: slow, for tests.
    pub stress_collection: bool,
    /// Comes back after every instruction, for tests of interruption. Only builds with debug
    /// assertions heed it: in the others it would cost every instruction a look.
    pub stress_interruption: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { zone: TimeZone::UTC, stress_collection: false, stress_interruption: false }
    }
}
