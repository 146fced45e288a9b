//! What a row is called: its table, the org that owns it, its id.

use sluis_model::id::OrgId;
use std::fmt;

macro_rules! tables {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)*) => {
        /// The kinds of rows. The short name is part of what is stored: never change or reuse one.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Table {
            $($(#[$doc])* $variant,)*
        }

        impl Table {
            /// All of them.
            pub const ALL: &'static [Table] = &[$(Table::$variant),*];

            /// The stable short name.
            pub fn name(self) -> &'static str {
                match self { $(Table::$variant => $name,)* }
            }
        }
    };
}

tables! {
    /// Organisations; owned by the system.
    Orgs = "org";
    /// Released connectors; owned by the system.
    Releases = "rel";
    /// Authorizations of connectors.
    Connections = "con";
    /// Sealed tokens of connections.
    Credentials = "crd";
    /// Attempts to get consent.
    Grants = "grn";
    /// From the hash of an OAuth `state` to its grant.
    GrantStates = "gst";
    /// Sealed PKCE verifiers of grants.
    Verifiers = "ver";
    /// Executions of scripts.
    Runs = "run";
    /// Sealed machines of runs that wait.
    Snapshots = "snp";
    /// Stored scripts.
    Functions = "fun";
    /// Authorizations that were given back here and of which the provider has yet to be told.
    Outbox = "out";
    /// Sealed client registrations, and what else the vault keeps for itself.
    Clients = "cli";
    /// Keys of orgs, wrapped by a root key.
    OrgKeys = "oky";
    /// How far a change of keys has come.
    Rotations = "rot";
    /// Tokens of the HTTP API, as hashes.
    ApiTokens = "tok";
    /// Sealed renewals of tokens that are under way.
    Intents = "int";
    /// Sealed calls that were accepted for somebody who is told of their outcome later.
    Accepted = "acc";
    /// Sealed calls of runs: what was sent, and what came back.
    Ledger = "led";
    /// Sealed calls that scripts have handed over, and do not wait for.
    Deliveries = "dlv";
    /// Sealed calls whose answer the service brings by itself.
    Awaited = "awt";
    /// From the hash of the secret in a callback address to the call that it is for.
    CallbackTokens = "cbt";
    /// People who can sign in, by their address; owned by the system.
    Accounts = "acn";
    /// Who belongs to an org; owned by it. Under the system, which orgs somebody belongs to.
    Members = "mem";
    /// Sign-ins of browsers, by the hash of their cookie; owned by the system.
    Sessions = "ses";
    /// Invitations, by the hash of their text; owned by the system.
    Invitations = "inv";
    /// Who works on which run until when, which places are taken where few may run at once, and who waits
    /// for one.
    Leases = "lse";
    /// What lists tell of runs, newest first.
    RunIndex = "rix";
    /// What an org says about its runs and those of its functions.
    RunSettings = "rst";
    /// What an org has used on a day.
    Usage = "use";
    /// Sign-ins that failed, by the hash of the address; owned by the system.
    FailedSignIns = "fsi";
    /// Sealed answers to requests that their callers may send again.
    Repeats = "rpt";
    /// When rows of other tables are over, by that moment; owned by the system.
    Ends = "end";
    /// What starts functions of an org, by name.
    Triggers = "trg";
    /// How triggers stand: when they fired last, and fire next.
    TriggerStates = "trs";
    /// Sealed secrets with which services sign.
    TriggerSecrets = "tse";
    /// From the hash of the secret in an address to its trigger; owned by the system.
    TriggerTokens = "trt";
    /// Which triggers wait for an event, by event and name.
    TriggerEvents = "tre";
}

/// The org that owns what belongs to nobody in particular. No subscriber may be called so.
pub const RESERVED_ORG: &str = "sluis-system";

/// [`RESERVED_ORG`] as an id.
pub fn system_org() -> OrgId {
    RESERVED_ORG.parse().expect("a constant that keeps to the rules of organisation ids")
}

/// Full name of a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Its kind.
    pub table: Table,
    /// Who owns it.
    pub org: OrgId,
    /// Its id within table and org: 1 to 512 bytes, no control characters.
    pub id: String,
}

impl Key {
    /// A row of an org.
    pub fn new(table: Table, org: &OrgId, id: impl Into<String>) -> Self {
        Self { table, org: org.clone(), id: id.into() }
    }

    /// A row that belongs to no org.
    pub fn system(table: Table, id: impl Into<String>) -> Self {
        Self { table, org: system_org(), id: id.into() }
    }

    /// `table 0 org 0 id`; ids of orgs and names of tables hold no zero byte, so this is unambiguous
    /// and sorts by table, org, id. Part of what is stored, and of what checksums are made over.
    pub(crate) fn physical(&self) -> Vec<u8> {
        [self.table.name().as_bytes(), self.org.as_str().as_bytes(), self.id.as_bytes()].join(&0)
    }

    /// The rule that this key's id breaks, if any; every backend refuses to write such a key.
    pub fn fault(&self) -> Option<&'static str> {
        if self.id.is_empty() || self.id.len() > 512 {
            Some("an id has 1 to 512 bytes")
        } else if self.id.chars().any(char::is_control) {
            Some("an id holds no control characters")
        } else {
            None
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.table.name(), self.org, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn short_names_of_tables_are_unique() {
        let names: BTreeSet<_> = Table::ALL.iter().map(|table| table.name()).collect();
        assert_eq!(names.len(), Table::ALL.len());
        assert!(names.iter().all(|name| name.bytes().all(|b| b.is_ascii_lowercase())));
    }

    #[test]
    fn the_reserved_org_is_an_org_id() {
        assert_eq!(system_org().as_str(), RESERVED_ORG);
    }
}
