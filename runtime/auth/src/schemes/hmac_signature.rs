//! A keyed digest over parts of the request, which a definition lists line by line.

use super::calls::{self, Values, fill};
use crate::digest_of::{digest, encoded, hex, hmac, key_bytes};
use crate::error::AuthError;
use crate::field::{Field, FieldKind, entered};
use crate::http_value::HttpRequest;
use crate::scheme::{Connects, Context, Scheme};
use crate::template::Template;
use http::header::HeaderName;
use sluis_model::connector::{HmacSignature, KeyEncoding, TimestampForm};
use sluis_model::credential::Credential;
use sluis_model::secret::SecretText;
use sluis_model::time::Timestamp;

const KEY: &str = "key";
const KEY_ID: &str = "key_id";
const SIGNATURE: &str = "signature";

/// The scheme, bound to its parameters.
pub(super) struct SignedByHmac<'a> {
    config: &'a HmacSignature,
}

impl<'a> SignedByHmac<'a> {
    /// Binds the scheme.
    pub(super) fn new(config: &'a HmacSignature) -> Self {
        Self { config }
    }

    fn texts(&self) -> impl Iterator<Item = &String> {
        let config = self.config;
        config.sign.iter().chain(config.headers.values()).chain(config.query.values())
    }

    fn uses(&self, slot: &str) -> bool {
        self.texts()
            .filter_map(|text| Template::parse(text).ok())
            .any(|template| template.slots().any(|name| name == slot))
    }

    fn encoded(&self, bytes: &[u8]) -> String {
        encoded(self.config.encoding, bytes)
    }

    fn key(&self, credential: &Credential) -> Result<Vec<u8>, AuthError> {
        let text = entered(credential, KEY)?.expose();
        let read = match self.config.key_encoding {
            // What stands for a key where a request is only shown.
            KeyEncoding::Hex | KeyEncoding::Base64 if text == "***" => Some(Vec::new()),
            encoding => key_bytes(encoding, text),
        };
        read.ok_or_else(|| AuthError::BadField {
            field: KEY.to_owned(),
            why: "it is not written in hexadecimal digits or base64, as the connector file says".to_owned(),
        })
    }

    /// What placeholders stand for, but for the signature and what is set with it.
    fn values(&self, cx: Context<'_>, credential: &Credential, request: &HttpRequest) -> Values {
        let url = &request.url;
        let query = url.query().unwrap_or_default();
        let mut sorted: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty()).collect();
        sorted.sort_unstable();
        let target = if query.is_empty() { url.path().to_owned() } else { format!("{}?{query}", url.path()) };
        let host = url.host_str().unwrap_or_default();
        let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let mut nonce = [0; 16];
        cx.randomness.fill(&mut nonce);
        let body_hash = digest(self.config.body_hash.unwrap_or(self.config.algorithm), &request.body);
        let mut values = calls::values(cx, credential);
        values.remove(KEY);
        values.extend(
            [
                ("method", request.method.to_string()),
                ("path", url.path().to_owned()),
                ("query", query.to_owned()),
                ("query_sorted", sorted.join("&")),
                ("target", target),
                ("url", url.to_string()),
                ("host", host),
                ("timestamp", moment(cx.now, self.config.timestamp)),
                ("nonce", hex(&nonce)),
                ("body", String::from_utf8_lossy(&request.body).into_owned()),
                ("body_hash", self.encoded(&body_hash)),
            ]
            .map(|(name, value)| (name.to_owned(), SecretText::new(value))),
        );
        values
    }

    fn set(&self, request: &mut HttpRequest, values: &Values, signed: bool) -> Result<(), AuthError> {
        let takes_signature = |text: &str| {
            Template::parse(text).is_ok_and(|template| template.slots().any(|slot| slot == SIGNATURE))
        };
        for (name, text) in self.config.headers.iter().filter(|(_, text)| takes_signature(text) == signed) {
            let header = header(name)?;
            request.set_secret_header(header, &fill(text, values, |out, value| out.push_str(value))?)?;
        }
        for (name, text) in self.config.query.iter().filter(|(_, text)| takes_signature(text) == signed) {
            let value = fill(text, values, |out, value| out.push_str(value))?;
            request.url.query_pairs_mut().append_pair(name, value.expose());
        }
        Ok(())
    }
}

