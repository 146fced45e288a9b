//! Installs the npm or pip packages of a peer, once, however many tests want them at the same time.

use anyhow::{Context as _, Result, ensure};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Holds the lock file that `node_modules` was made from. `cargo xtask ci` writes the same.
const STAMP: &str = "node_modules/.installed-from";

/// Runs `npm ci` in the folder unless its packages are those of `package-lock.json` already.
/// Blocks; other processes wait.
///
/// # Errors
/// When npm is missing or fails; the message holds what npm said.
pub fn npm_ci(folder: &Path) -> Result<()> {
    let lock = File::create(folder.join(".install.lock")).context("the lock of the npm installation")?;
    lock.lock().context("waiting for another npm installation")?;
    let wanted = fs::read_to_string(folder.join("package-lock.json")).context("package-lock.json")?;
    if fs::read_to_string(folder.join(STAMP)).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    let output = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .context("npm is needed to start this peer; `cargo xtask ci` installs it or says how")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "npm ci failed in {}:\n{said}", folder.display());
    fs::write(folder.join(STAMP), wanted).context("the stamp of the npm installation")
}

/// Makes a virtual environment with the packages of `requirements.txt` unless there is one already; the
/// path of its Python, or the system's where no package is needed. Blocks; other processes wait.
///
/// # Errors
/// When Python or pip is missing or fails; the message holds what it said.
pub fn python_venv(folder: &Path) -> Result<PathBuf> {
    let lock = File::create(folder.join(".install.lock")).context("the lock of the pip installation")?;
    lock.lock().context("waiting for another pip installation")?;
    let wanted = fs::read_to_string(folder.join("requirements.txt")).context("requirements.txt")?;
    if wanted.trim().is_empty() {
        return Ok(PathBuf::from("python3"));
    }
    let python = folder.join(".venv/bin/python");
    let stamp = folder.join(".venv/.installed-from");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    let run = |command: &mut Command| {
        let output =
            command.current_dir(folder).stdin(Stdio::null()).output().context("python3 is needed")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "the installation failed in {}:\n{said}", folder.display());
        anyhow::Ok(())
    };
    run(Command::new("python3").args(["-m", "venv", ".venv"]))?;
    // What a server imports is compiled when it first does; most of what is installed never is.
    let install = ["-m", "pip", "install", "--quiet", "--no-compile", "--disable-pip-version-check"];
    run(Command::new(&python).args(install).args(["-r", "requirements.txt"]))?;
    fs::write(stamp, wanted).context("the stamp of the pip installation")?;
    Ok(python)
}
