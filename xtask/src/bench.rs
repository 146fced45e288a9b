//! Runs every bench, one after the other: side by side they would measure each other.

use crate::step::run;
use crate::workspace::{Metadata, cargo};
use anyhow::Result;

/// Runs the benches with what follows on the command line.
///
/// # Errors
/// When one of them fails.
pub fn run_all(rest: &[String]) -> Result<()> {
    let benches = Metadata::read()?.benches();
    if benches.is_empty() {
        println!("No crate has a bench. Declare one as [[bench]] in a Cargo.toml.");
    }
    for (package, bench) in benches {
        println!("── {package}: {bench}");
        run(cargo().args(["bench", "--package", &package, "--bench", &bench, "--"]).args(rest))?;
    }
    Ok(())
}
