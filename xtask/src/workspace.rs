//! Where the workspace is and what is in it, as Cargo tells.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the workspace: the folder above this crate's.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// A `cargo` command in the root. Incremental data is of no use to a run that starts from nothing
/// and takes gigabytes.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).env("CARGO_INCREMENTAL", "0");
    command
}

/// What Cargo knows of our own packages.
pub struct Metadata(Value);

impl Metadata {
    /// Asks Cargo.
    ///
    /// # Errors
    /// When a manifest is wrong; the message is Cargo's.
    pub fn read() -> Result<Self> {
        let output = cargo().args(["metadata", "--no-deps", "--format-version", "1"]).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "cargo metadata failed:\n{said}");
        Ok(Self(serde_json::from_slice(&output.stdout).context("what cargo metadata says")?))
    }

    fn packages(&self) -> impl Iterator<Item = &Value> {
        self.0["packages"].as_array().into_iter().flatten()
    }

    /// Whether there is a package of this name.
    pub fn has(&self, name: &str) -> bool {
        self.packages().any(|package| package["name"] == name)
    }

    /// Every bench as package and target.
    pub fn benches(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let is_bench =
            |target: &&Value| target["kind"].as_array().is_some_and(|kinds| kinds.contains(&"bench".into()));
        let of_package = |package: &Value| {
            let targets = package["targets"].as_array().into_iter().flatten().filter(is_bench);
            targets.map(|target| (text(&package["name"]), text(&target["name"]))).collect::<Vec<_>>()
        };
        self.packages().flat_map(of_package).collect()
    }

    /// Where Cargo puts what it builds.
    pub fn target_directory(&self) -> PathBuf {
        self.0["target_directory"].as_str().map_or_else(|| root().join("target"), PathBuf::from)
    }
}
