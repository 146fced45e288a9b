//! Runs the tests: with nextest where it is installed, with `cargo test` elsewhere.

use crate::count::{Count, Runner};
use crate::step::{Failure, run_counted};
use crate::workspace::cargo;

/// The tidy checks alone.
///
/// # Errors
/// When one of them fails.
pub fn tidy() -> Result<Count, anyhow::Error> {
    tidy_counted().map_err(|failure| failure.error)
}

/// The tidy checks alone, with their counts.
pub fn tidy_counted() -> Result<Count, Failure> {
    run_counted(
        Runner::CargoTest,
        cargo().args(["test", "--package", "sluis-tests", "--test", "tidy", "--", "--test-threads=2"]),
    )
}

/// All tests but those in documentation. None stops another, so that the count is whole.
pub fn all() -> Result<Count, Failure> {
    if has_nextest() {
        return run_counted(
            Runner::Nextest,
            cargo().args(["nextest", "run", "--workspace", "--no-fail-fast"]),
        );
    }
    let kinds = ["--lib", "--bins", "--tests", "--examples"];
    run_counted(Runner::CargoTest, cargo().args(["test", "--workspace", "--no-fail-fast"]).args(kinds))
}

/// The examples in documentation.
pub fn documentation() -> Result<Count, Failure> {
    run_counted(Runner::CargoTest, cargo().args(["test", "--doc", "--workspace", "--no-fail-fast"]))
}

fn has_nextest() -> bool {
    cargo().args(["nextest", "--version"]).output().is_ok_and(|output| output.status.success())
}
