//! What a placeholder comes to: the value of its name, or a pure function of values.

use crate::call_data::Moment;
use crate::definition_error::DefinitionFault;
use crate::multipart::FilePart;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use hmac::{KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Digest as _;
use sluis_auth::template::text_of;
use sluis_model::suggest;
use sluis_model::template::{Braces, Broken, Expression, Function, Template, TemplateError};
use std::borrow::Cow;
use std::fmt::Write as _;

/// What stands for a placeholder.
#[derive(Debug, Clone)]
pub(crate) enum Filled<'a> {
    /// A value; null where there is none.
    Value(Cow<'a, Value>),
    /// One file or more.
    Files(&'a [FilePart]),
}

impl Filled<'_> {
    fn text(text: String) -> Self {
        Self::Value(Cow::Owned(Value::String(text)))
    }

    /// Whether nothing stands there.
    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Value(value) if value.is_null())
    }

    /// As text: a file is told by its name.
    pub(crate) fn as_text(&self) -> Cow<'_, str> {
        match self {
            Self::Value(value) => text_of(value),
            Self::Files(files) => files.first().map_or(Cow::Borrowed(""), |file| Cow::Borrowed(&file.name)),
        }
    }

    fn bytes(&self) -> Cow<'_, [u8]> {
        match self {
            Self::Value(value) => match text_of(value) {
                Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                Cow::Owned(text) => Cow::Owned(text.into_bytes()),
            },
            Self::Files(files) => {
                files.first().map_or(Cow::Borrowed(&[]), |file| Cow::Borrowed(&file.content))
            }
        }
    }
}

/// Reads a text with placeholders and checks what can be told of its functions without values.
pub(crate) fn template(text: &str, braces: Braces) -> Result<Template, DefinitionFault> {
    let template = Template::parse_with(text, braces)?;
    template.slots().try_for_each(check)?;
    Ok(template)
}

fn check(expression: &Expression) -> Result<(), TemplateError> {
    let broken = |why: String, help: Option<String>| {
        Err(TemplateError(Broken { source: format!("${{{expression}}}"), why, help }))
    };
    match expression {
        Expression::Call(Function::Now, arguments) => match arguments.first() {
            Some(Expression::Text(format)) if at_time(0, format).is_none() => {
                let known = ["unix", "unix_ms", "rfc3339", "http_date", "date"].map(str::to_owned);
                let help = match suggest::nearest(format, known.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean '{near}'?"),
                    None => format!("formats: {}, or one such as '%Y-%m-%d'", known.join(", ")),
                };
                broken(format!("'{format}' is no format of a time"), Some(help))
            }
            _ => Ok(()),
        },
        Expression::Call(function, arguments) => {
            if let (Function::JsonPath, Some(Expression::Text(path))) = (function, arguments.get(1))
                && let Err(error) = sluis_auth::json_path::check("json_path", path)
            {
                return broken(error.to_string(), None);
            }
            arguments.iter().try_for_each(check)
        }
        Expression::First(choices) => choices.iter().try_for_each(check),
        Expression::Name(_) | Expression::Text(_) | Expression::Number(_) => Ok(()),
    }
}

/// What an expression comes to; `value_of` gives what stands for a name. A function of nothing is nothing.
pub(crate) fn evaluate<'a>(
    expression: &Expression,
    moment: Moment<'_>,
    value_of: &dyn Fn(&str) -> Filled<'a>,
) -> Filled<'a> {
    let inner = |expression: &Expression| evaluate(expression, moment, value_of);
    match expression {
        Expression::Name(name) => value_of(name),
        Expression::Text(text) => Filled::text(text.clone()),
        Expression::Number(number) => Filled::Value(Cow::Owned(Value::from(*number))),
        Expression::First(choices) => {
            let found = choices.iter().map(inner).find(|found| !found.is_absent());
            found.unwrap_or(Filled::Value(Cow::Owned(Value::Null)))
        }
        Expression::Call(function, arguments) => {
            let values: Vec<Filled<'a>> = arguments.iter().map(inner).collect();
            match values.iter().any(Filled::is_absent) {
                true => Filled::Value(Cow::Owned(Value::Null)),
                false => call(*function, &values, moment),
            }
        }
    }
}

