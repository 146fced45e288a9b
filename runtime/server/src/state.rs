//! What every request can reach.

use crate::middleware::cross_origin::Origin;
use crate::middleware::limits::Limiters;
use crate::middleware::trigger_limits::TriggerLimits;
use crate::serve::ServerOptions;
use crate::work::Work;
use sluis_engine::Engine;
use sluis_model::id::OrgId;
use sluis_model::secret::SecretText;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The engine and the choices of whoever started the server. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// Does everything.
    pub engine: Engine,
    /// What callers must show; without it there is no `/api/v1`.
    pub api_token: Option<Arc<SecretText>>,
    /// Whether waiting runs go on after a callback.
    pub resume_runs: bool,
    /// Whose connectors the connector proxy protocol means where nothing says so.
    pub proxy_org: Option<OrgId>,
    /// What callers of `/metrics` must show; without it nothing is shown there.
    pub metrics_token: Option<Arc<SecretText>>,
    /// How much of what was allowed is used.
    pub limiters: Limiters,
    /// How much of what the address of each trigger takes is used.
    pub trigger_limits: TriggerLimits,
    /// Pages of these origins may read answers.
    pub allow_origins: Arc<[Origin]>,
    /// Whether a stop was asked for.
    pub draining: Arc<AtomicBool>,
    /// What goes on without its caller.
    pub work: Work,
}

impl App {
    /// Puts an engine behind the choices.
    pub fn new(engine: Engine, options: ServerOptions) -> Self {
        Self {
            engine,
            api_token: options.api_token.map(Arc::new),
            resume_runs: options.resume_runs,
            proxy_org: options.proxy_org,
            metrics_token: options.metrics_token.map(Arc::new),
            limiters: Limiters::new(options.rate_limits, &options.trusted_proxies),
            trigger_limits: TriggerLimits::default(),
            allow_origins: options.allow_origins.into(),
            draining: Arc::default(),
            work: Work::new(),
        }
    }
}
