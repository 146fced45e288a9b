//! Stars secrets by value, in any text and in the forms in which they travel: as they are,
//! percent-encoded (by any encoder, whatever set it encodes), JSON-escaped, and inside base64 of
//! either alphabet at any offset.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use sluis_model::secret::SecretText;
use std::borrow::Cow;
use std::fmt;

/// Shorter texts are not searched for: starring every `ab` would help nobody.
const LENGTH_AT_LEAST: usize = 4;
/// Shortest stretch of base64 that is taken for a secret.
const ENCODED_AT_LEAST: usize = 6;

/// Knows secrets and stars them in texts.
pub struct Redactor {
    secrets: Vec<SecretText>,
    /// The part of each secret's base64 that does not depend on what stands around it, at each of
    /// the three offsets.
    encoded: Vec<SecretText>,
    /// The bytes with which a secret may begin in any of its forms: whole answers are searched, and
    /// most bytes of them need no closer look.
    begins: [bool; 256],
}

impl Default for Redactor {
    fn default() -> Self {
        Self { secrets: Vec::new(), encoded: Vec::new(), begins: [false; 256] }
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redactor({} secrets)", self.secrets.len())
    }
}

impl Redactor {
    /// Stars these secrets.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a SecretText>) -> Self {
        let mut redactor = Self::default();
        for secret in secrets {
            redactor.add(secret);
        }
        redactor
    }

    /// Stars one more.
    pub fn add(&mut self, secret: &SecretText) {
        if secret.expose().len() < LENGTH_AT_LEAST {
            return;
        }
        self.secrets.push(secret.clone());
        self.encoded.extend((0..3).map(|offset| SecretText::new(inner_base64(secret.expose(), offset))));
        self.encoded.retain(|text| text.expose().len() >= ENCODED_AT_LEAST);
        // Longest first, so that a secret inside another does not leave the other's ends visible.
        self.secrets.sort_by_key(|secret| std::cmp::Reverse(secret.expose().len()));
        self.encoded.sort_by_key(|secret| std::cmp::Reverse(secret.expose().len()));
        let firsts = self.secrets.iter().chain(&self.encoded).filter_map(|text| text.expose().bytes().next());
        for byte in firsts.chain(*b"%\\+-_").collect::<Vec<u8>>() {
            self.begins[usize::from(byte)] = true;
        }
    }

    /// The text with `***` in place of every secret; borrowed if there is none in it.
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut out = String::new();
        let (mut kept, mut at) = (0, 0);
        while let Some(candidate) = self.next_candidate(text, at) {
            let Some(length) = text.get(candidate..).and_then(|rest| self.match_at(rest)) else {
                at = candidate + 1;
                continue;
            };
            out.push_str(text.get(kept..candidate).unwrap_or_default());
            if !out.ends_with("***") {
                out.push_str("***");
            }
            at = candidate + length;
            kept = at;
        }
        if kept == 0 {
            return Cow::Borrowed(text);
        }
        out.push_str(text.get(kept..).unwrap_or_default());
        Cow::Owned(out)
    }

    /// Where a secret may begin, from `at` on.
    fn next_candidate(&self, text: &str, at: usize) -> Option<usize> {
        let rest = text.as_bytes().get(at..)?;
        rest.iter().position(|byte| self.begins[usize::from(*byte)]).map(|found| at + found)
    }

    /// Length of the secret that the text begins with, in any of its forms.
    fn match_at(&self, text: &str) -> Option<usize> {
        let spelled = self.secrets.iter().find_map(|secret| spelled_length(text, secret.expose()));
        spelled.or_else(|| self.encoded.iter().find_map(|encoded| encoded_length(text, encoded.expose())))
    }
}

/// Length of `secret` at the start of `text`, where each character may be itself, percent-encoded
/// or JSON-escaped. A `%25` may stand for `%` or be three characters of the secret, so every reading
/// is followed; the longest is told.
fn spelled_length(text: &str, secret: &str) -> Option<usize> {
    let mut characters = secret.chars();
    let mut ends: Vec<usize> = spellings(text, characters.next()?).collect();
    for c in characters {
        let mut further = Vec::with_capacity(ends.len());
        for at in &ends {
            further.extend(spellings(text.get(*at..)?, c).map(|length| at + length));
        }
        further.dedup();
        if further.is_empty() {
            return None;
        }
        ends = further;
    }
    ends.into_iter().max()
}

/// Lengths of the spellings of `c` that the text begins with.
fn spellings(text: &str, c: char) -> impl Iterator<Item = usize> {
    [plain(text, c), encoded_character(text, c)].into_iter().flatten()
}

fn character_length(text: &str, c: char) -> Option<usize> {
    spellings(text, c).next()
}

fn plain(text: &str, c: char) -> Option<usize> {
    text.starts_with(c).then_some(c.len_utf8())
}

fn encoded_character(text: &str, c: char) -> Option<usize> {
    match text.as_bytes().first()? {
        b'+' if c == ' ' => Some(1),
        b'%' => percent_length(text, c),
        b'\\' => escape_length(text, c),
        _ => None,
    }
}

