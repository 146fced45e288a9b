//! What the checks look at: our packages as Cargo knows them, and the files that Git tracks or
//! would track.

use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[derive(Clone, Debug, Deserialize)]
pub struct Workspace {
    pub packages: Vec<Package>,
    pub target_directory: PathBuf,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Package {
    pub name: String,
    pub license: Option<String>,
    pub manifest_path: PathBuf,
    #[serde(default)]
    pub dependencies: Vec<Dependency>,
    #[serde(default)]
    pub targets: Vec<Target>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Dependency {
    pub name: String,
    /// `None` for a normal dependency, otherwise `dev` or `build`.
    pub kind: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Target {
    pub src_path: PathBuf,
}

impl Dependency {
    pub fn is_dev(&self) -> bool {
        self.kind.as_deref() == Some("dev")
    }
}

impl Package {
    /// The package's folder, from the root, with forward slashes.
    pub fn folder(&self) -> String {
        relative(self.manifest_path.parent().unwrap())
    }

    /// A made-up package, for trying a rule.
    pub fn made_up(name: &str, folder: &str, dependencies: &[(&str, Option<&str>)]) -> Self {
        let dependency = |&(name, kind): &(&str, Option<&str>)| Dependency {
            name: name.to_owned(),
            kind: kind.map(str::to_owned),
        };
        Self {
            name: name.to_owned(),
            license: None,
            manifest_path: root().join(folder).join("Cargo.toml"),
            dependencies: dependencies.iter().map(dependency).collect(),
            targets: Vec::new(),
        }
    }
}

/// The root of the repository: the folder above this crate's.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).env("CARGO_INCREMENTAL", "0");
    command
}

/// Our own packages.
pub fn ours() -> Workspace {
    metadata(&["--no-deps"])
}

/// The packages of the workspaces that stand apart: what pulls in peers or a fuzzer.
pub fn apart() -> Vec<Package> {
    let manifests = files().into_iter().filter(|path| path.ends_with("/Cargo.toml"));
    let roots = manifests.filter(|path| read(path).lines().any(|line| line == "[workspace]"));
    roots.flat_map(|path| metadata(&["--no-deps", "--manifest-path", &path]).packages).collect()
}

pub fn metadata(arguments: &[&str]) -> Workspace {
    let output = cargo().args(["metadata", "--format-version", "1"]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Every file that is tracked, or that `git add --all` would add. From the root, sorted.
pub fn files() -> Vec<String> {
    let arguments =
        ["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let output = Command::new("git").args(arguments).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listed = String::from_utf8(output.stdout).unwrap();
    // A file that was deleted and not yet committed is still listed.
    let mut files: Vec<_> =
        listed.split('\0').filter(|path| root().join(path).is_file()).map(str::to_owned).collect();
    files.sort();
    files.dedup();
    assert!(files.len() > 20, "Git lists hardly any file; is this its working tree?");
    files
}

/// Every Rust file, from the root.
pub fn rust_files() -> Vec<String> {
    files().into_iter().filter(|path| path.ends_with(".rs")).collect()
}

/// The text of a file; bytes that are not UTF-8 are replaced.
pub fn read(path: &str) -> String {
    String::from_utf8_lossy(&fs::read(root().join(path)).unwrap()).into_owned()
}

/// A path below the root, as Git writes it.
pub fn relative(path: &Path) -> String {
    let path = path.strip_prefix(root()).unwrap_or(path);
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
