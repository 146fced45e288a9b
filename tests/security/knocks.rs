//! Marked secrets of triggers: the one in an address, and those that services show or sign with.

use super::api::Api;
use super::surfaces::Surfaces;
use super::world::World;
use serde_json::json;
use sluis_model::id::{FunctionName, TriggerName};
use sluis_model::trigger_spec::TriggerSpec;
use std::time::Duration;

/// Everything that can be done to the triggers of an org, each with secrets that are marked.
pub async fn use_triggers(world: &World, api: &Api, seen: &mut Surfaces) {
    let function: FunctionName = "knocked".parse().unwrap();
    let inputs = vec!["request".to_owned()];
    let source = "info request; return request;".to_owned();
    world.engine.store_function(&world.org, &function, source, inputs).await.unwrap();
    for preset in ["gitlab", "microsoft_graph", "github", "zoom"] {
        let name: TriggerName = preset.parse().unwrap();
        let spec = json!({ "function": "knocked", "on": { "webhook": { "preset": preset } } });
        let spec: TriggerSpec = serde_json::from_value(spec).unwrap();
        let put = world.engine.put_trigger(&world.org, &name, spec, &|_| true).await.unwrap();
        seen.debug("a stored trigger", &put);
        let secret = world.marks.secret(&format!("the secret of {preset}"));
        let set = world.engine.set_trigger_secrets(&world.org, &name, &[secret.as_str().into()]).await;
        seen.debug("a trigger with a secret", &set.unwrap());
        let (trigger, address) = world.engine.rotate_trigger_address(&world.org, &name).await.unwrap();
        seen.debug("a trigger with an address", &(trigger, address.clone()));
        let token = address.expose().path_segments().unwrap().next_back().unwrap().to_owned();
        world.marks.known(&format!("the address of {preset}"), &token);
        // As the service means it, with the secret in all the wrong places, and at addresses that lead nowhere.
        let body = json!({ "value": [{ "clientState": secret, "said": secret }] }).to_string();
        for (header, value) in [("x-gitlab-token", secret.as_str()), ("x-hub-signature-256", secret.as_str())]
        {
            api.knock(&token, &[(header, value)], &body, seen).await;
        }
        api.knock(&token, &[("x-gitlab-token", "wrong-one")], &body, seen).await;
        api.knock(&format!("{token}x"), &[], &body, seen).await;
        let view = world.engine.trigger(&world.org, &name).await.unwrap();
        if let Some(run) = &view.state.last_run {
            let ended = async {
                loop {
                    let run = world.engine.run_record(&world.org, run).await.unwrap();
                    if run.status.has_ended() {
                        return run;
                    }
                    tokio::task::yield_now().await;
                }
            };
            let run = tokio::time::timeout(Duration::from_secs(20), ended).await.unwrap();
            seen.add("the record of a run that a trigger started", serde_json::to_string(&run).unwrap());
        }
        assert_eq!(view.state.started > 0, ["gitlab", "microsoft_graph"].contains(&preset), "{preset}");
        api.look_at_trigger(preset, seen).await;
        seen.debug("how a trigger stands", &view);
    }
}
