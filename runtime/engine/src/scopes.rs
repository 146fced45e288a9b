//! What is known when a service refuses a call for want of a scope: which one, and who can mend that.

use serde_json::Value;
use sluis_model::connection::Connection;

/// A call that was answered.
pub(crate) struct Refused<'a> {
    /// Status of the answer.
    pub status: u16,
    /// Its headers.
    pub headers: &'a [(String, String)],
    /// Its body as text.
    pub body: &'a str,
}

/// Longest body that is looked at, in bytes: an error is short.
const BODY_AT_MOST: usize = 16 * 1024;
/// So many scopes that a service names are told, none longer than so many bytes.
const SCOPES_AT_MOST: usize = 20;
const SCOPE_AT_MOST: usize = 200;

/// A remark on a call that was refused for want of a scope; none where the service does not say so
/// (RFC 6750 §3.1: `insufficient_scope` in the challenge, by some services in the body).
pub(crate) fn note(connection: &Connection, refused: &Refused<'_>) -> Option<String> {
    let wanted = wanted(refused)?;
    let key = connection.key();
    let who = match &key.user {
        Some(user) => format!("`{user}`"),
        None => format!("an admin of `{}`", key.org),
    };
    let again = format!("{who} authorizes it again: {}", key.authorize_command());
    let is_wanted = |scope: &&String| wanted.is_empty() || wanted.contains(scope);
    let not_granted: Vec<&String> = connection.missing_scopes.iter().filter(is_wanted).collect();
    if !not_granted.is_empty() {
        return Some(format!(
            "the connection `{key}` lacks scopes that were asked for and not granted: {}; {again}, and grants \
             them this time",
            joined(&not_granted)
        ));
    }
    let never_asked: Vec<&String> =
        wanted.iter().filter(|scope| !connection.scopes.contains(scope)).collect();
    Some(match never_asked.is_empty() {
        false => format!(
            "the connector `{}` does not ask for the scopes that this call needs: {}; its author adds them to \
             `scopes` and releases it, then {again}",
            key.connector,
            joined(&never_asked)
        ),
        true => format!(
            "the service says that the connection `{key}` lacks a scope, and not which; it has: {}; whoever wrote \
             the connector finds in the service's documentation what this call needs, then {again}",
            joined(&connection.scopes.iter().collect::<Vec<_>>())
        ),
    })
}

fn joined(scopes: &[&String]) -> String {
    match scopes {
        [] => "none".to_owned(),
        some => some.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(", "),
    }
}

/// The scopes that the service names as needed, if a scope is what it refuses the call for.
fn wanted(refused: &Refused<'_>) -> Option<Vec<String>> {
    if refused.status != 403 {
        return None;
    }
    let challenges = refused.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("www-authenticate"));
    for (_, challenge) in challenges {
        let parameters = parameters(challenge);
        if value_of(&parameters, "error") == Some("insufficient_scope") {
            return Some(words(value_of(&parameters, "scope").unwrap_or_default()));
        }
    }
    if refused.body.len() > BODY_AT_MOST {
        return None;
    }
    let body: Value = serde_json::from_str(refused.body).ok()?;
    let says_so = body.get("error").and_then(Value::as_str) == Some("insufficient_scope");
    says_so.then(|| words(body.get("scope").and_then(Value::as_str).unwrap_or_default()))
}

fn words(scopes: &str) -> Vec<String> {
    let scopes = scopes.split_whitespace().filter(|scope| scope.len() <= SCOPE_AT_MOST);
    scopes.take(SCOPES_AT_MOST).map(str::to_owned).collect()
}

fn value_of<'a>(parameters: &'a [(String, String)], name: &str) -> Option<&'a str> {
    parameters.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// The parameters of challenges (RFC 9110 §11.2): `name=token` or `name="quoted"`, whichever scheme each
/// belongs to.
fn parameters(challenge: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = challenge;
    while let Some((before, after)) = rest.split_once('=') {
        // Before the name stands the comma after the parameter before, or the name of the scheme.
        let name = before.rsplit([',', ' ', '\t']).next().unwrap_or_default();
        let (value, behind) = match after.strip_prefix('"') {
            Some(quoted) => unquoted(quoted),
            None => {
                let end = after.find([',', ' ']).unwrap_or(after.len());
                (after[..end].to_owned(), &after[end..])
            }
        };
        found.push((name.to_owned(), value));
        rest = behind;
    }
    found
}

/// A quoted text up to its closing quote, and what stands behind that.
fn unquoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return (value, &text[at + 1..]),
            other => {
                value.push(other);
                escaped = false;
            }
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted_by(status: u16, header: &str, challenge: &str, body: &str) -> Option<Vec<String>> {
        let headers = [(header.to_owned(), challenge.to_owned())];
        wanted(&Refused { status, headers: &headers, body })
    }

    #[test]
    fn only_a_refusal_with_that_error_is_about_scopes() {
        let header = "WWW-Authenticate";
        let named = Some(vec!["contacts.write".to_owned(), "profile".to_owned()]);
        let challenge =
            r#"Bearer realm="a, b=\"c\"", error="insufficient_scope", scope="contacts.write profile""#;
        assert_eq!(wanted_by(403, header, challenge, ""), named);
        assert_eq!(wanted_by(403, header, "Bearer error=insufficient_scope,x=1", ""), Some(Vec::new()));
        assert_eq!(
            wanted_by(403, "x", "", r#"{"error": "insufficient_scope", "scope": "contacts.write profile"}"#),
            named
        );
        assert_eq!(wanted_by(401, header, challenge, ""), None);
        assert_eq!(wanted_by(403, header, r#"Bearer error="invalid_token""#, "{}"), None);
        assert_eq!(wanted_by(403, header, r#"Bearer realm="error=insufficient_scope""#, ""), None);
        assert_eq!(wanted_by(403, "x-error", challenge, "insufficient_scope"), None);
        for broken in ["=", "a=\"", "a=\"\\", "===", "é=é", ""] {
            assert_eq!(wanted_by(403, header, broken, broken), None, "{broken}");
        }
    }
}
