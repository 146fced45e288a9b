//! Packages: released connectors, or a solution of several with the functions that belong to them, as one
//! signed file.
//!
//! Reading order: [`manifest`] (what is in a package), `archive` (a tar with fixed metadata under gzip, read
//! within limits), [`keys`] (minisign keys and signatures), [`package`] (making and opening).
//!
//! A package is `manifest.json`, its signature `manifest.json.minisig`, and the files that the manifest
//! lists with their SHA-256. Whoever holds only common tools verifies one as well:
//! `tar xzf P && minisign -Vm manifest.json -p KEY && sha256sum …`.
//!
//! **Invariant:** nothing of a package is given out before its signature by a trusted key, and every
//! checksum, have been verified.

mod archive;
mod error;
pub mod keys;
pub mod manifest;
pub mod package;

pub use error::PackageError;
pub use keys::{NewKeys, SigningKey, TrustedKey};
pub use manifest::{Content, FORMAT, Kind, Manifest};
pub use package::{Contents, Opened, open, pack, peek};
