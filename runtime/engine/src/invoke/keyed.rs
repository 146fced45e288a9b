//! The key by which the service of a call tells it from a new one, and its entry in the ledger of its run.

use super::Invocation;
use super::pipeline::Call;
use crate::builder::Engine;
use crate::ledger::{Entry, EntryState, KeptAnswer};
use sluis_invoke::PreparedRequest;
use sluis_invoke::idempotency::{self, Site};
use sluis_model::error::{Failure, Reason};
use std::fmt::Write as _;

impl Keyed {
    /// What the ledger keeps of it once it is answered.
    pub fn answered(&self, answer: &Invocation) -> Entry {
        let kept = KeptAnswer::of(answer.status_code, &answer.headers, &answer.body);
        Entry { state: EntryState::Answered(kept), ..self.entry.clone() }
    }
}

/// A call with its key on it.
pub(super) struct Keyed {
    /// The request with its key; nothing if it has none.
    pub prepared: Option<PreparedRequest>,
    /// The key.
    pub key: Option<String>,
    /// What the ledger keeps of it while it is under way.
    pub entry: Entry,
}

impl Engine {
    /// Puts the key on a request, if the API has one or the call brings one.
    pub(super) fn keyed(&self, call: &Call<'_>) -> Result<Keyed, Failure> {
        let digest = digest(call.prepared);
        let rule = call.api.and_then(|api| api.manners.idempotency.as_ref());
        let own = call.options.idempotency_key.as_deref();
        let key = match (rule, own) {
            (None, None) => None,
            (None, Some(_)) => return Err(no_place(&call.prepared.api)),
            (Some(_), Some(own)) => Some(own.to_owned()),
            (Some(rule), None) => {
                let once;
                let site = match call.site {
                    Some(site) => Site { run: site.run.as_str(), place: &site.place },
                    None => {
                        once = self.once();
                        Site { run: &once, place: "" }
                    }
                };
                Some(idempotency::key(rule, site, &call.prepared.api, &digest))
            }
        };
        let now = self.now();
        let entry = Entry {
            api: call.prepared.api.clone(),
            digest: hex(&digest),
            effect: call.prepared.effect,
            line: call.site.map(|site| site.line).unwrap_or_default(),
            sent_at: now,
            key_until: rule
                .filter(|_| key.is_some())
                .map(|rule| now.plus_seconds(i64::from(rule.lifetime_s))),
            state: EntryState::Sent { why: None },
        };
        let prepared = match (rule, &key) {
            (Some(rule), Some(key)) => {
                let mut prepared = call.prepared.clone();
                idempotency::put(rule, key, &call.prepared.api, &mut prepared.request)?;
                Some(prepared)
            }
            _ => None,
        };
        Ok(Keyed { prepared, key, entry })
    }

    /// What stands for the run of a call that belongs to none: something new each time.
    fn once(&self) -> String {
        let mut bytes = [0u8; 16];
        self.randomness().fill(&mut bytes);
        hex(&bytes)
    }
}

fn no_place(api: &str) -> Failure {
    Failure::new(Reason::InvalidInput, format!("`{api}` takes no idempotency key: its definition does not say where it goes"))
        .help("the connector's author adds `idempotency: { header: Idempotency-Key }` to the API, if its service knows one")
}

/// What stands for the content of a request. The address that its service calls back is another for each
/// call of the same content, and so is left out.
fn digest(prepared: &PreparedRequest) -> [u8; 32] {
    let Some(token) = &prepared.callback_token else { return idempotency::digest(&prepared.request) };
    let mut request = prepared.request.clone();
    if let Ok(url) = request.url.as_str().replace(token.expose().as_str(), "").parse() {
        request.url = url;
    }
    request.body = without(&request.body, token.expose().as_bytes()).into();
    idempotency::digest(&request)
}

/// Bytes without each stretch of them that is `part`.
fn without(bytes: &[u8], part: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        match rest.strip_prefix(part) {
            Some(after) if !part.is_empty() => rest = after,
            _ => {
                out.push(*first);
                rest = after;
            }
        }
    }
    out
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
