//! A mail that an API sends, as its author writes it (RFC 5322): `body: { mail: … }`.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A mail with placeholders. What has no value is left out.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailBody {
    /// Who writes it: one address, alone or with a name.
    pub from: String,
    /// Who hands it in, where that is somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// Recipients.
    pub to: Texts,
    /// Recipients of a copy.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub cc: Texts,
    /// Recipients whom the others do not see.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub bcc: Texts,
    /// Where answers go.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub reply_to: Texts,
    /// The subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// What it says, as plain text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What it says, as HTML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// Further headers by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Files sent along; each text is one placeholder, which takes a file or several.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub attachments: Texts,
}

/// A text, or a list of texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Texts {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl Texts {
    /// The texts.
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Several(texts) => texts,
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }
}

impl Default for Texts {
    fn default() -> Self {
        Self::Several(Vec::new())
    }
}

/// Headers of a mail that are written by fields of their own or by whoever sends it, in lower case.
const OURS: &[&str] = &[
    "from",
    "sender",
    "to",
    "cc",
    "bcc",
    "reply-to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "return-path",
    "received",
];

/// Why a header may not stand under `headers` of a mail; nothing if it may (RFC 5322 §2.2).
pub fn header_fault(name: &str) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':') {
        return Some(format!("`{name}` is no name of a header: letters, digits and hyphens"));
    }
    if OURS.contains(&lower.as_str()) || lower.starts_with("content-") || lower.starts_with("resent-") {
        return Some(format!("the header `{name}` of a mail is written by itself"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_that_have_a_field_or_a_meaning_of_their_own_are_refused() {
        for name in ["Subject", "BCC", "content-type", "Resent-To", "Message-ID", "X Y", "", "X:", "Ä"] {
            assert!(header_fault(name).is_some(), "{name}");
        }
        for name in ["X-Campaign", "List-Unsubscribe", "In-Reply-To", "Auto-Submitted"] {
            assert_eq!(header_fault(name), None, "{name}");
        }
    }

    #[test]
    fn one_recipient_needs_no_list() {
        let body: MailBody =
            serde_json::from_str(r#"{"from": "a@x.example", "to": "${to}", "cc": ["b@x.example"]}"#).unwrap();
        assert_eq!(
            (body.to.as_slice(), body.cc.as_slice()),
            (&["${to}".to_owned()][..], &["b@x.example".to_owned()][..])
        );
        assert!(body.bcc.is_empty());
        let written = serde_json::to_value(&body).unwrap();
        assert_eq!(written, serde_json::json!({"from": "a@x.example", "to": "${to}", "cc": ["b@x.example"]}));
    }
}
