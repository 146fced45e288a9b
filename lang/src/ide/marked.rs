//! For tests: scripts with `‸` where the cursor stands.

use super::Document;
use crate::catalog::{Api, Catalog, Input, InputKind};
use crate::check::Environment;
use std::sync::Arc;

/// What the tests' scripts are checked against: a connector `gcontacts` with two APIs.
pub fn environment() -> Arc<Environment> {
    let input = |name: &str, required| Input {
        name: name.into(),
        kind: InputKind::Text,
        required,
        description: Some(format!("The {name}.")),
        example: Some("\"Ada\"".into()),
    };
    let api = |id: &str, inputs| Api {
        id: id.into(),
        description: Some("Adds a contact.".into()),
        documentation: Some("https://example.com/doc".into()),
        inputs: Some(inputs),
        task: None,
    };
    let catalog = Catalog {
        namespaces: vec!["gcontacts".into()],
        apis: vec![
            api("gcontacts.pushcontact", vec![input("First_Name", true), input("Phone", false)]),
            api("gcontacts.listcontacts", vec![input("Page_Size", false)]),
        ],
    };
    Arc::new(Environment { catalog: Some(catalog), ..Environment::default() })
}

/// A document over the tests' environment.
pub fn document(text: &str) -> Document {
    Document::new(text, environment())
}

/// A document and the offset of its `‸`, which is taken out.
pub fn at_cursor(text: &str) -> (Document, u32) {
    let offset = text.find('‸').expect("the text has no cursor");
    (document(&text.replace('‸', "")), offset as u32)
}
