//! New keys while serving.
//!
//! [`org`]: an org gets a new key; what it has sealed is sealed anew, in batches, and at the end the old
//! keys are retired. [`root`]: the keys of all orgs are wrapped by another root key. [`reseal`] does the
//! work of both row by row; [`status`] tells how things stand.
//!
//! All of it can be stopped at any moment, by a kill as well, and goes on when called again; two
//! processes that do it at once disturb each other only in that one of them finds nothing to do.
//!
//! **Invariant:** a row is replaced only in the version that was opened. So its version may change
//! without its content: whoever waits for a version must look at the content when it has changed.

pub mod org;
pub(crate) mod reseal;
pub mod root;
pub mod status;

pub use org::{OrgRotation, Phase, Step};
pub use root::RootRotation;
pub use status::{OrgStatus, Rows, VaultStatus};