fn header(name: &str) -> Result<HeaderName, AuthError> {
    HeaderName::from_bytes(name.as_bytes()).map_err(|_| AuthError::BadParameter {
        field: format!("headers.{name}"),
        why: "it is no header".to_owned(),
    })
}

fn moment(now: Timestamp, form: TimestampForm) -> String {
    let at = jiff::Timestamp::from_millisecond(now.0).unwrap_or_default();
    match form {
        TimestampForm::Unix => at.as_second().to_string(),
        TimestampForm::UnixMs => now.0.to_string(),
        TimestampForm::Rfc3339 => at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        TimestampForm::HttpDate => at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(),
    }
}

/// Placeholders that need no header.
const KNOWN: &[&str] = &[
    "method",
    "path",
    "query",
    "query_sorted",
    "target",
    "url",
    "host",
    "timestamp",
    "nonce",
    "body",
    "body_hash",
    KEY_ID,
    SIGNATURE,
];

impl Scheme for SignedByHmac<'_> {
    fn name(&self) -> &'static str {
        "hmac_signature"
    }

    fn check(&self) -> Result<(), AuthError> {
        let bad = |field: &str, why: String| Err(AuthError::BadParameter { field: field.to_owned(), why });
        if self.config.sign.is_empty() {
            return bad("sign", "nothing is signed".to_owned());
        }
        for name in self.config.headers.keys() {
            header(name)?;
        }
        for text in self.texts() {
            let template = match Template::parse(text) {
                Ok(template) => template,
                Err(error) => return bad("sign", error.to_string()),
            };
            let unknown = template.slots().find(|slot| !KNOWN.contains(slot) && !slot.starts_with("header."));
            if let Some(unknown) = unknown {
                let known: Vec<String> = KNOWN.iter().map(|name| (*name).to_owned()).collect();
                let help = sluis_model::suggest::help(unknown, &known, "values");
                return bad("sign", format!("nothing gives `${{{unknown}}}` a value; {help}"));
            }
        }
        if self.config.sign.iter().any(|text| text.contains("${signature}")) {
            return bad("sign", "the signature cannot be a part of what is signed".to_owned());
        }
        match self.uses(SIGNATURE) {
            true => Ok(()),
            false => bad("headers", "neither a header nor the query takes `${signature}`".to_owned()),
        }
    }

    fn connects(&self) -> Connects {
        Connects::ByFields
    }

    fn fields(&self) -> Vec<Field> {
        let mut fields = Vec::new();
        if self.uses(KEY_ID) {
            let label = self.config.key_id_label.as_deref().unwrap_or("Key id");
            fields.push(Field::new(KEY_ID, label, FieldKind::Text));
        }
        let label = self.config.key_label.as_deref().unwrap_or("Signing key");
        fields.push(Field::new(KEY, label, FieldKind::Secret));
        fields
    }

    fn apply(
        &self,
        cx: Context<'_>,
        credential: &Credential,
        request: &mut HttpRequest,
    ) -> Result<(), AuthError> {
        let mut values = self.values(cx, credential, request);
        self.set(request, &values, false)?;
        for (name, value) in &request.headers {
            let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
            values.insert(format!("header.{name}"), SecretText::new(text));
        }
        let mut lines = Vec::new();
        for text in &self.config.sign {
            lines.push(
                fill(&lower_headers(text), &values, |out, value| out.push_str(value))?.expose().clone(),
            );
        }
        let signed = SecretText::new(lines.join(&self.config.separator));
        let signature = hmac(self.config.algorithm, &self.key(credential)?, signed.expose().as_bytes());
        values.insert(SIGNATURE.to_owned(), SecretText::new(self.encoded(&signature)));
        self.set(request, &values, true)
    }
}

/// `${header.X-Date}` finds a header whatever its case.
fn lower_headers(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${header.") {
        let (before, from) = rest.split_at(at);
        let end = from.find('}').unwrap_or(from.len());
        out.push_str(before);
        out.push_str(&from[..end].to_ascii_lowercase());
        rest = &from[end..];
    }
    out + rest
}
