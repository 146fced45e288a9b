//! What a call is made with: values, files, headers of its own, and the moment at which it is made.

use crate::multipart::FilePart;
use serde_json::{Map, Value};
use sluis_model::ports::Randomness;
use sluis_model::time::Timestamp;
use std::collections::BTreeMap;
use std::fmt;

/// Files of a call by placeholder name; several under one name become as many parts.
pub type Files = BTreeMap<String, Vec<FilePart>>;

/// The data of one call.
#[derive(Debug, Clone, Default)]
pub struct CallData {
    /// Values by the name of their placeholder.
    pub values: Map<String, Value>,
    /// Files by the name of their placeholder.
    pub files: Files,
    /// Headers that the call sets itself, where the API lets it.
    pub headers: Map<String, Value>,
    /// A body of parts that the call brings along, in place of the API's own.
    pub parts: Option<GivenParts>,
}

impl From<Map<String, Value>> for CallData {
    fn from(values: Map<String, Value>) -> Self {
        Self { values, ..Self::default() }
    }
}

/// A body of parts that a call brings along.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GivenParts {
    /// `multipart/related`, `multipart/form-data`, `multipart/mixed`; what the API's own body is if not given.
    pub media_type: Option<String>,
    /// The parts in order.
    pub parts: Vec<GivenPart>,
}

/// One of them.
#[derive(Clone, PartialEq, Eq)]
pub struct GivenPart {
    /// Its headers.
    pub headers: Vec<(String, String)>,
    /// Its content.
    pub content: GivenContent,
}

/// What a part that a call brings along holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GivenContent {
    /// A text as it is.
    Text(String),
    /// A list or map, sent as JSON.
    Json(Value),
    /// A file, and the name of its part where that is said.
    File(FilePart, Option<String>),
}

impl fmt::Debug for GivenPart {
    /// Headers alone: the content is the user's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GivenPart").field("headers", &self.headers).finish_non_exhaustive()
    }
}

/// When a call is made, and what it draws random bytes from. A request is filled in once, so that each
/// attempt of it sends the same.
#[derive(Clone, Copy)]
pub struct Moment<'a> {
    /// The time.
    pub now: Timestamp,
    /// Unpredictable bytes.
    pub randomness: &'a dyn Randomness,
    /// What `callback_url()` gives.
    pub callback_url: &'a str,
}

/// What stands for the address of a callback where a request is shown and not sent: the real one holds a
/// secret, and exists only while its call waits.
pub const SHOWN_CALLBACK_URL: &str = "https://callback.invalid/callbacks/***";

impl Moment<'static> {
    /// The same moment each time, for what is answered from a recording and never sent.
    pub fn settled() -> Self {
        Self { now: Timestamp(0), randomness: &Zeros, callback_url: SHOWN_CALLBACK_URL }
    }
}

struct Zeros;

impl Randomness for Zeros {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}
