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

    /// The API of an id, exactly as written.
    pub fn api(&self, id: &str) -> Option<&Api> {
        self.apis.iter().find(|api| api.id == id)
    }
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
    fn ids_give_their_namespaces_once() {
        let catalog = Catalog::of_ids(["a", "a.x", "a.g.y", "b.z"]);
        assert_eq!(catalog.namespaces, ["a", "b"]);
        assert!(catalog.api("a.g.y").is_some() && catalog.api("a").is_none() && catalog.api("A.x").is_none());
    }
}
