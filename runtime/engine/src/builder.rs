//! The engine and the ports it is built with.

use crate::callbacks::Settled;
use crate::compiled::CompiledReleases;
use crate::deliveries::under_way::UnderWay;
use crate::errors;
use crate::grants::metadata::KnownIssuers;
use crate::mail::Mailer;
use crate::renewal::{HostTurns, Instance, LastUse, RenewalRules};
use crate::run::{HeldRuns, RunMeter, RunRules, StoreClock};
use crate::tasks::TaskIndex;
use crate::triggers::TriggerNotes;
use async_trait::async_trait;
use jiff::tz::TimeZone;
use sluis_auth::Challenges;
use sluis_invoke::breaker::Breakers;
use sluis_invoke::limiter::Limiter;
use sluis_invoke::{Http, Renewals, SystemTimer, Timer};
use sluis_lang::vm::Limits;
use sluis_model::error::Failure;
use sluis_model::id::{Namespace, OrgId};
use sluis_model::ports::{Clock, Randomness};
use sluis_model::time::Timestamp;
use sluis_store::Store;
pub use sluis_vault::SystemClock;
use sluis_vault::{OrgVault, Vault};
use std::sync::Arc;
use tokio::sync::{OnceCell, broadcast};
use url::Url;

/// Store and vault once they are open.
#[derive(Clone)]
pub struct Opened {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// Seals what is secret.
    pub vault: Arc<Vault>,
}

/// Opens store and vault when they are first needed: a script that touches no connector never pays
/// for them.
#[async_trait]
pub trait Opener: Send + Sync {
    /// Opens both.
    async fn open(&self) -> Result<Opened, Failure>;
}

#[async_trait]
impl Opener for Opened {
    async fn open(&self) -> Result<Opened, Failure> {
        Ok(self.clone())
    }
}

/// Reads an environment variable; tests steer it.
pub type Environment = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Collects the ports of an [`Engine`].
pub struct EngineBuilder {
    opener: Arc<dyn Opener>,
    http: Arc<dyn Http>,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    public_url: Url,
    environment: Environment,
    limits: Limits,
    zone: TimeZone,
    grant_lifetime_s: i64,
    user: User,
    mailer: Option<Arc<dyn Mailer>>,
    renewal_rules: RenewalRules,
    run_rules: RunRules,
    timer: Arc<dyn Timer>,
}

/// On whose behalf scripts run: what `zoho.loginuser` and `zoho.loginuserid` answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: String,
}

impl EngineBuilder {
    /// An engine that keeps its things where the opener says, sends through `http`, and is reached
    /// by browsers at `public_url`, from which every redirect URI is built.
    pub fn new(opener: Arc<dyn Opener>, http: Arc<dyn Http>, public_url: Url) -> Self {
        Self {
            opener,
            http,
            clock: Arc::new(SystemClock),
            randomness: Arc::new(sluis_vault::SystemRandomness),
            public_url,
            environment: Arc::new(|name| std::env::var(name).ok()),
            limits: Limits::local(),
            zone: TimeZone::UTC,
            grant_lifetime_s: 600,
            user: User { name: "local".to_owned(), email: "local@localhost".to_owned() },
            mailer: None,
            renewal_rules: RenewalRules::default(),
            run_rules: RunRules::default(),
            timer: Arc::new(SystemTimer),
        }
    }

    /// Another clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Another source of randomness.
    #[must_use]
    pub fn randomness(mut self, randomness: Arc<dyn Randomness>) -> Self {
        self.randomness = randomness;
        self
    }

    /// Another environment for `env:SLUIS_CLIENT_…` references.
    #[must_use]
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// Limits of each run.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Time zone in which scripts see dates.
    #[must_use]
    pub fn zone(mut self, zone: TimeZone) -> Self {
        self.zone = zone;
        self
    }

    /// How long a person may take to consent, in seconds.
    #[must_use]
    pub fn grant_lifetime(mut self, seconds: i64) -> Self {
        self.grant_lifetime_s = seconds;
        self
    }

