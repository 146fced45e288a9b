//! The port through which mails leave. What sends them stands in `sluis-mail`.

use async_trait::async_trait;
use sluis_model::error::Failure;
use std::fmt;

/// A mail as a script wrote it, checked: no address or subject holds a line break.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Mail {
    /// Who sends it: `ada@example.com` or `Ada <ada@example.com>`.
    pub from: String,
    /// Recipients; at least one.
    pub to: Vec<String>,
    /// Recipients of a copy.
    pub cc: Vec<String>,
    /// Recipients whom the others do not see.
    pub bcc: Vec<String>,
    /// Where answers go.
    pub reply_to: Vec<String>,
    /// The subject, one line.
    pub subject: String,
    /// The text.
    pub message: String,
    /// Whether the text is HTML.
    pub html: bool,
    /// Files sent along.
    pub attachments: Vec<MailFile>,
}

impl fmt::Debug for Mail {
    /// How many go where; the content is the user's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail")
            .field("recipients", &(self.to.len() + self.cc.len() + self.bcc.len()))
            .field("bytes", &self.message.len())
            .field("attachments", &self.attachments.len())
            .finish()
    }
}

/// A file of a mail.
#[derive(Clone, PartialEq, Eq)]
pub struct MailFile {
    /// Its name.
    pub name: String,
    /// Its media type, if it is known.
    pub media_type: Option<String>,
    /// Its content.
    pub content: Vec<u8>,
}

/// What became of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Through which server, or into which file, as a URL without credentials.
    pub via: String,
    /// Status of the server's answer, such as 250.
    pub status: Option<u16>,
}

/// Sends mails.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Sends one. `Ok` means that a server has taken it on, not that it has arrived.
    async fn send(&self, mail: Mail) -> Result<Receipt, Failure>;
}
