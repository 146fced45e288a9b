//! APIs: new and removed ones, and what those that stay do to the service.

use super::{Found, inputs};
use sluis_model::change::ChangeKind;
use sluis_model::connector::{ApiDefinition, ConnectorDefinition, Effect};

/// Compares the APIs of two definitions.
pub(super) fn compare(before: &ConnectorDefinition, after: &ConnectorDefinition, found: &mut Found) {
    for (key, api) in &after.apis {
        match before.apis.get(key) {
            Some(present) => {
                effect(key, present, api, found);
                inputs::compare(key, before, after, found);
            }
            None => {
                let what = format!("the API {key} is new: {}", does(api.effect));
                found.add(ChangeKind::ApiAdded, format!("apis.{key}"), what).admin =
                    api.effect != Effect::Read;
                found.settle(format!("apis.{key}"));
            }
        }
    }
    for key in before.apis.keys().filter(|key| !after.apis.contains_key(*key)) {
        let what = format!("the API {key} is gone; scripts that call it fail");
        found.add(ChangeKind::ApiRemoved, format!("apis.{key}"), what).breaking = true;
        found.settle(format!("apis.{key}"));
    }
}

fn does(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "it reads",
        Effect::Write => "it changes something",
        Effect::Destructive => "it destroys something",
    }
}

fn effect(key: &str, before: &ApiDefinition, after: &ApiDefinition, found: &mut Found) {
    let at = format!("apis.{key}.effect");
    found.settle(at.clone());
    let rank = |effect| match effect {
        Effect::Read => 0,
        Effect::Write => 1,
        Effect::Destructive => 2,
    };
    let what = || format!("of the API {key}: {}, and before {}", does(after.effect), does(before.effect));
    match rank(after.effect).cmp(&rank(before.effect)) {
        std::cmp::Ordering::Greater => found.add(ChangeKind::EffectRaised, at, what()).admin = true,
        std::cmp::Ordering::Less => {
            found.add(ChangeKind::EffectLowered, at, what());
        }
        std::cmp::Ordering::Equal => {}
    }
}
