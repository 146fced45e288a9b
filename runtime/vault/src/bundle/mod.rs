//! Moving what is sealed to another store, with another root key: everything that gives access, in one
//! file under a passphrase.
//!
//! [`file`] is the file, [`contents`] what stands in it, [`export`] and [`import`] the two ends.

pub(crate) mod contents;
pub mod export;
pub(crate) mod file;
pub mod import;

pub use export::Exported;
pub use file::MIN_PASSPHRASE;
pub use import::{Imported, Overwrite};
