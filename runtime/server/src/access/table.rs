//! What each route demands. **Invariant:** what is not in here is refused.

use http::Method;
use sluis_model::access::Permission;
use sluis_model::access::Permission as P;

/// What a route demands of whoever asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// Nothing: here people become known.
    Nothing,
    /// To be known.
    Known,
    /// A permission; for a route of an org, in that org.
    May(Permission),
    /// One of two permissions; the handler looks more closely at what is asked for.
    Either(Permission, Permission),
}

use Demand::{Either, Known, May, Nothing};

/// Method and pattern below the API's root, and what is demanded.
pub const TABLE: &[(&str, &str, Demand)] = &[
    ("POST", "/session", Nothing),
    ("GET", "/session", Known),
    ("DELETE", "/session", Nothing),
    ("PUT", "/session/password", Known),
    ("POST", "/invitations/accept", Nothing),
    ("GET", "/users", May(P::UsersRead)),
    ("POST", "/users", May(P::UsersManage)),
    ("GET", "/users/{user}", May(P::UsersRead)),
    ("PATCH", "/users/{user}", May(P::UsersManage)),
    ("POST", "/users/{user}/password-reset", May(P::UsersManage)),
    ("GET", "/connectors", May(P::ConnectorsRead)),
    ("POST", "/connectors", May(P::ConnectorsRelease)),
    ("GET", "/connectors/{namespace}", May(P::ConnectorsRead)),
    ("PUT", "/clients/{name}", May(P::ClientsWrite)),
    ("GET", "/tokens", May(P::ServerTokens)),
    ("POST", "/tokens", May(P::ServerTokens)),
    ("DELETE", "/tokens/{prefix}", May(P::ServerTokens)),
    ("GET", "/vault", May(P::KeysRead)),
    ("POST", "/vault/root/rotate", May(P::KeysRotate)),
    ("POST", "/vault/orgs/{org}/rotate", May(P::KeysRotate)),
    ("GET", "/orgs", Known),
    ("PUT", "/orgs/{org}", May(P::OrgsCreate)),
    ("GET", "/orgs/{org}/members", May(P::MembersRead)),
    ("POST", "/orgs/{org}/invitations", May(P::MembersManage)),
    ("PUT", "/orgs/{org}/members/{user}", May(P::MembersManage)),
    ("DELETE", "/orgs/{org}/members/{user}", May(P::MembersManage)),
    ("GET", "/orgs/{org}/tokens", May(P::TokensRead)),
    ("POST", "/orgs/{org}/tokens", May(P::TokensManage)),
    ("DELETE", "/orgs/{org}/tokens/{prefix}", May(P::TokensManage)),
    ("GET", "/orgs/{org}/connector-proxy", May(P::SettingsRead)),
    ("PUT", "/orgs/{org}/connector-proxy", May(P::SettingsManage)),
    ("GET", "/orgs/{org}/functions", May(P::FunctionsRead)),
    ("GET", "/orgs/{org}/functions/{name}", May(P::FunctionsRead)),
    ("PUT", "/orgs/{org}/functions/{name}", May(P::FunctionsWrite)),
    ("DELETE", "/orgs/{org}/functions/{name}", May(P::FunctionsWrite)),
    ("POST", "/orgs/{org}/functions/{name}", May(P::FunctionsRun)),
    ("POST", "/orgs/{org}/functions/{name}/run", May(P::FunctionsRun)),
    ("GET", "/webhook-presets", Known),
    ("GET", "/orgs/{org}/triggers", May(P::TriggersRead)),
    ("GET", "/orgs/{org}/triggers/{trigger}", May(P::TriggersRead)),
    ("PUT", "/orgs/{org}/triggers/{trigger}", May(P::TriggersManage)),
    ("DELETE", "/orgs/{org}/triggers/{trigger}", May(P::TriggersManage)),
    ("POST", "/orgs/{org}/triggers/{trigger}/address", May(P::TriggersManage)),
    ("DELETE", "/orgs/{org}/triggers/{trigger}/address", May(P::TriggersManage)),
    ("PUT", "/orgs/{org}/triggers/{trigger}/secrets", May(P::TriggersManage)),
    ("POST", "/orgs/{org}/triggers/{trigger}/pause", May(P::TriggersManage)),
    ("POST", "/orgs/{org}/triggers/{trigger}/resume", May(P::TriggersManage)),
    ("POST", "/orgs/{org}/triggers/{trigger}/test", May(P::TriggersManage)),
    ("GET", "/orgs/{org}/triggers/{trigger}/history", May(P::TriggersRead)),
    ("POST", "/orgs/{org}/schedule-preview", May(P::TriggersRead)),
    ("GET", "/orgs/{org}/runs", May(P::RunsRead)),
    ("GET", "/orgs/{org}/runs/{id}", May(P::RunsRead)),
    ("POST", "/orgs/{org}/runs/{id}/again", May(P::RunsManage)),
    ("POST", "/orgs/{org}/runs/{id}/cancel", May(P::RunsManage)),
    ("GET", "/orgs/{org}/runs/{id}/events", May(P::RunsRead)),
    ("DELETE", "/orgs/{org}/runs/{id}/dead-letter", May(P::RunsManage)),
    ("GET", "/orgs/{org}/run-settings", May(P::SettingsRead)),
    ("PUT", "/orgs/{org}/run-settings", May(P::SettingsManage)),
    ("GET", "/orgs/{org}/functions/{name}/settings", May(P::FunctionsRead)),
    ("PUT", "/orgs/{org}/functions/{name}/settings", May(P::FunctionsWrite)),
    ("GET", "/orgs/{org}/usage", May(P::RunsRead)),
    ("GET", "/orgs/{org}/runs/{id}/open-calls", May(P::RunsRead)),
    ("POST", "/orgs/{org}/runs/{id}/open-calls/{call}", May(P::RunsManage)),
    ("GET", "/orgs/{org}/calls/{id}", May(P::RunsRead)),
    ("POST", "/orgs/{org}/invoke/{api}", May(P::Invoke)),
    ("POST", "/orgs/{org}/invoke/{api}/explain", May(P::Invoke)),
    ("POST", "/orgs/{org}/invoke/{api}/options/{input}", May(P::Invoke)),
    ("GET", "/orgs/{org}/budget/{api}", May(P::Invoke)),
    ("POST", "/orgs/{org}/activities", May(P::Invoke)),
    ("POST", "/orgs/{org}/trials", May(P::TrialsRun)),
    ("GET", "/orgs/{org}/connections", May(P::ConnectionsRead)),
    ("GET", "/orgs/{org}/connections/{namespace}/form", Either(P::ConnectionsManage, P::ConnectionsOwn)),
    ("PUT", "/orgs/{org}/connections/{namespace}", Either(P::ConnectionsManage, P::ConnectionsOwn)),
    ("DELETE", "/orgs/{org}/connections/{namespace}", Either(P::ConnectionsManage, P::ConnectionsOwn)),
    (
        "POST",
        "/orgs/{org}/connections/{namespace}/authorize",
        Either(P::ConnectionsManage, P::ConnectionsOwn),
    ),
    ("POST", "/orgs/{org}/connections/{namespace}/test", Either(P::ConnectionsManage, P::ConnectionsOwn)),
    ("GET", "/orgs/{org}/grants/{id}", May(P::ConnectionsRead)),
];

