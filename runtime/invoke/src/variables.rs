//! Connection variables: values are checked, then filled into a definition, each for the place where
//! it stands. What comes out is a definition like any other, so that everything it is held to (a URL
//! goes to a declared host, over https) holds for the filled one as well.

use crate::hosts::HostPort;
use crate::template::{push_form_value, push_path_value};
use regex::Regex;
use serde_json::{Map, Value};
use sluis_model::connection::Variables;
use sluis_model::connection_settings::{ANY_HOST, ConnectionSettings, Variable, VariableFormat};
use sluis_model::connector::ConnectorDefinition;
use sluis_model::error::{Failure, Reason};
use sluis_model::suggest;
use sluis_model::template::{Braces, Segment, Template, push_literal};
use std::borrow::Cow;

/// Placeholders of own calls that a scheme fills in. A variable of such a name would be put in their place
/// before the scheme sees them.
const OF_CREDENTIALS: &[&str] = &["access_token", "refresh_token", "client_id", "client_secret"];

/// Parts of an API that tell of it and are no templates: `${…}` in them means something else.
const NOT_FILLED: &[&str] =
    &["description", "inputs", "task", "answer", "errors", "async", "outputs", "output_example"];

/// The placeholder that stands for a field of `service`.
const API_VERSION: &str = "service.api_version";
/// Longest value, in bytes.
const VALUE_AT_MOST: usize = 512;
/// Largest pattern, compiled, in bytes.
const PATTERN_AT_MOST: usize = 1 << 20;

/// The values of a new connection: those of the environment, over them what was given, under both the
/// defaults. All of them are checked.
pub fn settle(
    settings: &ConnectionSettings,
    environment: Option<&str>,
    given: &Variables,
) -> Result<Variables, Failure> {
    let refuse = |message: String, help: String| Failure::new(Reason::InvalidInput, message).help(help);
    let names: Vec<String> = settings.variables.iter().map(|variable| variable.name.clone()).collect();
    if let Some(unknown) = given.keys().find(|name| !names.contains(name)) {
        let help = suggest::help(unknown, &names, "variables");
        return Err(refuse(format!("the connector has no variable `{unknown}`"), help));
    }
    let environment = match environment.or(settings.default_environment.as_deref()) {
        Some(name) => Some(settings.environments.get(name).ok_or_else(|| {
            let known: Vec<String> = settings.environments.keys().cloned().collect();
            let help = suggest::help(name, &known, "environments");
            refuse(format!("the connector has no environment `{name}`"), help)
        })?),
        None => None,
    };
    let mut settled = Variables::new();
    for variable in &settings.variables {
        let name = &variable.name;
        let of_environment = environment.and_then(|environment| environment.variables.get(name));
        let value = given.get(name).filter(|value| !value.is_empty()).or(of_environment);
        match value.or(variable.default.as_ref()) {
            Some(value) => {
                settled.insert(name.clone(), checked(variable, value)?);
            }
            None if variable.optional || variable.automatic => {}
            None => {
                let label = variable.label();
                let example =
                    variable.example.as_ref().map(|e| format!(", for example `{e}`")).unwrap_or_default();
                let why =
                    variable.description.clone().unwrap_or_else(|| format!("give the {label}{example}"));
                return Err(refuse(format!("the variable `{name}` is missing"), why));
            }
        }
    }
    Ok(settled)
}

/// A value in its plain form, if the variable may have it.
pub fn checked(variable: &Variable, value: &str) -> Result<String, Failure> {
    let plain = plain(variable, value);
    match fault(variable, &plain) {
        None => Ok(plain),
        Some(why) => {
            let example = variable.example.as_ref().map(|example| format!("; for example `{example}`"));
            let message = format!("the variable `{}` {why}{}", variable.name, example.unwrap_or_default());
            let failure = Failure::new(Reason::InvalidInput, message);
            Err(match &variable.description {
                Some(description) => failure.help(description.clone()),
                None => failure,
            })
        }
    }
}

