//! Messages as bytes: `Content-Length: N`, an empty line, N bytes of JSON. What is malformed is
//! reported and skipped, so that one bad message does not end the conversation.

use lsp_server::Message;
use serde_json::Value;
use std::io::{self, BufRead, Read, Write};

/// Bytes that a message may have; scripts are far smaller.
const LARGEST: u64 = 64 << 20;
/// Bytes that a header line may have.
const LONGEST_HEADER: u64 = 4 << 10;

/// What was read.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// A message.
    Message(Message),
    /// Something that is none: the id it may have had, what JSON-RPC calls it, and a reason.
    Malformed { id: Value, code: i32, reason: String },
}

const PARSE_ERROR: i32 = -32700;
const INVALID_REQUEST: i32 = -32600;

/// Reads one message; `None` at the end of the input.
///
/// # Errors
/// The input cannot be read.
pub(crate) fn read(input: &mut impl BufRead) -> io::Result<Option<Incoming>> {
    let length = match header(input)? {
        Header::End => return Ok(None),
        Header::Bad(reason) => return Ok(Some(malformed(reason))),
        Header::Length(length) => length,
    };
    if length > LARGEST {
        io::copy(&mut input.take(length), &mut io::sink())?;
        return Ok(Some(malformed(format!("a message of {length} bytes is too large: at most {LARGEST}"))));
    }
    let mut body = Vec::new();
    if (input.take(length).read_to_end(&mut body)? as u64) < length {
        return Ok(None);
    }
    Ok(Some(parse(&body)))
}

enum Header {
    Length(u64),
    Bad(String),
    End,
}

/// The lines up to the empty one.
fn header(input: &mut impl BufRead) -> io::Result<Header> {
    let mut length = None;
    let mut bad = None;
    loop {
        let mut line = Vec::new();
        if input.take(LONGEST_HEADER).read_until(b'\n', &mut line)? == 0 {
            return Ok(Header::End);
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim();
        if line.is_empty() {
            return Ok(match (length, bad) {
                (Some(length), _) => Header::Length(length),
                (None, Some(reason)) => Header::Bad(reason),
                (None, None) => Header::Bad("a message begins with `Content-Length: N`".to_owned()),
            });
        }
        match line.split_once(':') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("content-length") => {
                match value.trim().parse() {
                    Ok(number) => length = Some(number),
                    Err(_) => bad = Some(format!("`{}` is not a length", value.trim())),
                }
            }
            Some(_) => {}
            None => bad = Some("a header line is `Name: value`".to_owned()),
        }
    }
}

fn malformed(reason: String) -> Incoming {
    Incoming::Malformed { id: Value::Null, code: PARSE_ERROR, reason }
}

/// By way of a `Value`: numbers that keep their digits, as this workspace builds `serde_json`, are not
/// understood by the untagged types of messages.
fn parse(body: &[u8]) -> Incoming {
    let value: Value = match serde_json::from_slice(body) {
        Ok(value) => value,
        Err(error) => return malformed(format!("this is not JSON: {error}")),
    };
    let id = value.get("id").cloned().unwrap_or(Value::Null);
    match serde_json::from_value(value) {
        Ok(message) => Incoming::Message(message),
        Err(_) => Incoming::Malformed {
            id,
            code: INVALID_REQUEST,
            reason: "this is neither a request nor a response nor a notification".to_owned(),
        },
    }
}

/// Writes one message.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn write(output: &mut impl Write, message: &Message) -> io::Result<()> {
    let mut value = serde_json::to_value(message)?;
    if let Value::Object(fields) = &mut value {
        fields.insert("jsonrpc".to_owned(), Value::from("2.0"));
    }
    write_value(output, &value)
}

/// Answers what was no message. Its id may be missing, which the type of a response cannot say.
pub(crate) fn refuse(output: &mut impl Write, id: &Value, code: i32, reason: &str) -> io::Result<()> {
    let error = serde_json::json!({"code": code, "message": reason});
    write_value(output, &serde_json::json!({"jsonrpc": "2.0", "id": id, "error": error}))
}

fn write_value(output: &mut impl Write, value: &Value) -> io::Result<()> {
    let text = value.to_string();
    write!(output, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(text: &str) -> Vec<String> {
        let mut input = text.as_bytes();
        let mut found = vec![];
        while let Some(incoming) = read(&mut input).unwrap() {
            found.push(match incoming {
                Incoming::Message(Message::Request(request)) => request.method,
                Incoming::Message(Message::Notification(notification)) => notification.method,
                Incoming::Message(Message::Response(response)) => response.id.to_string(),
                Incoming::Malformed { id, code, .. } => format!("{code} {id}"),
            });
        }
        found
    }

    fn framed(body: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    }

    #[test]
    fn a_malformed_message_is_skipped_and_the_next_is_read() {
        let good = framed(r#"{"jsonrpc":"2.0","id":1,"method":"é"}"#);
        for (bad, told) in [
            (framed("{"), "-32700 null"),
            (framed(r#"{"jsonrpc":"2.0","id":7}"#), "-32600 7"),
            (framed("[]"), "-32600 null"),
            ("Content-Length: x\r\n\r\n".to_owned(), "-32700 null"),
            ("nonsense\r\n\r\n".to_owned(), "-32700 null"),
        ] {
            assert_eq!(read_all(&format!("{bad}{good}")), [told, "é"], "{bad}");
        }
        assert_eq!(read_all("Content-Length: 100\r\n\r\n{"), Vec::<String>::new());
    }

    #[test]
    fn written_messages_can_be_read() {
        let mut bytes = Vec::new();
        let sent = lsp_server::Notification::new("a/b".to_owned(), "ü");
        write(&mut bytes, &sent.into()).unwrap();
        assert_eq!(read_all(std::str::from_utf8(&bytes).unwrap()), ["a/b"]);
    }
}
