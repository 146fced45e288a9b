//! Mails from templates and data. No value leaves its place: what would break a line of the header is
//! refused here, in words that name the input (RFC 5322 §2.2).

use crate::call_data::{GivenContent, GivenParts, Moment};
use crate::compile_mail::MailTemplate;
use crate::data::Data;
use crate::evaluate::Filled;
use crate::input_error::InputError;
use crate::multipart::FilePart;
use serde_json::Value;
use sluis_auth::{Mail, MailFile};
use sluis_model::template::{Expression, Template};
use std::fmt::Write as _;

/// Bytes of all texts and attachments together; what most servers take of a mail is 25 MB after their
/// encoding has made it a third larger.
const BYTES_AT_MOST: usize = 18 << 20;
/// Recipients of one mail.
const RECIPIENTS_AT_MOST: usize = 100;
/// Characters of a subject or another header.
const HEADER_AT_MOST: usize = 2_000;

pub(crate) fn fill_mail(
    data: &Data<'_>,
    template: &MailTemplate,
    given: Option<&GivenParts>,
) -> Result<Mail, InputError> {
    let from = one_address(data, "from", &template.from)?
        .ok_or_else(|| data.unfit("from", "has no value, and a mail has an author"))?;
    let sender = template.sender.as_ref().map(|sender| one_address(data, "sender", sender)).transpose()?;
    let content = |template: &Option<Template>| match template {
        Some(template) => data.text(template, |_| None),
        None => Ok(None),
    };
    let mut headers = Vec::new();
    for (name, template) in &template.headers {
        if let Some(value) = data.text(template, header_value)? {
            headers.push((name.clone(), value));
        }
    }
    let subject = template.subject.as_ref().map(|subject| data.text(subject, header_value)).transpose()?;
    let mut mail = Mail {
        sender: sender.flatten(),
        to: addresses(data, "to", &template.to)?,
        cc: addresses(data, "cc", &template.cc)?,
        bcc: addresses(data, "bcc", &template.bcc)?,
        reply_to: addresses(data, "reply_to", &template.reply_to)?,
        subject: subject.flatten().unwrap_or_default(),
        text: content(&template.text)?,
        html: content(&template.html)?,
        headers,
        attachments: attachments(data, &template.attachments, given)?,
        message_id: None,
        sent_at: u64::try_from(data.moment.now.0 / 1000).ok(),
        from,
    };
    mail.message_id = Some(message_id(mail.envelope_sender(), data.moment));
    check(data, &mail)?;
    Ok(mail)
}

fn check(data: &Data<'_>, mail: &Mail) -> Result<(), InputError> {
    match mail.recipients().count() {
        0 => return Err(data.unfit("to", "names nobody, and a mail has a recipient")),
        count if count > RECIPIENTS_AT_MOST => {
            let why = format!(
                "names {count} recipients together with cc and bcc; one mail has at most {RECIPIENTS_AT_MOST}"
            );
            return Err(data.unfit("to", &why));
        }
        _ => {}
    }
    if mail.text.is_none() && mail.html.is_none() && mail.attachments.is_empty() {
        return Err(data.unfit("text", "has no value, and neither has the HTML: the mail says nothing"));
    }
    if mail.bytes() > BYTES_AT_MOST {
        let why = format!("make a mail of {} bytes, and {BYTES_AT_MOST} are allowed", mail.bytes());
        return Err(data.unfit("attachments", &why));
    }
    Ok(())
}

fn header_value(text: &str) -> Option<&'static str> {
    if text.chars().any(char::is_control) {
        return Some("holds a line break or control character, which would begin another header");
    }
    (text.chars().count() > HEADER_AT_MOST).then_some("is longer than a header of a mail may be")
}

/// The only address of a field; nothing if it has no value.
fn one_address(data: &Data<'_>, field: &str, template: &Template) -> Result<Option<String>, InputError> {
    let mut found = addresses(data, field, std::slice::from_ref(template))?;
    match found.len() {
        0 | 1 => Ok(found.pop()),
        _ => Err(data.unfit(field, "holds several addresses, and is one")),
    }
}

/// The addresses of a field. A placeholder alone takes a list, too.
fn addresses(data: &Data<'_>, field: &str, templates: &[Template]) -> Result<Vec<String>, InputError> {
    let mut found = Vec::new();
    for template in templates {
        if let Some(slot) = template.sole_slot()
            && let Filled::Value(value) = data.fill(slot)
            && let Value::Array(items) = value.as_ref()
        {
            for item in items {
                let Some(text) = item.as_str() else {
                    return Err(
                        data.unfit(&slot.to_string(), "is a list of addresses, and one of them is no text")
                    );
                };
                take(data, &slot.to_string(), text, &mut found)?;
            }
            continue;
        }
        if let Some(text) = data.text(template, header_value)? {
            take(data, &name_of(template, field), &text, &mut found)?;
        }
    }
    Ok(found)
}

