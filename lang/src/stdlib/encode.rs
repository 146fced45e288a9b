//! Text to URL form, Base64 and hexadecimal, and back. Bytes are UTF-8.

use super::args::{self, SCALARS};
use super::{Builtin, Ctx, example};
use crate::codes;
use crate::value::Value;
use crate::value::convert::quoted;
use crate::value::fault::{Fault, Run};
use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

pub(super) const TABLE: &[Builtin] = &[
    Builtin {
        name: "encodeUrl",
        aliases: &["urlEncode", "zoho.encryption.urlEncode"],
        on: SCALARS,
        params: &[],
        returns: "text",
        doc: "The text in the form of URL parameters: a blank becomes `+`, everything but letters, digits and `. - * _` becomes `%` and two digits.",
        examples: &[
            example(r#""a b&c".encodeUrl()"#, "a+b%26c"),
            example(r#"urlEncode("é/~")"#, "%C3%A9%2F%7E"),
            example(r#"zoho.encryption.urlEncode("a b")"#, "a+b"),
        ],
        run: encode_url,
    },
    Builtin {
        name: "urlDecode",
        aliases: &["zoho.encryption.urlDecode"],
        on: SCALARS,
        params: &[],
        returns: "text",
        doc: "The text that `encodeUrl` made this of.",
        examples: &[
            example(r#""a+b%26c%C3%A9".urlDecode()"#, "a b&cé"),
            example(r#"zoho.encryption.urlDecode("%41")"#, "A"),
            example(r#""100%".urlDecode()"#, "fault E0416"),
        ],
        run: url_decode,
    },
    Builtin {
        name: "base64Encode",
        aliases: &["zoho.encryption.base64Encode"],
        on: SCALARS,
        params: &[],
        returns: "text",
        doc: "The text in Base64, with padding and without line breaks.",
        examples: &[
            example(r#""a".base64Encode()"#, "YQ=="),
            example(r#"zoho.encryption.base64Encode("user:pass")"#, "dXNlcjpwYXNz"),
        ],
        run: base64_encode,
    },
    Builtin {
        name: "base64Decode",
        aliases: &["zoho.encryption.base64Decode"],
        on: SCALARS,
        params: &[],
        returns: "text",
        doc: "The text in a Base64 text; padding may be missing, line breaks and the alphabet for URLs are accepted. Bytes that are no text fault.",
        examples: &[
            example(r#""YQ==".base64Decode()"#, "a"),
            example(r#"zoho.encryption.base64Decode("YQ")"#, "a"),
            example(r#""a?b".base64Decode()"#, "fault E0416"),
        ],
        run: base64_decode,
    },
    Builtin {
        name: "textToHex",
        aliases: &[],
        on: SCALARS,
        params: &[],
        returns: "text",
        doc: "The bytes of a text as hexadecimal digits, small letters.",
        examples: &[
            example(r#""Zoho Creator".textToHex()"#, "5a6f686f2043726561746f72"),
            example(r#""é".textToHex()"#, "c3a9"),
            example(r#""".textToHex()"#, ""),
        ],
        run: text_to_hex,
    },
    Builtin {
        name: "hexToText",
        aliases: &[],
        on: SCALARS,
        params: &[],
        returns: "text",
        doc: "The text whose bytes the hexadecimal digits are; `hexToText(\"0A\")` is a line break.",
        examples: &[
            example(r#""5a6F".hexToText()"#, "Zo"),
            example(r#"hexToText("0A").length()"#, "1"),
            example(r#""5a6".hexToText()"#, "fault E0416"),
        ],
        run: hex_to_text,
    },
];

/// What the original's encoder leaves as it is; blanks are replaced afterwards.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'*').remove(b'_').remove(b' ');

/// Any alphabet's text is first brought to the standard one.
pub(super) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

fn changed(
    ctx: &mut Ctx<'_>,
    args: &[Value],
    name: &str,
    growth: usize,
    change: impl FnOnce(&str) -> Run<String>,
) -> Run<Value> {
    let text = args::text(ctx, args, 0, name)?;
    ctx.heap.reserve_text(text.len().saturating_mul(growth))?;
    let new = change(&text)?;
    let work = text.len() + new.len();
    drop(text);
    args::charge_text(ctx, work);
    Ok(ctx.heap.text_owned(new))
}

fn encode_url(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    changed(ctx, args, "encodeUrl", 3, |text| {
        Ok(utf8_percent_encode(text, FORM).to_string().replace(' ', "+"))
    })
}

fn url_decode(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    changed(ctx, args, "urlDecode", 1, |text| {
        for (at, _) in text.match_indices('%') {
            let digits = text.as_bytes().get(at + 1..at + 3).unwrap_or_default();
            if digits.len() < 2 || !digits.iter().all(u8::is_ascii_hexdigit) {
                let rest: String = text[at..].chars().take(3).collect();
                return Err(Fault::new(
                    codes::BAD_ARGUMENT,
                    format!("{} is not URL-encoded: {} is no character", quoted(text), quoted(&rest)),
                )
                .with_help("a % that stands for itself is written %25"));
            }
        }
        let spaced = text.replace('+', " ");
        bytes_to_text(percent_decode_str(&spaced).collect(), text, "URL-encoded text")
    })
}

fn bytes_to_text(bytes: Vec<u8>, source: &str, what: &str) -> Run<String> {
    String::from_utf8(bytes).map_err(|_| {
        Fault::new(codes::BAD_ARGUMENT, format!("the bytes in {} are no text", quoted(source)))
            .with_help(format!("this {what} holds something else, such as a file"))
    })
}

fn base64_encode(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    changed(ctx, args, "base64Encode", 2, |text| Ok(BASE64.encode(text)))
}

fn base64_decode(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    changed(ctx, args, "base64Decode", 1, |text| {
        let bytes = from_base64(text)
            .ok_or_else(|| Fault::new(codes::BAD_ARGUMENT, format!("{} is not Base64", quoted(text))))?;
        bytes_to_text(bytes, text, "Base64 text")
    })
}

/// The bytes in a Base64 text of either alphabet, with or without padding and line breaks.
pub(super) fn from_base64(text: &str) -> Option<Vec<u8>> {
    let standard: String = text
        .chars()
        .filter(|c| !c.is_ascii_whitespace())
        .map(|c| match c {
            '-' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    BASE64.decode(standard).ok()
}

/// Bytes as hexadecimal digits, small letters.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn text_to_hex(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    changed(ctx, args, "textToHex", 2, |text| Ok(hex(text.as_bytes())))
}

fn hex_to_text(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    changed(ctx, args, "hexToText", 1, |text| {
        let nibble = |c: &u8| char::from(*c).to_digit(16).map(|n| n as u8);
        let byte = |pair: &[u8]| match pair {
            [high, low] => Some(nibble(high)? << 4 | nibble(low)?),
            _ => None,
        };
        let bytes: Option<Vec<u8>> = text.trim().as_bytes().chunks(2).map(byte).collect();
        let bytes = bytes.ok_or_else(|| {
            Fault::new(codes::BAD_ARGUMENT, format!("{} is not hexadecimal", quoted(text)))
                .with_help("two digits of 0-9 and a-f stand for one byte")
        })?;
        bytes_to_text(bytes, text, "hexadecimal text")
    })
}
