//! What the rounds have shown, as figures.

use crate::step::Step;
use std::collections::BTreeMap;
use std::fmt;

/// Figures of all rounds with one provider.
#[derive(Default)]
pub struct Tally {
    /// Processes killed.
    pub rounds: usize,
    /// Renewals that the provider gave tokens for.
    pub renewals: u64,
    /// Processes killed, by step.
    pub killed: BTreeMap<Step, usize>,
    /// Those of them that were killed in a renewal of a grant that was good.
    pub killed_in_good_order: BTreeMap<Step, usize>,
    /// Grants lost, by the step of the process that lost them.
    pub lost: BTreeMap<Step, usize>,
    /// From the provider's decision to the end of the write that keeps its answer, in microseconds.
    pub window_us: Vec<u64>,
    /// Of that, from the answer's last byte.
    pub ours_us: Vec<u64>,
}

impl Tally {
    /// Grants lost at all steps.
    pub fn lost(&self) -> usize {
        self.lost.values().sum()
    }
}

fn spread(times: &[u64]) -> String {
    let mut times = times.to_vec();
    times.sort_unstable();
    let at = |percent: usize| times.get((times.len().max(1) - 1) * percent / 100).copied().unwrap_or(0);
    let ms = |us: u64| us as f64 / 1000.0;
    format!(
        "median {:.2} ms, p99 {:.2} ms, max {:.2} ms ({} measured)",
        ms(at(50)),
        ms(at(99)),
        ms(at(100)),
        times.len()
    )
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} rounds, {} renewals given by the provider, {} grants lost",
            self.rounds,
            self.renewals,
            self.lost()
        )?;
        for (step, killed) in &self.killed {
            let lost = self.lost.get(step).copied().unwrap_or(0);
            writeln!(f, "  {:<18} killed {killed:>4}, lost {lost:>4}", format!("{step:?}"))?;
        }
        writeln!(f, "  from the provider's decision to our durable write: {}", spread(&self.window_us))?;
        write!(f, "  of that, from the answer's last byte:              {}", spread(&self.ours_us))
    }
}
