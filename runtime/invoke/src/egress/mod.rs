//! Where requests may go. Nothing inside a network is reachable unless the operator names it.

pub mod address;
pub mod exception;
mod headers;
pub mod policy;
pub mod redirect;
pub mod resolve;

pub use exception::{Exception, ExceptionError};
pub(crate) use headers::check_headers;
pub use policy::{EgressPolicy, Reach, Refusal};
pub use resolve::{Lookup, SystemLookup};
