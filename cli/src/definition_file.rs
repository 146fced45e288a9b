//! Connector files on disk: read them with the hook scripts they name, and draw what is wrong.

use crate::outcome::Problem;
use crate::terminal;
use sluis_definition::Problem as Found;
use sluis_lang::diagnostic::Diagnostic;
use sluis_lang::render;
use sluis_model::connector::ConnectorDefinition;
use std::path::{Component, Path};

/// Reads a connector file. What is wrong with it is drawn, and `None` answered.
pub fn read(file: &Path) -> Result<Option<ConnectorDefinition>, Problem> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        Problem::environment(format!("{} cannot be read: {error}", file.display()))
            .help("name the connector file, for example: examples/connectors/gcontacts/connector.yaml")
    })?;
    let name = file.display().to_string();
    let folder = file.parent().unwrap_or(Path::new(""));
    match sluis_definition::read(&name, &text, &|hook| load_hook(folder, hook)) {
        Ok(definition) => Ok(Some(definition)),
        Err(problems) => {
            draw(&problems);
            Ok(None)
        }
    }
}

/// Whether a definition that did not come as a file of its own is sound; what is wrong with it is drawn.
pub fn is_sound(name: &str, text: &str) -> bool {
    let no_files = |hook: &str| Err(format!("`{hook}` did not come along"));
    sluis_definition::read(name, text, &no_files).map_err(|problems| draw(&problems)).is_ok()
}

/// A hook script beside the connector file; never one from elsewhere, because connector files come
/// from other people.
fn load_hook(folder: &Path, name: &str) -> Result<String, String> {
    let path = Path::new(name);
    if !path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Err(format!("`{name}` leads out of the connector's folder"));
    }
    std::fs::read_to_string(folder.join(path)).map_err(|error| format!("`{name}` cannot be read: {error}"))
}

fn draw(problems: &[Found]) {
    for problem in problems {
        terminal::err(format!("{problem}\n"));
    }
    let s = if problems.len() == 1 { "" } else { "s" };
    terminal::err(format!("sluis: {} problem{s}\n", problems.len()));
}

/// Compiles the hooks; draws what is wrong and says whether they can run.
pub fn check_hooks(definition: &ConnectorDefinition) -> bool {
    let hooks =
        [("on_authorize", &definition.hooks.on_authorize), ("on_revoke", &definition.hooks.on_revoke)];
    let environment = sluis_engine::connectors::hook_environment();
    let mut good = true;
    for (hook, source) in hooks {
        let Some(source) = source else { continue };
        let built = sluis_lang::build(source, &environment);
        draw_hook(hook, source, &built.diagnostics);
        good &= built.program.is_some();
    }
    good
}

/// Draws what is wrong with a hook script.
pub fn draw_hook(hook: &str, source: &str, diagnostics: &[Diagnostic]) {
    if !diagnostics.is_empty() {
        let name = format!("hooks.{hook}");
        terminal::err(render::render(&name, source, diagnostics, terminal::colored_errors()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_from_outside_of_the_folder_is_refused() {
        for name in ["../secret.dg", "/etc/passwd", "a/../../b.dg"] {
            assert!(load_hook(Path::new("."), name).unwrap_err().contains("leads out"), "{name}");
        }
    }
}