/// What a route demands; `None` if the table does not know it. HEAD is GET without a body.
pub fn demand_of(method: &Method, pattern: &str) -> Option<Demand> {
    let method = if method == Method::HEAD { "GET" } else { method.as_str() };
    TABLE.iter().find(|(known, route, _)| *known == method && *route == pattern).map(|(_, _, demand)| *demand)
}

/// Whether the table knows a pattern by some method.
pub fn knows(pattern: &str) -> bool {
    TABLE.iter().any(|(_, route, _)| *route == pattern)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_route_stands_once_and_only_people_who_come_in_need_nothing() {
        let all: BTreeSet<_> = TABLE.iter().map(|(method, route, _)| (method, route)).collect();
        assert_eq!(all.len(), TABLE.len());
        let open: Vec<_> = TABLE.iter().filter(|row| row.2 == Nothing).map(|row| (row.0, row.1)).collect();
        assert_eq!(open, [("POST", "/session"), ("DELETE", "/session"), ("POST", "/invitations/accept")]);
    }

    #[test]
    fn what_is_not_in_the_table_is_not_known() {
        assert_eq!(demand_of(&Method::HEAD, "/users"), Some(May(P::UsersRead)));
        assert_eq!(demand_of(&Method::DELETE, "/users"), None);
        assert_eq!(demand_of(&Method::GET, "/secrets"), None);
    }
}
