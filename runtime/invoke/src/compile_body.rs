//! Bodies from a definition to templates, in each of their shapes.

use crate::body::JsonTemplate;
use crate::compile_mail::MailTemplate;
use crate::definition_error::DefinitionFault;
use crate::evaluate;
use crate::multipart::is_media_type;
use crate::xml::XmlTemplate;
use http::header::HeaderName;
use serde_json::Value;
use sluis_model::body::{Body, FieldValue, Graphql, Part, PartValue, Style};
use sluis_model::template::{Braces, Expression, Function, Template};
use std::collections::BTreeMap;

/// A value of a query or a form.
#[derive(Debug, Clone)]
pub(crate) struct FieldTemplate {
    pub(crate) template: Template,
    /// How lists and maps are written; as JSON text where nothing is said.
    pub(crate) style: Option<Style>,
}

impl FieldTemplate {
    pub(crate) fn compile(field: &FieldValue) -> Result<Self, DefinitionFault> {
        let template = text(field.text())?;
        match field.style() {
            Some(_) if template.sole_slot().is_none() => Err(DefinitionFault::NotOnePlaceholder),
            style => Ok(Self { template, style }),
        }
    }
}

/// A part of a body of parts.
#[derive(Debug, Clone)]
pub(crate) struct PartTemplate {
    pub(crate) name: Option<String>,
    pub(crate) content: PartContent,
    pub(crate) content_type: Option<Template>,
    pub(crate) filename: Option<Template>,
    pub(crate) headers: Vec<(HeaderName, Template)>,
}

/// What a part holds.
#[derive(Debug, Clone)]
pub(crate) enum PartContent {
    Text(Template),
    Json(JsonTemplate),
}

/// A body with placeholders.
#[derive(Debug, Clone)]
pub(crate) enum BodyTemplate {
    Json(JsonTemplate),
    Form(Vec<(String, FieldTemplate)>),
    Multipart(Vec<PartTemplate>),
    Related(Vec<PartTemplate>),
    Text(Template),
    /// The one placeholder.
    Bytes(Template),
    Xml(XmlTemplate),
    Graphql {
        head: String,
        variables: Vec<(String, JsonTemplate)>,
    },
    Mail(Box<MailTemplate>),
    /// The mailbox that signs in.
    SignIn(Template),
}

fn text(source: &str) -> Result<Template, DefinitionFault> {
    evaluate::template(source, Braces::Dollar)
}

impl BodyTemplate {
    pub(crate) fn compile(body: &Body) -> Result<Self, DefinitionFault> {
        match body {
            Body::Json(value) => JsonTemplate::compile(value).map(Self::Json),
            Body::Form(fields) => {
                let compile = |(name, field): (&String, &FieldValue)| {
                    Ok((name.clone(), FieldTemplate::compile(field)?))
                };
                fields.iter().map(compile).collect::<Result<_, _>>().map(Self::Form)
            }
            Body::Multipart(parts) => {
                let compile = |(name, part): (&str, &PartValue)| match part {
                    PartValue::Text(value) => {
                        let part = Part { value: Some(value.clone()), ..Part::default() };
                        PartTemplate::compile(Some(name), &part)
                    }
                    PartValue::Part(part) => PartTemplate::compile(Some(name), part),
                };
                parts.iter().map(compile).collect::<Result<_, _>>().map(Self::Multipart)
            }
            Body::Related(parts) => {
                let compile = |part| PartTemplate::compile(None, part);
                parts.iter().map(compile).collect::<Result<_, _>>().map(Self::Related)
            }
            Body::Text(source) => text(source).map(Self::Text),
            Body::Bytes(source) => match text(source)? {
                template if template.sole_slot().is_some() => Ok(Self::Bytes(template)),
                _ => Err(DefinitionFault::NotOnePlaceholder),
            },
            Body::Xml(source) => XmlTemplate::compile(source).map(Self::Xml),
            Body::Graphql(graphql) => compile_graphql(graphql),
            Body::Mail(mail) => MailTemplate::compile(mail).map(Box::new).map(Self::Mail),
            Body::SignIn(mailbox) => text(mailbox).map(Self::SignIn),
        }
    }

