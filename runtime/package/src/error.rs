//! Why a package cannot be made or used.

/// Why a package cannot be made or used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackageError {
    /// It is no archive, or a broken one.
    #[error("this is no package: {why}")]
    Archive {
        /// What is wrong.
        why: String,
    },
    /// It holds something that a package may not hold: a link, a path that leads out, a file twice.
    #[error("the package holds `{path}`, which {why}")]
    Entry {
        /// The path, shortened.
        path: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// It is larger than what is read.
    #[error("the package is too large: {what} is longer than {limit} bytes")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// How much is read.
        limit: u64,
    },
    /// It lacks a file.
    #[error("the package lacks `{path}`")]
    Lacks {
        /// Which one.
        path: String,
    },
    /// It holds a file that its manifest does not list.
    #[error("the package holds `{path}`, which its manifest does not list")]
    Unlisted {
        /// Which one.
        path: String,
    },
    /// A file is not the one that was signed.
    #[error("`{path}` of the package is not what was signed")]
    Altered {
        /// Which one.
        path: String,
    },
    /// The manifest says something that cannot be.
    #[error("the manifest of the package cannot be used: {why}")]
    Manifest {
        /// What is wrong.
        why: String,
    },
    /// It is of a format that is not known here.
    #[error("this package has format {format}, and this sluis reads format {}", crate::FORMAT)]
    Newer {
        /// Which one.
        format: u32,
    },
    /// Nobody trusts the key that signed it.
    #[error("the package is signed with the key {key}, which is not trusted here")]
    Untrusted {
        /// Identifier of the key, as minisign shows it.
        key: String,
    },
    /// The signature is not of this manifest.
    #[error("the signature of the package is wrong: {why}")]
    Signature {
        /// What is wrong.
        why: String,
    },
    /// A key cannot be read.
    #[error("the key cannot be used: {why}")]
    Key {
        /// What is wrong; nothing of the key.
        why: String,
    },
}

impl PackageError {
    /// What to do about it.
    pub fn help(&self) -> String {
        let help = match self {
            Self::Untrusted { key } => {
                return format!(
                    "ask whoever published it for the public key {key} by a way you trust, then: sluis package trust FILE"
                );
            }
            Self::Newer { .. } => "update sluis",
            Self::Key { .. } => "name a key that minisign or `sluis package keygen` has made",
            Self::TooLarge { .. } => "take things out of it, or split it",
            Self::Altered { .. } | Self::Signature { .. } | Self::Lacks { .. } | Self::Unlisted { .. } => {
                "do not use it; get it anew from whoever published it"
            }
            Self::Archive { .. } | Self::Entry { .. } | Self::Manifest { .. } => {
                "ask whoever made it to pack it anew: sluis connector package NS --sign KEY --out FILE"
            }
        };
        help.to_owned()
    }
}
