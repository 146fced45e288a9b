//! Reads connector files: YAML in, a checked [`ConnectorDefinition`] or pointed problems out.
//!
//! Reading order: [`problem`] (what an author sees), `tree` (YAML with places), `schema` (the
//! shape, from `spec/connector/schema.json`), `rules` (what no schema can say); [`values`] and
//! [`input_checker`] look at the values of calls as well, [`message`] words their errors. Every field and
//! every refusal is shown in `spec/connector/README.md`, which is run as a test.
//!
//! Not here: running or compiling hooks, and filling placeholders.

pub mod input_checker;
pub mod message;
pub mod problem;
mod rules;
mod schema;
mod source;
pub mod starter;
mod template;
mod tree;
pub mod triggers;
pub mod values;
pub mod webhooks;
mod within;

pub use input_checker::InputChecker;
pub use message::MessageTemplate;
pub use problem::Problem;
pub use schema::SCHEMA_TEXT;
pub use values::{Misfit, SchemaFault, ValueSchema};

use problem::Problems;
use sluis_model::connector::ConnectorDefinition;
use source::Source;
use tree::Cursor;

/// Version of the file format that this crate reads.
pub const FORMAT: u64 = 1;

/// Reads a connector file without what lies beside it: any script and any logo that it names will do.
///
/// # Errors
/// As [`read`].
pub fn read_alone(file_name: &str, text: &str) -> Result<ConnectorDefinition, Vec<Problem>> {
    let anything = |name: &str| match name.to_ascii_lowercase().ends_with(".svg") {
        true => Ok("<svg/>".to_owned()),
        false => Ok("return true;".to_owned()),
    };
    read(file_name, text, &anything)
}

/// Reads a connector file. `hooks` loads a script or logo that the file names as `file:NAME`, relative to
/// the file; an error's text is shown to the author.
///
/// # Errors
/// All problems of the file, in the order of their places; at least one.
pub fn read(
    file_name: &str,
    text: &str,
    hooks: &dyn Fn(&str) -> Result<String, String>,
) -> Result<ConnectorDefinition, Vec<Problem>> {
    let source = Source::new(file_name, text);
    let tree = match tree::parse(&source) {
        Ok(tree) => tree,
        Err(problem) => return Err(vec![*problem]),
    };
    let source = source.hiding(rules::secrets::values(&tree));
    let mut problems = Problems::new(&source);
    let root = Cursor::root(&tree);
    let loaded = rules::check(&root, hooks, &mut problems);
    let mut value = root.to_json();
    schema::check(&root, &value, &mut problems);
    if !problems.is_empty() {
        return Err(problems.sorted());
    }
    loaded.put_into(&mut value);
    match serde_json::from_value(value) {
        Ok(definition) => Ok(definition),
        // The schema and the type are kept alike by a test, so nobody should ever read this.
        Err(error) => {
            problems.add(&root, format!("the file does not make a connector: {error}"), None);
            Err(problems.sorted())
        }
    }
}
