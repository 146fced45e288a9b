//! What is said of values: schemas of inputs and outputs, and the examples, defaults and choices that
//! must fit them.

use super::api::Used;
use super::expressions::known_api;
use crate::input_checker::InputChecker;
use crate::problem::Problems;
use crate::template::Braces;
use crate::tree::{Cursor, Kind};
use crate::values::{Misfit, SchemaFault, ValueSchema};
use sluis_model::connector::Input;
use sluis_model::suggest::nearest;
use sluis_model::task::AnswerPath;

/// Checks the inputs and outputs of an API; `used` are its placeholders.
pub(super) fn check(root: &Cursor<'_>, api: &Cursor<'_>, used: &Used, problems: &mut Problems<'_>) {
    for input in api.get("inputs").iter().flat_map(Cursor::entries) {
        values(&input, problems);
        if let Some(from) = input.get("options_from") {
            options(root, &from, used, problems);
        }
    }
    outputs(api, problems);
}

fn values(input: &Cursor<'_>, problems: &mut Problems<'_>) {
    // What has another shape is the schema's to tell.
    let Ok(known) = serde_json::from_value::<Input>(input.to_json()) else { return };
    let checker = match InputChecker::compile(&known) {
        Ok(checker) => checker,
        Err(fault) => return unsound(input, &fault, problems),
    };
    let given = ["default", "example"].iter().filter_map(|field| input.get(field));
    let choices: Vec<Cursor<'_>> = input.get("enum").iter().flat_map(Cursor::items).collect();
    for at in given.chain(choices).filter(|at| !matches!(at.kind(), Kind::Null)) {
        if let Err(misfits) = checker.fitted(&at.to_json()) {
            tell(&at, &misfits, problems);
        }
    }
    if let Some(schema) = input.get("schema") {
        let examples: Vec<Cursor<'_>> = schema.get("examples").iter().flat_map(Cursor::items).collect();
        for at in schema.get("default").into_iter().chain(examples) {
            if let Err(misfits) = checker.fitted(&at.to_json()) {
                tell(&at, &misfits, problems);
            }
        }
    }
}

fn outputs(api: &Cursor<'_>, problems: &mut Problems<'_>) {
    let Some(at) = api.get("outputs").filter(|at| matches!(at.kind(), Kind::Map(_))) else { return };
    let schema = match ValueSchema::compile(&at.to_json()) {
        Ok(schema) => schema,
        Err(fault) => return unsound(&at, &fault, problems),
    };
    let examples: Vec<Cursor<'_>> = at.get("examples").iter().flat_map(Cursor::items).collect();
    for example in api.get("output_example").into_iter().chain(examples) {
        tell(&example, &schema.misfits(&example.to_json()), problems);
    }
}

fn unsound(at: &Cursor<'_>, fault: &SchemaFault, problems: &mut Problems<'_>) {
    problems.add(&below(at, &fault.pointer), fault.message.clone(), None);
}

fn tell(at: &Cursor<'_>, misfits: &[Misfit], problems: &mut Problems<'_>) {
    for misfit in misfits.iter().take(5) {
        let place = below(at, &misfit.pointer);
        let message = format!("`{}` {}", place.path(), misfit.message);
        problems.add(&place, message, misfit.help.clone());
    }
}

/// The deepest place on the way of a pointer that stands in the file.
fn below<'a>(at: &Cursor<'a>, pointer: &str) -> Cursor<'a> {
    let steps: Vec<String> =
        pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
    let mut most = steps.len();
    loop {
        let way = steps.iter().take(most).map(String::as_str);
        match at.follow(way) {
            Some(found) => return found,
            None => most = most.saturating_sub(1),
        }
    }
}

fn options(root: &Cursor<'_>, from: &Cursor<'_>, used: &Used, problems: &mut Problems<'_>) {
    for at in ["items", "value", "label"].iter().filter_map(|field| from.get(field)) {
        if let Some(Err(error)) = at.text().map(str::parse::<AnswerPath>) {
            problems.add(&at, error.to_string(), None);
        }
    }
    for at in from.get("depends_on").iter().flat_map(Cursor::items) {
        placeholder(&at, at.text(), used, "of this API", problems);
    }
    let Some(api) = from.get("api") else { return };
    known_api(root, &api, problems);
    let Some(lister) = api.text().and_then(|name| root.get("apis")?.get(name)) else { return };
    let mut takes = Used::default();
    mentioned(&lister, &mut takes);
    if let Some(at) = from.get("search") {
        placeholder(&at, at.text(), &takes, "of that API", problems);
    }
    for at in from.get("with").iter().flat_map(Cursor::entries) {
        placeholder(&at, Some(at.name()), &takes, "of that API", problems);
    }
}

/// Every placeholder that the texts of an API name.
fn mentioned(at: &Cursor<'_>, found: &mut Used) {
    match at.kind() {
        Kind::Text(text) => {
            let braces = if at.name() == "url" { Braces::Bare } else { Braces::Dollar };
            found.take_names(text, braces);
        }
        Kind::List(_) => at.items().for_each(|item| mentioned(&item, found)),
        Kind::Map(_) => {
            let parts = at.entries().filter(|entry| !matches!(entry.name(), "errors" | "answer" | "async"));
            parts.for_each(|entry| mentioned(&entry, found));
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) => {}
    }
}

fn placeholder(at: &Cursor<'_>, name: Option<&str>, known: &Used, whose: &str, problems: &mut Problems<'_>) {
    let Some(name) = name.filter(|name| !known.contains(name)) else { return };
    let help = match nearest(name, known.names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "name an input".to_owned(),
    };
    problems.add(at, format!("no placeholder `${{{name}}}` {whose} takes it"), Some(help));
}