/// Without what people paste along: spaces, prefix, suffix, a scheme before a host.
fn plain(variable: &Variable, value: &str) -> String {
    let mut value = value.trim();
    if variable.format == VariableFormat::Host {
        value = value.strip_prefix("https://").unwrap_or(value).trim_end_matches('/');
    }
    value = value.strip_prefix(variable.prefix.as_str()).unwrap_or(value);
    value = value.strip_suffix(variable.suffix.as_str()).unwrap_or(value);
    match variable.format {
        VariableFormat::Text => value.to_owned(),
        // People paste paths with and without slashes around them.
        VariableFormat::Path => value.trim_matches('/').to_owned(),
        VariableFormat::Label | VariableFormat::Host => value.to_ascii_lowercase(),
    }
}

fn fault(variable: &Variable, value: &str) -> Option<String> {
    if value.is_empty() {
        return (!variable.optional).then(|| "is empty".to_owned());
    }
    if value.len() > VALUE_AT_MOST {
        return Some(format!("is longer than {VALUE_AT_MOST} bytes"));
    }
    // The last three could make a placeholder with what stands beside them.
    if value.chars().any(char::is_control) {
        return Some("holds a line break or control character".to_owned());
    }
    if value.contains("${") || value.starts_with('{') || value.ends_with('$') {
        return Some("may hold no `${`, begin with `{` or end with `$`".to_owned());
    }
    if !variable.choices.is_empty() && !variable.choices.iter().any(|choice| choice == value) {
        return Some(format!("is one of {}", variable.choices.join(", ")));
    }
    if let Some(pattern) = &variable.pattern {
        match compiled(pattern) {
            Ok(regex) if regex.is_match(value) => {}
            Ok(_) => return Some(format!("does not match the pattern `{pattern}`")),
            Err(why) => return Some(why),
        }
    }
    match variable.format {
        VariableFormat::Text => None,
        VariableFormat::Path => {
            value.split('/').any(|segment| matches!(segment, "" | "." | "..")).then(|| {
                "is a path of segments with one slash between two, none of them empty, `.` or `..`".to_owned()
            })
        }
        VariableFormat::Label => (!is_label(value))
            .then(|| "is one label of a host: letters, digits and hyphens, no dots and slashes".to_owned()),
        VariableFormat::Host => (!is_host_within(value, &variable.within))
            .then(|| format!("is a host under {}", variable.within.join(" or "))),
    }
}

fn compiled(pattern: &str) -> Result<Regex, String> {
    regex::RegexBuilder::new(&format!("^(?:{pattern})$"))
        .size_limit(PATTERN_AT_MOST)
        .build()
        .map_err(|_| format!("has a pattern that is none: `{pattern}`"))
}

fn is_label(value: &str) -> bool {
    value.len() <= 63
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !value.starts_with('-')
        && !value.ends_with('-')
}

/// Whether a host, perhaps with a port, is one of these domains or lies under one.
fn is_host_within(value: &str, within: &[String]) -> bool {
    let Ok(host) = HostPort::parse(value) else { return false };
    let name = host.to_string();
    let name = name
        .rsplit_once(':')
        .filter(|(_, port)| port.parse::<u16>().is_ok())
        .map_or(name.as_str(), |(n, _)| n);
    within.iter().any(|domain| {
        domain == ANY_HOST
            || name == domain
            || name.strip_suffix(domain.as_str()).is_some_and(|under| under.ends_with('.'))
    })
}

