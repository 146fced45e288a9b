//! Identifiers, each a type of its own. Generated ones carry a prefix (`con_`, `run_`) and 128
//! random bits, so that one kind cannot be taken for another in a log or a URL.

use crate::ports::Randomness;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {what}: {why}")]
pub struct IdError {
    /// The text given, shortened.
    pub text: String,
    /// What was wanted, with its article: `a connector namespace`.
    pub what: &'static str,
    /// The rule that it breaks.
    pub why: &'static str,
}

fn refuse(text: &str, what: &'static str, why: &'static str) -> IdError {
    IdError { text: text.chars().take(80).collect(), what, why }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                let check: fn(&str) -> Result<(), IdError> = $check;
                check(text)?;
                Ok(Self(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    };
}

macro_rules! random_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        text_id!($(#[$doc])* $name, |text| check_random(text, $prefix, concat!("an id of the form ", $prefix, "…")));

        impl $name {
            /// A new identifier.
            pub fn generate(randomness: &dyn Randomness) -> Self {
                Self(random_text($prefix, randomness))
            }
        }
    };
}

/// Lower-case base 32 (Crockford), 26 characters for 128 bits.
fn random_text(prefix: &str, randomness: &dyn Randomness) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut bytes = [0u8; 16];
    randomness.fill(&mut bytes);
    let mut bits = u128::from_be_bytes(bytes);
    let mut text = [0u8; 26];
    for place in text.iter_mut().rev() {
        *place = ALPHABET[(bits & 31) as usize];
        bits >>= 5;
    }
    let mut id = prefix.to_owned();
    id.extend(text.iter().map(|byte| char::from(*byte)));
    id
}

fn check_random(text: &str, prefix: &str, what: &'static str) -> Result<(), IdError> {
    let rest = text.strip_prefix(prefix).ok_or_else(|| refuse(text, what, "the prefix is missing"))?;
    if rest.len() == 26 && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
        Ok(())
    } else {
        Err(refuse(text, what, "26 lower-case letters and digits must follow the prefix"))
    }
}

fn check_segment(text: &str, what: &'static str) -> Result<(), IdError> {
    let mut bytes = text.bytes();
    let starts = bytes.next().is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_uppercase());
    if !starts || !bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Err(refuse(text, what, "it must start with a letter and hold letters, digits and _ only"));
    }
    if text.len() > 64 {
        return Err(refuse(text, what, "at most 64 characters"));
    }
    Ok(())
}

text_id! {
    /// A subscriber organisation: lower-case letters, digits and hyphens.
    OrgId, |text| {
        let inner = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if text.is_empty() || text.len() > 64 || !inner || text.starts_with('-') || text.ends_with('-') {
            return Err(refuse(text, "an organisation id", "use 1 to 64 lower-case letters, digits and inner hyphens"));
        }
        Ok(())
    }
}

text_id! {
    /// Namespace of a connector: `gcontacts`.
    Namespace, |text| check_segment(text, "a connector namespace")
}

text_id! {
    /// Full id of an API, two or three segments: `gcontacts.pushcontact`, `ex10.files.upload`.
    ApiId, |text| {
        let segments: Vec<&str> = text.split('.').collect();
        if !(2..=3).contains(&segments.len()) {
            return Err(refuse(text, "an API id", "it has two or three segments, `namespace.api` or `namespace.group.api`"));
        }
        segments.iter().try_for_each(|segment| check_segment(segment, "an API id"))
    }
}

impl ApiId {
    /// Builds the id from a namespace and the key of the API in the connector file (`api` or
    /// `group.api`).
    pub fn of(namespace: &Namespace, api: &str) -> Result<Self, IdError> {
        format!("{namespace}.{api}").parse()
    }

    /// The connector's namespace.
    pub fn namespace(&self) -> Namespace {
        Namespace(self.0.split('.').next().unwrap_or_default().to_owned())
    }

    /// What follows the namespace: `pushcontact`, `files.upload`.
    pub fn api(&self) -> &str {
        self.0.split_once('.').map_or("", |(_, api)| api)
    }
}

text_id! {
    /// Name under which a script is stored: dotted identifiers.
    FunctionName, |text| {
        if text.is_empty() || text.split('.').count() > 4 {
            return Err(refuse(text, "a function name", "use one to four names joined by dots"));
        }
        text.split('.').try_for_each(|segment| check_segment(segment, "a function name"))
    }
}

text_id! {
    /// Name of a trigger of an org: lower-case letters, digits, _ and -.
    TriggerName, |text| {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
        if text.is_empty() || text.len() > 64 || !text.bytes().all(plain) {
            return Err(refuse(text, "a trigger name", "use 1 to 64 lower-case letters, digits, _ and -"));
        }
        Ok(())
    }
}

text_id! {
    /// Name of one of several connections of a connector: lower-case letters, digits, _ and -.
    ConnectionName, |text| {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
        if text.is_empty() || text.len() > 64 || !text.bytes().all(plain) {
            return Err(refuse(text, "a connection name", "use 1 to 64 lower-case letters, digits, _ and -"));
        }
        Ok(())
    }
}

impl ConnectionName {
    /// The connection that is meant when none is named.
    pub fn main() -> Self {
        Self("main".to_owned())
    }

    /// Whether it is the one that is meant when none is named.
    pub fn is_main(&self) -> bool {
        self.0 == "main"
    }
}

impl Default for ConnectionName {
    fn default() -> Self {
        Self::main()
    }
}

text_id! {
    /// A user of an org, by e-mail address or login name.
    UserId, |text| {
        let bad = |c: char| c.is_control() || c.is_whitespace() || "/~!".contains(c);
        if text.is_empty() || text.len() > 254 || text.contains(bad) {
            return Err(refuse(text, "a user", "use 1 to 254 characters, without spaces, /, ~ and !"));
        }
        Ok(())
    }
}

random_id! {
    /// One org's authorization of a connector.
    ConnectionId, "con_"
}
random_id! {
    /// One attempt to get a person's consent.
    GrantId, "grn_"
}
random_id! {
    /// One authorization on its way out: what is still to be told to its provider.
    OutboxId, "out_"
}
random_id! {
    /// One call that was accepted for somebody who is told of its outcome later.
    AcceptedId, "acc_"
}
random_id! {
    /// One call that a script has handed over and does not wait for.
    DeliveryId, "dlv_"
}
random_id! {
    /// One execution of a script.
    RunId, "run_"
}
random_id! {
    /// One request that came in; shown in errors and logs.
    RequestId, "req_"
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;
    impl Randomness for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            for (at, byte) in buffer.iter_mut().enumerate() {
                *byte = at as u8 * 17;
            }
        }
    }

    #[test]
    fn a_generated_id_is_accepted_again() {
        let id = ConnectionId::generate(&Counting);
        assert!(id.as_str().starts_with("con_"));
        assert_eq!(id.as_str().parse::<ConnectionId>(), Ok(id.clone()));
        assert!(id.as_str().parse::<RunId>().is_err());
    }

    #[test]
    fn an_api_id_has_two_or_three_segments() {
        let id: ApiId = "ex10.testconnector.uploadfile".parse().unwrap();
        assert_eq!(id.namespace().as_str(), "ex10");
        assert_eq!(id.api(), "testconnector.uploadfile");
        assert!("gcontacts".parse::<ApiId>().is_err());
        assert!("a.b.c.d".parse::<ApiId>().is_err());
        assert!("a.b/../c".parse::<ApiId>().is_err());
    }
}
