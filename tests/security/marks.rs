//! Secrets that can be recognised wherever they turn up, and whatever has been done to them.

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use std::sync::Mutex;

/// Every secret of a test by name.
#[derive(Default)]
pub struct Marks(Mutex<Vec<(String, String)>>);

impl Marks {
    /// A new secret. It holds what URLs, forms and base64 write in another way.
    pub fn secret(&self, name: &str) -> String {
        let mut marks = self.0.lock().unwrap();
        let number = marks.len();
        let value = format!("canary{number:03}~p+q/r=s%t&u");
        marks.push((name.to_owned(), value.clone()));
        value
    }

    /// A secret that came from elsewhere: a line of a private key.
    pub fn known(&self, name: &str, value: &str) {
        self.0.lock().unwrap().push((name.to_owned(), value.to_owned()));
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// Looks for the secrets there are by now.
    pub fn finder(&self) -> Finder {
        let marks = self.0.lock().unwrap();
        let wanted = marks.iter().flat_map(|(name, value)| {
            forms(value).into_iter().map(move |(form, text)| (format!("{name} ({form})"), text))
        });
        let (names, texts): (Vec<String>, Vec<String>) = wanted.unzip();
        Finder { names, texts: AhoCorasick::new(texts).unwrap() }
    }
}

/// Finds secrets in all their forms in one walk through a text.
pub struct Finder {
    names: Vec<String>,
    texts: AhoCorasick,
}

impl Finder {
    /// The secrets that stand in a text or in bytes: name, the form they have there, what is around.
    pub fn found_in(&self, haystack: &[u8]) -> Vec<String> {
        let found = self.texts.find_iter(haystack).map(|found| {
            let around = &haystack[found.start().saturating_sub(60)..haystack.len().min(found.end() + 20)];
            format!("{}: {}", self.names[found.pattern().as_usize()], String::from_utf8_lossy(around))
        });
        found.collect()
    }
}

/// The forms in which a secret may leak.
fn forms(value: &str) -> Vec<(&'static str, String)> {
    let percent = |keep: &dyn Fn(u8) -> bool, upper: bool| -> String {
        let encode = |byte: u8| match (keep(byte), upper) {
            (true, _) => char::from(byte).to_string(),
            (false, true) => format!("%{byte:02X}"),
            (false, false) => format!("%{byte:02x}"),
        };
        value.bytes().map(encode).collect()
    };
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let form = |byte: u8| byte.is_ascii_alphanumeric() || b"-._*".contains(&byte);
    let json = serde_json::to_string(value).unwrap();
    let hex: String = value.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![
        ("raw", value.to_owned()),
        ("percent-encoded", percent(&unreserved, true)),
        ("percent-encoded in lower case", percent(&unreserved, false)),
        ("form-encoded", percent(&form, true)),
        ("JSON-escaped", json.trim_matches('"').to_owned()),
        ("JSON-escaped with slashes", json.trim_matches('"').replace('/', "\\/")),
        ("HTML-escaped", value.replace('&', "&amp;")),
        ("hexadecimal", hex.clone()),
        ("hexadecimal in upper case", hex.to_uppercase()),
    ];
    for offset in 0..3 {
        let inner = inner_base64(value, offset);
        let for_urls = inner.replace('+', "-").replace('/', "_");
        forms.extend([("base64", inner), ("base64 for URLs", for_urls)]);
    }
    forms
}

/// The part of a text's base64 that does not depend on what stands around it.
fn inner_base64(value: &str, offset: usize) -> String {
    let padded = [&b"\0\0"[..offset], value.as_bytes()].concat();
    let encoded = BASE64_STANDARD.encode(&padded);
    let start = [0, 2, 3][offset];
    let end = padded.len() / 3 * 4;
    encoded[start..end].to_owned()
}

#[test]
fn a_secret_is_recognised_in_every_form() {
    let marks = Marks::default();
    let value = marks.secret("token");
    let url_encoded: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let basic = BASE64_STANDARD.encode(format!("user:{value}"));
    for text in [
        format!("Bearer {value}"),
        format!("https://a.example/?key={url_encoded}"),
        format!("Basic {basic}"),
        format!("x{}", BASE64_STANDARD.encode(format!("ab:{value}!"))),
        serde_json::json!({ "token": value }).to_string(),
        value.bytes().map(|byte| format!("{byte:02x}")).collect(),
    ] {
        assert!(!marks.finder().found_in(text.as_bytes()).is_empty(), "{text}");
    }
    assert!(marks.finder().found_in(b"canary is a bird, and *** stands for it").is_empty());
}