/// Checks what a definition says of its variables: `(where, what is wrong)`.
pub fn check(definition: &ConnectorDefinition) -> Vec<(String, String)> {
    let settings = &definition.connection;
    let mut problems = Vec::new();
    for (at, variable) in settings.variables.iter().enumerate() {
        let place = format!("connection.variables[{at}]");
        if OF_CREDENTIALS.contains(&variable.name.as_str()) {
            let why = format!(
                "`{}` stands for a part of the credential in calls of the service's own; a variable has another name",
                variable.name
            );
            problems.push((place.clone(), why));
        }
        if let Some(Err(why)) = variable.pattern.as_deref().map(compiled) {
            problems.push((place.clone(), why));
        }
        if variable.format == VariableFormat::Host && variable.within.is_empty() {
            let why = "a variable host names under `within` the domains it lies under; `*` for a service that people \
                       host themselves: then the credential goes wherever they say";
            problems.push((place.clone(), why.to_owned()));
        }
        let values = variable.default.iter().chain(&variable.choices).chain(&variable.example);
        let of_environments = settings.environments.values().filter_map(|e| e.variables.get(&variable.name));
        for value in values.chain(of_environments) {
            if let Err(failure) = checked(variable, value) {
                problems.push((place.clone(), failure.message));
            }
        }
    }
    for (name, environment) in &settings.environments {
        let unknown = environment.variables.keys().find(|name| settings.variable(name).is_none());
        if let Some(unknown) = unknown {
            let why = format!("there is no variable `{unknown}`");
            problems.push((format!("connection.environments.{name}"), why));
        }
    }
    if let Some(name) = &settings.default_environment
        && !settings.environments.contains_key(name)
    {
        problems.push(("connection.default_environment".into(), format!("there is no environment `{name}`")));
    }
    let tests = settings.test.iter().chain(settings.tests.values()).map(|test| &test.api);
    for api in tests.chain(settings.identity.iter().map(|identity| &identity.api)) {
        if !definition.apis.contains_key(api) {
            let known: Vec<String> = definition.apis.keys().cloned().collect();
            let help = suggest::help(api, &known, "APIs");
            problems.push(("connection".into(), format!("there is no API `{api}`; {help}")));
        }
    }
    problems
}

/// The first variable that a call needs and a connection lacks.
pub fn lacking<'a>(definition: &'a ConnectorDefinition, variables: &Variables) -> Option<&'a Variable> {
    definition.connection.variables.iter().find(|variable| {
        !variable.optional && variable.default.is_none() && !variables.contains_key(&variable.name)
    })
}

/// The definition with the values of a connection in their places. A variable that has no value yet
/// stays as it is written.
pub fn bind<'a>(
    definition: &'a ConnectorDefinition,
    variables: &Variables,
) -> Result<Cow<'a, ConnectorDefinition>, Failure> {
    let settings = &definition.connection;
    if settings.variables.is_empty() && definition.service.api_version.is_none() {
        return Ok(Cow::Borrowed(definition));
    }
    let mut values = Variables::new();
    for variable in &settings.variables {
        let name = &variable.name;
        match variables.get(name).or(variable.default.as_ref()) {
            Some(value) => values.insert(name.clone(), checked(variable, value)?),
            None if variable.optional => values.insert(name.clone(), String::new()),
            None => None,
        };
    }
    if let Some(version) = &definition.service.api_version {
        values.insert(API_VERSION.to_owned(), version.clone());
    }
    let broken = |why: String| {
        Failure::new(Reason::InvalidDefinition, format!("connector `{}`: {why}", definition.namespace))
            .help("the connector's author corrects the file and releases it again")
    };
    let filled = serde_json::to_value(definition).map_err(|error| broken(error.to_string()));
    let mut tree = filled?;
    let filling = Filling { settings, values: &values, braces: Braces::Dollar };
    for part in ["hosts", "service", "auth", "headers"] {
        if let Some(value) = tree.get_mut(part) {
            let place = if part == "hosts" { Place::Host } else { Place::Text };
            filling.walk(value, place).map_err(broken)?;
        }
    }
    let filling = Filling { braces: Braces::Bare, ..filling };
    for api in tree.get_mut("apis").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut) {
        let Some(parts) = api.as_object_mut() else { continue };
        for (key, part) in parts.iter_mut().filter(|(key, _)| !NOT_FILLED.contains(&key.as_str())) {
            let place = match key.as_str() {
                "url" => Place::Url,
                "query" | "headers" | "cookies" | "body" => Place::Carried,
                _ => Place::Text,
            };
            filling.walk(part, place).map_err(broken)?;
        }
    }
    serde_json::from_value(tree).map(Cow::Owned).map_err(|error| broken(error.to_string()))
}

/// Encodes each segment of a path by itself.
fn push_segments(out: &mut String, path: &str) {
    for (at, segment) in path.split('/').enumerate() {
        if at > 0 {
            out.push('/');
        }
        push_path_value(out, segment);
    }
}

