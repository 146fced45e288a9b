//! Requests that a caller sends again because it does not know whether the first one arrived: what was
//! answered is kept under the caller's key for a day, sealed, and answered again
//! (draft-ietf-httpapi-idempotency-key-header).
//!
//! A row is written before the work begins and holds the answer afterwards. Two that come at the same
//! time meet at that row, on whichever nodes.

use crate::builder::Engine;
use crate::ends::ends_at;
use crate::{errors, keys};
use serde::{Deserialize, Serialize};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::OrgId;
use sluis_model::time::Timestamp;
use sluis_store::{Change, Expect, StoreError, system_org};
use sluis_vault::{field, hash_token};

/// How long an answer is kept, in seconds.
pub const KEPT_FOR_S: i64 = 24 * 3_600;
/// After so many seconds nobody works on a request any more: longer than any answer takes.
const LONGEST_WORK_S: i64 = 900;

/// A request with a key.
#[derive(Debug, Clone)]
pub struct Repeatable {
    /// The org that it is about, or the system's.
    pub org: OrgId,
    /// Who asks: keys of different callers have nothing to do with each other.
    pub caller: String,
    /// What the caller calls it.
    pub key: String,
    /// A digest of what is asked for.
    pub fingerprint: String,
}

/// An answer that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// HTTP status.
    pub status: u16,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// As it was sent.
    pub body: Vec<u8>,
}

/// What is known of a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Known {
    /// It is new, and this caller's to carry out. Nobody else takes it over, whatever becomes of it.
    New,
    /// It was carried out, and answered so.
    Answered(KeptAnswer),
    /// It was carried out; its answer was too large to be kept.
    NotKept,
    /// Somebody is working on it.
    UnderWay,
    /// The process that worked on it is gone.
    CutOff,
    /// The key stands for another request.
    Different,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    UnderWay,
    Answered,
    NotKept,
}

/// What stands before the body, on a line of its own.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    fingerprint: String,
    state: State,
    begun_at: Timestamp,
    #[serde(default)]
    status: u16,
    #[serde(default)]
    headers: Vec<(String, String)>,
}

impl Engine {
    /// What is known of a request; one that is new is claimed.
    pub async fn begin_repeatable(&self, request: &Repeatable) -> Result<Known, Failure> {
        let now = self.now();
        let head = Head {
            fingerprint: request.fingerprint.clone(),
            state: State::UnderWay,
            begun_at: now,
            status: 0,
            headers: Vec::new(),
        };
        let key = keys::repeat(&request.org, &request.id());
        let claim = self.sealed_repeat(request, &head, &[]).await?;
        let store = self.store().await?;
        loop {
            let put = Change::Put { key: key.clone(), bytes: claim.clone(), expect: Expect::Absent };
            let changes = vec![put, ends_at(&key, now.plus_seconds(KEPT_FOR_S))?];
            match store.apply(changes).await {
                Ok(_) => return Ok(Known::New),
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(errors::store(error)),
            }
            // Forgotten at this moment: then it is new after all.
            let Some(record) = store.get(&key).await.map_err(errors::store)? else { continue };
            let vault = self.vault_of(&request.org).await?;
            let opened = vault.open(&request.id(), field::REPEAT, &record.bytes).map_err(errors::vault)?;
            return read(opened.expose(), &request.fingerprint, now).ok_or_else(|| {
                Failure::new(Reason::Internal, "what was kept of this request cannot be read")
                    .help("send it with another key")
            });
        }
    }

