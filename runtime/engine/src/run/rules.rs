//! Times of runs that work and of those who look on.

use std::time::Duration;

/// What may be chosen about runs; tests choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunRules {
    /// How long a process has a run to itself without saying anything. It says so three times as often.
    pub lease: Duration,
    /// How often a process looks whether it still has a run, and whether the run is to end.
    pub looks_every: Duration,
    /// A host call that takes longer has the machine sealed while it goes on.
    pub seal_after: Duration,
    /// What a run has printed and called is kept this often while it goes on.
    pub keeps_every: Duration,
    /// How often a run is gone on with after its process has died. Whatever kills one process after the
    /// other must end.
    pub deaths: u32,
    /// How long what an org says about its runs, and what it has used, is believed.
    pub believes_for: Duration,
}

impl Default for RunRules {
    /// A lease of 30 seconds, a look every 2, seals and records after 1, five processes that die, 2 seconds.
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(30),
            looks_every: Duration::from_secs(2),
            seal_after: Duration::from_secs(1),
            keeps_every: Duration::from_secs(1),
            deaths: 5,
            believes_for: Duration::from_secs(2),
        }
    }
}
