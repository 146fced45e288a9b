//! Scripts on the disk: which ones a path means, and writing them back whole or not at all.

use crate::cmd::run::is_stdin;
use crate::outcome::Problem;
use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The scripts that a path means: itself, or the `.dg` files of a folder and below, but not those in
/// hidden folders. Also those that could be found before a folder could not be read.
pub fn collect(path: &Path) -> (BTreeSet<PathBuf>, Result<(), Problem>) {
    let mut files = BTreeSet::new();
    if is_stdin(path) || !path.is_dir() {
        files.insert(path.to_owned());
        return (files, Ok(()));
    }
    let mut outcome = Ok(());
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        if let Err(error) = look_into(&folder, &mut folders, &mut files) {
            let message = format!("the folder {} cannot be read: {error}", folder.display());
            outcome = Err(Problem::environment(message).help("check the path and its rights"));
        }
    }
    (files, outcome)
}

fn look_into(
    folder: &Path,
    folders: &mut Vec<PathBuf>,
    files: &mut BTreeSet<PathBuf>,
) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        let kind = entry.file_type()?;
        if kind.is_dir() && !hidden {
            folders.push(entry.path());
        } else if kind.is_file() && entry.path().extension().is_some_and(|extension| extension == "dg") {
            files.insert(entry.path());
        }
    }
    Ok(())
}

/// Puts a text into a file, whole or not at all: it is written beside it and takes its place, with its
/// rights. A link stays one.
pub fn replace(file: &Path, text: &str) -> Result<(), Problem> {
    let written = fs::canonicalize(file).and_then(|target| {
        let rights = fs::metadata(&target)?.permissions();
        if rights.readonly() {
            return Err(std::io::ErrorKind::PermissionDenied.into());
        }
        let name = target.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let beside = target.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
        let moved = write_new(&beside, text)
            .and_then(|()| fs::set_permissions(&beside, rights))
            .and_then(|()| fs::rename(&beside, &target));
        if moved.is_err() {
            let _ = fs::remove_file(&beside);
        }
        moved
    });
    written.map_err(|error| {
        Problem::environment(format!("{} cannot be written: {error}", file.display()))
            .help("check its rights and those of its folder")
    })
}

fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = fs::File::create_new(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
