//! Who may do what: the one table of permissions, of the roles that users have in an org, and of those
//! that stand above orgs. What it does not name is refused.

use crate::suggest;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

macro_rules! named {
    ($(#[$outer:meta])* $kind:ident, $what:literal, $($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $kind {
            $($(#[$doc])* $name,)*
        }

        impl $kind {
            /// All of them.
            pub const ALL: &'static [$kind] = &[$($kind::$name),*];

            /// The stable name.
            pub fn as_str(self) -> &'static str {
                match self { $($kind::$name => $text,)* }
            }
        }

        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $kind {
            type Err = UnknownName;
            fn from_str(text: &str) -> Result<Self, UnknownName> {
                let found = Self::ALL.iter().copied().find(|known| known.as_str() == text);
                found.ok_or_else(|| UnknownName::of($what, text, Self::ALL.iter().map(|known| known.as_str())))
            }
        }

        impl Serialize for $kind {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $kind {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

/// A text that names no role or no permission.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not {what}; {hint}")]
pub struct UnknownName {
    given: String,
    what: &'static str,
    hint: String,
}

impl UnknownName {
    fn of(what: &'static str, given: &str, known: impl Iterator<Item = &'static str> + Clone) -> Self {
        let hint = match suggest::nearest(given, known.clone()) {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!("there are: {}", known.collect::<Vec<_>>().join(", ")),
        };
        Self { given: given.chars().take(80).collect(), what, hint }
    }
}

named! {
    /// One thing that may be allowed. Its name is that of a scope of an API token.
    Permission, "a permission",
    /// See which connectors are released, and what they can do.
    ConnectorsRead = "connectors.read";
    /// Release connectors and install packages.
    ConnectorsRelease = "connectors.release";
    /// Write the registrations of clients at providers.
    ClientsWrite = "clients.write";
    /// See all orgs.
    OrgsRead = "orgs.read";
    /// Make orgs.
    OrgsCreate = "orgs.create";
    /// See all users.
    UsersRead = "users.read";
    /// Make users, end their access, give them offices above orgs.
    UsersManage = "users.manage";
    /// See and revoke every API token, make those that are not bound to an org.
    ServerTokens = "server_tokens.manage";
    /// See the state of the keys.
    KeysRead = "keys.read";
    /// Give orgs and the store new keys.
    KeysRotate = "keys.rotate";
    /// See an org's connections and what became of attempts to authorize.
    ConnectionsRead = "connections.read";
    /// Authorize, test and revoke connections of one's own.
    ConnectionsOwn = "connections.own";
    /// Authorize, test and revoke all connections of an org.
    ConnectionsManage = "connections.manage";
    /// Call APIs of connectors.
    Invoke = "invoke";
    /// See stored functions.
    FunctionsRead = "functions.read";
    /// Write stored functions.
    FunctionsWrite = "functions.write";
    /// Run stored functions.
    FunctionsRun = "functions.run";
    /// See runs and their calls.
    RunsRead = "runs.read";
    /// Run again, settle open calls, cancel.
    RunsManage = "runs.manage";
    /// See what starts functions.
    TriggersRead = "triggers.read";
    /// Write what starts functions, test it, give it new addresses and secrets.
    TriggersManage = "triggers.manage";
    /// Try APIs of definitions that are not released.
    TrialsRun = "trials.run";
    /// See an org's settings.
    SettingsRead = "settings.read";
    /// Change an org's settings.
    SettingsManage = "settings.manage";
    /// See who belongs to an org.
    MembersRead = "members.read";
    /// Invite users to an org, change their roles, remove them.
    MembersManage = "members.manage";
    /// See an org's API tokens.
    TokensRead = "tokens.read";
    /// Make and revoke an org's API tokens.
    TokensManage = "tokens.manage";
}

named! {
    /// What a user is in one org.
    Role, "a role",
    /// Does everything in the org: connections, members, tokens, settings.
    Admin = "admin";
    /// Writes functions and tries connectors, beside what a member may.
    Author = "author";
    /// Uses what is there: runs functions, calls connectors, has connections of their own.
    Member = "member";
    /// Sees everything and changes nothing.
    Auditor = "auditor";
}

named! {
    /// What a user is above orgs. It gives no sight of what is in an org.
    Office, "an office",
    /// Runs the server: orgs, users, keys.
    Operator = "operator";
    /// Makes connectors and releases them.
    Developer = "developer";
}

use Permission as P;

const MEMBER: &[Permission] = &[
    P::ConnectorsRead,
    P::ConnectionsRead,
    P::ConnectionsOwn,
    P::Invoke,
    P::FunctionsRead,
    P::FunctionsRun,
    P::RunsRead,
    P::TriggersRead,
];

const AUTHOR: &[Permission] = &[
    P::ConnectorsRead,
    P::ConnectionsRead,
    P::ConnectionsOwn,
    P::Invoke,
    P::FunctionsRead,
    P::FunctionsRun,
    P::FunctionsWrite,
    P::RunsRead,
    P::RunsManage,
    P::TriggersRead,
    P::TriggersManage,
    P::TrialsRun,
];

const ADMIN: &[Permission] = &[
    P::ConnectorsRead,
    P::ConnectionsRead,
    P::ConnectionsOwn,
    P::ConnectionsManage,
    P::Invoke,
    P::FunctionsRead,
    P::FunctionsRun,
    P::FunctionsWrite,
    P::RunsRead,
    P::RunsManage,
    P::TriggersRead,
    P::TriggersManage,
    P::TrialsRun,
    P::SettingsRead,
    P::SettingsManage,
    P::MembersRead,
    P::MembersManage,
    P::TokensRead,
    P::TokensManage,
];

const AUDITOR: &[Permission] = &[
    P::ConnectorsRead,
    P::ConnectionsRead,
    P::FunctionsRead,
    P::RunsRead,
    P::TriggersRead,
    P::SettingsRead,
    P::MembersRead,
    P::TokensRead,
];

const OPERATOR: &[Permission] = &[
    P::ConnectorsRead,
    P::ClientsWrite,
    P::OrgsRead,
    P::OrgsCreate,
    P::UsersRead,
    P::UsersManage,
    P::ServerTokens,
    P::KeysRead,
    P::KeysRotate,
    // An org without an admin gets its first one from somebody.
    P::MembersRead,
    P::MembersManage,
];

const DEVELOPER: &[Permission] = &[P::ConnectorsRead, P::ConnectorsRelease, P::ClientsWrite];

/// What an API token that is bound to an org may do if its maker named no scopes. Not: make itself
/// successors, or change who belongs to the org.
const ORG_TOKEN: &[Permission] = &[
    P::ConnectorsRead,
    P::ConnectionsRead,
    P::ConnectionsOwn,
    P::ConnectionsManage,
    P::Invoke,
    P::FunctionsRead,
    P::FunctionsRun,
    P::FunctionsWrite,
    P::RunsRead,
    P::RunsManage,
    P::TriggersRead,
    P::TriggersManage,
    P::TrialsRun,
    P::SettingsRead,
    P::SettingsManage,
];

/// The same for one that is bound to no org: connectors and orgs, besides.
const SERVER_TOKEN: &[Permission] =
    &[P::ConnectorsRelease, P::ClientsWrite, P::OrgsRead, P::OrgsCreate, P::MembersRead];

impl Role {
    /// What whoever has it may do in the org.
    pub fn permissions(self) -> &'static [Permission] {
        match self {
            Role::Admin => ADMIN,
            Role::Author => AUTHOR,
            Role::Member => MEMBER,
            Role::Auditor => AUDITOR,
        }
    }
}

impl Office {
    /// What whoever holds it may do.
    pub fn permissions(self) -> &'static [Permission] {
        match self {
            Office::Operator => OPERATOR,
            Office::Developer => DEVELOPER,
        }
    }
}

impl Permission {
    /// What an API token without scopes may do.
    pub fn of_unscoped_token(bound_to_org: bool) -> Vec<Permission> {
        let above: &[Permission] = if bound_to_org { &[] } else { SERVER_TOKEN };
        ORG_TOKEN.iter().chain(above).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn set(of: &[Permission]) -> BTreeSet<Permission> {
        of.iter().copied().collect()
    }

    #[test]
    fn roles_are_nested_and_an_auditor_changes_nothing() {
        assert!(set(MEMBER).is_subset(&set(AUTHOR)));
        assert!(set(AUTHOR).is_subset(&set(ADMIN)));
        assert!(AUDITOR.iter().all(|permission| permission.as_str().ends_with(".read")));
        assert!(set(AUDITOR).is_subset(&set(ADMIN)));
    }

    #[test]
    fn an_office_above_orgs_gives_no_sight_of_what_is_in_one() {
        for inside in [P::ConnectionsRead, P::Invoke, P::RunsRead, P::FunctionsRead, P::FunctionsRun] {
            assert!(!OPERATOR.contains(&inside) && !DEVELOPER.contains(&inside), "{inside}");
        }
    }

    #[test]
    fn no_token_can_make_itself_successors_unless_it_was_meant_to() {
        for bound in [true, false] {
            let given = Permission::of_unscoped_token(bound);
            for power in [P::TokensManage, P::ServerTokens, P::UsersManage, P::MembersManage, P::KeysRotate] {
                assert!(!given.contains(&power), "{power}");
            }
        }
    }

    #[test]
    fn names_are_read_back_and_slips_are_answered() {
        for permission in Permission::ALL {
            assert_eq!(permission.as_str().parse(), Ok(*permission));
        }
        let slip = "conections.read".parse::<Permission>().unwrap_err().to_string();
        assert_eq!(slip, "`conections.read` is not a permission; did you mean `connections.read`?");
        let none = "king".parse::<Role>().unwrap_err().to_string();
        assert_eq!(none, "`king` is not a role; there are: admin, author, member, auditor");
    }

    #[test]
    fn everything_that_can_be_allowed_is_allowed_to_somebody() {
        let all: BTreeSet<_> = Role::ALL.iter().flat_map(|role| role.permissions()).collect();
        let offices: BTreeSet<_> = Office::ALL.iter().flat_map(|office| office.permissions()).collect();
        for permission in Permission::ALL {
            assert!(all.contains(permission) || offices.contains(permission), "{permission}");
        }
    }
}
