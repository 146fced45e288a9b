//! What a call would send, and why: each part of the request with where it comes from, through which
//! connection it goes, and what would become of it. Nothing in here is secret.

use crate::connection::ConnectionState;
use crate::connector::Effect;
use crate::id::{ConnectionName, OrgId, UserId};
use serde::Serialize;
use std::fmt;

/// A call, explained. `Display` draws it for a terminal.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// Full id of the API.
    pub api: String,
    /// The release of the connector that describes it.
    pub release: u32,
    /// What it does to the service.
    pub effect: Effect,
    /// The request as it goes over the wire, stars in place of what is secret.
    pub request: String,
    /// The same as a curl command.
    pub curl: String,
    /// Each part of it with its origins, in the order of the request.
    pub parts: Vec<Part>,
    /// Whose authorization is used.
    pub grant: GrantUsed,
    /// Whole time allowed, in seconds.
    pub timeout_s: f64,
    /// What becomes of a redirect.
    pub redirects: String,
    /// Whether it would be sent again by itself, and why.
    pub repeats: Vec<Repeat>,
    /// How much of its rate is left, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<serde_json::Value>,
    /// Given values that no part of the request takes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unused: Vec<String>,
    /// What keeps it from being sent as it is, in words, with who can mend it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub obstacles: Vec<String>,
}

/// One part of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// `method`, `url`, `query limit`, `header accept`, `body /names/0/givenName`.
    pub at: String,
    /// Its value as it is sent, before it is encoded for its place; stars where it is secret, nothing
    /// where it is too long or no text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Where it comes from; several if it is put together.
    pub origins: Vec<Origin>,
}

/// Where a part of a request comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum Origin {
    /// The connector file, at this place of it.
    Definition {
        /// As in `apis.list.query.limit`.
        place: String,
    },
    /// A value that the call gives.
    Argument {
        /// Its name.
        name: String,
    },
    /// The default of an input that the call does not give.
    Default {
        /// Its name.
        name: String,
    },
    /// An input that the call does not give, and that has no default.
    Absent {
        /// Its name.
        name: String,
    },
    /// A variable of the connection.
    Variable {
        /// Its name.
        name: String,
    },
    /// What the call gives in place of what the definition says.
    Override {
        /// In which argument.
        argument: String,
    },
    /// The credential of the connection; put on when it is sent.
    Credential,
    /// What every such request has.
    Runtime,
}

/// Whose authorization a call uses.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GrantUsed {
    /// Whether the call needs one.
    pub needed: bool,
    /// For whom.
    pub org: OrgId,
    /// Which of several connections.
    pub connection: ConnectionName,
    /// Whose it is, where each user has their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// Which of several ways to authenticate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth: Option<String>,
    /// Name of the scheme, as connector files write it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// The account at the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// How the connection stands; nothing if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<ConnectionState>,
    /// Whether its token would be renewed before the call.
    pub renews_first: bool,
    /// Scopes that the connector asks for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scopes_needed: Vec<String>,
    /// Scopes that were granted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scopes_granted: Vec<String>,
    /// Scopes that are needed and were not granted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scopes_missing: Vec<String>,
}

/// A case in which a call is sent again, or is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Repeat {
    /// What has happened.
    pub when: String,
    /// Whether it is sent again.
    pub again: bool,
    /// Why.
    pub why: String,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Definition { place } => write!(f, "definition, {place}"),
            Origin::Argument { name } => write!(f, "argument {name}"),
            Origin::Default { name } => write!(f, "default of {name}"),
            Origin::Absent { name } => write!(f, "{name} was not given"),
            Origin::Variable { name } => write!(f, "variable {name} of the connection"),
            Origin::Override { argument } => write!(f, "override in {argument}"),
            Origin::Credential => f.write_str("credential of the connection"),
            Origin::Runtime => f.write_str("every such request"),
        }
    }
}

/// Characters of a value that stand in a line.
const VALUE_SHOWN: usize = 40;

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", self.request.trim_end())?;
        writeln!(f, "{} of release {}, {}", self.api, self.release, effect(self.effect))?;
        let width = self.parts.iter().map(|part| part.at.chars().count()).max().unwrap_or_default().min(40);
        for part in &self.parts {
            let origins: Vec<String> = part.origins.iter().map(ToString::to_string).collect();
            let value = part.value.as_deref().map(shortened).unwrap_or_default();
            writeln!(f, "  {:width$}  {value:VALUE_SHOWN$}  {}", part.at, origins.join(" + "))?;
        }
        writeln!(f, "grant: {}", self.grant)?;
        writeln!(f, "time: {} s in all; redirects: {}", self.timeout_s, self.redirects)?;
        if let Some(budget) = &self.budget {
            writeln!(f, "budget: {budget}")?;
        }
        for repeat in &self.repeats {
            let again = if repeat.again { "sent again" } else { "not sent again" };
            writeln!(f, "{}: {again}, {}", repeat.when, repeat.why)?;
        }
        if !self.unused.is_empty() {
            writeln!(f, "given and not used: {}", self.unused.join(", "))?;
        }
        for obstacle in &self.obstacles {
            writeln!(f, "it would not be sent: {obstacle}")?;
        }
        write!(f, "\n{}", self.curl)
    }
}

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "which reads",
        Effect::Write => "which writes",
        Effect::Destructive => "which destroys",
    }
}

fn shortened(value: &str) -> String {
    let line = value.replace(['\n', '\r'], " ");
    match line.chars().count() > VALUE_SHOWN {
        true => line.chars().take(VALUE_SHOWN - 1).chain(['…']).collect(),
        false => line,
    }
}

impl fmt::Display for GrantUsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.needed {
            return f.write_str("none is needed");
        }
        write!(f, "connection {} of {}", self.connection, self.org)?;
        if let Some(user) = &self.user {
            write!(f, " for {user}")?;
        }
        match &self.state {
            None => f.write_str(", not authorized yet")?,
            Some(ConnectionState::Active) => {}
            Some(_) => f.write_str(", which cannot be used now")?,
        }
        if let Some(account) = &self.account {
            write!(f, ", account {account}")?;
        }
        if let Some(scheme) = &self.scheme {
            write!(f, ", by {scheme}")?;
        }
        if self.renews_first {
            f.write_str(", renewed first")?;
        }
        if !self.scopes_needed.is_empty() {
            write!(f, "\nscopes needed: {}", self.scopes_needed.join(", "))?;
            write!(f, "\nscopes granted: {}", self.scopes_granted.join(", "))?;
        }
        if !self.scopes_missing.is_empty() {
            write!(f, "\nscopes missing: {}", self.scopes_missing.join(", "))?;
        }
        Ok(())
    }
}
