//! A mail as a value, and what else a mail server may be asked for. Sending is the business of
//! `invoke` and `sluis-mail`.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::sync::Arc;

/// What a mail server is asked for (RFC 5321).
#[derive(Clone, Debug)]
pub enum MailRequest {
    /// To take a mail on.
    Send(Arc<Mail>),
    /// Whether it lets the connection's account in; nothing is sent.
    SignIn {
        /// The mailbox that a token is for; a user name needs none.
        mailbox: String,
    },
}

impl MailRequest {
    /// The mail, if it is one.
    pub fn mail(&self) -> Option<&Mail> {
        match self {
            Self::Send(mail) => Some(mail),
            Self::SignIn { .. } => None,
        }
    }

    /// The mailbox that a token signs in for.
    pub fn mailbox(&self) -> &str {
        match self {
            Self::Send(mail) => mail.envelope_sender(),
            Self::SignIn { mailbox } => mailbox,
        }
    }

    /// Everything that makes it another request, as JSON, files in Base64: what a request has as its body.
    /// `Message-ID` and date are not among it, they are new each time.
    pub fn content(&self) -> Vec<u8> {
        let Self::Send(mail) = self else { return self.mailbox().as_bytes().to_vec() };
        let lasting = Mail { message_id: None, sent_at: None, ..Mail::clone(mail) };
        serde_json::to_vec(&lasting).unwrap_or_default()
    }
}

/// A mail, checked: no address, header or subject holds a line break.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mail {
    /// Who writes it: `ada@example.com` or `Ada <ada@example.com>`.
    pub from: String,
    /// Who hands it in, where that is somebody else; what cannot be delivered comes back to them
    /// (RFC 5322 §3.6.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// Recipients.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<String>,
    /// Recipients of a copy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cc: Vec<String>,
    /// Recipients whom the others do not see.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bcc: Vec<String>,
    /// Where answers go.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reply_to: Vec<String>,
    /// The subject, one line.
    pub subject: String,
    /// What it says, as plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What it says, as HTML; with a text beside it, readers choose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// Further headers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// Files sent along.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<MailFile>,
    /// Its `Message-ID`, angle brackets included; one is made if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// Its date, in seconds since 1970; that of sending if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<u64>,
}

impl Mail {
    /// Everybody it goes to, seen or not, as they are written.
    pub fn recipients(&self) -> impl Iterator<Item = &str> {
        self.to.iter().chain(&self.cc).chain(&self.bcc).map(String::as_str)
    }

    /// The address that the server is told as its sender, without a name.
    pub fn envelope_sender(&self) -> &str {
        bare_address(self.sender.as_deref().unwrap_or(&self.from))
    }

    /// Bytes of its texts and files.
    pub fn bytes(&self) -> usize {
        let texts = self.text.iter().chain(&self.html).map(String::len).sum::<usize>();
        texts + self.attachments.iter().map(|file| file.content.len()).sum::<usize>()
    }
}

/// `ada@example.com` of `Ada <ada@example.com>`.
pub fn bare_address(written: &str) -> &str {
    let inner = written.rsplit_once('<').and_then(|(_, rest)| rest.split('>').next());
    inner.unwrap_or(written).trim()
}

impl fmt::Debug for Mail {
    /// How many go where; the content is the user's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail")
            .field("recipients", &self.recipients().count())
            .field("bytes", &self.bytes())
            .field("attachments", &self.attachments.len())
            .finish()
    }
}

/// A file of a mail.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailFile {
    /// Its name.
    pub name: String,
    /// Its media type, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Its content; Base64 where it is written down.
    #[serde(serialize_with = "encoded", deserialize_with = "decoded")]
    pub content: Bytes,
}

impl fmt::Debug for MailFile {
    /// How large it is; name and content are the user's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailFile").field("bytes", &self.content.len()).finish()
    }
}

fn encoded<S: Serializer>(content: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&BASE64_STANDARD.encode(content))
}

fn decoded<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
    let text = String::deserialize(deserializer)?;
    BASE64_STANDARD.decode(text).map(Bytes::from).map_err(de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_written_down_and_read_again_without_what_is_new_each_time() {
        let file =
            MailFile { name: "a.bin".into(), media_type: None, content: Bytes::from_static(b"\0\xff") };
        let mail = Mail {
            from: "Ada <ada@example.com>".into(),
            bcc: vec!["eve@example.com".into()],
            attachments: vec![file],
            ..Mail::default()
        };
        let sent = Mail { message_id: Some("<1@x>".into()), sent_at: Some(7), ..mail.clone() };
        let content = MailRequest::Send(Arc::new(sent)).content();
        assert_eq!(serde_json::from_slice::<Mail>(&content).unwrap(), mail);
        assert!(!format!("{mail:?}").contains("eve@"));
    }

    #[test]
    fn the_sender_of_the_envelope_is_who_hands_the_mail_in() {
        let mail = Mail { from: "\"<x>\" <ada@example.com>".into(), ..Mail::default() };
        assert_eq!(mail.envelope_sender(), "ada@example.com");
        let handed = Mail { sender: Some("desk@example.com".into()), ..mail };
        assert_eq!(handed.envelope_sender(), "desk@example.com");
    }
}