    /// The content type that goes with it, where that is always the same.
    pub(crate) fn content_type(body: &Body) -> Option<&'static str> {
        match body {
            Body::Json(_) | Body::Graphql(_) => Some("application/json"),
            Body::Form(_) => Some("application/x-www-form-urlencoded"),
            Body::Text(_) => Some("text/plain; charset=utf-8"),
            Body::Xml(_) => Some("application/xml"),
            Body::Multipart(_) | Body::Related(_) | Body::Bytes(_) => None,
            Body::Mail(_) | Body::SignIn(_) => None,
        }
    }

    /// Tells every expression and whether it stands in JSON, where null is a value.
    pub(crate) fn visit_slots<'a>(&'a self, visit: &mut dyn FnMut(&'a Expression, bool)) {
        match self {
            Self::Json(json) => json.visit_slots(&mut |slot| visit(slot, true)),
            Self::Form(fields) => {
                fields
                    .iter()
                    .flat_map(|(_, field)| field.template.slots())
                    .for_each(|slot| visit(slot, false));
            }
            Self::Multipart(parts) | Self::Related(parts) => {
                parts.iter().for_each(|part| part.visit_slots(visit));
            }
            Self::Mail(mail) => mail.visit_slots(&mut |slot| visit(slot, false)),
            Self::Text(template) | Self::Bytes(template) | Self::SignIn(template) => {
                template.slots().for_each(|slot| visit(slot, false));
            }
            Self::Xml(xml) => xml.visit_slots(&mut |slot| visit(slot, false)),
            Self::Graphql { variables, .. } => {
                variables.iter().for_each(|(_, value)| value.visit_slots(&mut |slot| visit(slot, true)));
            }
        }
    }

    /// Whether a file may stand for a name: as a part, as the body, or as what a function reads.
    pub(crate) fn takes_file(&self, name: &str) -> bool {
        let whole = match self {
            Self::Multipart(parts) | Self::Related(parts) => parts.iter().any(|part| part.is_all(name)),
            Self::Mail(mail) => {
                let slots = mail.attachments.iter().filter_map(Template::sole_slot);
                slots.into_iter().any(|slot| stands_for(slot, name))
            }
            Self::Bytes(template) => template.sole_slot().is_some_and(|slot| stands_for(slot, name)),
            _ => false,
        };
        let mut read = false;
        self.visit_slots(&mut |slot, _| read |= reads_file(slot, name));
        whole || read
    }
}

impl PartTemplate {
    fn compile(name: Option<&str>, part: &Part) -> Result<Self, DefinitionFault> {
        let content = match (&part.value, &part.json) {
            (Some(value), None) => PartContent::Text(text(value)?),
            (None, Some(json)) => PartContent::Json(JsonTemplate::compile(json)?),
            _ => return Err(DefinitionFault::BadPart),
        };
        let optional = |source: &Option<String>| source.as_deref().map(text).transpose();
        let header = |(name, source): (&String, &String)| {
            let header = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| DefinitionFault::BadHeader { name: name.clone() })?;
            Ok((header, text(source)?))
        };
        let content_type = optional(&part.content_type)?;
        if let Some(literal) = content_type.as_ref().and_then(Template::as_literal)
            && !is_media_type(literal)
        {
            return Err(DefinitionFault::BadHeader { name: "content_type".to_owned() });
        }
        Ok(Self {
            name: name.map(str::to_owned),
            content,
            content_type,
            filename: optional(&part.filename)?,
            headers: part.headers.iter().map(header).collect::<Result<_, DefinitionFault>>()?,
        })
    }

    fn visit_slots<'a>(&'a self, visit: &mut dyn FnMut(&'a Expression, bool)) {
        match &self.content {
            PartContent::Text(template) => template.slots().for_each(|slot| visit(slot, false)),
            PartContent::Json(json) => json.visit_slots(&mut |slot| visit(slot, true)),
        }
        let headers = self.headers.iter().map(|(_, template)| template);
        let around = self.content_type.iter().chain(&self.filename).chain(headers);
        around.flat_map(Template::slots).for_each(|slot| visit(slot, false));
    }

    /// Whether the part is the value of this name and nothing else.
    fn is_all(&self, name: &str) -> bool {
        match &self.content {
            PartContent::Text(template) => template.sole_slot().is_some_and(|slot| stands_for(slot, name)),
            PartContent::Json(_) => false,
        }
    }
}

/// Whether what comes of an expression may be the value of a name itself.
fn stands_for(expression: &Expression, name: &str) -> bool {
    match expression {
        Expression::Name(own) => own == name,
        Expression::First(choices) => choices.iter().any(|choice| stands_for(choice, name)),
        _ => false,
    }
}

/// Whether a function reads the bytes of a name.
fn reads_file(expression: &Expression, name: &str) -> bool {
    match expression {
        Expression::Call(function, arguments) => {
            let of_bytes =
                matches!(function, Function::Base64 | Function::Base64Url | Function::Hash | Function::Hmac);
            of_bytes && arguments.iter().any(|item| stands_for(item, name))
                || arguments.iter().any(|item| reads_file(item, name))
        }
        Expression::First(choices) => choices.iter().any(|choice| reads_file(choice, name)),
        _ => false,
    }
}

/// Document and operation are the same in each call, so that they are written once.
fn compile_graphql(graphql: &Graphql) -> Result<BodyTemplate, DefinitionFault> {
    if text(&graphql.query).map_or(true, |template| template.as_literal().is_none()) {
        return Err(DefinitionFault::PlaceholderInGraphql);
    }
    let mut head = format!("{{\"query\":{}", Value::from(graphql.query.as_str()));
    if let Some(operation) = &graphql.operation {
        head.push_str(&format!(",\"operationName\":{}", Value::from(operation.as_str())));
    }
    let variables = graphql
        .variables
        .iter()
        .map(|(name, value)| Ok((Value::from(name.as_str()).to_string(), JsonTemplate::compile(value)?)));
    Ok(BodyTemplate::Graphql { head, variables: variables.collect::<Result<_, DefinitionFault>>()? })
}

/// Cookies of a definition; names are tokens (RFC 6265 section 4.1.1).
pub(crate) fn compile_cookies(
    cookies: &BTreeMap<String, String>,
) -> Result<Vec<(String, Template)>, DefinitionFault> {
    cookies
        .iter()
        .map(|(name, source)| {
            HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| DefinitionFault::BadHeader { name: name.clone() })?;
            Ok((name.clone(), text(source)?))
        })
        .collect()
}
