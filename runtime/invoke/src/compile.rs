//! From a connector definition to templates, once for each release. Everything that can be wrong
//! with a definition is found here, not in a call.

use crate::answer_rules::AnswerRules;
use crate::body::JsonTemplate;
use crate::compile_url::CompiledUrl;
use crate::definition_error::{DefinitionError, DefinitionFault};
use crate::hosts::HostPort;
use crate::request::is_ours;
use crate::supplied::supplied_headers;
use crate::template::{Segment, Template};
use crate::transport::Redirects;
use crate::variables;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Method};
use sluis_definition::InputChecker;
use sluis_model::connector::{ApiDefinition, AuthConfig, Body, ConnectorDefinition, Effect, Input};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::ApiId;
use sluis_model::inputs::Inputs;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;
use url::Url;

/// One API, ready to be called.
#[derive(Debug, Clone)]
pub struct CompiledApi {
    /// Full id.
    pub id: ApiId,
    /// What a call does to the service.
    pub effect: Effect,
    /// Whole time allowed for a call.
    pub timeout: Duration,
    /// Whether the credential of a connection goes onto the request.
    pub needs_credential: bool,
    /// What happens where the answer points elsewhere.
    pub redirects: Redirects,
    pub(crate) method: Method,
    /// Scheme, host and port; its path and query are replaced.
    pub(crate) origin: Url,
    pub(crate) path: Template,
    /// Parts of the query that stands in the URL itself, `name=value`, encoded by the author.
    pub(crate) query_parts: Vec<Template>,
    pub(crate) query: Vec<(String, Template)>,
    pub(crate) headers: Vec<(HeaderName, Template)>,
    pub(crate) body: Option<BodyTemplate>,
    pub(crate) inputs: BTreeMap<String, CompiledInput>,
    /// What its answers mean; none if they are a status and a text.
    pub answers: Option<AnswerRules>,
}

/// A body with placeholders.
#[derive(Debug, Clone)]
pub(crate) enum BodyTemplate {
    Json(JsonTemplate),
    /// Fields of a form by name.
    Form(Vec<(String, Template)>),
    /// Parts by name.
    Multipart(Vec<(String, Template)>),
}

impl BodyTemplate {
    fn compile(body: &Body) -> Result<Self, DefinitionFault> {
        match body {
            Body::Json(value) => JsonTemplate::compile(value).map(Self::Json),
            Body::Form(fields) => Self::named(fields).map(Self::Form),
            Body::Multipart(parts) => Self::named(parts).map(Self::Multipart),
        }
    }

    fn named(texts: &BTreeMap<String, String>) -> Result<Vec<(String, Template)>, DefinitionFault> {
        texts.iter().map(|(name, text)| Ok((name.clone(), Template::parse(text)?))).collect()
    }

    /// The content type that goes with it, where that is always the same.
    fn content_type(body: &Body) -> Option<&'static str> {
        match body {
            Body::Json(_) => Some("application/json"),
            Body::Form(_) => Some("application/x-www-form-urlencoded"),
            Body::Multipart(_) => None,
        }
    }
}

/// What is known of a placeholder, declared or not.
#[derive(Debug, Clone)]
pub(crate) struct CompiledInput {
    pub(crate) input: Input,
    /// Whether an explicit null satisfies it: only where null is a value, in a JSON body.
    pub(crate) takes_null: bool,
    /// What its values must be; none if anything will do.
    pub(crate) checker: Option<InputChecker>,
}

/// All APIs of a connector.
#[derive(Debug, Clone)]
pub struct CompiledConnector {
    /// The declared hosts.
    pub hosts: Vec<HostPort>,
    apis: BTreeMap<String, CompiledApi>,
    namespace: String,
}

impl CompiledConnector {
    /// Compiles a definition; reports all that is wrong with it at once.
    pub fn compile(definition: &ConnectorDefinition) -> Result<Self, Vec<DefinitionError>> {
        let mut errors = variable_errors(definition);
        let definition = &*sampled(definition, &mut errors)?;
        let hosts = compile_hosts(definition, &mut errors);
        for config in definition.auth.all() {
            if let Err(error) = sluis_auth::scheme_of(config).check() {
                let fault = DefinitionFault::BadAuth { why: error.to_string() };
                errors.push(DefinitionError { at: "auth".to_owned(), fault });
            }
        }
        let mut apis = BTreeMap::new();
        for (key, api) in &definition.apis {
            if let Some(compiled) = compile_api(definition, &hosts, key, api, &mut errors) {
                apis.insert(key.clone(), compiled);
            }
        }
        if errors.is_empty() {
            Ok(Self { hosts, apis, namespace: definition.namespace.to_string() })
        } else {
            Err(errors)
        }
    }

    /// An API by the part of its id after the namespace.
    pub fn api(&self, key: &str) -> Result<&CompiledApi, Failure> {
        self.apis
            .get(key)
            .ok_or_else(|| unknown_api(&self.namespace, key, self.apis.keys().map(String::as_str)))
    }

    /// All APIs in order.
    pub fn apis(&self) -> impl Iterator<Item = &CompiledApi> {
        self.apis.values()
    }
}

