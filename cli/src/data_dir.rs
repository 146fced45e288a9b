//! The folder that holds the embedded store and its keys, and which store is meant.

use crate::args::Global;
use crate::outcome::Problem;
use sluis_store::StoreAddress;
use std::path::{Path, PathBuf};

/// The store that is meant: as told, else the file in the data folder.
pub fn store_of(global: &Global, dir: &DataDir) -> Result<StoreAddress, Problem> {
    match global.store.as_ref().filter(|address| !address.expose().trim().is_empty()) {
        Some(address) => StoreAddress::parse(address).map_err(|error| Problem::refused(error.to_string())),
        None => Ok(StoreAddress::file(&dir.store())),
    }
}

/// The folder; it may not be there yet.
#[derive(Debug, Clone)]
pub struct DataDir(PathBuf);

impl DataDir {
    /// As told, else `sluis` in the user's data folder.
    pub fn of(global: &Global) -> Result<Self, Problem> {
        if let Some(dir) = &global.data_dir {
            return Ok(Self(dir.clone()));
        }
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        // A relative XDG_DATA_HOME must be ignored (XDG Base Directory Specification).
        let xdg = set("XDG_DATA_HOME").filter(|path| path.is_absolute());
        let base = xdg.or_else(|| set("HOME").map(|home| home.join(".local/share")));
        let base = base.or_else(|| set("LOCALAPPDATA"));
        base.map(|base| Self(base.join("sluis"))).ok_or_else(|| {
            Problem::environment("there is no home folder to keep the store in")
                .help("name a folder: --data-dir DIR, or set SLUIS_DATA_DIR")
        })
    }

    /// A folder by its path.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The file of the store, unless another one is named.
    pub fn store(&self) -> PathBuf {
        self.0.join("sluis.redb")
    }

    /// The file of the root key.
    pub fn master_key(&self) -> PathBuf {
        self.0.join("master.key")
    }

    /// The file of the token for the HTTP API.
    pub fn api_token(&self) -> PathBuf {
        self.0.join("api-token")
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// Where a running server leaves the name of its instance.
    pub fn instance(&self) -> PathBuf {
        self.0.join("instance")
    }

    /// The instance that serves this folder, or did last.
    pub fn running_instance(&self) -> Option<String> {
        std::fs::read_to_string(self.instance()).ok().map(|text| text.trim().to_owned())
    }

    /// The folder of the public keys whose packages are trusted.
    pub fn trusted_keys(&self) -> PathBuf {
        self.0.join("trusted-keys")
    }

    /// What was typed in the REPL.
    pub fn history(&self) -> PathBuf {
        self.0.join("repl-history")
    }

    /// Makes the folder, readable by its owner only.
    pub fn make(&self) -> Result<(), Problem> {
        make_private(&self.0).map_err(|error| {
            Problem::environment(format!("the folder {} cannot be made: {error}", self.0.display()))
                .help("name another one: --data-dir DIR, or set SLUIS_DATA_DIR")
        })
    }
}

#[cfg(unix)]
fn make_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(not(unix))]
fn make_private(path: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(path)
}
