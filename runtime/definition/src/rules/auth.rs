//! How a connector authenticates.

use super::variables::Declared;
use super::{secrets, several, urls};
use crate::problem::Problems;
use crate::tree::Cursor;

/// Parameters of an authorization request that Sluis sets itself.
const OWN_PARAMETERS: &[&str] = &[
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
];

/// The same for OAuth 1.0a, whose services may have a `scope` of their own (RFC 5849 §2.2).
const OWN_PARAMETERS_OF_OAUTH1: &[&str] = &["oauth_token", "oauth_callback", "oauth_verifier"];

/// Endpoints of an authorization server.
const ENDPOINTS: &[&str] = &[
    "authorize_url",
    "token_url",
    "refresh_url",
    "revoke_url",
    "device_url",
    "par_url",
    "introspect_url",
    "request_token_url",
    "access_token_url",
];

/// Fields of `answer` that hold a path.
const PATHS: &[&str] =
    &["access_token", "refresh_token", "scope", "expires", "refresh_expires", "error", "error_message"];

/// Checks `auth` and tells whether the scheme puts a credential on requests.
pub(super) fn check(root: &Cursor<'_>, variables: &Declared, problems: &mut Problems<'_>) -> bool {
    let Some(auth) = root.get("auth") else { return true };
    check_config(&auth, variables, problems);
    several::check_choice(&auth, variables, problems);
    for config in auth.get("configs").iter().flat_map(Cursor::entries) {
        check_config(&config, variables, problems);
    }
    auth.get("scheme").and_then(|scheme| scheme.text()) != Some("none")
}

/// A path is a key at the top or a JSONPath (RFC 9535).
fn check_path(at: &Cursor<'_>, problems: &mut Problems<'_>) {
    let Some(text) = at.text().filter(|text| text.starts_with('$')) else { return };
    if let Err(error) = serde_json_path::JsonPath::parse(text) {
        let message = format!("`{}` is not a JSONPath: {error}", at.path());
        problems.add(
            at,
            message,
            Some("for example `$.data.token`, or the name of a key at the top".to_owned()),
        );
    }
}

fn check_config(auth: &Cursor<'_>, variables: &Declared, problems: &mut Problems<'_>) {
    if let Some(other) = auth.get("with") {
        check_config(&other, variables, problems);
    }
    several::check_keys(auth, variables, problems);
    for name in ENDPOINTS {
        if let Some(url) = auth.get(name) {
            urls::check_endpoint(&url, variables, true, problems);
        }
    }
    if let Some(answer) = auth.get("answer") {
        for path in PATHS.iter().filter_map(|name| answer.get(name)) {
            check_path(&path, problems);
        }
    }
    for path in auth.get("variables_from").and_then(|from| from.get("token")).iter().flat_map(Cursor::entries)
    {
        check_path(&path, problems);
    }
    if let Some(issuer) = auth.get("issuer") {
        // RFC 8414 section 2: no query, no fragment.
        urls::check_endpoint(&issuer, variables, false, problems);
    }
    if let Some(client) = auth.get("client") {
        secrets::check_reference(&client, problems);
    }
    for scope in auth.get("scopes").iter().flat_map(Cursor::items) {
        // RFC 6749 section 3.3: printable ASCII but space, quote and backslash.
        let good = |text: &str| {
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
        };
        if scope.text().is_some_and(|text| !good(text)) {
            let help = "a scope holds no spaces; write each one as an entry of its own".to_owned();
            problems.add(&scope, format!("`{}` is not one scope", scope.path()), Some(help));
        }
    }
    let is_oauth1 = auth.get("scheme").and_then(|scheme| scheme.text()) == Some("oauth1");
    let own = if is_oauth1 { OWN_PARAMETERS_OF_OAUTH1 } else { OWN_PARAMETERS };
    for parameter in auth.get("authorize_params").iter().flat_map(Cursor::entries) {
        if own.contains(&parameter.name()) && !problems.concerns(parameter.path()) {
            let message = format!("the parameter `{}` is set by sluis", parameter.name());
            problems.add_key(&parameter, message, Some("leave it out".to_owned()));
        }
    }
}
