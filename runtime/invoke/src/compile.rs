//! From a connector definition to templates, once for each release. Everything that can be wrong
//! with a definition is found here, not in a call.

use crate::answer_rules::{AnswerRules, PartFault};
use crate::called_back::CalledBack;
use crate::compile_body::{BodyTemplate, FieldTemplate, compile_cookies};
use crate::compile_url::CompiledUrl;
use crate::definition_error::{DefinitionError, DefinitionFault};
use crate::evaluate;
use crate::hosts::HostPort;
use crate::later::Later;
use crate::mail_server::usual_port;
use crate::manners::Manners;
use crate::paginate;
use crate::request::is_ours;
use crate::supplied::supplied_headers;
use crate::transport::Redirects;
use crate::variables;
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderName};
use http::{HeaderValue, Method};
use sluis_definition::InputChecker;
use sluis_model::answer::ApiAnswers;
use sluis_model::body::Body;
use sluis_model::connector::{
    AnswerForm, AnswerMapping, ApiDefinition, AuthConfig, ConnectorDefinition, CredentialUse, Effect, Input,
};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::ApiId;
use sluis_model::inputs::Inputs;
use sluis_model::pagination::Pagination;
use sluis_model::template::{Braces, Expression, Need, Segment, Template};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;
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
    pub credential: CredentialUse,
    /// What happens where the answer points elsewhere.
    pub redirects: Redirects,
    /// When a call is made again by itself, how often it may be made, how its repetitions are told.
    pub manners: Manners,
    /// How its answers are pages of one list.
    pub pagination: Option<Pagination>,
    pub(crate) method: Method,
    /// Scheme, host and port; its path and query are replaced.
    pub(crate) origin: Url,
    pub(crate) path: Template,
    /// Parts of the query that stands in the URL itself, `name=value`, encoded by the author.
    pub(crate) query_parts: Vec<Template>,
    pub(crate) query: Vec<(String, FieldTemplate)>,
    pub(crate) headers: Vec<(HeaderName, Template)>,
    /// Headers that a call may set itself.
    pub(crate) override_headers: Vec<HeaderName>,
    pub(crate) cookies: Vec<(String, Template)>,
    pub(crate) body: Option<BodyTemplate>,
    pub(crate) inputs: BTreeMap<String, CompiledInput>,
    /// What its answers mean; none if they are a status and a text.
    pub answers: Option<AnswerRules>,
    /// Where an answer comes later, how it is asked for.
    pub later: Option<Later>,
    /// Where the service brings an answer by itself, how that is looked at.
    pub called_back: Option<CalledBack>,
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

