//! Where a credential may go: the origins that a connection was authorized for. A release that sends it
//! to another one may not use it until an admin agrees: otherwise whoever publishes a connector could
//! have every stored token sent to a server of their own.

use crate::builder::Engine;
use sluis_auth::is_local;
use sluis_model::connection::{Connection, Variables};
use sluis_model::connector::{ConnectorDefinition, Release};
use sluis_model::error::{Failure, Reason};
use std::collections::BTreeSet;
use url::Url;

/// Scheme, host and port of everything that a credential is sent to: the declared hosts, and the
/// endpoints of the auth config. The page where a person consents is none of them.
pub(crate) fn origins(
    definition: &ConnectorDefinition,
    auth: Option<&str>,
    variables: &Variables,
) -> Vec<String> {
    let mut all = BTreeSet::new();
    for host in &definition.hosts {
        let url = filled(&format!("https://{host}/"), variables);
        all.insert(origin_of(&url));
        // Over http a service inside may be called as well.
        if Url::parse(&url).is_ok_and(|url| is_local(&url)) {
            all.insert(origin_of(&filled(&format!("http://{host}/"), variables)));
        }
    }
    if let Ok(Ok(config)) = definition.auth.chosen(auth).map(serde_json::to_value) {
        collect_endpoints(&config, variables, &mut all);
    }
    all.into_iter().collect()
}

/// Every URL of an auth config, whatever the scheme calls it.
fn collect_endpoints(value: &serde_json::Value, variables: &Variables, into: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(map) => {
            for (key, value) in map {
                match value {
                    serde_json::Value::String(text) if takes_credential(key, text) => {
                        into.insert(origin_of(&filled(text, variables)));
                    }
                    other => collect_endpoints(other, variables, into),
                }
            }
        }
        serde_json::Value::Array(list) => {
            list.iter().for_each(|value| collect_endpoints(value, variables, into))
        }
        _ => {}
    }
}

/// Whether a field of an auth config says where a credential goes. Metadata of an issuer name such
/// endpoints; an issuer that is no address is a name in a signed assertion.
fn takes_credential(key: &str, text: &str) -> bool {
    match key {
        "issuer" => text.contains("://"),
        "url" => true,
        _ => ["_url", "_endpoint"].iter().any(|end| key.ends_with(end)) && !key.starts_with("authoriz"),
    }
}

/// The text with the connection's variables filled in.
fn filled(text: &str, variables: &Variables) -> String {
    variables.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("${{{name}}}"), value))
}

/// What is no URL stands for itself: another one is another.
fn origin_of(text: &str) -> String {
    match Url::parse(text) {
        Ok(url) if url.host().is_some() => url.origin().ascii_serialization(),
        _ => text.to_owned(),
    }
}

impl Engine {
    /// The origins that a connection was authorized for.
    pub(crate) async fn agreed_origins(&self, connection: &Connection) -> Result<Vec<String>, Failure> {
        if !connection.origins.is_empty() {
            return Ok(connection.origins.clone());
        }
        let release = self.release_of(&connection.connector, connection.release).await?;
        Ok(origins(&release.definition, connection.auth.as_deref(), &connection.variables))
    }

    /// Whether a release may use the credential of a connection; else who can mend that, and how.
    pub(crate) async fn check_bound(
        &self,
        connection: &Connection,
        release: &Release,
    ) -> Result<(), Failure> {
        if connection.release == release.number {
            return Ok(());
        }
        let agreed = self.agreed_origins(connection).await?;
        let wanted = origins(&release.definition, connection.auth.as_deref(), &connection.variables);
        let strange: Vec<String> = wanted.into_iter().filter(|origin| !agreed.contains(origin)).collect();
        if strange.is_empty() {
            return Ok(());
        }
        let key = connection.key();
        let strange = strange.iter().map(|origin| format!("`{origin}`")).collect::<Vec<_>>().join(", ");
        Err(Failure::new(
            Reason::NeedsReauthorization,
            format!(
                "release {} of connector `{}` sends the credential to {strange}, which nobody had agreed to when `{key}` \
                 was authorized with release {}",
                release.number, connection.connector, connection.release
            ),
        )
        .help(format!(
            "an admin of `{}` who trusts the new address authorizes it again: sluis authorize {key}",
            connection.org
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(hosts: &[&str], auth: serde_json::Value, variables: &[(&str, &str)]) -> Vec<String> {
        let definition = serde_json::from_value(json!({
            "sluis": 1, "namespace": "ns", "service": {"name": "S"}, "hosts": hosts, "auth": auth, "apis": {},
        }));
        let variables =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        origins(&definition.unwrap(), None, &variables)
    }

    fn oauth(token_url: &str, scope: &str) -> serde_json::Value {
        json!({
            "scheme": "oauth2_authorization_code",
            "authorize_url": "https://consent.example/authorize",
            "token_url": token_url,
            "revoke_url": "https://op.example/revoke",
            "scopes": [scope],
            "client": "vault:c",
        })
    }

    #[test]
    fn hosts_and_endpoints_are_origins_and_scopes_are_not() {
        assert_eq!(
            of(
                &["api.example", "api.example:8443"],
                oauth("https://op.example/t", "https://scopes.example/x"),
                &[]
            ),
            ["https://api.example", "https://api.example:8443", "https://op.example"]
        );
    }

    #[test]
    fn a_service_inside_has_both_schemes_and_a_public_one_has_https() {
        let found = of(&["127.0.0.1:8080"], oauth("http://127.0.0.1:9000/t", "s"), &[]);
        for origin in ["http://127.0.0.1:8080", "https://127.0.0.1:8080", "http://127.0.0.1:9000"] {
            assert!(found.iter().any(|found| found == origin), "{origin} in {found:?}");
        }
    }

    #[test]
    fn a_variable_is_part_of_its_host() {
        let with =
            |value| of(&["api.example"], oauth("https://${tenant}.op.example/t", "s"), &[("tenant", value)]);
        assert!(with("a").contains(&"https://a.op.example".to_owned()));
        assert_ne!(with("a"), with("b"));
    }
}
