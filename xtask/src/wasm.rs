//! Builds the crates that must run in a browser. They get a target folder of their own, so that
//! this may run while another Cargo holds the usual one.

use crate::step::run;
use crate::workspace::{Metadata, cargo};
use anyhow::{Result, ensure};

/// The target of browsers.
pub const TARGET: &str = "wasm32-unknown-unknown";
/// The crates that promise to build for it.
const CRATES: &[&str] = &["sluis-lang", "sluis-model"];

/// Builds [`CRATES`] for [`TARGET`].
///
/// # Errors
/// When one of them does not build.
pub fn build(release: bool) -> Result<()> {
    let metadata = Metadata::read()?;
    for name in CRATES {
        ensure!(metadata.has(name), "there is no crate {name}: was it renamed?");
    }
    let mut command = cargo();
    command
        .args(["build", "--target", TARGET, "--target-dir"])
        .arg(metadata.target_directory().join("browser"));
    command.args(CRATES.iter().flat_map(|name| ["--package", name]));
    if release {
        command.arg("--release");
    }
    run(&mut command)
}