/// How an answer of a mail server is read where its API does not say.
static OF_MAIL: LazyLock<AnswerMapping> =
    LazyLock::new(|| AnswerMapping { form: AnswerForm::Json, ..AnswerMapping::default() });

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
        for (key, api) in &apis {
            for why in paginate::check(definition, &apis, api) {
                let fault = DefinitionFault::BadPagination { why };
                errors.push(DefinitionError { at: format!("apis.{key}.pagination"), fault });
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

    /// Whether it is one of a mail server.
    pub fn is_mail(&self) -> bool {
        usual_port(&self.origin).is_some()
    }

    /// Scheme, host and port of its requests.
    pub fn origin(&self) -> &Url {
        &self.origin
    }

    /// Whether a file may stand for a name: as a part, as the body, or as what a function reads.
    pub fn takes_file(&self, name: &str) -> bool {
        self.body.as_ref().is_some_and(|body| body.takes_file(name))
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
    let timeout_s = api.timeout_s(definition);
    if !(1..=300).contains(&timeout_s) {
        faults.keep::<()>("timeout_s", Err(DefinitionFault::BadTimeout { seconds: timeout_s }));
    }
    let is_mail = definition.service.mail_server().is_some();
    let url = match definition.service.mail_server() {
        Some(address) => faults.keep("url", CompiledUrl::of_mail_server(address, &api.url, hosts)),
        None => faults.keep("url", CompiledUrl::compile(&api.url, hosts)),
    };
    let query: Vec<Option<(String, FieldTemplate)>> = api
        .query
        .iter()
        .map(|(name, field)| {
            let field = faults.keep(&format!("query.{name}"), FieldTemplate::compile(field));
            field.map(|field| (name.clone(), field))
        })
        .collect();
    let cookies = faults.keep("cookies", compile_cookies(&api.cookies));
    let override_headers = compile_overrides(definition, api, &mut faults);
    let headers = compile_headers(definition, api, &mut faults);
    let body = api.body.as_ref().map(|body| {
        let allowed = !matches!(method, Method::GET | Method::HEAD | Method::OPTIONS);
        let template = match allowed {
            _ if is_mail != matches!(body, Body::Mail(_) | Body::SignIn(_)) => {
                Err(DefinitionFault::BodyOfMail)
            }
            true => BodyTemplate::compile(body),
            false => Err(DefinitionFault::BodyNotAllowed { method: method.clone() }),
        };
        faults.keep("body", template)
    });
    let query: Vec<(String, FieldTemplate)> = query.into_iter().collect::<Option<_>>()?;
    let body = match body {
        Some(compiled) => Some(compiled?),
        None => None,
    };
    let rules = match (&api.answer, is_mail) {
        // What a mail server says is told as JSON.
        (None, true) => ApiAnswers { answer: Some(&OF_MAIL), ..api.answers(definition) },
        _ => api.answers(definition),
    };
    let answers = match AnswerRules::compile(&rules) {
        Ok(rules) => rules,
        Err((part, fault)) => faults.keep(&part, Err(fault))?,
    };
    let form = api.answer.as_ref().map(|answer| answer.form).unwrap_or_default();
    let (later, called_back) = match compile_later(definition, api, form) {
        Ok(both) => both,
        Err((part, fault)) => faults.keep(&part, Err(fault))?,
    };
    let CompiledUrl { origin, path, query_parts } = url?;
    let mut compiled = CompiledApi {
        id: id?,
        effect: api.effect,
        timeout: Duration::from_secs(u64::from(timeout_s)),
        redirects: if api.follow_redirects && !is_mail { Redirects::FOLLOWED } else { Redirects::Returned },
        credential: match definition.auth {
            AuthConfig::None {} => CredentialUse::None,
            _ => api.credential,
        },
        manners: Manners::compile(definition, api, |part, fault| {
            faults.keep::<()>(part, Err(fault));
        }),
        pagination: api.pagination.clone(),
        method,
        origin,
        path,
        query_parts,
        query,
        headers: headers?,
        override_headers: override_headers?,
        cookies: cookies?,
        body,
        inputs: BTreeMap::new(),
        answers,
        later,
        called_back,
    };
    compiled.inputs = compile_inputs(&compiled, &api.inputs, &mut faults);
    Some(compiled)
}

/// How an answer comes later: asked for, or brought by the service.
fn compile_later(
    definition: &ConnectorDefinition,
    api: &ApiDefinition,
    form: AnswerForm,
) -> Result<(Option<Later>, Option<CalledBack>), PartFault> {
    let Some(later) = &api.asynchronous else { return Ok((None, None)) };
    let poll = later.poll.as_ref().map(|poll| Later::compile(later, poll, form));
    let callback = later.callback.as_ref();
    let callback = callback.map(|rule| CalledBack::compile(later, rule, form, &definition.auth));
    Ok((poll.transpose()?, callback.transpose()?))
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
    let template = evaluate::template(text, Braces::Dollar)?;
    let literal_fits = template.segments().iter().all(|segment| match segment {
        Segment::Literal(text) => HeaderValue::from_str(text).is_ok(),
        Segment::Slot(_) => true,
    });
    if literal_fits { Ok((header, template)) } else { Err(bad()) }
}

/// Headers that a call may set itself: none of ours, and none that a credential goes into.
fn compile_overrides(
    definition: &ConnectorDefinition,
    api: &ApiDefinition,
    faults: &mut Faults<'_>,
) -> Option<Vec<HeaderName>> {
    let supplied = supplied_headers(&definition.auth);
    let compile = |name: &String| match HeaderName::from_bytes(name.as_bytes()) {
        Err(_) => Err(DefinitionFault::BadHeader { name: name.clone() }),
        Ok(header) if is_ours(&header) || header == AUTHORIZATION || header == COOKIE => {
            Err(DefinitionFault::ReservedHeader { name: name.clone() })
        }
        Ok(header) if supplied.contains(&header) => {
            Err(DefinitionFault::ReservedHeader { name: name.clone() })
        }
        Ok(header) => Ok(header),
    };
    faults.keep("override_headers", api.override_headers.iter().map(compile).collect())
}

/// Every placeholder with what is known of it. One in a path is required whatever the file says,
/// because a path has no place for nothing; one with something else beside it is not, unless it is declared.
fn compile_inputs(
    api: &CompiledApi,
    declared: &Inputs,
    faults: &mut Faults<'_>,
) -> BTreeMap<String, CompiledInput> {
    let mut inputs: BTreeMap<String, CompiledInput> = BTreeMap::new();
    let mut add = |slot: &Expression, in_path: bool, in_json: bool| {
        slot.visit_names(&mut |name, need| {
            let must = need == Need::Must;
            let entry = inputs.entry(name.to_owned()).or_insert_with(|| CompiledInput {
                input: declared.get(name).cloned().unwrap_or_default(),
                takes_null: true,
                checker: None,
            });
            entry.input.required |= must && (in_path || declared.get(name).is_none());
            entry.takes_null &= in_json;
        });
    };
    api.path.slots().for_each(|slot| add(slot, true, false));
    let in_query = api.query_parts.iter().chain(api.query.iter().map(|(_, field)| &field.template));
    let in_headers = api.headers.iter().map(|(_, template)| template);
    let in_cookies = api.cookies.iter().map(|(_, template)| template);
    for template in in_query.chain(in_headers).chain(in_cookies) {
        template.slots().for_each(|slot| add(slot, false, false));
    }
    if let Some(body) = &api.body {
        body.visit_slots(&mut |slot, in_json| add(slot, false, in_json));
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
