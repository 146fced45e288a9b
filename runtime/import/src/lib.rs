//! Reads how others describe an HTTP API and writes it as a connector file: OpenAPI 3.0 and 3.1,
//! Swagger 2.0, Postman collections 2.1, and one line of cURL.
//!
//! Reading order: [`draft`] (what every reader fills), `document` (JSON and YAML with references),
//! `openapi`, `postman`, `curl` (the readers), `api` (one API as it grows), [`connector`] (which
//! operations, and the file), `yaml` (its text).
//!
//! Files are read as plain values and not into types of a specification: real files break it in a
//! thousand places, and one bad corner must cost one operation and not the file. Whatever is written
//! has been read back by `sluis-definition`; what that refuses is left out with its reason.
//!
//! Not here: files and terminals.

mod api;
pub mod connector;
mod curl;
mod document;
pub mod draft;
mod error;
mod file_text;
mod hosts;
mod names;
mod openapi;
mod postman;
mod prose;
mod yaml;

pub use connector::{Imported, Selection};
pub use curl::read as curl;
pub use draft::{Draft, Operation, Options};
pub use error::ImportError;
pub use file_text::connector_file;
pub use openapi::read as openapi;
pub use postman::read as postman;
