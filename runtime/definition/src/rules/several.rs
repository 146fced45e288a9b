//! Ways to authenticate that name things of their own: the placeholders of several keys, the names of a choice.

use super::variables::Declared;
use crate::problem::Problems;
use crate::template::names;
use crate::tree::Cursor;
use sluis_model::suggest;

/// Where `api_keys` puts what was entered.
const PLACES: &[&str] = &["headers", "query", "cookies", "body", "basic"];

/// Checks that each placeholder of several keys is a field or a variable.
pub(super) fn check_keys(auth: &Cursor<'_>, variables: &Declared, problems: &mut Problems<'_>) {
    if auth.get("scheme").and_then(|scheme| scheme.text()) != Some("api_keys") {
        return;
    }
    let fields = auth.get("fields");
    let names_of_fields: Vec<String> = fields
        .iter()
        .flat_map(Cursor::items)
        .filter_map(|field| field.get("name").and_then(|name| name.text()).map(str::to_owned))
        .collect();
    for text in
        PLACES.iter().filter_map(|part| auth.get(part)).flat_map(|part| part.entries().collect::<Vec<_>>())
    {
        for name in text.text().into_iter().flat_map(names) {
            if !variables.contains(&name) && !names_of_fields.contains(&name) {
                let message = format!("nothing gives `${{{name}}}` a value");
                problems.add(&text, message, Some(suggest::help(&name, &names_of_fields, "fields")));
            }
        }
    }
}

/// Checks that what a choice says of its ways is said of ways that it has.
pub(super) fn check_choice(auth: &Cursor<'_>, variables: &Declared, problems: &mut Problems<'_>) {
    let Some(configs) = auth.get("configs") else { return };
    let ways: Vec<String> = configs.entries().map(|way| way.name().to_owned()).collect();
    let unknown = |name: &str| {
        let known = ways.iter().any(|way| way == name);
        (!known).then(|| (format!("there is no way `{name}`"), Some(suggest::help(name, &ways, "ways"))))
    };
    if let Some(default) = auth.get("default")
        && let Some((message, help)) = default.text().and_then(unknown)
    {
        problems.add(&default, message, help);
    }
    for part in ["titles", "variables"].iter().filter_map(|part| auth.get(part)) {
        for entry in part.entries() {
            if let Some((message, help)) = unknown(entry.name()) {
                problems.add_key(&entry, message, help);
            }
            for variable in entry.entries().filter(|variable| !variables.contains(variable.name())) {
                let message = format!("the connector has no variable `{}`", variable.name());
                let help = "declare it under `connection.variables`, with `automatic: true` if nobody is asked for it";
                problems.add_key(&variable, message, Some(help.to_owned()));
            }
        }
    }
}
