//! The clock of the machine.

use sluis_model::ports::Clock;
use sluis_model::time::Timestamp;
use std::time::{SystemTime, UNIX_EPOCH};

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(since.as_millis().try_into().unwrap_or(i64::MAX))
    }
}
