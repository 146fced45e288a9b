//! What a connector says about its connections: the values that differ from one to another, named
//! sets of them, whose a connection is, and the calls that try it and tell whose account it is.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The section `connection` of a connector file.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectionSettings {
    /// Values that differ from one connection to another, in the order in which they are asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<Variable>,
    /// Named sets of values: `production`, `sandbox`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub environments: BTreeMap<String, Environment>,
    /// The environment used where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_environment: Option<String>,
    /// Whose a connection is.
    #[serde(default, skip_serializing_if = "Owner::is_org")]
    pub owner: Owner,
    /// How to ask the service whose account it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// The call that tries a connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<TestCall>,
    /// Other calls that try it, by the name of the auth config that wants one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tests: BTreeMap<String, TestCall>,
}

impl ConnectionSettings {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// A variable by name.
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|variable| variable.name == name)
    }

    /// The call that tries a connection of an auth config.
    pub fn test_of(&self, auth: Option<&str>) -> Option<&TestCall> {
        auth.and_then(|auth| self.tests.get(auth)).or(self.test.as_ref())
    }
}

/// A value that differs from one connection to another; `${name}` stands for it in URLs, hosts, headers,
/// queries, bodies and the auth config.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// What the person reads beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// One sentence on where to find it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// An example.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
    /// Regular expression that the whole value matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// What people see before the value and may paste with it: `https://`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// What people see after the value and may paste with it: `.example.com`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub suffix: String,
    /// The values that it may have.
    #[serde(rename = "enum", default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// Value used when none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Whether it may be left out; it is empty then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
    /// Whether nobody is asked for it, because it comes with the tokens or from an environment.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub automatic: bool,
    /// What it is.
    #[serde(default)]
    pub format: VariableFormat,
    /// Domains under which a whole host lies: `example.com`; [`ANY_HOST`] for a service that people host
    /// themselves. A host must name some.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub within: Vec<String>,
}

/// What stands under `within` of a variable for whatever host the person names.
pub const ANY_HOST: &str = "*";

impl Variable {
    /// What the person reads beside it.
    pub fn label(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.name)
    }

    /// A value that it may have, for checking a definition before there is any connection.
    pub fn sample(&self) -> String {
        let declared = self.choices.first().or(self.default.as_ref()).or(self.example.as_ref());
        match (declared, self.format, self.within.first()) {
            (Some(value), ..) => value.clone(),
            (None, VariableFormat::Host, Some(within)) if within == ANY_HOST => "host.example".to_owned(),
            (None, VariableFormat::Host, Some(within)) => match within.parse::<core::net::IpAddr>() {
                Ok(_) => within.clone(),
                Err(_) => format!("x.{within}"),
            },
            _ => "x".to_owned(),
        }
    }
}

impl VariableFormat {
    /// Whether it has a place before the path of a URL.
    pub fn is_of_host(self) -> bool {
        matches!(self, Self::Label | Self::Host)
    }
}

/// What a variable is, and so where it may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VariableFormat {
    /// One label of a host: letters, digits and hyphens.
    Label,
    /// A whole host under one of `within`, perhaps with a port.
    Host,
    /// Segments of a path with slashes between them, none of them empty or of dots; never in a host.
    Path,
    /// Any text of one line; never in a host.
    #[default]
    Text,
}

/// A named set of values of variables.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// What the person reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The values by the name of the variable.
    pub variables: BTreeMap<String, String>,
}

/// Whose a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// The org's: one for everybody.
    #[default]
    Org,
    /// Each user's own.
    User,
}

impl Owner {
    fn is_org(&self) -> bool {
        *self == Self::Org
    }
}

/// How to ask the service whose account a connection is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// The API to call, by the part of its id after the namespace; it takes no input.
    pub api: String,
    /// Where its answer names the account: JSONPath (RFC 9535).
    pub path: String,
}

/// The call that tries a connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestCall {
    /// The API to call, by the part of its id after the namespace.
    pub api: String,
    /// What it is given.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub inputs: serde_json::Map<String, serde_json::Value>,
}