/// The definition with a value of each variable that could be one, to check it before there is any.
pub fn with_samples(definition: &ConnectorDefinition) -> Result<Cow<'_, ConnectorDefinition>, Failure> {
    let samples = definition.connection.variables.iter();
    bind(definition, &samples.map(|variable| (variable.name.clone(), variable.sample())).collect())
}

struct Filling<'a> {
    settings: &'a ConnectionSettings,
    values: &'a Variables,
    /// Which placeholders URLs have here.
    braces: Braces,
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// A host of `hosts`.
    Host,
    /// A URL.
    Url,
    /// Anything else.
    Text,
    /// What a request carries: nothing below it is a URL, whatever its name.
    Carried,
}

impl Filling<'_> {
    fn walk(&self, value: &mut Value, place: Place) -> Result<(), String> {
        match value {
            Value::String(text) if text.contains(['$', '{']) => {
                *text = match place {
                    Place::Host => self.url(text, true)?,
                    Place::Url => self.url(text, false)?,
                    Place::Text | Place::Carried => self.fill(text, Braces::Dollar, |out, _, value| {
                        out.push_str(value);
                        Ok(())
                    })?,
                };
            }
            Value::Array(items) => items.iter_mut().try_for_each(|item| self.walk(item, place))?,
            Value::Object(map) => {
                for (key, item) in map.iter_mut() {
                    let is_url =
                        item.is_string() && (key == "url" || key == "issuer" || key.ends_with("_url"));
                    let carried = ["query", "headers", "cookies", "body", "form", "json"];
                    let inner = match place {
                        Place::Carried => place,
                        _ if carried.contains(&key.as_str()) => Place::Carried,
                        _ if is_url => Place::Url,
                        _ => place,
                    };
                    self.walk(item, inner)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Fills a URL: a host takes labels and hosts as they are, a path and a query take anything,
    /// percent-encoded.
    fn url(&self, text: &str, is_host: bool) -> Result<String, String> {
        let start = if is_host { 0 } else { text.find("://").map_or(0, |at| at + 3) };
        let braces = if is_host { Braces::Dollar } else { self.braces };
        self.fill(text, braces, |out, name, value| {
            let after = out.get(start..).unwrap_or_default();
            if out.len() < start || !after.contains(['/', '?', '#', '\\']) {
                let format = self.settings.variable(name).map(|variable| variable.format);
                if !format.is_some_and(VariableFormat::is_of_host) {
                    return Err(format!(
                        "the variable `{name}` stands in a host, so its format is `label` or `host`"
                    ));
                }
                out.push_str(value);
            } else if after.contains('?') {
                push_form_value(out, value);
            } else {
                let format = self.settings.variable(name).map(|variable| variable.format);
                match format {
                    Some(VariableFormat::Path) => push_segments(out, value),
                    _ => push_path_value(out, value),
                }
            }
            Ok(())
        })
    }

    fn value(&self, name: &str) -> Option<&String> {
        let known = name == API_VERSION || self.settings.variable(name).is_some();
        self.values.get(name).filter(|_| known)
    }

    /// Fills a text and leaves every other placeholder as it was written. What a function is given is no
    /// text of a place yet, so that it takes a value as it is.
    fn fill(
        &self,
        text: &str,
        braces: Braces,
        push: impl Fn(&mut String, &str, &str) -> Result<(), String>,
    ) -> Result<String, String> {
        let template = Template::parse_with(text, braces).map_err(|error| error.to_string())?;
        let mut out = String::new();
        for segment in template.segments() {
            match segment {
                Segment::Literal(literal) => push_literal(&mut out, literal, braces),
                Segment::Slot(slot) => {
                    match slot.as_name().and_then(|name| Some((name, self.value(name)?))) {
                        Some((name, value)) => push(&mut out, name, value)?,
                        None => {
                            out.push_str(&format!("${{{}}}", slot.with(&|name| self.value(name).cloned())))
                        }
                    }
                }
            }
        }
        Ok(out)
    }
}
