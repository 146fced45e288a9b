//! A validator of OpenAPI documents and JSON Schemas that nobody here wrote.

use super::install;
use anyhow::{Context as _, Result, ensure};
use std::path::Path;
use std::process::Command;

/// The problems of the `*.openapi.json` and `*.tools.json` in a folder, and how many files were looked at.
/// Blocks.
///
/// # Errors
/// When the validator cannot be installed or does not run.
pub fn problems(folder: &Path) -> Result<(Vec<String>, usize)> {
    let peer = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/openapi");
    let python = install::python_venv(&peer)?;
    let output = Command::new(python)
        .arg(peer.join("validate.py"))
        .arg(folder)
        .output()
        .context("the validator cannot be started")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "the validator failed:\n{said}");
    let mut lines: Vec<String> = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    let count = lines.pop().and_then(|last| last.strip_prefix("files ")?.parse().ok());
    Ok((lines, count.context("the validator did not say how many files there are")?))
}
