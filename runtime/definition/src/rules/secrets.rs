//! Credentials of the client never stand in the file.

use crate::problem::Problems;
use crate::template;
use crate::tree::{Cursor, Kind, Node};

const HELP: &str = "write `client: vault:NAME` under `auth` and seal id and secret into the store, or `client: \
                    env:SLUIS_CLIENT_NAME` and set SLUIS_CLIENT_NAME_ID and SLUIS_CLIENT_NAME_SECRET";

/// Whether a field's name says that it holds a part of a client registration.
pub(crate) fn is_client_field(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    matches!(
        plain.to_ascii_lowercase().as_str(),
        "clientid" | "clientsecret" | "consumerkey" | "consumersecret"
    )
}

/// Values that must not be shown in any problem.
pub(crate) fn values(tree: &Node) -> Vec<String> {
    let mut found = Vec::new();
    collect(&Cursor::root(tree), &mut found);
    found
}

fn collect(at: &Cursor<'_>, found: &mut Vec<String>) {
    let hidden = match at.text() {
        Some(text) if is_client_field(at.name()) => !is_template(text),
        Some(text) if at.name() == "client" => !text.starts_with("vault:") && !text.starts_with("env:"),
        _ => false,
    };
    if let Some((user, _)) = at.text().and_then(|text| text.split_once("://")?.1.split_once('@'))
        && !user.contains('/')
    {
        found.push(user.to_owned());
    }
    if hidden && let Some(text) = at.text() {
        found.extend(text.lines().map(str::trim).filter(|line| line.len() > 2).map(str::to_owned));
    }
    // Names of parameters stand there, and no values.
    if at.name() != "rename" {
        at.entries().chain(at.items()).for_each(|inner| collect(&inner, found));
    }
}

/// Refuses such fields wherever they stand. A placeholder is fine: its value comes with the call.
pub(super) fn check(at: &Cursor<'_>, problems: &mut Problems<'_>) {
    for field in at.entries() {
        let names_things = at.name() == "inputs" || at.name() == "rename" || at.path() == "apis";
        let filled = !names_things
            && match field.kind() {
                Kind::Text(text) => !is_template(text),
                Kind::Number(_) => true,
                _ => false,
            };
        if filled && is_client_field(field.name()) {
            let message = format!("`{}` does not belong in a connector file", field.path());
            problems.add_key(&field, message, Some(HELP.to_owned()));
        }
        check(&field, problems);
    }
    at.items().for_each(|item| check(&item, problems));
}

fn is_template(text: &str) -> bool {
    template::names(text).next().is_some()
}

/// Refuses a `client` that is not a reference, without showing it.
pub(super) fn check_reference(client: &Cursor<'_>, problems: &mut Problems<'_>) {
    let Some(text) = client.text() else { return };
    let plain = |name: &str| {
        (1..=64).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
    };
    let message = match text.split_once(':') {
        Some(("vault", name)) if plain(name) => return,
        Some(("vault", _)) => "a name in the vault has 1 to 64 letters, digits, _, . and -".to_owned(),
        Some(("env", _)) => match sluis_model::connector::ClientReference::try_from(text.to_owned()) {
            Ok(_) => return,
            Err(message) => message,
        },
        _ => "`auth.client` is a reference to a registered client, never the client itself".to_owned(),
    };
    problems.add(client, message, Some(HELP.to_owned()));
}
