//! Where requests may go. Nothing inside a network is reachable unless the operator names it.

pub mod address;
pub mod policy;
pub mod resolve;

pub use policy::{EgressPolicy, Refusal};
pub use resolve::{Lookup, SystemLookup};
