//! A definition as the text of a connector file, which reads back as the same definition.

use crate::error::ImportError;
use crate::yaml::Writer;
use serde_json::Value;
use sluis_model::connector::ConnectorDefinition;

/// The connector file of a definition. Comments of the file that it came from are lost, and the texts of
/// its hooks stand in it.
///
/// # Errors
/// When the file would not read back as the same definition.
pub fn connector_file(definition: &ConnectorDefinition) -> Result<String, ImportError> {
    let refused = |why: String| ImportError::Refused { why };
    let Ok(Value::Object(fields)) = serde_json::to_value(definition) else {
        return Err(refused("the definition cannot be written".to_owned()));
    };
    let mut writer = Writer::default();
    for (name, value) in &fields {
        if name != "apis" {
            writer.entry(0, name, value);
            continue;
        }
        writer.heading(0, name);
        for (key, api) in value.as_object().into_iter().flatten() {
            writer.gap();
            writer.heading(2, key);
            writer.entries(4, api.as_object().unwrap_or(&serde_json::Map::new()));
        }
        writer.gap();
    }
    let text = writer.into_text();
    let no_files = |name: &str| Err(format!("`{name}` is no text of a hook"));
    match sluis_definition::read("connector.yaml", &text, &no_files) {
        Ok(back) if back == *definition => Ok(text),
        Ok(_) => Err(refused("the file would not say the same".to_owned())),
        Err(problems) => Err(refused(problems.first().map(|p| p.message.clone()).unwrap_or_default())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_connector_of_the_catalogue_reads_back_as_it_was() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/connectors");
        let mut seen = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let folder = entry.unwrap().path();
            let Ok(text) = std::fs::read_to_string(folder.join("connector.yaml")) else { continue };
            let hook = |name: &str| std::fs::read_to_string(folder.join(name)).map_err(|e| e.to_string());
            let definition = sluis_definition::read("connector.yaml", &text, &hook).unwrap();
            let written = connector_file(&definition).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
            assert!(written.starts_with("sluis: 1\nnamespace: "), "{written}");
            seen += 1;
        }
        assert!(seen > 20, "{seen}");
    }

    #[test]
    fn a_hook_of_several_lines_stands_there_as_lines() {
        let text = "sluis: 1\nnamespace: a\nservice: { name: A }\nauth: { scheme: none }\nhosts: [a.example]\n\
                    apis:\n  x: { method: GET, url: \"https://a.example/\" }\nhooks:\n  on_revoke: |\n    info \"a\";\n\n    info \"b\";\n";
        let definition = sluis_definition::read("connector.yaml", text, &|_| Err(String::new())).unwrap();
        let written = connector_file(&definition).unwrap();
        assert!(written.contains("on_revoke: |\n    info \"a\";\n\n    info \"b\";\n"), "{written}");
    }
}
