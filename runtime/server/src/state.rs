//! What every request can reach.

use crate::serve::ServerOptions;
use crate::work::Work;
use sluis_engine::Engine;
use sluis_model::id::OrgId;
use sluis_model::secret::SecretText;
use std::sync::Arc;

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
            work: Work::new(),
        }
    }
}
