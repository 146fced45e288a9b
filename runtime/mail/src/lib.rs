//! Sends what `sendmail` writes. The engine knows a [`Mailer`](sluis_engine::mail::Mailer) only;
//! here are the two there are: [`smtp`], which the operator configures, and [`folder`], which writes
//! messages as files for an author who tries a script. [`message`] builds what both of them send.
//!
//! **Invariant:** the password of the mail server is a secret: no error, log or Debug print holds it.

pub mod folder;
mod message;
pub mod smtp;

pub use folder::MailFolder;
pub use smtp::{SmtpConfigError, SmtpMailer};
