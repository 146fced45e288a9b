//! Bodies from templates and data, in each of their shapes.

use crate::body::{JsonTemplate, write_entries};
use crate::call_data::{GivenContent, GivenPart, GivenParts};
use crate::compile_body::{BodyTemplate, PartContent, PartTemplate};
use crate::data::{Data, Item};
use crate::evaluate::Filled;
use crate::input_error::InputError;
use crate::multipart::{FORM_DATA, FilePart, Part, RELATED, is_media_type, media_type, multipart};
use bytes::Bytes;
use http::HeaderName;
use serde_json::Value;

/// A body, and its content type where that does not come from the definition.
pub(crate) struct FilledBody {
    pub(crate) content: Bytes,
    pub(crate) content_type: Option<ContentType>,
}

/// A content type that comes with a body.
pub(crate) enum ContentType {
    /// With a boundary that none but it can name.
    Exactly(String),
    /// What it is unless a header says so.
    Otherwise(String),
}

impl FilledBody {
    fn of(content: impl Into<Bytes>) -> Self {
        Self { content: content.into(), content_type: None }
    }

    fn parts(kind: &str, parts: &[Part]) -> Self {
        let (content_type, content) = multipart(kind, parts);
        Self { content, content_type: Some(ContentType::Exactly(content_type)) }
    }
}

pub(crate) fn fill_body(data: &Data<'_>, body: &BodyTemplate) -> Result<FilledBody, InputError> {
    Ok(match body {
        BodyTemplate::Json(json) => FilledBody::of(json_text(data, json)),
        BodyTemplate::Form(fields) => {
            let mut text = String::new();
            for (name, field) in fields {
                crate::prepare::push_field(data, &mut text, name, field)?;
            }
            FilledBody::of(text)
        }
        BodyTemplate::Multipart(parts) => FilledBody::parts(FORM_DATA, &fill_parts(data, parts)?),
        BodyTemplate::Related(parts) => FilledBody::parts(RELATED, &fill_parts(data, parts)?),
        BodyTemplate::Text(template) => FilledBody::of(data.text(template, |_| None)?.unwrap_or_default()),
        BodyTemplate::Bytes(template) => match template.sole_slot() {
            Some(slot) => match data.fill(slot) {
                Filled::Files([file]) => FilledBody {
                    content: file.content.clone(),
                    content_type: Some(ContentType::Otherwise(
                        media_type(file.media_type.as_deref()).to_owned(),
                    )),
                },
                Filled::Files(_) => {
                    return Err(data.unfit(&slot.to_string(), "is several files, and a body is one"));
                }
                Filled::Value(_) if data.wants_file(slot) => {
                    return Err(data.unfit(&slot.to_string(), "must be a file"));
                }
                filled => FilledBody {
                    content: Bytes::from(filled.as_text().into_owned()),
                    content_type: Some(ContentType::Otherwise("application/octet-stream".to_owned())),
                },
            },
            None => FilledBody::of(Bytes::new()),
        },
        BodyTemplate::Xml(xml) => {
            let text = xml.write(&|slot| data.fill(slot)).map_err(|(slot, why)| data.unfit(&slot, why))?;
            FilledBody::of(text)
        }
        // A mail is no body; it is filled on its own.
        BodyTemplate::Mail(_) | BodyTemplate::SignIn(_) => FilledBody::of(Bytes::new()),
        BodyTemplate::Graphql { head, variables } => {
            let mut text = format!("{head},\"variables\":{{");
            // A variable without a value takes the default that the document gives it.
            write_entries(variables, &mut text, true, &|slot| {
                let given = slot.as_name().is_some_and(|name| data.given.values.contains_key(name));
                let filled = data.fill(slot);
                (given || !filled.is_absent()).then_some(filled)
            });
            text.push_str("}}");
            FilledBody::of(text)
        }
    })
}

fn json_text(data: &Data<'_>, json: &JsonTemplate) -> String {
    let mut text = String::new();
    json.write(&mut text, &|slot| data.fill_or_leave_out(slot));
    text
}

/// The parts of a body; one whose value is absent is left out, one with several files is repeated.
fn fill_parts(data: &Data<'_>, parts: &[PartTemplate]) -> Result<Vec<Part>, InputError> {
    let mut all = Vec::new();
    for template in parts {
        let outline = outline(data, template)?;
        match &template.content {
            PartContent::Json(json) => all.push(Part {
                media_type: outline.media_type.or_else(|| Some("application/json".to_owned())),
                content: Bytes::from(json_text(data, json)),
                ..outline
            }),
            PartContent::Text(text) => {
                let Some(items) = data.items(text) else { continue };
                if let [Item::Value(_, Filled::Files(files))] = items.as_slice() {
                    all.extend(files.iter().map(|file| of_file(&outline, file)));
                    continue;
                }
                let mut content = String::new();
                for item in &items {
                    match item {
                        Item::Literal(literal) => content.push_str(literal),
                        Item::Value(slot, Filled::Value(_)) if data.wants_file(slot) => {
                            return Err(data.unfit(&slot.to_string(), "must be a file"));
                        }
                        Item::Value(_, filled) => content.push_str(&filled.as_text()),
                    }
                }
                all.push(Part { content: Bytes::from(content), ..outline });
            }
        }
    }
    Ok(all)
}

