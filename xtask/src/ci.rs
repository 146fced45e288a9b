//! Everything that CI does, step by step. It stops at the first step that fails, says how long
//! each took, and ends with the line `N passed, N failed`: the tests, and one failure more when
//! it was not a test that failed.

use crate::count::Count;
use crate::step::{self, Failure};
use crate::workspace::cargo;
use crate::{corpus, npm, runner, tools, wasm};
use anyhow::Result;
use std::process::ExitCode;
use std::time::{Duration, Instant};

type Step = (&'static str, fn() -> Result<Count, Failure>);

/// The steps in order: what fails fast comes first.
const STEPS: &[Step] = &[
    ("tools", || uncounted(tools::ensure())),
    ("node packages", || uncounted(npm::install())),
    ("format", || uncounted(step::run(cargo().args(["fmt", "--all", "--check"])))),
    ("clippy", || uncounted(clippy())),
    ("tidy", tidy),
    ("browser build", || uncounted(wasm::build(false))),
    ("build", || uncounted(step::run(cargo().args(["build", "--workspace"])))),
    ("tests", runner::all),
    ("import of real files", corpus::listed),
    ("documentation tests", runner::documentation),
];

/// Runs steps until one fails: how each went, and the tests of all.
fn run_steps(steps: &[Step]) -> (Vec<(&'static str, bool, Duration)>, Count) {
    let (mut done, mut total) = (Vec::new(), Count::default());
    for (name, work) in steps {
        println!("── {name}");
        let start = Instant::now();
        let result = work();
        let succeeded = result.is_ok();
        match result {
            Ok(count) => total += count,
            Err(Failure { error, mut count }) => {
                eprintln!("{error:#}");
                count.failed = count.failed.max(1);
                total += count;
            }
        }
        done.push((*name, succeeded, start.elapsed()));
        if !succeeded {
            break;
        }
    }
    (done, total)
}

/// Runs all of CI and sums up.
pub fn run() -> ExitCode {
    let (done, total) = run_steps(STEPS);
    println!("\n── summary");
    for (name, succeeded, time) in &done {
        let mark = if *succeeded { "ok    " } else { "FAILED" };
        println!("{mark}  {name:<20} {:>7.1} s", time.as_secs_f64());
    }
    if let Some((name, false, _)) = done.last() {
        println!("CI stopped at the step: {name}");
    }
    println!("{} passed, {} failed", total.passed, total.failed);
    if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn uncounted(result: Result<()>) -> Result<Count, Failure> {
    result.map(|()| Count::default()).map_err(Failure::from)
}

fn clippy() -> Result<()> {
    step::run(cargo().args(["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]))
}

/// The tidy checks come again among all tests and are counted there.
fn tidy() -> Result<Count, Failure> {
    runner::tidy_counted().map(|_| Count::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_stops_the_rest_and_counts_at_least_once() {
        let steps: &[Step] = &[
            ("counts", || Ok(Count { passed: 5, failed: 0 })),
            ("breaks", || Err(anyhow::anyhow!("no compiler").into())),
            ("never comes", || Ok(Count { passed: 7, failed: 0 })),
        ];
        let (done, total) = run_steps(steps);
        assert_eq!(
            done.iter().map(|(name, ok, _)| (*name, *ok)).collect::<Vec<_>>(),
            [("counts", true), ("breaks", false)]
        );
        assert_eq!(total, Count { passed: 5, failed: 1 });
    }

    #[test]
    fn failed_tests_are_not_counted_twice() {
        let steps: &[Step] = &[("tests", || {
            Err(Failure { error: anyhow::anyhow!("x"), count: Count { passed: 1, failed: 2 } })
        })];
        assert_eq!(run_steps(steps).1, Count { passed: 1, failed: 2 });
    }
}