fn call<'a>(function: Function, values: &[Filled<'a>], moment: Moment<'_>) -> Filled<'a> {
    let bytes = |at: usize| values.get(at).map(Filled::bytes).unwrap_or_default();
    let text = |at: usize| values.get(at).map(Filled::as_text).unwrap_or_default();
    let given = |at: usize| match values.get(at) {
        Some(Filled::Value(value)) => value.as_ref().clone(),
        Some(files) => Value::from(files.as_text()),
        None => Value::Null,
    };
    Filled::text(match function {
        Function::Base64 => BASE64_STANDARD.encode(bytes(0)),
        Function::Base64Url => BASE64_URL_SAFE_NO_PAD.encode(bytes(0)),
        Function::Hash => hash(&text(0), &bytes(1)),
        Function::Hmac => keyed(&text(0), &bytes(1), &bytes(2)),
        Function::Now => {
            let format = if values.is_empty() { Cow::Borrowed("rfc3339") } else { text(0) };
            at_time(moment.now.0, &format).unwrap_or_default()
        }
        Function::Random => {
            let mut drawn = vec![0_u8; text(0).parse().unwrap_or(0)];
            moment.randomness.fill(&mut drawn);
            hexadecimal(&drawn)
        }
        Function::Uuid => uuid(moment),
        Function::Json => given(0).to_string(),
        Function::Lower => text(0).to_lowercase(),
        Function::CallbackUrl => moment.callback_url.to_owned(),
        Function::JsonPath => {
            // Data often comes as JSON text.
            let whole = match given(0) {
                Value::String(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
                other => other,
            };
            let found =
                sluis_auth::json_path::value_at(&whole, "json_path", &text(1)).ok().flatten().cloned();
            return Filled::Value(Cow::Owned(found.unwrap_or(Value::Null)));
        }
    })
}

fn hash(digest: &str, content: &[u8]) -> String {
    match digest {
        "md5" => hexadecimal(&md5::Md5::digest(content)),
        "sha1" => hexadecimal(&sha1::Sha1::digest(content)),
        "sha512" => hexadecimal(&sha2::Sha512::digest(content)),
        _ => hexadecimal(&sha2::Sha256::digest(content)),
    }
}

fn keyed(digest: &str, key: &[u8], content: &[u8]) -> String {
    macro_rules! mac {
        ($digest:ty) => {
            hmac::Hmac::<$digest>::new_from_slice(key)
                .map(|mac| hexadecimal(&mac.chain_update(content).finalize().into_bytes()))
                // A key of any length will do.
                .unwrap_or_default()
        };
    }
    match digest {
        "sha1" => mac!(sha1::Sha1),
        "sha512" => mac!(sha2::Sha512),
        _ => mac!(sha2::Sha256),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing to a text does not fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// A random UUID (RFC 9562 section 5.4).
fn uuid(moment: Moment<'_>) -> String {
    let mut drawn = [0_u8; 16];
    moment.randomness.fill(&mut drawn);
    let number = u128::from_be_bytes(drawn);
    let number = (number & !(0xf << 76) | (0x4 << 76)) & !(0x3 << 62) | (0x2 << 62);
    let digits = format!("{number:032x}");
    let (a, rest) = digits.split_at(8);
    let (b, rest) = rest.split_at(4);
    let (c, rest) = rest.split_at(4);
    let (d, e) = rest.split_at(4);
    format!("{a}-{b}-{c}-{d}-{e}")
}

/// A time in a format; nothing if the format is none.
fn at_time(millis: i64, format: &str) -> Option<String> {
    let time = jiff::Timestamp::from_millisecond(millis).ok()?;
    let pattern = match format {
        "unix" => return Some(time.as_second().to_string()),
        "unix_ms" => return Some(millis.to_string()),
        "rfc3339" => "%Y-%m-%dT%H:%M:%SZ",
        // RFC 9110 section 5.6.7.
        "http_date" => "%a, %d %b %Y %H:%M:%S GMT",
        "date" => "%Y-%m-%d",
        other if other.contains('%') => other,
        _ => return None,
    };
    jiff::fmt::strtime::format(pattern, &time.to_zoned(jiff::tz::TimeZone::UTC)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sluis_model::ports::Randomness;
    use sluis_model::time::Timestamp;

    struct Sevens;

    impl Randomness for Sevens {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(0x77);
        }
    }

    fn comes_to(text: &str) -> Value {
        let template = template(&format!("${{{text}}}"), Braces::Dollar).unwrap();
        let data =
            json!({"a": "Hi, Ada", "mail": "Ada@Example.COM", "o": {"id": [7, "x"]}, "t": "{\"id\":1}"});
        let file = [FilePart { name: "x.bin".into(), media_type: None, content: vec![0_u8, 255].into() }];
        let moment = Moment {
            now: Timestamp(1_700_000_000_123),
            randomness: &Sevens,
            callback_url: "https://x.example/c",
        };
        let value_of = |name: &str| match name {
            "file" => Filled::Files(&file),
            name => Filled::Value(data.get(name).map_or(Cow::Owned(Value::Null), Cow::Borrowed)),
        };
        match evaluate(template.sole_slot().unwrap(), moment, &value_of) {
            Filled::Value(value) => value.into_owned(),
            Filled::Files(_) => panic!("a file"),
        }
    }

    #[test]
    fn functions_give_what_their_standards_say() {
        for (text, wanted) in [
            ("base64(a)", json!("SGksIEFkYQ==")),
            ("base64url(file)", json!("AP8")),
            (
                "hash('sha256', 'abc')",
                json!("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            ),
            ("hash('md5', lower(mail))", json!(hash("md5", b"ada@example.com"))),
            ("hash('sha1', '')", json!("da39a3ee5e6b4b0d3255bfef95601890afd80709")),
            // RFC 4231, test case 2.
            (
                "hmac('sha256', 'Jefe', 'what do ya want for nothing?')",
                json!("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
            ),
            ("now('unix')", json!("1700000000")),
            ("now('unix_ms')", json!("1700000000123")),
            ("now()", json!("2023-11-14T22:13:20Z")),
            ("now('http_date')", json!("Tue, 14 Nov 2023 22:13:20 GMT")),
            ("now('%d/%m/%Y')", json!("14/11/2023")),
            ("random(3)", json!("777777")),
            ("uuid()", json!("77777777-7777-4777-b777-777777777777")),
            ("json_path(o, '$.id[1]')", json!("x")),
            ("json_path(o, '$.id')", json!([7, "x"])),
            ("json_path(t, '$.id')", json!(1)),
            ("json_path(o, '$.gone')", json!(null)),
            ("json(o)", json!(r#"{"id":[7,"x"]}"#)),
            ("gone || gone || 'last'", json!("last")),
            ("gone || a", json!("Hi, Ada")),
            ("callback_url()", json!("https://x.example/c")),
            ("base64(gone)", json!(null)),
            ("base64(gone) || 'x'", json!("x")),
        ] {
            assert_eq!(comes_to(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_a_function_cannot_read_is_refused_before_any_call() {
        for (text, why) in [
            ("${now('rfc339')}", "did you mean 'rfc3339'?"),
            ("${now('whenever')}", "formats: unix"),
            ("${base64(json_path(a, '$.['))}", "is not a JSONPath"),
        ] {
            let said = template(text, Braces::Dollar).unwrap_err().to_string();
            assert!(said.contains(why), "{said}");
        }
    }
}
