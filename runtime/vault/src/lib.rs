//! Seals what is secret before it reaches the store, and opens it again.
//!
//! Reading order: [`seal`] (the envelope), [`keys`] (the ring of master keys), [`source`] (where
//! the key comes from), [`check`] (a wrong key is noticed at start), [`credentials`] (tokens,
//! clients and verifiers in sealed form), [`token`] (hashes of what need not be read again).
//!
//! **Invariant:** nothing is ever written in clear because a key is missing. A sealed value opens
//! only for the org, the subject and the field that it was sealed for.

pub mod check;
pub mod credentials;
pub mod error;
pub mod keys;
pub mod org;
pub mod randomness;
pub mod seal;
pub mod source;
pub mod token;

pub use error::VaultError;
pub use keys::{KeyId, KeyRing};
pub use org::OrgVault;
pub use randomness::SystemRandomness;
pub use seal::{SealContext, Vault, field};
pub use source::{Created, KeySource, MASTER_KEY_VARIABLE, load_or_create_key_file};
pub use token::{hash_token, same_text};
