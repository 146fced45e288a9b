//! `sluis trigger list` and `show`.

use crate::outcome::{Exit, Outcome};
use crate::terminal;
use serde_json::{Value, json};
use sluis_engine::Engine;
use sluis_engine::triggers::{Firing, FiringOutcome, StoredTrigger};
use sluis_model::id::{OrgId, TriggerName};
use sluis_model::time::Timestamp;
use sluis_model::trigger_spec::Occasion;

/// How many coming moments are shown.
const COMING: usize = 5;

/// Lists triggers.
pub async fn list(engine: &Engine, org: &OrgId, json: bool) -> Outcome {
    let triggers = engine.triggers(org).await?;
    if json {
        terminal::out(Value::from_iter(triggers.iter().map(definition)).to_string());
        return Ok(Exit::Done);
    }
    for trigger in &triggers {
        let rests = if trigger.paused { "  rests" } else { "" };
        let next = engine.coming_moments(trigger, 1);
        let next = next.first().map(|at| format!("  next {}", shown(*at))).unwrap_or_default();
        let (name, function) = (&trigger.name, &trigger.spec.function);
        terminal::out(format!("{name:<20} {:<9} {function}{rests}{next}", trigger.spec.on.kind()));
    }
    if triggers.is_empty() {
        terminal::note("there are none; make one with: sluis trigger add");
    }
    Ok(Exit::Done)
}

/// Shows one.
pub async fn show(engine: &Engine, org: &OrgId, name: &TriggerName, json: bool) -> Outcome {
    let view = engine.trigger(org, name).await?;
    let coming = engine.coming_moments(&view.trigger, COMING);
    if json {
        let mut all = definition(&view.trigger);
        all["state"] = json!(view.state);
        all["coming"] = coming.iter().map(|at| shown(*at)).collect();
        terminal::out(all.to_string());
        return Ok(Exit::Done);
    }
    let trigger = &view.trigger;
    let rests = if trigger.paused { ", and rests" } else { "" };
    terminal::out(format!("{name} starts {} by {}{rests}", trigger.spec.function, trigger.spec.on.kind()));
    if let Occasion::Webhook(_) = trigger.spec.on {
        terminal::out(format!("secrets that count: {}", trigger.secrets));
    }
    if trigger.spec.on.has_address() && trigger.address.is_none() {
        terminal::note(format!("it has no address; give it one with: sluis trigger rotate {name}"));
    }
    let state = &view.state;
    terminal::out(format!(
        "started {}, repeated {}, skipped {}, refused {}",
        state.started, state.repeated, state.skipped, state.refused
    ));
    moments(&coming);
    for firing in state.recent.iter().chain(&state.refusals) {
        terminal::out(line(firing));
    }
    Ok(Exit::Done)
}

/// The next moments of a trigger, if it is by schedule.
pub fn coming(engine: &Engine, trigger: &StoredTrigger) {
    moments(&engine.coming_moments(trigger, COMING));
}

/// Moments, one a line.
pub fn moments(all: &[Timestamp]) {
    all.iter().for_each(|at| terminal::out(format!("fires {}", shown(*at))));
}

fn line(firing: &Firing) -> String {
    let what = match &firing.outcome {
        FiringOutcome::Started { run } => format!("started {run}"),
        FiringOutcome::Repeated { run } => format!("came before, as {run}"),
        FiringOutcome::Skipped { why } => format!("let go: {why}"),
        FiringOutcome::Answered => "answered a question of the service".to_owned(),
        FiringOutcome::Refused { why } => format!("refused: {why}"),
        FiringOutcome::Failed { why } => format!("failed: {why}"),
    };
    format!("{}  {what}", shown(firing.at))
}

fn shown(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0).map(|at| at.to_string()).unwrap_or_default()
}

fn definition(trigger: &StoredTrigger) -> Value {
    let mut all = json!(trigger.spec);
    all["name"] = json!(trigger.name);
    all["paused"] = json!(trigger.paused);
    all["has_address"] = json!(trigger.address.is_some());
    all["secrets"] = json!(trigger.secrets);
    all
}
