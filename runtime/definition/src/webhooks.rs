//! The schemes of webhooks that are known by name. Each is a file of `spec/webhooks`.

use sluis_model::trigger_spec::WebhookScheme;
use std::sync::OnceLock;

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../spec/webhooks/", $name, ".yaml")))),*]
    };
}

/// Names and texts, by name.
const FILES: &[(&str, &str)] = files![
    "address",
    "bitbucket",
    "dropbox",
    "github",
    "gitlab",
    "hubspot",
    "meta",
    "microsoft_graph",
    "paddle",
    "pagerduty",
    "shopify",
    "slack",
    "sluis",
    "square",
    "standard",
    "stripe",
    "twilio",
    "typeform",
    "zoho",
    "zoho_crm",
    "zoho_payments",
    "zoom",
];

/// All schemes with their names, by name.
pub fn presets() -> &'static [(&'static str, WebhookScheme)] {
    static READ: OnceLock<Vec<(&str, WebhookScheme)>> = OnceLock::new();
    // That each of them can be read is tested.
    READ.get_or_init(|| FILES.iter().filter_map(|(name, text)| Some((*name, scheme(text).ok()?))).collect())
}

/// The scheme of a name.
pub fn preset(name: &str) -> Option<&'static WebhookScheme> {
    presets().iter().find(|(known, _)| *known == name).map(|(_, scheme)| scheme)
}

fn scheme(text: &str) -> Result<WebhookScheme, serde_saphyr::Error> {
    serde_saphyr::from_str(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_a_scheme_and_is_known_by_its_name() {
        for (name, text) in FILES {
            let read = scheme(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(preset(name), Some(&read));
        }
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../spec/webhooks");
        let files = std::fs::read_dir(folder).unwrap().filter(|entry| {
            entry.as_ref().unwrap().path().extension().is_some_and(|extension| extension == "yaml")
        });
        assert_eq!(files.count(), FILES.len());
        assert!(FILES.is_sorted());
    }
}
