//! The two cookies that a browser is given: by one it is known while somebody authorizes a connector,
//! by the other somebody is signed in. Each holds 256 random bits and nothing else, is out of reach of
//! scripts, and is not sent along when another site makes the browser ask (`SameSite=Lax` lets through
//! what a person follows, such as the way back from a provider).

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue};
use sluis_engine::Engine;
use sluis_model::secret::SecretText;

/// One of the cookies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cookie {
    /// Behind TLS: the prefix makes browsers insist on `Secure`, `Path=/` and no `Domain`.
    secure: &'static str,
    /// Without TLS, which is good for this machine only.
    plain: &'static str,
}

/// The same browser as before.
pub const BROWSER: Cookie = Cookie { secure: "__Host-sluis", plain: "sluis_browser" };
/// Somebody who is signed in.
pub const SESSION: Cookie = Cookie { secure: "__Host-sluis-session", plain: "sluis_session" };

/// Length of 256 bits in base64url.
const LENGTH: usize = 43;

impl Cookie {
    fn name(self, engine: &Engine) -> &'static str {
        if engine.public_url().scheme() == "https" { self.secure } else { self.plain }
    }

    /// The browser's value, if it sent one that can be ours.
    pub fn of(self, engine: &Engine, headers: &HeaderMap) -> Option<SecretText> {
        let name = self.name(engine);
        let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
        lines
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(key, value)| *key == name && is_ours(value))
            .map(|(_, value)| value.into())
    }

    /// The header that gives a browser a value, until it is closed.
    pub fn set(self, engine: &Engine, value: &SecretText) -> (HeaderName, HeaderValue) {
        self.line(engine, value.expose(), "")
    }

    /// The header that takes it away.
    pub fn clear(self, engine: &Engine) -> (HeaderName, HeaderValue) {
        self.line(engine, "", "; Max-Age=0")
    }

    fn line(self, engine: &Engine, value: &str, more: &str) -> (HeaderName, HeaderValue) {
        let name = self.name(engine);
        let secure = if name == self.secure { "; Secure" } else { "" };
        let line = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{more}");
        // Name and value are ASCII without control characters, so they always fit a header.
        let mut line = HeaderValue::from_str(&line).unwrap_or_else(|_| HeaderValue::from_static(""));
        line.set_sensitive(true);
        (SET_COOKIE, line)
    }
}

fn is_ours(value: &str) -> bool {
    value.len() == LENGTH && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
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
