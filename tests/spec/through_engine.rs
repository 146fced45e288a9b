//! Runs a case the way a server or `sluis run` does.

use crate::case::Case;
use crate::lang_alone::{LIMITS, arguments};
use crate::outcome::{self, Outcome, places};
use sluis_engine::{Engine, EngineBuilder, EntryPoint, Opened, RunObserver, RunRefused, RunRequest};
use sluis_invoke::{EgressPolicy, Transport};
use sluis_model::run::RunStatus;
use sluis_vault::{KeyRing, SystemRandomness, Vault};
use std::sync::Arc;

struct Printed(Vec<String>);

impl RunObserver for Printed {
    fn info(&mut self, line: &str) {
        self.0.extend(line.split('\n').map(str::to_owned));
    }
}

/// 32 bytes in base64. It seals nothing that is kept.
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// Runs it on an engine of its own, with nothing installed.
pub async fn run(case: &Case) -> Outcome {
    let source = case.part("deluge").expect("a case has a script").text.clone();
    let request = RunRequest {
        org: "spec".parse().expect("an org id"),
        user: None,
        label: case.title.clone(),
        function: None,
        source: source.clone(),
        entry: EntryPoint::Default,
        args: arguments(case),
        keep: false,
    };
    let engine = engine().await;
    let mut printed = Printed(Vec::new());
    let end = match engine.run(request, &mut printed).await {
        Ok(end) => end,
        Err(RunRefused::Script(diagnostics)) => return Outcome::refused(&source, &diagnostics),
        Err(other) => panic!("{}:{}: {other}", case.file.display(), case.line),
    };
    let mut outcome =
        Outcome { diagnostics: places(&source, &end.warnings), prints: printed.0, ..Outcome::default() };
    match end.run.status {
        RunStatus::Done { value } => outcome.set_value(value),
        RunStatus::Failed { code, message, line, .. } => {
            outcome.fault = Some(outcome::fault(&code, line, &message));
        }
        other => panic!("{}:{}: it ended as {other:?}", case.file.display(), case.line),
    }
    outcome
}

async fn engine() -> Engine {
    let store = sluis_store::open_in_memory().await.expect("a store in memory");
    let ring = KeyRing::from_text(KEY, "the spec").expect("a key");
    let vault = Arc::new(Vault::new(ring, Arc::new(SystemRandomness)));
    let transport = Arc::new(Transport::new(EgressPolicy::strict()));
    let public_url = "http://127.0.0.1:1".parse().expect("a URL");
    let engine =
        EngineBuilder::new(Arc::new(Opened { store, vault }), transport, public_url).limits(LIMITS).build();
    engine.ensure_org(&"spec".parse().expect("an org id")).await.expect("an org");
    engine
}
