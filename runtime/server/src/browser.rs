//! The cookie by which a browser is known while somebody authorizes a connector.
//!
//! It says nothing but "the same browser as before": 256 random bits, out of reach of scripts, and not
//! sent along when another site makes the browser ask (`SameSite=Lax` lets through what a person
//! follows, such as the way back from a provider).

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use sluis_engine::Engine;
use sluis_model::secret::SecretText;

/// Behind TLS: the prefix makes browsers insist on `Secure`, `Path=/` and no `Domain`.
const SECURE: &str = "__Host-sluis";
/// Without TLS, which is good for this machine only.
const PLAIN: &str = "sluis_browser";
/// Length of 256 bits in base64url.
const LENGTH: usize = 43;

fn name(engine: &Engine) -> &'static str {
    if engine.public_url().scheme() == "https" { SECURE } else { PLAIN }
}

/// The browser's value, if it sent one that can be ours.
pub fn known(engine: &Engine, headers: &HeaderMap) -> Option<SecretText> {
    let name = name(engine);
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| *key == name && is_ours(value))
        .map(|(_, value)| value.into())
}

fn is_ours(value: &str) -> bool {
    value.len() == LENGTH && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// The header that makes a browser known from now on.
pub fn remember(engine: &Engine, browser: &SecretText) -> (http::HeaderName, HeaderValue) {
    let name = name(engine);
    let secure = if name == SECURE { "; Secure" } else { "" };
    let line = format!("{name}={}; Path=/; HttpOnly; SameSite=Lax{secure}", browser.expose());
    // Name and value are ASCII without control characters, so they always fit a header.
    let mut value = HeaderValue::from_str(&line).unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    (SET_COOKIE, value)
}

#[cfg(test)]
mod tests {
    use super::is_ours;

    #[test]
    fn only_what_we_could_have_given_is_taken_for_ours() {
        assert!(is_ours(&"aB3-_".repeat(9)[..43]));
        for other in ["", "short", &"a".repeat(44), &format!("{}\"", "a".repeat(42)), &"ä".repeat(43)] {
            assert!(!is_ours(other), "{other}");
        }
    }
}