fn name_of(template: &Template, field: &str) -> String {
    template.slots().next().map_or_else(|| field.to_owned(), Expression::to_string)
}

fn take(data: &Data<'_>, name: &str, text: &str, found: &mut Vec<String>) -> Result<(), InputError> {
    if let Some(why) = header_value(text) {
        return Err(data.unfit(name, why));
    }
    let all = split_addresses(text);
    if let Some(odd) = all.iter().find(|address| !looks_like_address(address)) {
        let shown: String = odd.chars().take(80).collect();
        return Err(data.unfit(name, &format!("holds `{shown}`, which is no mail address: ada@example.com")));
    }
    found.extend(all);
    Ok(())
}

/// Whether somebody and a host stand around an `@`. What exactly an address is, is told by who sends it.
fn looks_like_address(written: &str) -> bool {
    let address = sluis_auth::bare_address(written);
    let parts = address.rsplit_once('@');
    parts.is_some_and(|(user, host)| {
        !user.is_empty() && !host.is_empty() && !host.contains(char::is_whitespace)
    })
}

/// Cuts at commas and semicolons outside of quotes and brackets.
pub fn split_addresses(text: &str) -> Vec<String> {
    let (mut found, mut address) = (Vec::new(), String::new());
    let (mut quoted, mut bracketed, mut escaped) = (false, false, false);
    for c in text.chars() {
        match c {
            _ if std::mem::take(&mut escaped) => {}
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '<' if !quoted => bracketed = true,
            '>' if !quoted => bracketed = false,
            _ => {}
        }
        if matches!(c, ',' | ';') && !quoted && !bracketed {
            found.push(std::mem::take(&mut address));
        } else {
            address.push(c);
        }
    }
    found.push(address);
    found.iter_mut().for_each(|address| *address = address.trim_matches(' ').to_owned());
    found.retain(|address| !address.is_empty());
    found
}

fn attachments(
    data: &Data<'_>,
    templates: &[Template],
    given: Option<&GivenParts>,
) -> Result<Vec<MailFile>, InputError> {
    let mut all = Vec::new();
    for slot in templates.iter().filter_map(Template::sole_slot) {
        match data.fill(slot) {
            Filled::Files(files) => all.extend(files.iter().map(of_file)),
            Filled::Value(value) if value.is_null() => {}
            Filled::Value(value) if value.as_array().is_some_and(Vec::is_empty) => {}
            Filled::Value(_) => {
                return Err(data.unfit(&slot.to_string(), "must be a file, or a list of files"));
            }
        }
    }
    for part in given.iter().flat_map(|given| &given.parts) {
        match &part.content {
            GivenContent::File(file, _) => all.push(of_file(file)),
            GivenContent::Text(_) | GivenContent::Json(_) => {
                return Err(data.unfit(
                    "PARTS",
                    "holds a part that is no file; the parts of a mail are its attachments",
                ));
            }
        }
    }
    if let Some(odd) = all.iter().find(|file| file.name.chars().any(char::is_control)) {
        let shown: String = odd.name.chars().filter(|c| !c.is_control()).take(60).collect();
        let why = format!("has a file `{shown}` whose name holds a line break or control character");
        return Err(data.unfit("attachments", &why));
    }
    Ok(all)
}

fn of_file(file: &FilePart) -> MailFile {
    MailFile { name: file.name.clone(), media_type: file.media_type.clone(), content: file.content.clone() }
}

/// An id that nobody else makes, at the host of who sends (RFC 5322 §3.6.4).
fn message_id(sender: &str, moment: Moment<'_>) -> String {
    let mut drawn = [0_u8; 16];
    moment.randomness.fill(&mut drawn);
    let left = drawn.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    });
    let host = sender.rsplit_once('@').map(|(_, host)| host).filter(|host| host.is_ascii());
    format!("<{left}@{}>", host.unwrap_or("localhost"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_cut_at_commas_outside_of_names() {
        let cut = split_addresses("\"Lovelace, \\\"A, B\\\" Ada\" <a@x.example>, b@x.example;c@x.example , ");
        assert_eq!(cut, ["\"Lovelace, \\\"A, B\\\" Ada\" <a@x.example>", "b@x.example", "c@x.example"]);
        assert_eq!(split_addresses(" , "), Vec::<String>::new());
    }

    #[test]
    fn an_address_has_somebody_and_a_host() {
        for good in ["a@x.example", "Ada <a@x.example>", "\"a b\"@x.example", "ü@bücher.example"] {
            assert!(looks_like_address(good), "{good}");
        }
        for bad in ["nobody", "@x", "a@", "Ada <a>", "a@x y", "<>"] {
            assert!(!looks_like_address(bad), "{bad}");
        }
    }
}
