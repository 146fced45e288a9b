//! Mails as files, for an author who tries a script: nothing is sent.

use crate::message;
use async_trait::async_trait;
use sluis_engine::mail::{Mail, Mailer, Receipt};
use sluis_model::error::{Failure, Reason};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Writes each mail as `mail-0001.eml` and so on into a folder.
#[derive(Debug, Clone)]
pub struct MailFolder {
    folder: PathBuf,
}

/// Files in one folder; more is a loop that went wrong.
const FILES_AT_MOST: u32 = 9_999;

impl MailFolder {
    /// A mailer into this folder, which is made with the first mail.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }
}

#[async_trait]
impl Mailer for MailFolder {
    async fn send(&self, mail: Mail) -> Result<Receipt, Failure> {
        let text = message::build(&mail)?.formatted();
        let folder = self.folder.clone();
        let written = tokio::task::spawn_blocking(move || write(&folder, &text)).await;
        match written {
            Ok(Ok(path)) => Ok(Receipt { via: format!("file:{}", path.display()), status: None }),
            Ok(Err(error)) => {
                Err(Failure::new(Reason::Internal, format!("the mail cannot be written: {error}"))
                    .help(format!("check the folder {}", self.folder.display())))
            }
            Err(_) => Err(Failure::new(Reason::Internal, "the mail could not be written")),
        }
    }
}

fn write(folder: &Path, text: &[u8]) -> std::io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    for number in 1..=FILES_AT_MOST {
        let path = folder.join(format!("mail-{number:04}.eml"));
        match std::fs::OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => return file.write_all(text).map(|()| path),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(std::io::Error::other("the folder is full of mails"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_mail_is_a_file_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let mailer = MailFolder::new(folder.path().join("mails"));
        let mail = Mail {
            from: "a@example.com".into(),
            to: vec!["b@example.com".into()],
            subject: "s".into(),
            text: Some("m".into()),
            ..Mail::default()
        };
        let first = mailer.send(mail.clone()).await.unwrap();
        let second = mailer.send(mail).await.unwrap();
        assert!(first.via.ends_with("mail-0001.eml") && second.via.ends_with("mail-0002.eml"));
        let text = std::fs::read_to_string(folder.path().join("mails/mail-0002.eml")).unwrap();
        assert!(text.contains("Subject: s") && text.contains("To: b@example.com"), "{text}");
    }
}
