//! The tables that are printed.

use crate::goals::{Goal, MEAN, NEVER_SLOWER_THAN};
use crate::rounds::Runs;
use crate::statistics::{geometric_mean, median, quantile};
use crate::task::{MEANT, PROGRAMS};
use std::fmt::Write;

/// Engines by programs: medians of the ratios to the base, and their geometric mean.
pub fn ratios(runs: &Runs, base: usize) -> String {
    let mut out = format!(
        "Ratio of CPU time to {}: median of {} rounds; smaller is faster.\n\n",
        runs.engines[base].name,
        rounds(runs)
    );
    let _ = write!(out, "{:<10}", "");
    for program in &runs.programs {
        let _ = write!(out, " {:>9}", program.name);
    }
    let _ = writeln!(out, " {:>9} {:>9}", MEAN.program, "peak MB");
    for (engine, contender) in runs.engines.iter().enumerate() {
        let _ = write!(out, "{:<10}", contender.name);
        for program in 0..runs.programs.len() {
            let _ = write!(out, " {:>9}", shown(median(&runs.ratios(engine, base, program))));
        }
        let _ = writeln!(out, " {:>9} {:>9}", shown(mean(runs, engine, base)), peak(runs, engine));
    }
    out
}

/// Program by program: our ratio, its spread, and what it amounts to.
pub fn details(runs: &Runs, base: usize) -> String {
    let Some(ours) = runs.position("sluis") else { return String::new() };
    let mut out = format!(
        "{:<10} {:>9} {:>15} {:>10} {:>6} {:>7} {:>7}  slower than\n",
        "sluis", "ratio", "p25 - p75", "ms", "must", "heroic", ""
    );
    for (at, program) in runs.programs.iter().enumerate() {
        let ratios = runs.ratios(ours, base, at);
        let Some(ratio) = median(&ratios) else { continue };
        let spread = format!("{} - {}", shown(quantile(&ratios, 0.25)), shown(quantile(&ratios, 0.75)));
        let time = milliseconds(runs, ours, at);
        let _ = writeln!(
            out,
            "{:<10} {ratio:>9.2} {spread:>15} {time:>10} {}  {}",
            program.name,
            against(Goal::of(program.name), ratio),
            slower_than(runs, ours, at)
        );
    }
    if let Some(mean) = mean(runs, ours, base) {
        let _ = writeln!(
            out,
            "{:<10} {mean:>9.2} {:>15} {:>10} {}",
            MEAN.program,
            "",
            "",
            against(Some(MEAN), mean)
        );
    }
    out
}

fn against(goal: Option<Goal>, ratio: f64) -> String {
    goal.map_or(format!("{:>22}", ""), |goal| {
        format!("{:>6} {:>7} {:>7}", goal.must, goal.heroic, goal.verdict(ratio))
    })
}

/// The peers of our kind that are faster than we are, in the median of the ratios to us.
fn slower_than(runs: &Runs, ours: usize, program: usize) -> String {
    let peers = NEVER_SLOWER_THAN.iter().filter_map(|name| runs.position(name).map(|at| (name, at)));
    let faster =
        peers.filter(|(_, peer)| median(&runs.ratios(ours, *peer, program)).is_some_and(|ratio| ratio > 1.0));
    faster.map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// The geometric mean of the nine; none if one of them is missing.
fn mean(runs: &Runs, engine: usize, base: usize) -> Option<f64> {
    let of = |name: &str| {
        let program = runs.programs.iter().position(|program| program.name == name)?;
        median(&runs.ratios(engine, base, program))
    };
    let medians: Option<Vec<f64>> = PROGRAMS[..MEANT].iter().map(|program| of(program.name)).collect();
    geometric_mean(&medians?)
}

fn milliseconds(runs: &Runs, engine: usize, program: usize) -> String {
    let mut times: Vec<f64> =
        runs.of(engine, program).iter().flatten().map(|sample| sample.run_ns as f64 / 1e6).collect();
    times.sort_by(f64::total_cmp);
    median(&times).map_or_else(|| "-".to_owned(), |time| format!("{time:.1}"))
}

fn peak(runs: &Runs, engine: usize) -> String {
    let samples = (0..runs.programs.len()).flat_map(|program| runs.of(engine, program)).flatten();
    samples
        .map(|sample| sample.peak_kb)
        .max()
        .map_or_else(|| "-".to_owned(), |peak| (peak / 1024).to_string())
}

fn rounds(runs: &Runs) -> usize {
    runs.of(0, 0).len()
}

fn shown(ratio: Option<f64>) -> String {
    ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}"))
}