impl CompiledApi {
    /// Compiles one API of a definition, by the part of its id after the namespace.
    pub fn compile(definition: &ConnectorDefinition, key: &str) -> Result<Self, Failure> {
        let definition = &*variables::with_samples(definition)?;
        let mut errors = Vec::new();
        let hosts = compile_hosts(definition, &mut errors);
        let namespace = definition.namespace.as_str();
        let keys = definition.apis.keys().map(String::as_str);
        let api = definition.apis.get(key).ok_or_else(|| unknown_api(namespace, key, keys))?;
        match compile_api(definition, &hosts, key, api, &mut errors) {
            Some(compiled) if errors.is_empty() => Ok(compiled),
            _ => Err(errors
                .into_iter()
                .next()
                .map_or_else(|| unknown_api(namespace, key, [].into_iter()), Failure::from)),
        }
    }
}

impl CompiledApi {
    /// Every variable that its templates take, those too that the definition does not describe.
    pub fn inputs(&self) -> impl Iterator<Item = (&str, &Input)> {
        self.inputs.iter().map(|(name, known)| (name.as_str(), &known.input))
    }
}

fn unknown_api<'a>(namespace: &str, key: &str, known: impl Iterator<Item = &'a str> + Clone) -> Failure {
    let failure =
        Failure::new(Reason::ApiNotFound, format!("the connector `{namespace}` has no API `{key}`"));
    match sluis_model::suggest::nearest(key, known.clone()) {
        Some(near) => failure.help(format!("did you mean `{namespace}.{near}`?")),
        None => {
            let all: Vec<String> = known.take(20).map(|key| format!("`{namespace}.{key}`")).collect();
            failure.help(format!("it has {}", all.join(", ")))
        }
    }
}

/// What is wrong with the variables of the connector's connections.
fn variable_errors(definition: &ConnectorDefinition) -> Vec<DefinitionError> {
    let fault = |why| DefinitionFault::BadVariable { why };
    variables::check(definition)
        .into_iter()
        .map(|(at, why)| DefinitionError { at, fault: fault(why) })
        .collect()
}

/// The definition with a value of each variable that could be one.
fn sampled<'a>(
    definition: &'a ConnectorDefinition,
    errors: &mut Vec<DefinitionError>,
) -> Result<Cow<'a, ConnectorDefinition>, Vec<DefinitionError>> {
    variables::with_samples(definition).map_err(|failure| {
        let fault = DefinitionFault::BadVariable { why: failure.message };
        errors.push(DefinitionError { at: "connection".to_owned(), fault });
        std::mem::take(errors)
    })
}

fn compile_hosts(definition: &ConnectorDefinition, errors: &mut Vec<DefinitionError>) -> Vec<HostPort> {
    if definition.hosts.is_empty() {
        errors.push(DefinitionError { at: "hosts".to_owned(), fault: DefinitionFault::NoHosts });
    }
    let parsed = definition.hosts.iter().enumerate().filter_map(|(at, text)| match HostPort::parse(text) {
        Ok(host) => Some(host),
        Err(error) => {
            errors.push(DefinitionError { at: format!("hosts[{at}]"), fault: error.into() });
            None
        }
    });
    parsed.collect()
}

/// Collects faults under `apis.<key>.<part>`.
struct Faults<'a> {
    key: &'a str,
    errors: &'a mut Vec<DefinitionError>,
}

impl Faults<'_> {
    fn keep<T>(&mut self, part: &str, result: Result<T, DefinitionFault>) -> Option<T> {
        result
            .map_err(|fault| {
                self.errors.push(DefinitionError { at: format!("apis.{}.{part}", self.key), fault })
            })
            .ok()
    }
}

fn compile_api(
    definition: &ConnectorDefinition,
    hosts: &[HostPort],
    key: &str,
    api: &ApiDefinition,
    errors: &mut Vec<DefinitionError>,
) -> Option<CompiledApi> {
    let method = Method::from(api.method);
    let id = match ApiId::of(&definition.namespace, key) {
        Ok(id) => Some(id),
        Err(error) => {
            let fault = DefinitionFault::BadId { why: error.to_string() };
            errors.push(DefinitionError { at: format!("apis.{key}"), fault });
            None
        }
    };
    let mut faults = Faults { key, errors };
    if !(1..=300).contains(&api.timeout_s) {
        faults.keep::<()>("timeout_s", Err(DefinitionFault::BadTimeout { seconds: api.timeout_s }));
    }
    let url = faults.keep("url", CompiledUrl::compile(&api.url, hosts));
    let query: Vec<Option<(String, Template)>> = api
        .query
        .iter()
        .map(|(name, text)| {
            let template = Template::parse(text).map_err(DefinitionFault::from);
            faults.keep(&format!("query.{name}"), template).map(|template| (name.clone(), template))
        })
        .collect();
    let headers = compile_headers(definition, api, &mut faults);
    let body = api.body.as_ref().map(|body| {
        let allowed = !matches!(method, Method::GET | Method::HEAD | Method::OPTIONS);
        let template = match allowed {
            true => BodyTemplate::compile(body),
            false => Err(DefinitionFault::BodyNotAllowed { method: method.clone() }),
        };
        faults.keep("body", template)
    });
    let query: Vec<(String, Template)> = query.into_iter().collect::<Option<_>>()?;
    let body = match body {
        Some(compiled) => Some(compiled?),
        None => None,
    };
    let answers = match AnswerRules::compile(&api.answers()) {
        Ok(rules) => rules,
        Err((part, fault)) => faults.keep(&part, Err(fault))?,
    };
    let CompiledUrl { origin, path, query_parts } = url?;
    let mut compiled = CompiledApi {
        id: id?,
        effect: api.effect,
        timeout: Duration::from_secs(u64::from(api.timeout_s)),
        redirects: if api.follow_redirects { Redirects::FOLLOWED } else { Redirects::Returned },
        needs_credential: !matches!(definition.auth, AuthConfig::None {}),
        method,
        origin,
        path,
        query_parts,
        query,
        headers: headers?,
        body,
        inputs: BTreeMap::new(),
        answers,
    };
    compiled.inputs = compile_inputs(&compiled, &api.inputs, &mut faults);
    Some(compiled)
}

