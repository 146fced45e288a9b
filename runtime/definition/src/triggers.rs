//! Reads files of triggers: YAML or JSON in, a [`TriggerSpec`] and its name out. What needs the functions of an org to
//! be judged is not looked at here.

use serde::Deserialize;
use sluis_model::id::TriggerName;
use sluis_model::trigger_spec::{Occasion, TriggerSpec};
use std::collections::BTreeMap;

/// Most bytes of such a file.
const MAX_BYTES: usize = 64 * 1024;

/// A file: a trigger and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriggerFile {
    /// Its name; none if whoever reads the file gives it.
    pub name: Option<TriggerName>,
    /// What it says.
    pub trigger: TriggerSpec,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    name: Option<TriggerName>,
    function: sluis_model::id::FunctionName,
    #[serde(default)]
    user: Option<sluis_model::id::UserId>,
    #[serde(default)]
    args: Option<BTreeMap<String, String>>,
    on: Occasion,
}

/// Reads a file.
///
/// # Errors
/// What is wrong and where, for its author.
pub fn read(text: &str) -> Result<TriggerFile, String> {
    if text.len() > MAX_BYTES {
        return Err("a file of a trigger has at most 64 KiB".to_owned());
    }
    let options = serde_saphyr::options! {
        strict_booleans: true,
        budget: serde_saphyr::budget! { max_nodes: 5_000, max_depth: 32, max_documents: 1 },
    };
    let Written { name, function, user, args, on } =
        serde_saphyr::from_str_with_options(text, options).map_err(|error| error.to_string())?;
    Ok(TriggerFile { name, trigger: TriggerSpec { function, user, args, on } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_as_yaml_and_as_json() {
        let yaml = "name: nightly\nfunction: tidy\non:\n  schedule:\n    cron: \"0 3 * * *\"\n";
        let json = r#"{"name":"nightly","function":"tidy","on":{"schedule":{"cron":"0 3 * * *"}}}"#;
        let read = [read(yaml), read(json)].map(Result::unwrap);
        assert_eq!(read[0], read[1]);
        assert_eq!(read[0].name.as_ref().unwrap().as_str(), "nightly");
    }

    #[test]
    fn a_slip_is_told_with_its_place() {
        let said = read("function: tidy\non:\n  schedule:\n    corn: \"* * * * *\"\n").unwrap_err();
        assert!(said.contains("corn") && said.contains('4'), "{said}");
    }
}
