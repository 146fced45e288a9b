//! The ports of an engine, with a place to die at each step: what stands between the engine and the
//! real store, and between the engine and the real transport.

use crate::step::{PREFIX, Said, Step};
use async_trait::async_trait;
use sluis_invoke::{Http, HttpAnswer, OutgoingRequest, SendLimits, Transport, TransportError};
use sluis_model::id::OrgId;
use sluis_model::time::Timestamp;
use sluis_store::{
    Change, JobHandler, Key, Page, QueuedJob, Record, StopSignal, Store, StoreError, Table, WorkOptions,
};
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Says a line to whoever started this process.
pub fn say(said: &Said) {
    let line = format!("{PREFIX}{}\n", serde_json::to_string(said).unwrap());
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

/// Microseconds since 1970.
pub fn now_us() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros()).unwrap()
}

/// An answer of the token endpoint that is not durable yet.
struct Heard {
    at: Instant,
    gives_tokens: bool,
}

/// Where this process dies.
pub struct Fate {
    step: Option<Step>,
    armed: AtomicBool,
    heard: Mutex<Option<Heard>>,
    /// New tokens have been stored since it was armed.
    swapped: AtomicBool,
}

impl Fate {
    /// One that is not armed.
    pub fn new(step: Option<Step>) -> Arc<Self> {
        Arc::new(Self {
            step,
            armed: AtomicBool::new(false),
            heard: Mutex::default(),
            swapped: AtomicBool::new(false),
        })
    }

    /// From now on the step counts, or no longer.
    pub fn arm(&self, armed: bool) {
        *self.heard.lock().unwrap() = None;
        self.swapped.store(false, Ordering::SeqCst);
        self.armed.store(armed, Ordering::SeqCst);
    }

    fn is_due(&self, step: Step) -> bool {
        // What is forgotten after an earlier renewal is no step of this one.
        let forgets = matches!(step, Step::BeforeForgetting | Step::Forgotten);
        self.armed.load(Ordering::SeqCst)
            && self.step == Some(step)
            && (!forgets || self.swapped.load(Ordering::SeqCst))
    }

    /// Stands still for good if this is the step, until the process is killed.
    async fn reach(&self, step: Step) {
        if self.is_due(step) {
            say(&Said::At);
            std::future::pending().await
        }
    }

    fn pass(&self, step: Step) {
        if self.is_due(step) {
            say(&Said::Near);
        }
    }
}

/// The real transport.
pub struct MortalHttp(pub Transport, pub Arc<Fate>);

#[async_trait]
impl Http for MortalHttp {
    async fn send(&self, request: OutgoingRequest, limits: SendLimits) -> Result<HttpAnswer, TransportError> {
        let renews = request.url.path() == "/oauth/token";
        if renews {
            self.1.reach(Step::AfterTheIntent).await;
        }
        let answer = self.0.send(request, limits).await;
        if renews && let Ok(answer) = &answer {
            let heard = Heard { at: Instant::now(), gives_tokens: answer.status == 200 };
            *self.1.heard.lock().unwrap() = Some(heard);
            self.1.reach(Step::AnswerHeard).await;
        }
        answer
    }
}

/// The real store.
pub struct MortalStore(pub Arc<dyn Store>, pub Arc<Fate>);

/// Which write of a renewal a batch is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Writes {
    Intent,
    Answer,
    Tokens,
    Forgetting,
    Other,
}

impl MortalStore {
    fn which(&self, changes: &[Change]) -> Writes {
        let puts = |table| {
            changes.iter().any(|change| matches!(change, Change::Put { key, .. } if key.table == table))
        };
        let ends = changes
            .iter()
            .any(|change| matches!(change, Change::Delete { key, .. } if key.table == Table::Intents));
        match changes.len() {
            1 if puts(Table::Intents) && self.1.heard.lock().unwrap().is_some() => Writes::Answer,
            1 if puts(Table::Intents) => Writes::Intent,
            1 if puts(Table::Credentials) => Writes::Forgetting,
            _ if puts(Table::Credentials) && ends => Writes::Tokens,
            _ => Writes::Other,
        }
    }

    async fn before(&self, writes: Writes) {
        match writes {
            Writes::Intent => self.1.reach(Step::BeforeTheIntent).await,
            Writes::Answer => self.1.pass(Step::AnswerBeingKept),
            Writes::Tokens => {
                self.1.reach(Step::BeforeTheSwap).await;
                self.1.pass(Step::Swapping);
            }
            Writes::Forgetting => self.1.reach(Step::BeforeForgetting).await,
            Writes::Other => {}
        }
    }

    async fn after(&self, writes: Writes) {
        match writes {
            Writes::Answer => {
                let heard = self.1.heard.lock().unwrap().take();
                if let Some(heard) = heard.filter(|heard| heard.gives_tokens) {
                    let after_us = u64::try_from(heard.at.elapsed().as_micros()).unwrap();
                    say(&Said::Kept { at_us: now_us(), after_us });
                }
                self.1.reach(Step::AnswerKept).await;
            }
            Writes::Tokens => {
                self.1.swapped.store(true, Ordering::SeqCst);
                self.1.reach(Step::Swapped).await;
            }
            Writes::Forgetting => self.1.reach(Step::Forgotten).await,
            Writes::Intent | Writes::Other => {}
        }
    }
}

#[async_trait]
impl Store for MortalStore {
    fn is_ours_alone(&self) -> bool {
        self.0.is_ours_alone()
    }
    async fn get(&self, key: &Key) -> Result<Option<Record>, StoreError> {
        self.0.get(key).await
    }
    async fn list(
        &self,
        table: Table,
        org: &OrgId,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Record)>, StoreError> {
        self.0.list(table, org, prefix, after, limit).await
    }
    async fn list_all(&self, table: Table, after: Option<&Key>, limit: usize) -> Result<Page, StoreError> {
        self.0.list_all(table, after, limit).await
    }
    async fn apply(&self, changes: Vec<Change>) -> Result<Vec<u64>, StoreError> {
        let writes = self.which(&changes);
        self.before(writes).await;
        let applied = self.0.apply(changes).await;
        if applied.is_ok() {
            self.after(writes).await;
        }
        applied
    }
    async fn server_time(&self) -> Result<Option<Timestamp>, StoreError> {
        self.0.server_time().await
    }
    async fn work_jobs(
        &self,
        handler: Arc<dyn JobHandler>,
        options: WorkOptions,
        stop: StopSignal,
    ) -> Result<(), StoreError> {
        self.0.work_jobs(handler, options, stop).await
    }
    async fn list_jobs(&self, after: Option<u64>, limit: usize) -> Result<Vec<QueuedJob>, StoreError> {
        self.0.list_jobs(after, limit).await
    }
    async fn close(&self) -> Result<(), StoreError> {
        self.0.close().await
    }
}
