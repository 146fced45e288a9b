//! A mail as an Internet message (RFC 5322, RFC 2045).

use lettre::Message;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use sluis_engine::mail::{Mail, MailFile};
use sluis_model::error::{Failure, Reason};
use std::time::{Duration, UNIX_EPOCH};

/// Builds the message. `Bcc` is not written into it: those addresses stand in the envelope only.
pub fn build(mail: &Mail) -> Result<Message, Failure> {
    let mut builder = Message::builder().from(mailbox("from", &mail.from)?);
    if let Some(sender) = &mail.sender {
        builder = builder.sender(mailbox("sender", sender)?);
    }
    if !mail.subject.is_empty() {
        builder = builder.subject(mail.subject.as_str());
    }
    if let Some(id) = &mail.message_id {
        builder = builder.message_id(Some(id.clone()));
    }
    if let Some(seconds) = mail.sent_at {
        builder = builder.date(UNIX_EPOCH + Duration::from_secs(seconds));
    }
    for (name, value) in &mail.headers {
        let name = HeaderName::new_from_ascii(name.clone()).map_err(|_| {
            Failure::new(Reason::InvalidInput, format!("`{name}` is no name of a header of a mail"))
        })?;
        builder = builder.raw_header(HeaderValue::new(name, value.clone()));
    }
    for address in &mail.to {
        builder = builder.to(mailbox("to", address)?);
    }
    for address in &mail.cc {
        builder = builder.cc(mailbox("cc", address)?);
    }
    for address in &mail.bcc {
        builder = builder.bcc(mailbox("bcc", address)?);
    }
    for address in &mail.reply_to {
        builder = builder.reply_to(mailbox("reply to", address)?);
    }
    let files = || mail.attachments.iter().map(attachment);
    let mixed = MultiPart::mixed;
    let built = match (&mail.text, &mail.html) {
        (Some(text), Some(html)) => {
            let both = MultiPart::alternative_plain_html(text.clone(), html.clone());
            match mail.attachments.is_empty() {
                true => builder.multipart(both),
                false => builder.multipart(files().fold(mixed().multipart(both), MultiPart::singlepart)),
            }
        }
        (text, html) => {
            let part = match html {
                Some(html) => SinglePart::html(html.clone()),
                None => SinglePart::plain(text.clone().unwrap_or_default()),
            };
            match mail.attachments.is_empty() {
                true => builder.singlepart(part),
                false => builder.multipart(files().fold(mixed().singlepart(part), MultiPart::singlepart)),
            }
        }
    };
    built.map_err(|error| Failure::new(Reason::InvalidInput, format!("the mail cannot be written: {error}")))
}

fn mailbox(key: &str, address: &str) -> Result<Mailbox, Failure> {
    address.parse::<Mailbox>().map_err(|error| {
        let shown: String = address.chars().filter(|c| !c.is_control()).take(80).collect();
        Failure::new(Reason::InvalidInput, format!("`{shown}` in `{key}` is no mail address: {error}")).help(
            "write `ada@example.com` or `Ada Lovelace <ada@example.com>`; several with commas or as a list",
        )
    })
}

fn attachment(file: &MailFile) -> SinglePart {
    let octets = || ContentType::parse("application/octet-stream").unwrap_or(ContentType::TEXT_PLAIN);
    let content_type = file.media_type.as_deref().and_then(|text| ContentType::parse(text).ok());
    Attachment::new(file.name.clone()).body(file.content.to_vec(), content_type.unwrap_or_else(octets))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail() -> Mail {
        Mail {
            from: "Ada <ada@example.com>".into(),
            to: vec!["bob@example.com".into()],
            bcc: vec!["eve@example.com".into()],
            subject: "Grüße".into(),
            html: Some("<b>hello</b>".into()),
            ..Mail::default()
        }
    }

    #[test]
    fn hidden_recipients_stand_in_the_envelope_only() {
        let message = build(&mail()).unwrap();
        let text = String::from_utf8(message.formatted()).unwrap();
        assert!(!text.contains("eve@"), "{text}");
        assert_eq!(message.envelope().to().len(), 2);
        assert!(text.contains("Content-Type: text/html") && text.contains("Subject: =?utf-8?"), "{text}");
    }

    #[test]
    fn attachments_follow_the_text() {
        let mut mail = mail();
        let file = MailFile {
            name: "a\"b\r\nX: 1.txt".into(),
            media_type: Some("nonsense".into()),
            content: b"x".to_vec().into(),
        };
        mail.attachments.push(file);
        let text = String::from_utf8(build(&mail).unwrap().formatted()).unwrap();
        assert!(text.contains("multipart/mixed") && text.contains("application/octet-stream"), "{text}");
        assert!(!text.contains("\nX: 1"), "{text}");
    }

    #[test]
    fn what_is_no_address_is_named_with_its_key() {
        let error = build(&Mail { to: vec!["nobody".into()], ..mail() }).unwrap_err();
        assert!(error.message.contains("`nobody` in `to`"), "{error}");
    }
}
