//! The connectors in `examples/` are read.

use sluis_definition::read;
use sluis_model::connector::AuthConfig;
use std::path::Path;

#[test]
fn every_example_is_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/connectors");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let folder = entry.unwrap().path();
        let text = std::fs::read_to_string(folder.join("connector.yaml")).unwrap();
        let load = |name: &str| std::fs::read_to_string(folder.join(name)).map_err(|error| error.to_string());
        let definition = read("connector.yaml", &text, &load)
            .unwrap_or_else(|found| panic!("{}", found.iter().map(|p| format!("{p}\n")).collect::<String>()));
        let name = folder.file_name().unwrap().to_str().unwrap().replace('-', "");
        assert_eq!(name, definition.namespace.as_str());
        count += 1;
    }
    assert!(count > 0);
}

#[test]
fn the_sample_connector_is_the_one_that_the_demo_tells_of() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/connectors/gcontacts");
    let text = std::fs::read_to_string(folder.join("connector.yaml")).unwrap();
    let load = |name: &str| std::fs::read_to_string(folder.join(name)).map_err(|error| error.to_string());
    let definition = read("connector.yaml", &text, &load).unwrap();
    let apis: Vec<_> = definition.apis.keys().map(String::as_str).collect();
    assert_eq!(apis, ["account", "getcontact", "listcontacts", "pushcontact"]);
    let AuthConfig::Oauth2AuthorizationCode(auth) = &definition.auth else { panic!() };
    assert_eq!(auth.scopes, ["contacts.read", "contacts.write"]);
    assert!(definition.hooks.on_authorize.unwrap().contains("return false"));
}
