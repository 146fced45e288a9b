//! Runs benches, one after the other: side by side they would measure each other. The comparison with
//! other languages stands apart, in a workspace of its own.

use crate::step::run;
use crate::workspace::{Metadata, cargo};
use anyhow::Result;
use std::process::Command;

/// The workspace that stands apart.
const COMPARISON: &str = "benches/compare/Cargo.toml";

/// One bench.
struct Bench {
    /// What the heading shows.
    package: String,
    name: String,
}

impl Bench {
    fn command(&self) -> Command {
        let mut command = cargo();
        command.args(["bench", "--package", &self.package, "--bench", &self.name, "--"]);
        command
    }
}

/// Runs the benches with what follows on the command line; if its first word is the name of a bench,
/// that one alone with the rest.
///
/// # Errors
/// When one of them fails.
pub fn run_some(words: &[String]) -> Result<()> {
    let all = Metadata::read()?.benches().into_iter();
    let benches: Vec<Bench> = all.map(|(package, name)| Bench { package, name }).collect();
    let named = words.first().and_then(|word| benches.iter().find(|bench| bench.name == *word));
    let (chosen, rest) = match named {
        Some(bench) => (vec![bench], &words[1..]),
        None => (benches.iter().collect(), words),
    };
    for bench in chosen {
        println!("── {}: {}", bench.package, bench.name);
        run(bench.command().args(rest))?;
    }
    Ok(())
}

/// Builds the comparison and runs it with what follows on the command line.
///
/// # Errors
/// When it cannot be built, or two languages find different answers.
pub fn compare(rest: &[String]) -> Result<()> {
    run(cargo().args(["run", "--release", "--manifest-path", COMPARISON, "--"]).args(rest))
}
