//! A fuzzer of HTTP APIs that nobody here wrote: it reads the document that a server serves, sends what
//! the document allows and what it forbids, and holds the answers against it.

use super::install;
use anyhow::{Context as _, Result};
use std::path::Path;
use std::process::Command;

/// What it came to.
pub struct Fuzzed {
    /// Whether it found nothing.
    pub passed: bool,
    /// Its report.
    pub report: String,
}

/// Runs it against a server with a token, always with the same seed. Ends after a minute. Blocks.
///
/// That a body which fits its schema is accepted is not asked for: whether a script compiles or a connector
/// is released is beyond what a schema can say.
///
/// # Errors
/// When it cannot be installed or started.
pub fn run(base: &str, token: &str) -> Result<Fuzzed> {
    let peer = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/schemathesis");
    let python = install::python_venv(&peer)?;
    let output = Command::new(python.with_file_name("schemathesis"))
        .current_dir(std::env::temp_dir())
        .args(["run", &format!("{base}/api/v1/openapi.json")])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args(["--phases", "examples,coverage,fuzzing", "--max-examples", "5", "--max-time", "45"])
        .args(["--seed", "20261123", "--generation-deterministic", "--no-shrink"])
        .args(["--exclude-checks", "positive_data_acceptance"])
        .args(["--no-color", "--warnings", "off"])
        .output()
        .context("the fuzzer cannot be started")?;
    let report =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Ok(Fuzzed { passed: output.status.success(), report })
}
