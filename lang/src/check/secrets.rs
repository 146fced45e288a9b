//! Secrets that stand in the script as texts: keys of known services, tokens, passwords in addresses,
//! and values under names such as `client_secret`. What is said of one never repeats it.

use super::Checker;
use super::secret_shape::{is_key, is_password, kind_of};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::syntax::ast::{Arg, Expr, ExprKind, Ident};

/// Parts of names that say that the value is a key or token.
const KEYS: &[&str] = &[
    "clientsecret",
    "apikey",
    "apisecret",
    "secretkey",
    "accesskey",
    "privatekey",
    "accesstoken",
    "refreshtoken",
    "authtoken",
    "bearertoken",
    "webhooksecret",
    "signingsecret",
    "apitoken",
];
/// Whole names that say the same.
const WHOLE: &[&str] = &["secret", "token", "authorization", "xapikey"];
/// Parts of names that say that the value is a password.
const PASSWORDS: &[&str] = &["password", "passwd", "passphrase"];

/// What a name says of its value.
enum Says {
    Key,
    Password,
}

fn says(name: &str) -> Option<Says> {
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    if PASSWORDS.iter().any(|part| plain.contains(part)) || plain == "pwd" {
        return Some(Says::Password);
    }
    (KEYS.iter().any(|part| plain.contains(part)) || WHOLE.contains(&plain.as_str())).then_some(Says::Key)
}

impl<'a> Checker<'a> {
    /// Any text of the script.
    pub(super) fn literal(&mut self, expr: &'a Expr, value: &str) {
        if let Some(what) = self.env.thorough.then(|| kind_of(value)).flatten() {
            self.secret(expr, format!("{what} stands in the script"));
        }
    }

    /// `x = "…"` and `x.name = "…"`
    pub(super) fn variable_secret(&mut self, name: &'a Ident, value: &'a Expr) {
        self.under(&name.text, value);
    }

    /// `{"name": "…"}`
    pub(super) fn named_secret(&mut self, key: &'a Expr, value: &'a Expr) {
        if let ExprKind::Text { value: name, .. } = &key.kind {
            self.under(name, value);
        }
    }

    /// `map.put("name", "…")`
    pub(super) fn put_secret(&mut self, method: &'a Ident, args: &'a [Arg]) {
        if let [key, value] = args
            && method.is("put")
        {
            self.named_secret(&key.value, &value.value);
        }
    }

    fn under(&mut self, name: &str, value: &'a Expr) {
        let ExprKind::Text { value: text, .. } = &value.kind else { return };
        if !self.env.thorough || kind_of(text).is_some() {
            return;
        }
        let found = match says(name) {
            Some(Says::Key) => is_key(text),
            Some(Says::Password) => is_password(text),
            None => false,
        };
        if found {
            self.secret(value, format!("the value of `{name}` stands in the script"));
        }
    }

    fn secret(&mut self, expr: &Expr, message: String) {
        let told = |diagnostic: &Diagnostic| {
            diagnostic.code == codes::LITERAL_SECRET && diagnostic.span == expr.span
        };
        if self.found.iter().any(told) {
            return;
        }
        self.report(
            Diagnostic::warning(codes::LITERAL_SECRET, expr.span, message)
                .label("everyone who can read the script can use it")
                .help(
                    "keep it in a connector, which adds it to requests by itself: `invokeConnector(\"service.api\", data)`; \
                     or let the caller pass it as an input",
                )
                .note("it has been seen: change it at the service"),
        );
    }
}
