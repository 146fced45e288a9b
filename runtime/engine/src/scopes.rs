//! What is known when a service refuses a call for a scope that its person did not grant.

use sluis_model::connection::Connection;

/// A remark on a refused call: which scopes the connection lacks, and who can mend that. Only where the
/// service says that a scope is what was missing (RFC 6750 §3.1).
pub(crate) fn note(
    connection: Option<&Connection>,
    status: u16,
    headers: &[(String, String)],
) -> Option<String> {
    let connection = connection.filter(|connection| !connection.missing_scopes.is_empty())?;
    if status != 403 || !headers.iter().any(|(name, value)| is_about_scopes(name, value)) {
        return None;
    }
    let key = connection.key();
    let who = match &key.user {
        Some(user) => format!("`{user}`"),
        None => format!("an admin of `{}`", key.org),
    };
    Some(format!(
        "the connection `{key}` lacks scopes that were asked for and not granted: {}; {who} authorizes it again \
         and grants them: {}",
        connection.missing_scopes.join(", "),
        key.authorize_command()
    ))
}

/// Whether a header is a challenge whose error is `insufficient_scope`.
fn is_about_scopes(name: &str, value: &str) -> bool {
    if !name.eq_ignore_ascii_case("www-authenticate") {
        return false;
    }
    value.split(',').any(|part| {
        // The first parameter of a challenge stands behind the name of its scheme.
        let Some((before, after)) = part.split_once('=') else { return false };
        let parameter = before.split_whitespace().next_back().unwrap_or_default();
        parameter.eq_ignore_ascii_case("error") && after.trim().trim_matches('"') == "insufficient_scope"
    })
}

#[cfg(test)]
mod tests {
    use super::is_about_scopes;

    #[test]
    fn only_a_challenge_with_that_error_is_about_scopes() {
        let header = "WWW-Authenticate";
        assert!(is_about_scopes(header, r#"Bearer error="insufficient_scope", scope="contacts.write""#));
        assert!(is_about_scopes(header, r#"Bearer realm="a", error=insufficient_scope"#));
        assert!(!is_about_scopes(header, r#"Bearer error="invalid_token""#));
        assert!(!is_about_scopes(header, r#"Bearer realm="insufficient_scope""#));
        assert!(!is_about_scopes("x-error", r#"Bearer error="insufficient_scope""#));
    }
}
