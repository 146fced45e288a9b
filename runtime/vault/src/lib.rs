//! Seals what is secret before it reaches the store, and opens it again.
//!
//! Reading order: [`envelope`] (a sealed value), [`keys`] (the ring of root keys), [`source`] and
//! [`command`] (where they come from), [`check`] (a wrong or missing one is noticed at start), [`seal`]
//! (the vault of a process), [`org`] (each org's own keys), [`places`] (what is sealed where),
//! [`rotation`] (new keys while serving), [`bundle`] (moving to another store), [`credentials`] (tokens,
//! clients and verifiers in sealed form), [`token`], [`api_token`] and [`password`] (what is only ever
//! recognised).
//!
//! **Invariant:** nothing is ever written in clear because a key is missing. A sealed value opens
//! only for the org, the subject and the field that it was sealed for. Keys are neither copied nor
//! written; this compiles, and each of the following does not:
//!
//! ```
//! fn named<T: std::fmt::Debug>() {}
//! named::<sluis_vault::KeyRing>();
//! ```
//! ```compile_fail,E0277
//! fn copied<T: Clone>() {}
//! copied::<sluis_vault::KeyRing>();
//! ```
//! ```compile_fail,E0277
//! fn written<T: serde::Serialize>() {}
//! written::<sluis_vault::KeyRing>();
//! ```

pub mod api_token;
pub mod bundle;
pub mod check;
pub mod clock;
pub mod command;
pub mod credentials;
pub mod envelope;
pub mod error;
pub mod keys;
pub mod org;
pub mod password;
pub mod places;
pub mod randomness;
pub mod rotation;
pub mod seal;
pub mod source;
pub mod token;

pub use clock::SystemClock;
pub use envelope::{SealContext, field};
pub use error::VaultError;
pub use keys::{KeyId, KeyRing};
pub use org::{KeyNumber, OrgVault};
pub use randomness::SystemRandomness;
pub use seal::Vault;
pub use source::{Created, KeySource, MASTER_KEY_VARIABLE, add_root_key, load_or_create_key_file};
pub use token::{hash_token, same_text};