    /// On whose behalf scripts run.
    #[must_use]
    pub fn user(mut self, user: User) -> Self {
        self.user = user;
        self
    }

    /// What sends the mails of scripts. Without it `sendmail` faults.
    #[must_use]
    pub fn mailer(mut self, mailer: Arc<dyn Mailer>) -> Self {
        self.mailer = Some(mailer);
        self
    }

    /// Other times and numbers of renewals.
    #[must_use]
    pub fn renewal_rules(mut self, rules: RenewalRules) -> Self {
        self.renewal_rules = rules;
        self
    }

    /// Other times of runs.
    #[must_use]
    pub fn run_rules(mut self, rules: RunRules) -> Self {
        self.run_rules = rules;
        self
    }

    /// Another way to let time pass: one that goes with the clock.
    #[must_use]
    pub fn timer(mut self, timer: Arc<dyn Timer>) -> Self {
        self.timer = timer;
        self
    }

    /// The engine. Nothing is opened yet.
    pub fn build(self) -> Engine {
        Engine(Arc::new(Inner {
            instance: Instance::new(self.randomness.as_ref()),
            host_turns: HostTurns::default(),
            last_use: LastUse::default(),
            ports: self,
            opened: OnceCell::new(),
            renewals: Renewals::default(),
            limiter: Limiter::default(),
            under_way: UnderWay::default(),
            breakers: Breakers::default(),
            challenges: Challenges::default(),
            issuers: KnownIssuers::default(),
            compiled: CompiledReleases::default(),
            tasks: TaskIndex::default(),
            held_runs: HeldRuns::default(),
            store_clock: StoreClock::default(),
            run_meter: RunMeter::default(),
            trigger_notes: TriggerNotes::default(),
            decided: broadcast::Sender::new(DECISIONS_KEPT),
            settled: broadcast::Sender::new(DECISIONS_KEPT),
        }))
    }
}

/// Decisions that a slow listener may be behind; it then looks anew.
const DECISIONS_KEPT: usize = 64;

struct Inner {
    ports: EngineBuilder,
    opened: OnceCell<Opened>,
    renewals: Renewals,
    limiter: Limiter,
    under_way: UnderWay,
    breakers: Breakers,
    instance: Instance,
    host_turns: HostTurns,
    last_use: LastUse,
    challenges: Challenges,
    issuers: KnownIssuers,
    compiled: CompiledReleases,
    tasks: TaskIndex,
    held_runs: HeldRuns,
    store_clock: StoreClock,
    run_meter: RunMeter,
    trigger_notes: TriggerNotes,
    /// Tells of attempts that were decided here.
    decided: broadcast::Sender<(OrgId, Namespace)>,
    /// Tells of calls whose answer was brought here, or was waited for too long.
    settled: broadcast::Sender<Settled>,
}

/// Everything Sluis does. Cheap to clone; all clones are one engine.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

impl Engine {
    /// The store, opened if it is not yet.
    pub(crate) async fn store(&self) -> Result<&dyn Store, Failure> {
        Ok(self.opened().await?.store.as_ref())
    }

    /// The vault, opened if it is not yet.
    pub(crate) async fn vault(&self) -> Result<&Vault, Failure> {
        Ok(self.opened().await?.vault.as_ref())
    }

    /// The vault of an org. Ask for it after the row that it is to open was read: then it has the key.
    pub(crate) async fn vault_of(&self, org: &OrgId) -> Result<OrgVault, Failure> {
        self.vault().await?.of(self.store().await?, org).await.map_err(errors::vault)
    }

    async fn opened(&self) -> Result<&Opened, Failure> {
        self.0.opened.get_or_try_init(|| self.0.ports.opener.open()).await
    }

    /// Whether the store has been opened.
    pub fn is_open(&self) -> bool {
        self.0.opened.initialized()
    }

    pub(crate) fn http(&self) -> &dyn Http {
        self.0.ports.http.as_ref()
    }

    pub(crate) fn challenges(&self) -> &Challenges {
        &self.0.challenges
    }

    pub(crate) fn issuers(&self) -> &KnownIssuers {
        &self.0.issuers
    }

