//! The catalogue, exported: as OpenAPI that a foreign validator takes and the importer reads again, and as
//! tools whose schemas are schemas.

use sluis_definition::read;
use sluis_engine::export::{openapi, tools};
use sluis_import::{Options, Selection};
use sluis_model::connector::ConnectorDefinition;
use sluis_tests::peers::openapi_validator::problems;
use std::path::Path;

fn catalogue() -> Vec<ConnectorDefinition> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/connectors");
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let folder = entry.unwrap().path();
        let Ok(text) = std::fs::read_to_string(folder.join("connector.yaml")) else { continue };
        let hook = |name: &str| std::fs::read_to_string(folder.join(name)).map_err(|error| error.to_string());
        all.push(
            read("connector.yaml", &text, &hook)
                .unwrap_or_else(|problems| panic!("{folder:?}: {problems:?}")),
        );
    }
    assert!(all.len() >= 25, "{}", all.len());
    all
}

#[test]
fn what_is_exported_is_valid_and_imports_again() {
    let folder = tempfile::tempdir().unwrap();
    let (mut apis, mut back) = (0, 0);
    for definition in catalogue() {
        let namespace = &definition.namespace;
        let exported = openapi(&definition).unwrap();
        let text = exported.document.to_string();
        std::fs::write(folder.path().join(format!("{namespace}.openapi.json")), &text).unwrap();
        let tools = serde_json::Value::from(tools(&definition).unwrap()).to_string();
        std::fs::write(folder.path().join(format!("{namespace}.tools.json")), tools).unwrap();
        if definition.service.mail_server().is_some() {
            // Mails cannot be told in OpenAPI, which is said of each of them.
            assert_eq!(exported.left_out.len(), definition.apis.len(), "{namespace}");
            continue;
        }
        let options = Options { namespace: Some(namespace.to_string()), server: None };
        let draft =
            sluis_import::openapi(&text, &options).unwrap_or_else(|error| panic!("{namespace}: {error}"));
        let imported =
            draft.connector(&Selection::default()).unwrap_or_else(|error| panic!("{namespace}: {error}"));
        for (name, why) in &imported.left_out {
            println!("{namespace}.{name}: {why}");
        }
        apis += definition.apis.len() - exported.left_out.len();
        back += imported.definition.apis.len();
        for (key, api) in &imported.definition.apis {
            let of_same_name = definition.apis.get(key);
            assert!(of_same_name.is_none_or(|known| known.method == api.method), "{namespace}.{key}");
        }
    }
    let (problems, files) = problems(folder.path()).unwrap();
    assert!(files >= 50, "{files}");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    println!("{back} of {apis} exported APIs import again");
    assert!(back * 100 >= apis * 97, "{back} of {apis}");
}
