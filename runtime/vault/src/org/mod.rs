//! What one org owns is sealed with keys of its own, which are wrapped by a root key.
//!
//! Reading order: [`keys`] (the keys of an org and which of them counts), [`rows`] (their wrapped
//! form in the store), [`cache`] (found once, made at first need), [`vault`] (seals and opens).

pub(crate) mod cache;
pub(crate) mod keys;
pub(crate) mod rows;
pub(crate) mod vault;

pub use cache::FRESH_MS;
pub use keys::KeyNumber;
pub use vault::OrgVault;