fn percent_length(text: &str, c: char) -> Option<usize> {
    let mut buffer = [0; 4];
    let encoded = c.encode_utf8(&mut buffer).bytes();
    let mut at = 0;
    for byte in encoded {
        let digits = text.get(at..at + 3)?.strip_prefix('%')?;
        (u8::from_str_radix(digits, 16).ok()? == byte).then_some(())?;
        at += 3;
    }
    Some(at)
}

fn escape_length(text: &str, c: char) -> Option<usize> {
    let short = match c {
        '"' => "\\\"",
        '\\' => "\\\\",
        '/' => "\\/",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ => "",
    };
    if !short.is_empty() && text.starts_with(short) {
        return Some(2);
    }
    let mut buffer = [0; 2];
    let mut at = 0;
    for unit in c.encode_utf16(&mut buffer) {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        (u16::from_str_radix(digits, 16).ok()? == *unit).then_some(())?;
        at += 6;
    }
    Some(at)
}

/// Base64 of `secret` when it begins `offset` bytes into a group of three, without the characters
/// at both ends that mix in its neighbours.
fn inner_base64(secret: &str, offset: usize) -> String {
    let mut bytes = vec![0; offset];
    bytes.extend_from_slice(secret.as_bytes());
    let encoded = BASE64_STANDARD_NO_PAD.encode(&bytes);
    let skip = (offset * 8).div_ceil(6);
    let whole = bytes.len() * 8 / 6;
    encoded.get(skip..whole).unwrap_or_default().to_owned()
}

/// Length of base64 text at the start of `text`, in either alphabet, `+`, `/` and `=` possibly
/// percent-encoded; takes one neighbour character at each end along, because it holds bits of the
/// secret.
fn encoded_length(text: &str, encoded: &str) -> Option<usize> {
    let mut at = 0;
    for c in encoded.chars() {
        let rest = text.get(at..)?;
        let other = match c {
            '+' => '-',
            '/' => '_',
            c => c,
        };
        at += if rest.starts_with(other) { 1 } else { character_length(rest, c)? };
    }
    let follows =
        text.get(at..)?.chars().next().is_some_and(|c| c.is_ascii_alphanumeric() || "+/-_".contains(c));
    Some(at + usize::from(follows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

    const SECRET: &str = "canary+t/o~k\"en 100%25 \\é=1 \u{1f511}";

    fn redactor() -> Redactor {
        Redactor::new([&SecretText::from(SECRET)])
    }

    #[test]
    fn a_secret_is_starred_in_every_form_in_which_it_travels() {
        let ascii_json: String = SECRET.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect();
        let forms = [
            SECRET.to_owned(),
            utf8_percent_encode(SECRET, NON_ALPHANUMERIC).to_string(),
            utf8_percent_encode(SECRET, NON_ALPHANUMERIC).to_string().to_lowercase(),
            url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect(),
            serde_json::to_string(SECRET).unwrap().trim_matches('"').to_owned(),
            ascii_json,
            SECRET.replace('\\', "\\\\").replace('/', "\\/").replace('"', "\\\""),
        ];
        for form in forms {
            assert_eq!(redactor().redact(&format!("a={form}&b")), "a=***&b", "{form}");
        }
    }

    #[test]
    fn a_secret_is_starred_inside_base64_at_every_offset() {
        for before in ["", "c", "cl", "cli", "client:"] {
            for after in ["", "x", "xy", "xyz"] {
                let whole = format!("{before}{SECRET}{after}");
                for encoded in [BASE64_STANDARD.encode(&whole), BASE64_URL_SAFE_NO_PAD.encode(&whole)] {
                    let shown = redactor().redact(&format!("Basic {encoded}.")).into_owned();
                    assert!(shown.contains("***"), "{before}|{after}: {shown}");
                    let left: usize = shown.replace("Basic ", "").replace("***", "").len();
                    assert!(left <= 2 + (before.len() + after.len()) * 4 / 3 + 4, "{shown}");
                }
            }
        }
    }

    #[test]
    fn a_secret_inside_a_longer_secret_leaves_nothing_of_it() {
        let secrets = [SecretText::from("canary"), SecretText::from("canary-canary-2")];
        assert_eq!(Redactor::new(&secrets).redact("x canary-canary-2 y canarycanary"), "x *** y ***");
    }

    #[test]
    fn what_is_no_secret_stays() {
        let text = "plain é text %41 \\u0041 YWJj \u{1f511}%";
        assert_eq!(redactor().redact(text), text);
        assert_eq!(Redactor::new([&SecretText::from("ab")]).redact("abc"), "abc");
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic_or_keeps_the_secret(before in ".*", after in ".*") {
            let secret = "s3cr3t-value";
            let text = format!("{before}{secret}{after}");
            assert!(!Redactor::new([&secret.into()]).redact(&text).contains(secret));
        }
    }
}
