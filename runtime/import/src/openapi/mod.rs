//! OpenAPI 3.0 and 3.1, and Swagger 2.0, which is first brought into the form of the former.

mod answers;
mod body;
mod effects;
mod hints;
mod operation;
mod pages;
mod parameters;
mod schema;
mod security;
mod servers;
mod swagger2;

use crate::document::{self, Document, entries, items, text};
use crate::draft::{Draft, Operation, Options};
use crate::error::ImportError;
use crate::names::{self, Taken};
use crate::prose;
use operation::Place;
use security::Schemes;
use serde_json::Value;
use servers::Servers;

/// Names of a path's entries that are operations.
const METHODS: &[&str] = &["get", "post", "put", "patch", "delete", "head", "options", "trace", "query"];

/// Reads a description.
///
/// # Errors
/// When it is none, or names no address.
pub fn read(text_of_file: &str, options: &Options) -> Result<Draft, ImportError> {
    let root = document::parse(text_of_file)?;
    let (origin, root) = recognised(root)?;
    let document = Document { root };
    let info = document.root.get("info").unwrap_or(&Value::Null);
    let title = text(info, "title").unwrap_or_else(|| "Imported service".to_owned());
    let namespace = match &options.namespace {
        Some(namespace) => namespace.clone(),
        None => names::segment(&title, "service").to_ascii_lowercase(),
    };
    let mut servers = Servers::new(options.server.as_deref())?;
    let base = servers.default_of(&document)?;
    let mut notes = std::mem::take(&mut servers.notes);
    let schemes = Schemes::read(&document, &namespace, &base, &mut notes);
    let operations = operations(&document, &mut servers, &base, &schemes);
    notes.append(&mut servers.notes);
    notes.dedup();
    Ok(Draft {
        origin,
        namespace,
        title: prose::one_line(&title).unwrap_or_else(|| "Imported service".to_owned()),
        description: text(info, "description").as_deref().and_then(prose::one_line),
        api_version: text(info, "version"),
        documentation: document
            .root
            .get("externalDocs")
            .and_then(|docs| text(docs, "url"))
            .filter(|url| url.starts_with("http")),
        base_url: Some(base.url.clone()),
        variables: servers.variables,
        auth: schemes.into_used(),
        notes,
        operations,
    })
}

/// What the file says that it is; Swagger 2.0 comes out in the form of OpenAPI 3.
fn recognised(root: Value) -> Result<(String, Value), ImportError> {
    let wanted = "an OpenAPI description";
    let other = |why: String, help| Err(ImportError::OtherKind { wanted, why, help });
    if let Some(version) = text(&root, "openapi") {
        if !version.starts_with("3.") {
            return other(
                format!("it says `openapi: {version}`"),
                "versions 3.0, 3.1 and Swagger 2.0 are read",
            );
        }
        return Ok((format!("OpenAPI {version}"), root));
    }
    if let Some(version) = text(&root, "swagger") {
        if version != "2.0" && version != "2" {
            let help =
                "turn it into OpenAPI 3 first, for example with `api-spec-converter` or the Swagger editor";
            return other(format!("it says `swagger: {version}`"), help);
        }
        return Ok(("Swagger 2.0".to_owned(), swagger2::upgraded(root)));
    }
    if root.pointer("/info/schema").is_some() || root.get("item").is_some() {
        return other(
            "it looks like a Postman collection".to_owned(),
            "use `sluis connector import postman`",
        );
    }
    if text(&root, "swaggerVersion").is_some() {
        let help = "turn it into OpenAPI 3 first, for example with `api-spec-converter`";
        return other("it is of Swagger 1, which is long gone".to_owned(), help);
    }
    other("it has no field `openapi` or `swagger`".to_owned(), "name the file that begins with `openapi: 3…`")
}

fn operations(
    document: &Document,
    servers: &mut Servers,
    base: &servers::Server,
    schemes: &Schemes,
) -> Vec<Operation> {
    let mut taken = Taken::default();
    let mut operations = Vec::new();
    for (path, item) in entries(document.root.get("paths")) {
        let item = document.resolved(item);
        // Other methods have a place of their own in OpenAPI 3.2, which older files have as an extension.
        let others = ["additionalOperations", "x-additionalOperations"];
        let others = others.into_iter().flat_map(|name| entries(item.get(name)));
        for (method, body) in entries(Some(item)).filter(|(name, _)| is_method(name)).chain(others) {
            let body = document.resolved(body);
            let id = text(body, "operationId");
            let wanted = id.as_deref().map_or_else(|| names::of_path(method, path), names::api);
            let method = method.to_ascii_uppercase();
            let place = Place { document, path, item, operation: body, method: &method };
            operations.push(Operation {
                name: taken.take(&wanted),
                api: operation::read(&place, servers, base, schemes),
                tags: items(body.get("tags")).filter_map(Value::as_str).map(str::to_owned).collect(),
                id,
                path: path.clone(),
                method,
            });
        }
    }
    operations
}

fn is_method(name: &str) -> bool {
    METHODS.contains(&name.to_ascii_lowercase().as_str())
}