    /// Keeps the answer of a request that was claimed; `None` if it is too large to be kept.
    pub async fn keep_repeatable(
        &self,
        request: &Repeatable,
        answer: Option<&KeptAnswer>,
    ) -> Result<(), Failure> {
        let state = if answer.is_some() { State::Answered } else { State::NotKept };
        let head = Head {
            fingerprint: request.fingerprint.clone(),
            state,
            begun_at: self.now(),
            status: answer.map(|answer| answer.status).unwrap_or_default(),
            headers: answer.map(|answer| answer.headers.clone()).unwrap_or_default(),
        };
        let body = answer.map(|answer| answer.body.as_slice()).unwrap_or_default();
        let bytes = self.sealed_repeat(request, &head, body).await?;
        let key = keys::repeat(&request.org, &request.id());
        // Its version may be another one by now: a change of keys seals it anew.
        let change = Change::Put { key, bytes, expect: Expect::Any };
        self.store().await?.apply(vec![change]).await.map_err(errors::store)?;
        Ok(())
    }

    /// Gives up a claim: nothing was done, so that the same may be asked for again.
    pub async fn forget_repeatable(&self, request: &Repeatable) -> Result<(), Failure> {
        let key = keys::repeat(&request.org, &request.id());
        let change = Change::Delete { key, expect: Expect::Any };
        self.store().await?.apply(vec![change]).await.map_err(errors::store)?;
        Ok(())
    }

    async fn sealed_repeat(
        &self,
        request: &Repeatable,
        head: &Head,
        body: &[u8],
    ) -> Result<Vec<u8>, Failure> {
        let mut bytes = serde_json::to_vec(head)
            .map_err(|_| Failure::new(Reason::Internal, "the answer cannot be written down"))?;
        bytes.push(b'\n');
        bytes.extend_from_slice(body);
        Ok(self.vault_of(&request.org).await?.seal(&request.id(), field::REPEAT, &bytes))
    }
}

/// Stands for an org where a request is about none.
pub fn of_no_org() -> OrgId {
    system_org()
}

impl Repeatable {
    /// Hashed, because a key may say whatever its caller thought of.
    fn id(&self) -> String {
        hash_token(&format!("{}\n{}", self.caller, self.key))
    }
}

fn read(bytes: &[u8], fingerprint: &str, now: Timestamp) -> Option<Known> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (head, body) = bytes.split_at(end);
    let head: Head = serde_json::from_slice(head).ok()?;
    if head.fingerprint != fingerprint {
        return Some(Known::Different);
    }
    Some(match head.state {
        State::UnderWay if now.seconds_since(head.begun_at) > LONGEST_WORK_S => Known::CutOff,
        State::UnderWay => Known::UnderWay,
        State::NotKept => Known::NotKept,
        State::Answered => Known::Answered(KeptAnswer {
            status: head.status,
            headers: head.headers,
            body: body.get(1..)?.to_vec(),
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(state: State, body: &[u8]) -> Vec<u8> {
        let headers = vec![("etag".to_owned(), "\"1\"".to_owned())];
        let head = Head { fingerprint: "f".into(), state, begun_at: Timestamp(0), status: 201, headers };
        [serde_json::to_vec(&head).unwrap(), b"\n".to_vec(), body.to_vec()].concat()
    }

    #[test]
    fn an_answer_is_read_as_it_was_written_also_with_line_ends() {
        let Some(Known::Answered(answer)) = read(&row(State::Answered, b"a\nb"), "f", Timestamp(0)) else {
            panic!("an answer")
        };
        assert_eq!((answer.status, answer.body.as_slice()), (201, b"a\nb".as_slice()));
        assert_eq!(answer.headers, [("etag".to_owned(), "\"1\"".to_owned())]);
    }

    #[test]
    fn what_nobody_works_on_any_more_is_told_apart() {
        let at = |seconds: i64| read(&row(State::UnderWay, b""), "f", Timestamp(seconds * 1_000));
        assert_eq!(
            [at(1), at(LONGEST_WORK_S), at(LONGEST_WORK_S + 1)],
            [Some(Known::UnderWay), Some(Known::UnderWay), Some(Known::CutOff)]
        );
        assert_eq!(read(&row(State::Answered, b""), "other", Timestamp(0)), Some(Known::Different));
        assert_eq!(read(b"damaged", "f", Timestamp(0)), None);
    }
}
