//! How an API is called as an integration task.

use super::api::Used;
use crate::problem::Problems;
use crate::tree::{Cursor, Kind};
use sluis_model::suggest::nearest;
use sluis_model::task::{AnswerPath, is_task_name};
use std::collections::HashMap;

/// Checks the `task` of an API; `used` are its placeholders.
pub(super) fn check(task: &Cursor<'_>, used: &Used, problems: &mut Problems<'_>) {
    if let Some(at) = task.get("name")
        && let Some(text) = at.text()
        && !is_task_name(text)
    {
        let help = "it is what scripts call, such as `zoho.crm.getRecordById`: words with dots between them";
        problems.add(&at, format!("`{text}` cannot be the name of a task"), Some(help.to_owned()));
    }
    for parameter in task.get("parameters").iter().flat_map(Cursor::items) {
        match parameter.kind() {
            Kind::Text(name) => input(&parameter, name, used, problems),
            _ => {
                for option in parameter.get("options").iter().flat_map(Cursor::items) {
                    if let Some(name) = option.text() {
                        input(&option, name, used, problems);
                    }
                }
            }
        }
    }
    for choice in task.get("result").iter().flat_map(Cursor::items) {
        if let Some(at) = choice.get("at")
            && let Some(text) = at.text()
        {
            path(&at, text, false, problems);
        }
        for condition in choice.get("when").iter().flat_map(Cursor::entries) {
            path(&condition, condition.name(), true, problems);
        }
    }
}

fn input(at: &Cursor<'_>, name: &str, used: &Used, problems: &mut Problems<'_>) {
    if used.contains(name) {
        return;
    }
    let help = match nearest(name, used.names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "a parameter is the name of a placeholder of this API".to_owned(),
    };
    problems.add(at, format!("no placeholder `${{{name}}}` takes this parameter"), Some(help));
}

fn path(at: &Cursor<'_>, text: &str, is_key: bool, problems: &mut Problems<'_>) {
    if let Err(error) = text.parse::<AnswerPath>() {
        match is_key {
            true => problems.add_key(at, error.to_string(), None),
            false => problems.add(at, error.to_string(), None),
        }
    }
}

/// Two APIs of a connector that want to answer the same task.
pub(super) fn unique(root: &Cursor<'_>, problems: &mut Problems<'_>) {
    let mut seen: HashMap<String, String> = HashMap::new();
    for api in root.get("apis").iter().flat_map(Cursor::entries) {
        let Some(at) = api.get("task").and_then(|task| task.get("name")) else { continue };
        let Some(name) = at.text() else { continue };
        if let Some(other) = seen.insert(name.to_ascii_lowercase(), api.name().to_owned()) {
            problems.add(&at, format!("`{other}` answers this task already"), None);
        }
    }
}