/// Headers of the connector and of the API; the API's own win, whatever their case.
fn compile_headers(
    definition: &ConnectorDefinition,
    api: &ApiDefinition,
    faults: &mut Faults<'_>,
) -> Option<Vec<(HeaderName, Template)>> {
    let supplied = supplied_headers(&definition.auth);
    let mut headers: Vec<(HeaderName, Template)> = Vec::new();
    let mut complete = true;
    for (name, text) in definition.headers.iter().chain(&api.headers) {
        let compiled = compile_header(name, text, &supplied);
        match faults.keep(&format!("headers.{name}"), compiled) {
            Some((name, template)) => {
                headers.retain(|(other, _)| *other != name);
                headers.push((name, template));
            }
            None => complete = false,
        }
    }
    if let Some(content_type) = api.body.as_ref().and_then(BodyTemplate::content_type)
        && !headers.iter().any(|(name, _)| *name == CONTENT_TYPE)
    {
        headers.push((CONTENT_TYPE, Template::of(vec![Segment::Literal(content_type.to_owned())])));
    }
    complete.then_some(headers)
}

fn compile_header(
    name: &str,
    text: &str,
    supplied: &[HeaderName],
) -> Result<(HeaderName, Template), DefinitionFault> {
    let bad = || DefinitionFault::BadHeader { name: name.to_owned() };
    let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad())?;
    if is_ours(&header) || supplied.contains(&header) {
        return Err(DefinitionFault::ReservedHeader { name: name.to_owned() });
    }
    let template = Template::parse(text)?;
    let literal_fits = template.segments().iter().all(|segment| match segment {
        Segment::Literal(text) => HeaderValue::from_str(text).is_ok(),
        Segment::Slot(_) => true,
    });
    if literal_fits { Ok((header, template)) } else { Err(bad()) }
}

/// Every placeholder with what is known of it. One in a path is required whatever the file says,
/// because a path has no place for nothing.
fn compile_inputs(
    api: &CompiledApi,
    declared: &Inputs,
    faults: &mut Faults<'_>,
) -> BTreeMap<String, CompiledInput> {
    let mut inputs: BTreeMap<String, CompiledInput> = BTreeMap::new();
    let mut add = |name: &str, in_path: bool, in_json: bool| {
        let entry = inputs.entry(name.to_owned()).or_insert_with(|| CompiledInput {
            input: declared.get(name).cloned().unwrap_or(Input { required: true, ..Input::default() }),
            takes_null: true,
            checker: None,
        });
        entry.input.required |= in_path;
        entry.takes_null &= in_json;
    };
    api.path.slots().for_each(|name| add(name, true, false));
    let in_query = api.query_parts.iter().chain(api.query.iter().map(|(_, template)| template));
    in_query.chain(api.headers.iter().map(|(_, template)| template)).for_each(|template| {
        template.slots().for_each(|name| add(name, false, false));
    });
    match &api.body {
        Some(BodyTemplate::Json(body)) => body.visit_slots(&mut |name| add(name, false, true)),
        Some(BodyTemplate::Form(parts) | BodyTemplate::Multipart(parts)) => {
            parts.iter().flat_map(|(_, part)| part.slots()).for_each(|name| add(name, false, false));
        }
        None => {}
    }
    for (name, input) in declared.iter() {
        let checker = InputChecker::compile(input)
            .map_err(|fault| DefinitionFault::BadValue { name: name.to_owned(), why: fault.message });
        let checker = faults.keep(&format!("inputs.{name}"), checker);
        if let Some(known) = inputs.get_mut(name) {
            known.checker = checker;
        }
    }
    for name in declared.names().filter(|name| !inputs.contains_key(*name)) {
        let hint = sluis_model::suggest::nearest(name, inputs.keys().map(String::as_str))
            .map(|near| format!("; did you mean `${{{near}}}`?"))
            .unwrap_or_default();
        faults.keep::<()>(
            &format!("inputs.{name}"),
            Err(DefinitionFault::UnusedInput { name: name.to_owned(), hint }),
        );
    }
    inputs
}
