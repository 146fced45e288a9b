//! The clock of the server that holds the rows, without asking it each time: it was asked once, and since
//! then our own steady clock goes on.

use sluis_model::time::Timestamp;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Then it is asked again: no two clocks go alike for ever.
const BELIEVED_FOR: Duration = Duration::from_secs(60);

/// What is known of the server's clock.
#[derive(Debug, Default)]
pub(crate) struct StoreClock(Mutex<Option<(Timestamp, Instant)>>);

impl StoreClock {
    /// Its present moment; none if it has to be asked.
    pub fn now(&self) -> Option<Timestamp> {
        let measured = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (then, at) = measured.filter(|(_, at)| at.elapsed() < BELIEVED_FOR)?;
        let since = i64::try_from(at.elapsed().as_millis()).unwrap_or(i64::MAX);
        Some(Timestamp(then.0.saturating_add(since)))
    }

    /// Notes what it has said; nothing where there is no such server.
    pub fn measured(&self, told: Option<Timestamp>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = told.map(|told| (told, Instant::now()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_asked_goes_on_by_itself() {
        let clock = StoreClock::default();
        assert_eq!(clock.now(), None);
        clock.measured(Some(Timestamp(5)));
        assert!(clock.now().is_some_and(|now| now >= Timestamp(5)));
        clock.measured(None);
        assert_eq!(clock.now(), None);
    }
}
