//! What is in a package.

use crate::error::PackageError;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use sluis_model::connector::ConnectorDefinition;
use sluis_model::id::{FunctionName, Namespace};
use std::collections::{BTreeMap, BTreeSet};

/// Version of the format that is written and read.
pub const FORMAT: u32 = 1;

/// Most files in a package, its manifest and signature besides.
pub(crate) const FILES_AT_MOST: usize = 1000;

/// The list of contents that is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of this format.
    pub sluis_package: u32,
    /// What it is a package of.
    pub kind: Kind,
    /// Namespace of the connector, or name of the solution.
    pub name: String,
    /// Which of its states: the number of the connector's release where it was packed, or of the solution.
    pub release: u32,
    /// What an org gets of it, in the order in which it is installed.
    pub contents: Vec<Content>,
    /// Every file by its path in the package.
    pub files: BTreeMap<String, Listed>,
}

/// What a package is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One connector.
    Connector,
    /// Several connectors, and functions that call them.
    Solution,
}

/// One thing in a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Content {
    /// A connector; its file is a [`PackedConnector`] as JSON.
    Connector {
        /// Its namespace.
        namespace: Namespace,
        /// The number of its release where it was packed.
        release: u32,
        /// Its file.
        file: String,
    },
    /// A stored function; its file is the script.
    Function {
        /// Its name.
        name: FunctionName,
        /// Its file.
        file: String,
    },
}

impl Content {
    /// Its file.
    pub fn file(&self) -> &str {
        match self {
            Self::Connector { file, .. } | Self::Function { file, .. } => file,
        }
    }
}

/// A connector as it stands in a package.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackedConnector {
    /// The definition, hooks inlined.
    pub definition: ConnectorDefinition,
    /// What its author says of the release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// Where to ask for help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support_email: Option<String>,
}

/// A file of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// Its length in bytes.
    pub size: u64,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

impl Listed {
    /// What a manifest says of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let digest = Sha256::digest(bytes);
        Self { size: bytes.len() as u64, sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect() }
    }
}

impl Manifest {
    /// Reads a manifest whose signature was verified.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, PackageError> {
        // A newer manifest may have other fields, so its version is looked at first.
        #[derive(Deserialize)]
        struct Version {
            sluis_package: u32,
        }
        let unreadable = |error: serde_json::Error| PackageError::Manifest { why: error.to_string() };
        let version: Version = serde_json::from_slice(bytes).map_err(unreadable)?;
        if version.sluis_package != FORMAT {
            return Err(PackageError::Newer { format: version.sluis_package });
        }
        let manifest: Self = serde_json::from_slice(bytes).map_err(unreadable)?;
        manifest.check()?;
        Ok(manifest)
    }

    fn check(&self) -> Result<(), PackageError> {
        let wrong = |why: String| PackageError::Manifest { why };
        if self.contents.is_empty() || self.files.len() > FILES_AT_MOST {
            return Err(wrong("it lists nothing, or too much".to_owned()));
        }
        let mut seen = BTreeSet::new();
        for content in &self.contents {
            if !self.files.contains_key(content.file()) {
                return Err(wrong(format!("`{}` is not among its files", content.file())));
            }
            let id = match content {
                Content::Connector { namespace, .. } => format!("connector {namespace}"),
                Content::Function { name, .. } => format!("function {name}"),
            };
            if !seen.insert(id.clone()) {
                return Err(wrong(format!("it holds the {id} twice")));
            }
        }
        match (self.kind, self.contents.as_slice()) {
            (Kind::Connector, [Content::Connector { namespace, release, .. }])
                if *namespace.as_str() == self.name && *release == self.release =>
            {
                Ok(())
            }
            (Kind::Connector, _) => {
                Err(wrong("a package of a connector holds that connector alone".to_owned()))
            }
            (Kind::Solution, _) => Ok(()),
        }
    }
}
