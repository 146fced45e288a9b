//! The connectors in `examples/` are read, and those of the catalogue say what the catalogue promises.

use sluis_definition::read;
use sluis_model::connector::{AuthConfig, ConnectorDefinition, ErrorRule, Retry, When};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Connectors that the demo and tests tell stories with: they hold what those stories need.
const OF_STORIES: &[&str] = &["gcontacts", "zoho-crm"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/connectors")
}

/// Text and definition of one example.
fn example(name: &str) -> (String, ConnectorDefinition) {
    let folder = folder().join(name);
    let text = std::fs::read_to_string(folder.join("connector.yaml")).unwrap();
    let load = |name: &str| std::fs::read_to_string(folder.join(name)).map_err(|error| error.to_string());
    let definition = read("connector.yaml", &text, &load).unwrap_or_else(|found| {
        panic!("{name}: {}", found.iter().map(|p| format!("{p}\n")).collect::<String>())
    });
    (text, definition)
}

/// The folders of all examples.
fn names() -> Vec<String> {
    let entries = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| entry.file_type().unwrap().is_dir());
    let mut names: Vec<_> = folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn catalogue() -> Vec<String> {
    names().into_iter().filter(|name| !OF_STORIES.contains(&name.as_str())).collect()
}

/// Fails with everything that is amiss, so that one run tells all.
fn none(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn every_example_is_read_and_bears_the_name_of_its_folder() {
    for name in names() {
        let (_, definition) = example(&name);
        assert_eq!(name.replace('-', ""), definition.namespace.as_str());
    }
}

#[test]
fn the_catalogue_has_at_least_twenty_five_services_with_five_to_twelve_apis_each() {
    let names = catalogue();
    assert!(names.len() >= 25, "{} services", names.len());
    let count = |name: &String| (name.clone(), example(name).1.apis.len());
    let amiss = names.iter().map(count).filter(|(_, apis)| !(5..=12).contains(apis));
    none(&amiss.map(|(name, apis)| format!("{name} has {apis} APIs")).collect::<Vec<_>>());
}

/// A refusal says to whom it goes, and trouble of the service that it may pass.
#[test]
fn every_connector_of_the_catalogue_says_who_can_mend_the_errors_of_its_service() {
    let mut problems = Vec::new();
    for name in catalogue() {
        let (_, definition) = example(&name);
        // What a mail server refuses is told apart by the runtime.
        if definition.service.mail_server().is_some() {
            continue;
        }
        let trouble = When::Text("5xx".to_owned());
        let is_trouble = |rule: &&ErrorRule| match &rule.when {
            Some(When::Any(all)) => all.contains(&trouble),
            Some(when) => *when == trouble,
            None => false,
        };
        match definition.errors.iter().find(is_trouble) {
            Some(rule) if rule.retry == Retry::Fixed(true) => {}
            _ => problems.push(format!("{name} does not say that trouble of the service may pass")),
        }
        let own = definition.apis.values().flat_map(|api| &api.errors);
        let nobody = definition.errors.iter().chain(own).filter(|rule| rule.who.is_none());
        problems.extend(nobody.map(|rule| format!("{name}: nobody mends {}", rule.code)));
    }
    none(&problems);
}

#[test]
fn every_connector_of_the_catalogue_says_where_its_facts_are_from_and_of_which_day() {
    let mut problems = Vec::new();
    for name in catalogue() {
        let (text, _) = example(&name);
        let comment = text.lines().take_while(|line| line.starts_with('#')).collect::<Vec<_>>();
        if !comment.iter().any(|line| line.contains("https://")) {
            problems.push(format!("{name} names no page of the provider's"));
        }
        let days = comment.iter().flat_map(|line| line.split(|c: char| !c.is_ascii_digit() && c != '-'));
        let is_day = |word: &str| {
            let parts: Vec<_> =
                word.split('-').map(|part| (part.len(), part.parse::<u16>().is_ok())).collect();
            parts == [(4, true), (2, true), (2, true)]
        };
        if !days.into_iter().any(is_day) {
            problems.push(format!("{name} does not say on which day its facts were read"));
        }
    }
    none(&problems);
}

#[test]
fn everything_in_the_catalogue_explains_itself() {
    let mut problems = Vec::new();
    for name in catalogue() {
        let (_, definition) = example(&name);
        if definition.description.is_none() || definition.service.documentation.is_none() {
            problems.push(format!("{name} lacks a description or the address of its documentation"));
        }
        for (api, of) in &definition.apis {
            if !of.description.as_ref().is_some_and(|text| text.ends_with('.')) {
                problems.push(format!("{name}: {api} is not described in a sentence"));
            }
            for (input, _) in of.inputs.iter().filter(|(_, known)| known.description.is_none()) {
                problems.push(format!("{name}: {api} does not say what {input} is"));
            }
        }
        for variable in &definition.connection.variables {
            if variable.title.is_none() || (variable.description.is_none() && !variable.automatic) {
                problems.push(format!("{name}: the variable {} is asked for without a word", variable.name));
            }
        }
    }
    none(&problems);
}

/// Forms, tools and tests are made of them. A file is no value that a definition could hold.
#[test]
fn every_required_input_of_an_example_has_an_example_or_a_default() {
    let mut problems = Vec::new();
    for name in names() {
        let definition = serde_json::to_value(example(&name).1).unwrap();
        for (api, of) in definition["apis"].as_object().unwrap() {
            for (input, known) in of["inputs"].as_object().into_iter().flatten() {
                let needless = known["required"] == false || known["type"] == "file";
                if !needless && known.get("example").is_none() && known.get("default").is_none() {
                    problems.push(format!("{name}: {api} has no example of {input}"));
                }
            }
        }
    }
    none(&problems);
}

/// Scripts that call an API without naming one of its inputs hear of it only at the service.
#[test]
fn every_placeholder_in_the_catalogue_is_a_variable_or_a_listed_input() {
    let mut problems = Vec::new();
    for name in catalogue() {
        let (_, definition) = example(&name);
        let variables = definition.connection.variables.iter().map(|variable| variable.name.clone());
        let variables: BTreeSet<_> = variables.collect();
        for (api, of) in &definition.apis {
            let written = serde_json::json!([of.url, of.query, of.headers, of.body]).to_string();
            let placeholders = written.split("${").skip(1).filter_map(|rest| rest.split('}').next());
            // What a function is given is its last value: `json(Path)`.
            let placeholders = placeholders
                .filter_map(|text| text.rsplit(['(', ',']).next())
                .map(|text| text.trim_end_matches(')').trim());
            let unknown =
                placeholders.filter(|name| !variables.contains(*name) && of.inputs.get(name).is_none());
            problems.extend(unknown.map(|placeholder| format!("{name}: {api} does not list {placeholder}")));
        }
    }
    none(&problems);
}

#[test]
fn every_connection_of_the_catalogue_can_be_tried_by_a_call_that_only_reads() {
    let mut problems = Vec::new();
    for name in catalogue() {
        let (_, definition) = example(&name);
        let settings = &definition.connection;
        let Some(test) = &settings.test else {
            problems.push(format!("{name} has no test call"));
            continue;
        };
        let identity = settings.identity.iter().map(|identity| (&identity.api, None));
        let tests = settings.tests.values().chain([test]).map(|test| (&test.api, Some(&test.inputs)));
        for (api, given) in tests.chain(identity) {
            let of = &definition.apis[api];
            if of.effect != sluis_model::connector::Effect::Read {
                problems.push(format!("{name}: {api} tries a connection and does more than read"));
            }
            let lacking = of.inputs.iter().filter(|(input, known)| {
                known.required
                    && known.default.is_none()
                    && !given.is_some_and(|given| given.contains_key(*input))
            });
            problems.extend(lacking.map(|(input, _)| format!("{name}: {api} is tried without {input}")));
        }
    }
    none(&problems);
}

#[test]
fn the_readme_of_the_catalogue_has_a_row_for_each_connector_and_no_others() {
    let readme = std::fs::read_to_string(folder().join("README.md")).unwrap();
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| [")?.split_once("]("));
    let rows: Vec<_> = rows.filter_map(|(_, rest)| rest.split_once("/connector.yaml)")).collect();
    let mut listed: Vec<_> = rows.into_iter().map(|(folder, _)| folder.to_owned()).collect();
    listed.sort();
    assert_eq!(listed, names());
}

#[test]
fn the_sample_connector_is_the_one_that_the_demo_tells_of() {
    let (_, definition) = example("gcontacts");
    let apis: Vec<_> = definition.apis.keys().map(String::as_str).collect();
    assert_eq!(apis, ["account", "getcontact", "listcontacts", "pushcontact"]);
    let AuthConfig::Oauth2AuthorizationCode(auth) = &definition.auth else { panic!() };
    assert_eq!(auth.scopes, ["contacts.read", "contacts.write"]);
    assert!(definition.hooks.on_authorize.unwrap().contains("return false"));
}
