//! Installs the npm packages of every folder that has a lock file.

use crate::step::run;
use crate::workspace::root;
use anyhow::{Context as _, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Folders that may hold npm packages, at any depth.
const PLACES: &[&str] = &["tests/peers", "sdk-js"];
/// Holds the lock file that `node_modules` was made from. The tests read and write the same.
const STAMP: &str = "node_modules/.installed-from";

/// Runs `npm ci` wherever the packages are not those of the lock file.
///
/// # Errors
/// When npm fails.
pub fn install() -> Result<()> {
    let mut folders = Vec::new();
    for place in PLACES {
        find(&root().join(place), &mut folders)?;
    }
    for folder in folders {
        let wanted = fs::read_to_string(folder.join("package-lock.json"))?;
        let name = folder.strip_prefix(root()).unwrap_or(&folder).display().to_string();
        if fs::read_to_string(folder.join(STAMP)).is_ok_and(|installed| installed == wanted) {
            println!("{name}: already installed");
            continue;
        }
        println!("{name}: npm ci");
        let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
        run(Command::new("npm").args(arguments).current_dir(&folder))?;
        fs::write(folder.join(STAMP), wanted)?;
    }
    Ok(())
}

fn find(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    if folder.join("package-lock.json").is_file() {
        found.push(folder.to_owned());
    }
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() && entry.file_name() != "node_modules" {
            find(&entry.path(), found)?;
        }
    }
    Ok(())
}