    pub(crate) fn renewals(&self) -> &Renewals {
        &self.0.renewals
    }

    pub(crate) fn under_way(&self) -> &UnderWay {
        &self.0.under_way
    }

    pub(crate) fn limiter(&self) -> &Limiter {
        &self.0.limiter
    }

    pub(crate) fn breakers(&self) -> &Breakers {
        &self.0.breakers
    }

    pub(crate) fn timer(&self) -> &dyn Timer {
        self.0.ports.timer.as_ref()
    }

    pub(crate) fn timer_port(&self) -> Arc<dyn Timer> {
        Arc::clone(&self.0.ports.timer)
    }

    pub(crate) fn clock_port(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.0.ports.clock)
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.0.ports.clock.as_ref()
    }

    pub(crate) fn renewal_rules(&self) -> RenewalRules {
        self.0.ports.renewal_rules
    }

    pub(crate) fn host_turns(&self) -> &HostTurns {
        &self.0.host_turns
    }

    pub(crate) fn last_use(&self) -> &LastUse {
        &self.0.last_use
    }

    pub(crate) fn compiled(&self) -> &CompiledReleases {
        &self.0.compiled
    }

    pub(crate) fn tasks(&self) -> &TaskIndex {
        &self.0.tasks
    }

    /// The runs that go on in this process.
    pub(crate) fn held_runs(&self) -> &HeldRuns {
        &self.0.held_runs
    }

    pub(crate) fn store_clock(&self) -> &StoreClock {
        &self.0.store_clock
    }

    pub(crate) fn run_meter(&self) -> &RunMeter {
        &self.0.run_meter
    }

    pub(crate) fn run_rules(&self) -> RunRules {
        self.0.ports.run_rules
    }

    pub(crate) fn trigger_notes(&self) -> &TriggerNotes {
        &self.0.trigger_notes
    }

    pub(crate) fn randomness(&self) -> &dyn Randomness {
        self.0.ports.randomness.as_ref()
    }

    pub(crate) fn environment(&self, name: &str) -> Option<String> {
        (self.0.ports.environment)(name)
    }

    pub(crate) fn limits(&self) -> Limits {
        self.0.ports.limits
    }

    pub(crate) fn zone(&self) -> &TimeZone {
        &self.0.ports.zone
    }

    pub(crate) fn mailer(&self) -> Option<&dyn Mailer> {
        self.0.ports.mailer.as_deref()
    }

    pub(crate) fn user(&self) -> &User {
        &self.0.ports.user
    }

    pub(crate) fn settled_channel(&self) -> &broadcast::Sender<Settled> {
        &self.0.settled
    }

    pub(crate) fn tell_decided(&self, org: &OrgId, namespace: &Namespace) {
        // Nobody need be listening.
        let _ = self.0.decided.send((org.clone(), namespace.clone()));
    }

    /// Attempts that are decided in this process from now on: of which org, for which connector.
    pub fn decisions(&self) -> broadcast::Receiver<(OrgId, Namespace)> {
        self.0.decided.subscribe()
    }

    pub(crate) fn grant_lifetime_s(&self) -> i64 {
        self.0.ports.grant_lifetime_s
    }

    /// The present moment of this engine's clock.
    pub fn now(&self) -> Timestamp {
        self.0.ports.clock.now()
    }

    /// A random name of this very engine, told to whoever asks: so that an operator can see whether a
    /// public address leads here.
    pub fn instance(&self) -> &str {
        self.0.instance.id()
    }

    /// The address at which browsers reach this engine's server.
    pub fn public_url(&self) -> &Url {
        &self.0.ports.public_url
    }

    /// Lets the calls that were handed over end, and closes the store in order, so that the next start need
    /// not repair it.
    pub async fn close(&self) -> Result<(), Failure> {
        self.settle_deliveries().await;
        if self.is_open()
            && let Err(failure) = self.keep_usage().await
        {
            tracing::error!(%failure, "what was used could not be kept");
        }
        match self.0.opened.get() {
            Some(opened) => opened.store.close().await.map_err(errors::store),
            None => Ok(()),
        }
    }
}
