//! The connector proxy protocol of SpiffWorkflow over an org's connectors: a workflow backend that knows
//! one URL and one API key finds them as commands, calls them, and has people authorize them.
//!
//! Read in this order: [`settings`] (whom an org serves), [`describe`] (what there is), [`command`] (what
//! a request asks for), [`execute`] (the call and its [`envelope`]), [`waiting`] and [`callback`]
//! (calls whose outcome is told later), [`authorize`] (the round trip of a person's browser), [`suggestions`] (type-ahead).
//!
//! **Invariant:** a backend never holds a token of a service. What it gets after a consent is a reference,
//! which is worth nothing without the org's API key.

mod authorize;
mod callback;
mod command;
mod describe;
mod envelope;
mod execute;
mod settings;
mod suggestions;
mod waiting;

pub(crate) use callback::Taken;
pub use describe::{ParameterType, ProxyDescription, ProxyParameter};
pub use execute::ProxyAnswer;
pub use settings::{Backend, ProxySettings, WhenAccepted};
pub(crate) use waiting::Waiting;
