//! Scripts of the hooks: text in the file, or a file beside it. They are loaded here and compiled
//! by the engine.

use super::beside::is_beside;
use crate::problem::Problems;
use crate::tree::Cursor;
use serde_json::Value;

/// The loaded scripts by the name of their hook.
#[derive(Default)]
pub(crate) struct Scripts(Vec<(String, String)>);

impl Scripts {
    /// Replaces references by the scripts.
    pub(crate) fn put_into(self, definition: &mut Value) {
        let Some(hooks) = definition.get_mut("hooks").and_then(Value::as_object_mut) else { return };
        for (name, script) in self.0 {
            hooks.insert(name, Value::String(script));
        }
    }
}

pub(super) fn check(
    root: &Cursor<'_>,
    load: &dyn Fn(&str) -> Result<String, String>,
    problems: &mut Problems<'_>,
) -> Scripts {
    let mut scripts = Scripts::default();
    for hook in root.get("hooks").iter().flat_map(Cursor::entries) {
        let Some(text) = hook.text() else { continue };
        let Some(file) = text.strip_prefix("file:").map(str::trim) else {
            inline(&hook, text, problems);
            continue;
        };
        if !is_beside(file) {
            let help = "name a file in the folder of the connector file or below it: `file:on_authorize.dg`"
                .to_owned();
            problems.add(&hook, format!("`{file}` does not lie beside the connector file"), Some(help));
            continue;
        }
        match load(file) {
            Ok(script) if script.trim().is_empty() => {
                problems.add(
                    &hook,
                    format!("the script `{file}` is empty"),
                    Some("leave the hook out".to_owned()),
                );
            }
            Ok(script) => scripts.0.push((hook.name().to_owned(), script)),
            Err(why) => problems.add(&hook, format!("the script `{file}` cannot be loaded: {why}"), None),
        }
    }
    scripts
}

fn inline(hook: &Cursor<'_>, text: &str, problems: &mut Problems<'_>) {
    let one_word = !text.trim().contains(char::is_whitespace);
    if text.trim().is_empty() {
        problems.add(hook, "the script is empty", Some("leave the hook out".to_owned()));
    } else if one_word && text.trim().ends_with(".dg") {
        let help = format!("did you mean `file:{}`?", text.trim());
        problems.add(hook, "this is the name of a file, not a script", Some(help));
    }
}
