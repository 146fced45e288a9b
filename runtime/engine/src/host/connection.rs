//! Which connection a script means: `gcontacts`, or `gcontacts/sales` where there are several. Whose it
//! is a script cannot say: where each user has their own, it is the one of the run's user.

use super::{HostContext, arguments};
use crate::connectors::parse_namespace;
use crate::invoke::options::unknown;
use crate::invoke::{CallOptions, Through};
use crate::keys::Place;
use sluis_lang::value::data::{Data, kind};
use sluis_model::connection::ConnectionKey;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{ConnectionName, Namespace};

/// A connection as a script names it.
#[derive(Debug, PartialEq)]
pub struct Named {
    /// Of which connector.
    pub connector: Namespace,
    /// Which of several; none if the script does not say.
    pub name: Option<ConnectionName>,
}

impl Named {
    /// The one that is meant when only the connector is named.
    pub fn of(connector: &Namespace) -> Self {
        Self { connector: connector.clone(), name: None }
    }

    /// Reads `gcontacts` or `gcontacts/sales`.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let (connector, name) = match text.split_once('/') {
            Some((connector, name)) => (connector, Some(parse_name(name)?)),
            None => (text, None),
        };
        Ok(Self { connector: parse_namespace(connector)?, name })
    }

    /// The third argument of `invokeConnector`: `{"connection": "sales"}`, the connector's name before it
    /// or not, and what the call wants otherwise than its definition says.
    pub fn of_options(connector: &Namespace, options: Option<&Data>) -> Result<(Self, CallOptions), Failure> {
        let (mut named, mut wishes) = (Self::of(connector), CallOptions::default());
        for (key, value) in entries(options)? {
            match (key.as_str(), value) {
                (Some("connection"), Data::Null) => {}
                (Some("connection"), Data::Text(text)) => named.name = Some(name_of(connector, text)?),
                (Some("connection"), other) => {
                    let text = format!("`connection` must be text, not {}", kind(other).name());
                    return Err(wrong(text));
                }
                (Some(name), value) => wishes.set(name, &arguments::json(value)?)?,
                (None, _) => return Err(unknown(&key.to_json())),
            }
        }
        Ok((named, wishes))
    }
}

/// The entries of an options argument.
pub fn entries(options: Option<&Data>) -> Result<&[(Data, Data)], Failure> {
    match options {
        None | Some(Data::Null) => Ok(&[]),
        Some(Data::Map(entries)) => Ok(entries),
        Some(other) => Err(wrong(format!("the options of a call must be a map, not {}", kind(other).name()))),
    }
}

fn name_of(connector: &Namespace, text: &str) -> Result<ConnectionName, Failure> {
    let name = match text.split_once('/') {
        Some((other, _)) if other != connector.as_str() => {
            return Err(wrong(format!("`{text}` is no connection of the connector `{connector}`")));
        }
        Some((_, name)) => name,
        None => text,
    };
    parse_name(name)
}

fn parse_name(text: &str) -> Result<ConnectionName, Failure> {
    text.parse().map_err(|error: sluis_model::id::IdError| {
        Failure::new(Reason::InvalidInput, error.to_string())
            .help("a connection is written `connector/name`, for example \"gcontacts/sales\"")
    })
}

fn wrong(message: String) -> Failure {
    Failure::new(Reason::InvalidInput, message)
        .help("for example: invokeConnector(\"gcontacts.pushcontact\", data, {\"connection\": \"sales\"})")
}

impl HostContext<'_> {
    /// Where the connection that a script means is to be found. A hook means the one it is about.
    pub async fn place_of(&self, named: &Named) -> Result<Place, Failure> {
        if let Some(hook) = &self.hook
            && hook.key.connector == named.connector
            && named.name.as_ref().is_none_or(|name| *name == hook.key.name)
        {
            return Ok(hook.clone());
        }
        Ok(Place::active(self.key_of(named).await?))
    }

    /// The connection that a script means.
    pub async fn key_of(&self, named: &Named) -> Result<ConnectionKey, Failure> {
        let through = Through { name: named.name.clone().unwrap_or_default(), user: self.run.user.clone() };
        self.engine.key_of_call(&self.run.org, &named.connector, &through).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_named_by_its_connector_and_perhaps_its_own_name() {
        let named = Named::parse("gcontacts/sales").unwrap();
        assert_eq!((named.connector.as_str(), named.name), ("gcontacts", Some("sales".parse().unwrap())));
        assert_eq!(Named::parse("gcontacts").unwrap().name, None);
        for wrong in ["gcontacts/", "gcontacts/a/b", "gcontacts/Sales", "/sales", ""] {
            assert!(Named::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_options_of_a_call_name_a_connection_of_that_connector_only() {
        let connector: Namespace = "gcontacts".parse().unwrap();
        let named = |key: &str, value: Data| {
            Named::of_options(&connector, Some(&Data::map([(key, value)]))).map(|(named, _)| named.name)
        };
        let sales = Some("sales".parse().unwrap());
        assert_eq!(named("connection", "sales".into()).unwrap(), sales);
        assert_eq!(named("connection", "gcontacts/sales".into()).unwrap(), sales);
        assert_eq!(named("connection", Data::Null).unwrap(), None);
        assert!(named("connection", "other/sales".into()).is_err());
        assert!(named("connection", 7.into()).is_err());
        assert!(named("conection", "sales".into()).unwrap_err().message.contains("conection"));
        assert!(Named::of_options(&connector, Some(&"sales".into())).is_err());
    }
}