/// A part without its content.
fn outline(data: &Data<'_>, template: &PartTemplate) -> Result<Part, InputError> {
    let one_line =
        |text: &str| text.chars().any(char::is_control).then_some("holds a line break or control character");
    let mut part = Part { name: template.name.clone(), ..Part::default() };
    if let Some(filename) = &template.filename {
        part.filename = data.text(filename, |_| None)?;
    }
    if let Some(content_type) = &template.content_type {
        part.media_type = data.text(content_type, one_line)?;
        if let Some(given) = part.media_type.as_deref().filter(|given| !is_media_type(given)) {
            return Err(data.unfit("content_type", &format!("is `{given}`, which is not a media type")));
        }
    }
    for (name, value) in &template.headers {
        if let Some(value) = data.text(value, one_line)? {
            part.headers.push((name.to_string(), value));
        }
    }
    Ok(part)
}

fn of_file(outline: &Part, file: &FilePart) -> Part {
    // In parts that have names a file has one as well; elsewhere only where the definition gives it.
    let filename = outline.filename.clone().or_else(|| outline.name.as_ref().map(|_| file.name.clone()));
    let own = || media_type(file.media_type.as_deref()).to_owned();
    Part {
        filename,
        media_type: outline.media_type.clone().or_else(|| Some(own())),
        content: file.content.clone(),
        ..outline.clone()
    }
}

/// The body of parts that a call brings along, in place of the API's own.
pub(crate) fn fill_given(
    data: &Data<'_>,
    own: Option<&BodyTemplate>,
    given: &GivenParts,
) -> Result<FilledBody, InputError> {
    let disposed = given.parts.iter().any(says_form_data);
    let kind = match (given.media_type.as_deref(), own) {
        (Some(kind @ ("multipart/form-data" | "multipart/related" | "multipart/mixed")), _) => kind,
        (Some(other), _) => {
            let why = format!(
                "is `{other}`; parts go out as multipart/form-data, multipart/related or multipart/mixed"
            );
            return Err(data.unfit("CONTENT_TYPE", &why));
        }
        (None, Some(BodyTemplate::Multipart(_))) => FORM_DATA,
        (None, Some(BodyTemplate::Related(_))) => RELATED,
        (None, None) if disposed || given.parts.iter().all(|part| part.headers.is_empty()) => FORM_DATA,
        (None, None) => RELATED,
        (None, Some(_)) => {
            return Err(
                data.unfit("PARTS", "has no place: the API says what its body is, and it has no parts")
            );
        }
    };
    let parts: Result<Vec<Part>, InputError> =
        given.parts.iter().map(|part| given_part(data, part, kind)).collect();
    Ok(FilledBody::parts(kind, &parts?))
}

fn says_form_data(part: &GivenPart) -> bool {
    part.headers.iter().any(|(name, value)| {
        name.eq_ignore_ascii_case("content-disposition") && value.trim_start().starts_with("form-data")
    })
}

fn given_part(data: &Data<'_>, given: &GivenPart, kind: &str) -> Result<Part, InputError> {
    let mut part = Part::default();
    for (name, value) in &given.headers {
        let fits = HeaderName::from_bytes(name.as_bytes()).is_ok() && !value.chars().any(char::is_control);
        if !fits {
            let shown: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
            return Err(data.unfit("PARTS", &format!("has the header `{shown}`, which cannot be sent")));
        }
        // `file;` says no more than that it is one; the name is told beside it.
        let says_nothing = name.eq_ignore_ascii_case("content-disposition")
            && matches!(value.trim().trim_end_matches(';'), "file" | "");
        if !says_nothing {
            part.headers.push((name.clone(), value.clone()));
        }
    }
    let (content, otherwise) = match &given.content {
        GivenContent::Text(text) => (Bytes::from(text.clone()), None),
        GivenContent::Json(value) => (Bytes::from(Value::to_string(value)), Some("application/json")),
        GivenContent::File(file, name) => {
            part.name.clone_from(name);
            part.filename = (kind == FORM_DATA).then(|| file.name.clone());
            (file.content.clone(), Some(media_type(file.media_type.as_deref())))
        }
    };
    part.media_type = otherwise.map(str::to_owned);
    if let Some((_, own)) = part.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        part.media_type = Some(own.clone());
    }
    Ok(Part { content, ..part })
}
