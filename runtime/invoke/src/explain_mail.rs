//! A mail as people read it: the conversation with the server and the mail as it is written, and as a
//! curl command. Credentials are starred in both.

use crate::explain::{BODY_AT_MOST, quoted};
use crate::mail_server::MailServer;
use crate::request::OutgoingRequest;
use http::header::AUTHORIZATION;
use sluis_auth::{Mail, MailFile, MailRequest, bare_address};

/// What would be said to the server. The text of each part is that of the mail, before it is encoded.
pub(crate) fn explain(request: &OutgoingRequest, mail: &MailRequest) -> String {
    let server = MailServer::of(&request.url);
    let from_start = server.as_ref().is_some_and(|server| server.tls_from_start);
    let shown = server.map_or_else(|| request.url.to_string(), |server| server.to_string());
    let how = if from_start { "TLS from the start" } else { "STARTTLS" };
    let mut told = format!("SMTP {shown}, {how}\n");
    if let Some(way) = sign_in(request) {
        told.push_str(&match way {
            SignIn::Password => "AUTH with user and password ***\n".to_owned(),
            SignIn::Token => format!("AUTH XOAUTH2 for {} ***\n", mail.mailbox()),
        });
    }
    let MailRequest::Send(mail) = mail else { return told + "NOOP\n" };
    told.push_str(&format!("MAIL FROM:<{}>\n", mail.envelope_sender()));
    for recipient in mail.recipients() {
        told.push_str(&format!("RCPT TO:<{}>\n", bare_address(recipient)));
    }
    told.push_str(&format!("DATA ({} bytes before encoding)\n", mail.bytes()));
    for (name, value) in headers(mail) {
        told.push_str(&format!("{name}: {value}\n"));
    }
    for (kind, text) in texts(mail) {
        told.push_str(&format!("\n[{kind}, {} bytes]\n{}\n", text.len(), shortened(text)));
    }
    for file in &mail.attachments {
        let bytes = file.content.len();
        told.push_str(&format!("\n[attachment {}, {}, {bytes} bytes]\n", file.name, media_type(file)));
    }
    told
}

/// How it signs in, by the header that the scheme has put its credential into.
enum SignIn {
    Password,
    Token,
}

fn sign_in(request: &OutgoingRequest) -> Option<SignIn> {
    let value = request.headers.get(AUTHORIZATION)?;
    let is_pair = value.as_bytes().get(..6).is_some_and(|head| head.eq_ignore_ascii_case(b"basic "));
    Some(if is_pair { SignIn::Password } else { SignIn::Token })
}

/// A curl command that hands the same mail in; attachments are read from files of their names.
pub(crate) fn to_curl(request: &OutgoingRequest, mail: &MailRequest) -> String {
    let scheme = match MailServer::of(&request.url) {
        Some(server) if server.tls_from_start => "smtps",
        _ => "smtp",
    };
    let server = MailServer::of(&request.url).map(|server| server.to_string()).unwrap_or_default();
    let mut command = format!("curl {} --ssl-reqd", quoted(&format!("{scheme}://{server}")));
    match sign_in(request) {
        Some(SignIn::Password) => command.push_str(" \\\n  --user '***:***'"),
        Some(SignIn::Token) => {
            let user = quoted(&format!("{}:", mail.mailbox()));
            command.push_str(&format!(" \\\n  --user {user} --oauth2-bearer '***'"));
        }
        None => {}
    }
    let MailRequest::Send(mail) = mail else { return command + " \\\n  --request NOOP" };
    command.push_str(&format!(" \\\n  --mail-from {}", quoted(mail.envelope_sender())));
    for recipient in mail.recipients() {
        command.push_str(&format!(" \\\n  --mail-rcpt {}", quoted(bare_address(recipient))));
    }
    for (name, value) in headers(mail) {
        command.push_str(&format!(" \\\n  --header {}", quoted(&format!("{name}: {value}"))));
    }
    let both = mail.text.is_some() && mail.html.is_some();
    if both {
        command.push_str(" \\\n  --form '=(;type=multipart/alternative'");
    }
    for (kind, text) in texts(mail) {
        command
            .push_str(&format!(" \\\n  --form {}", quoted(&format!("=\"{}\";type={kind}", in_form(text)))));
    }
    if both {
        command.push_str(" \\\n  --form '=)'");
    }
    for file in &mail.attachments {
        let form = format!("=@\"{}\";type={};encoder=base64", in_form(&file.name), media_type(file));
        command.push_str(&format!(" \\\n  --form {}", quoted(&form)));
    }
    command
}

/// What a value in double quotes of curl's `--form` cannot hold as it is.
fn in_form(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

fn headers(mail: &Mail) -> Vec<(&str, String)> {
    let mut all = vec![("From", mail.from.clone())];
    all.extend(mail.sender.iter().map(|sender| ("Sender", sender.clone())));
    for (name, addresses) in [("To", &mail.to), ("Cc", &mail.cc), ("Reply-To", &mail.reply_to)] {
        if !addresses.is_empty() {
            all.push((name, addresses.join(", ")));
        }
    }
    if !mail.subject.is_empty() {
        all.push(("Subject", mail.subject.clone()));
    }
    all.extend(mail.message_id.iter().map(|id| ("Message-ID", id.clone())));
    all.extend(mail.headers.iter().map(|(name, value)| (name.as_str(), value.clone())));
    all
}

fn texts(mail: &Mail) -> impl Iterator<Item = (&'static str, &String)> {
    let plain = mail.text.iter().map(|text| ("text/plain", text));
    plain.chain(mail.html.iter().map(|html| ("text/html", html)))
}

fn shortened(text: &str) -> String {
    match text.len() <= BODY_AT_MOST {
        true => text.to_owned(),
        false => text.chars().take(BODY_AT_MOST).collect::<String>() + "…",
    }
}

fn media_type(file: &MailFile) -> &str {
    crate::multipart::media_type(file.media_type.as_deref())
}
