//! Sends mails. Those of `sendmail` leave through a [`Mailer`](sluis_engine::mail::Mailer), of which there are two:
//! [`smtp`], which the operator configures, and [`folder`], which writes messages as files for an author who
//! tries a script. Those of connectors leave through a [`MailPort`](sluis_invoke::MailPort), which is
//! [`conversation`] (over [`line_by_line`]): it goes where the egress policy has let it. [`message`] builds
//! what all of them send.
//!
//! **Invariant:** the password of a mail server is a secret: no error, log or Debug print holds it.
//!
//! **Invariant:** a connector's credential and mail are not sent unencrypted, but to this machine.

pub mod conversation;
pub mod folder;
mod line_by_line;
mod message;
pub mod smtp;

pub use conversation::{AuthorityError, SmtpConversations};
pub use folder::MailFolder;
pub use smtp::{SmtpConfigError, SmtpMailer};
