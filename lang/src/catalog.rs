//! What the language knows of connectors: the released APIs with their inputs. Plain data that
//! whoever knows the releases hands in; checker and editor read it.

use serde::{Deserialize, Serialize};

/// The released connectors of an organisation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalog {
    /// Namespaces, also those without an API.
    pub namespaces: Vec<String>,
    /// All APIs of all of them.
    pub apis: Vec<Api>,
}

/// One API of a connector.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Api {
    /// `namespace.api` or `namespace.group.api`.
    pub id: String,
    /// One sentence.
    pub description: Option<String>,
    /// URL of its documentation.
    pub documentation: Option<String>,
    /// What it takes, in declared order. `None` if that is not known; then variables are not checked.
    pub inputs: Option<Vec<Input>>,
    /// How it is called as an integration task, if its connector declares that.
    pub task: Option<TaskForm>,
}

/// How an API is called as an integration task.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskForm {
    /// Dotted name, `zoho.crm.getRecordById`; compared without case and without a version segment.
    pub name: String,
    /// Names of its parameters in order.
    pub parameters: Vec<String>,
    /// How many of them must be given.
    pub required: usize,
}

/// One variable of an API.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// Key in the map that is passed; compared with case.
    pub name: String,
    /// What values it takes.
    pub kind: InputKind,
    /// Whether a call without it is refused.
    pub required: bool,
    /// One sentence.
    pub description: Option<String>,
    /// An example, as it would stand in a script.
    pub example: Option<String>,
}

/// What values a variable takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InputKind {
    /// Anything.
    #[default]
    Any,
    /// Text; numbers and dates are printed into it.
    Text,
    /// A whole or decimal number, or a text that is one.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A date or date-time, or a text that is one.
    Date,
    /// A list.
    List,
    /// A map.
    Map,
    /// A file.
    File,
}

impl Catalog {
    /// A catalog that knows ids only: `ns` alone names a namespace, `ns.api` an API.
    pub fn of_ids<'a>(ids: impl IntoIterator<Item = &'a str>) -> Self {
        let mut catalog = Self::default();
        for id in ids {
            let namespace = id.split('.').next().unwrap_or(id);
            if !catalog.namespaces.iter().any(|known| known == namespace) {
                catalog.namespaces.push(namespace.to_owned());
            }
            if id.contains('.') {
                catalog.apis.push(Api { id: id.to_owned(), ..Api::default() });
            }
        }
        catalog
    }

    /// Adds the connectors of another catalog whose namespaces are not in this one.
    pub fn join(&mut self, other: Catalog) {
        let known = |id: &str| {
            let namespace = id.split('.').next().unwrap_or(id);
            self.namespaces.iter().any(|own| own == namespace)
        };
        let apis: Vec<Api> = other.apis.into_iter().filter(|api| !known(&api.id)).collect();
        let namespaces: Vec<String> = other.namespaces.into_iter().filter(|name| !known(name)).collect();
        self.apis.extend(apis);
        self.namespaces.extend(namespaces);
    }

    /// The API that a connector offers as this integration task. `zoho.crm.v8.createRecord` is the
    /// same as `zoho.crm.createRecord`.
    pub fn task(&self, name: &str) -> Option<(&Api, &TaskForm)> {
        let wanted = task_key(name);
        let mut forms = self.apis.iter().filter_map(|api| api.task.as_ref().map(|task| (api, task)));
        forms.find(|(_, task)| task_key(&task.name) == wanted)
    }

    /// The API of an id, exactly as written.
    pub fn api(&self, id: &str) -> Option<&Api> {
        self.apis.iter().find(|api| api.id == id)
    }
}

/// By what integration tasks are told apart: their name in lower case without a segment such as `v8`
/// or `v2_1` in its midst.
pub fn task_key(name: &str) -> String {
    let is_version = |part: &str| {
        part.strip_prefix(['v', 'V']).is_some_and(|rest| {
            !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_')
        })
    };
    let last = name.split('.').count().saturating_sub(1);
    let parts = name.split('.').enumerate().filter(|(at, part)| *at == 0 || *at == last || !is_version(part));
    parts.map(|(_, part)| part.to_ascii_lowercase()).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_catalogs_the_first_decides_about_a_connector() {
        let mut own = Catalog::of_ids(["a.x"]);
        own.join(Catalog::of_ids(["a.y", "b.z"]));
        assert_eq!(own, Catalog::of_ids(["a.x", "b.z"]));
    }

    #[test]
    fn a_version_in_the_midst_of_a_task_does_not_count() {
        assert_eq!(task_key("zoho.crm.v8.createRecord"), "zoho.crm.createrecord");
        assert_eq!(task_key("Zoho.CRM.v2_1.CreateRecord"), "zoho.crm.createrecord");
        assert_eq!(task_key("zoho.v.vault.v"), "zoho.v.vault.v");
    }

    #[test]
    fn ids_give_their_namespaces_once() {
        let catalog = Catalog::of_ids(["a", "a.x", "a.g.y", "b.z"]);
        assert_eq!(catalog.namespaces, ["a", "b"]);
        assert!(catalog.api("a.g.y").is_some() && catalog.api("a").is_none() && catalog.api("A.x").is_none());
    }
}
