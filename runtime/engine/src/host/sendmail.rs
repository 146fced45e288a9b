//! `sendmail [ from: … to: … subject: … message: … ]`: reads and checks; the mailer sends.

use super::{HostContext, files};
use crate::mail::{Mail, MailFile};
use sluis_invoke::split_addresses;
use sluis_lang::value::data::{Data, kind};
use sluis_lang::value::file::File;
use sluis_model::error::{Failure, Reason};
use sluis_model::run::CallRecord;

/// Bytes of all attachments together.
const ATTACHED_AT_MOST: usize = 15 << 20;
/// Addresses of one mail.
const RECIPIENTS_AT_MOST: usize = 100;
/// Characters of a subject.
const SUBJECT_AT_MOST: usize = 1_000;

const EXAMPLE: &str =
    "sendmail [ from: zoho.adminuserid to: \"ada@example.com\" subject: \"…\" message: \"…\" ]";

/// Sends the mail; null.
pub async fn call(context: &mut HostContext<'_>, args: &[Data]) -> Result<Data, Failure> {
    let task = args.first().cloned().unwrap_or_default();
    let mail = read(&task)?;
    let Some(mailer) = context.engine.mailer() else { return Err(not_configured()) };
    let at = context.engine.now();
    let sent = mailer.send(mail).await?;
    let record = CallRecord {
        api: "sendmail".to_owned(),
        method: "SEND".to_owned(),
        url: sent.via,
        status: sent.status,
        millis: context.engine.now().0.saturating_sub(at.0).try_into().unwrap_or_default(),
        at,
        note: None,
        wire: Default::default(),
    };
    let wire = format!("a mail was handed over to {}", record.url);
    context.record(record, &wire);
    Ok(Data::Null)
}

fn not_configured() -> Failure {
    Failure::new(Reason::MailNotConfigured, "no mail server is configured here").help(
        "the operator sets SLUIS_SMTP_URL=smtp://user:password@mail.example.com:587; to try a script without sending, \
         run it with `sluis run --mail-dir DIR`, which writes each mail into a file",
    )
}

fn read(task: &Data) -> Result<Mail, Failure> {
    let html = match text(task, "content type").map(|word| word.to_ascii_uppercase()).as_deref() {
        None | Some("" | "HTML") => true,
        Some("TEXT") => false,
        Some(_) => {
            return Err(refuse("`content type` of sendmail is HTML or TEXT", "write `content type: HTML`"));
        }
    };
    let content = text(task, "message").unwrap_or_default();
    let (text, html) = if html { (None, Some(content)) } else { (Some(content), None) };
    let mail = Mail {
        from: match addresses(task, "from")?.as_slice() {
            [one] => one.clone(),
            [] => return Err(missing("from")),
            _ => return Err(refuse("`from` of sendmail is one address", EXAMPLE)),
        },
        to: addresses(task, "to")?,
        cc: addresses(task, "cc")?,
        bcc: addresses(task, "bcc")?,
        reply_to: addresses(task, "reply to")?,
        subject: subject(task)?,
        text,
        html,
        attachments: attachments(task)?,
        ..Mail::default()
    };
    if mail.to.is_empty() {
        return Err(missing("to"));
    }
    if mail.to.len() + mail.cc.len() + mail.bcc.len() > RECIPIENTS_AT_MOST {
        return Err(refuse(
            format!("a mail goes to {RECIPIENTS_AT_MOST} addresses at most"),
            "send several mails",
        ));
    }
    Ok(mail)
}

/// The text of an entry, if it has one.
fn text(task: &Data, key: &str) -> Option<String> {
    match task.get(key)? {
        Data::Null => None,
        Data::Text(text) => Some(text.clone()),
        other => Some(other.to_json()),
    }
}

fn subject(task: &Data) -> Result<String, Failure> {
    let subject = text(task, "subject").ok_or_else(|| missing("subject"))?;
    if subject.chars().any(char::is_control) {
        return Err(refuse(
            "`subject` of sendmail holds a line break or control character",
            "a subject is one line: `subject.replaceAll(\"\\n\", \" \", true)`",
        ));
    }
    if subject.chars().count() > SUBJECT_AT_MOST {
        return Err(refuse(
            "`subject` of sendmail is longer than 1000 characters",
            "put the rest into `message`",
        ));
    }
    Ok(subject)
}

