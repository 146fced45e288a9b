//! What every reader fills: a service and its operations in the terms of a connector file, before
//! anything was chosen.

use serde_json::{Map, Value};

/// What a person settles besides the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Namespace of the connector; made from the title unless given.
    pub namespace: Option<String>,
    /// Absolute URL of the service, in place of what the file says.
    pub server: Option<String>,
}

/// A service as a foreign file describes it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Draft {
    /// What the file is, for the first comment: `OpenAPI 3.0.3`.
    pub origin: String,
    /// Namespace of the connector.
    pub namespace: String,
    /// Name of the service.
    pub title: String,
    /// One paragraph about it.
    pub description: Option<String>,
    /// Version of its API.
    pub api_version: Option<String>,
    /// Its documentation.
    pub documentation: Option<String>,
    /// The address under which it stands, where that holds no placeholder.
    pub base_url: Option<String>,
    /// Variables of connections, as the connector file writes them.
    pub variables: Vec<Value>,
    /// Ways to authenticate by name, as the connector file writes them.
    pub auth: Vec<(String, Value)>,
    /// What could not be said about the service as a whole.
    pub notes: Vec<String>,
    /// The operations in the order of the file.
    pub operations: Vec<Operation>,
}

/// One operation of a foreign file.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// What the file calls it, if it does.
    pub id: Option<String>,
    /// What the connector calls it: `issues.create`.
    pub name: String,
    /// Its method, in capitals.
    pub method: String,
    /// Its path as the file writes it.
    pub path: String,
    /// Groups that it belongs to.
    pub tags: Vec<String>,
    /// The API, or why there can be none.
    pub api: Result<Api, String>,
}

/// An operation in the terms of a connector file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Api {
    /// Its fields, in the order in which they are written.
    pub fields: Map<String, Value>,
    /// Host of its URL, as `hosts` lists it.
    pub host: String,
    /// Scopes that it needs, by the name of the way to authenticate.
    pub scopes: Vec<(String, String)>,
    /// What could not be said.
    pub notes: Vec<String>,
}

impl Draft {
    /// How many operations can be imported.
    pub fn supported(&self) -> usize {
        self.operations.iter().filter(|operation| operation.api.is_ok()).count()
    }
}
