//! Postman collections 2.0 and 2.1: folders of requests with `{{variables}}`.

mod auth;
mod body;
mod request;
mod variables;

use crate::document::{self, items, text};
use crate::draft::{Draft, Operation, Options};
use crate::error::ImportError;
use crate::names::{self, Taken};
use crate::prose;
use auth::Found;
use request::Call;
use serde_json::Value;
use variables::Variables;

/// Folders within folders.
const DEPTH: usize = 16;

/// Reads a collection.
///
/// # Errors
/// When it is none, or no request of it names an address.
pub fn read(text_of_file: &str, options: &Options) -> Result<Draft, ImportError> {
    let root = document::parse(text_of_file)?;
    // Some exports put the collection into an envelope.
    let root = root.get("collection").filter(|inner| inner.get("item").is_some()).cloned().unwrap_or(root);
    let info = root.get("info").cloned().unwrap_or(Value::Null);
    if root.get("item").and_then(Value::as_array).is_none() {
        let help = "export the collection as `Collection v2.1`; an OpenAPI file is imported with `sluis connector import openapi`";
        return Err(ImportError::OtherKind {
            wanted: "a Postman collection",
            why: "it has no list `item`".to_owned(),
            help,
        });
    }
    let title = text(&info, "name").unwrap_or_else(|| "Imported collection".to_owned());
    let namespace = options.namespace.clone();
    let namespace = namespace.unwrap_or_else(|| names::segment(&title, "service").to_ascii_lowercase());
    let variables = Variables::read(&root);
    let mut walk = Walk { variables, options, calls: Vec::new() };
    walk.folder(&root, "", None, DEPTH);
    let found =
        auth::of(walk.calls.iter().map(|call| (call.auth, call.request)), &namespace, &walk.variables);
    let operations = operations(&walk, &found)?;
    let mut notes = found.notes;
    notes.extend(walk.variables.notes());
    Ok(Draft {
        origin: "a Postman collection".to_owned(),
        namespace,
        title: prose::one_line(&title).unwrap_or(title),
        description: description(&info),
        auth: found.configs,
        notes,
        operations,
        ..Draft::default()
    })
}

/// A description is a text or `{ content, type }`.
fn description(owner: &Value) -> Option<String> {
    let content = owner.get("description").and_then(|inner| text(inner, "content"));
    text(owner, "description").or(content).as_deref().and_then(prose::one_line)
}

struct Walk<'a> {
    variables: Variables,
    options: &'a Options,
    calls: Vec<Call<'a>>,
}

impl<'a> Walk<'a> {
    /// The requests of a folder and of those within; what a folder says of authentication holds for
    /// all in it that say nothing.
    fn folder<'v: 'a>(&mut self, folder: &'v Value, name: &str, auth: Option<&'v Value>, depth: usize) {
        let auth = folder.get("auth").filter(|auth| !auth.is_null()).or(auth);
        for item in items(folder.get("item")) {
            let own = text(item, "name").unwrap_or_default();
            match item.get("request") {
                Some(request) => self.calls.push(Call {
                    name: own,
                    folder: name.to_owned(),
                    request,
                    auth: request.get("auth").filter(|auth| !auth.is_null()).or(auth),
                    described: description(request).or_else(|| description(item)),
                }),
                None if depth > 0 => self.folder(item, &own, auth, depth - 1),
                None => {}
            }
        }
    }
}

fn operations(walk: &Walk<'_>, found: &Found) -> Result<Vec<Operation>, ImportError> {
    let mut taken = Taken::default();
    let mut operations = Vec::new();
    let mut first_fault = None;
    for call in &walk.calls {
        let named = match call.folder.is_empty() {
            true => names::segment(&call.name, "call"),
            false => {
                format!("{}.{}", names::segment(&call.folder, "api"), names::segment(&call.name, "call"))
            }
        };
        let api = call.api(&walk.variables, walk.options.server.as_deref(), found);
        if let Err(why) = &api {
            first_fault = first_fault.or(Some(why.clone()));
        }
        operations.push(Operation {
            id: Some(call.name.clone()),
            name: taken.take(&named.to_ascii_lowercase()),
            method: call.method(),
            path: call.raw_url(),
            tags: Some(call.folder.clone()).filter(|folder| !folder.is_empty()).into_iter().collect(),
            api,
        });
    }
    match first_fault {
        // Without an address there is nothing to choose from.
        Some(why)
            if operations
                .iter()
                .all(|operation| operation.api.as_ref().is_err_and(|why| why.contains("no host"))) =>
        {
            Err(ImportError::NoServer { why })
        }
        _ => Ok(operations),
    }
}