/// One address, several with commas between them, or a list.
fn addresses(task: &Data, key: &str) -> Result<Vec<String>, Failure> {
    let mut found = Vec::new();
    match task.get(key) {
        None | Some(Data::Null) => {}
        Some(Data::Text(text)) => found.extend(split_addresses(text)),
        Some(Data::List(items)) => {
            for item in items {
                match item {
                    Data::Text(text) => found.extend(split_addresses(text)),
                    other => return Err(not_an_address(key, other)),
                }
            }
        }
        Some(other) => return Err(not_an_address(key, other)),
    }
    if found.iter().any(|address| address.chars().any(char::is_control)) {
        return Err(refuse(
            format!("`{key}` of sendmail holds a line break or control character"),
            "several addresses are separated by commas, or stand in a list",
        ));
    }
    Ok(found)
}

fn not_an_address(key: &str, given: &Data) -> Failure {
    refuse(format!("`{key}` of sendmail is a text or a list of texts, not {}", kind(given).name()), EXAMPLE)
}

fn attachments(task: &Data) -> Result<Vec<MailFile>, Failure> {
    let items: &[Data] = match task.get("attachments") {
        None | Some(Data::Null) => &[],
        Some(Data::List(items)) => items,
        Some(one) => std::slice::from_ref(one),
    };
    let mut all = Vec::new();
    for item in items {
        all.extend(files::of(item, "Attachments of sendmail")?);
    }
    let bytes: usize = all.iter().map(|file| file.bytes.len()).sum();
    if bytes > ATTACHED_AT_MOST {
        return Err(Failure::new(
            Reason::TooLarge,
            format!("the attachments have {bytes} bytes; a mail takes {ATTACHED_AT_MOST}"),
        )
        .help("put the files elsewhere and send a link"));
    }
    let file = |file: &File| MailFile {
        name: file.name.clone(),
        media_type: Some(file.content_type.clone()),
        content: file.bytes.to_vec().into(),
    };
    Ok(all.into_iter().map(file).collect())
}

fn missing(key: &str) -> Failure {
    refuse(format!("`{key}` of sendmail has no value"), EXAMPLE)
}

fn refuse(message: impl Into<String>, help: &str) -> Failure {
    Failure::new(Reason::InvalidInput, message).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(more: &[(&str, Data)]) -> Data {
        let mut entries =
            vec![("from", Data::from("a@x.example")), ("to", "b@x.example".into()), ("subject", "s".into())];
        entries.retain(|(key, _)| !more.iter().any(|(other, _)| key == other));
        entries.extend_from_slice(more);
        Data::map(entries)
    }

    #[test]
    fn addresses_are_cut_at_commas_outside_of_names() {
        let list = Data::List(vec!["c@x.example; d@x.example".into(), "".into()]);
        let mail =
            read(&task(&[("to", "\"Lovelace, Ada\" <a@x.example>, b@x.example".into()), ("cc", list)]))
                .unwrap();
        assert_eq!(mail.to, ["\"Lovelace, Ada\" <a@x.example>", "b@x.example"]);
        assert_eq!(mail.cc, ["c@x.example", "d@x.example"]);
        assert!(mail.html.is_some() && mail.text.is_none());
    }

    #[test]
    fn a_line_break_in_a_header_is_refused() {
        for (key, value) in [
            ("to", "b@x.example\r\nBcc: all@x.example"),
            ("from", "a@x.example\nX: 1"),
            ("cc", "b@x.example\0"),
            ("bcc", "b@x.example\r"),
            ("reply to", "b@x.example\n"),
            ("subject", "hello\r\nBcc: all@x.example"),
        ] {
            let error = read(&task(&[(key, value.into())])).unwrap_err();
            assert_eq!(error.reason, Reason::InvalidInput, "{key}");
            assert!(error.message.contains(key) && !error.message.contains("all@"), "{error}");
        }
    }

    #[test]
    fn what_must_be_there_is_named() {
        for key in ["from", "to", "subject"] {
            for nothing in [Data::Null, if key == "subject" { Data::Null } else { Data::from(" , ") }] {
                let error = read(&task(&[(key, nothing)])).unwrap_err();
                assert!(error.message.contains(&format!("`{key}`")), "{error}");
            }
        }
        let crowd = vec!["a@x.example"; 101].join(",");
        assert!(read(&task(&[("bcc", crowd.into())])).is_err());
        assert!(read(&task(&[("content type", "RTF".into())])).is_err());
        assert!(read(&task(&[("content type", "text".into())])).unwrap().html.is_none());
    }
}
