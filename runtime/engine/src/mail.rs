//! The port through which mails leave. What sends them stands in `sluis-mail`.

use async_trait::async_trait;
pub use sluis_auth::{Mail, MailFile, MailRequest};
use sluis_model::error::Failure;

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
