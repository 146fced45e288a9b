//! The inputs of an API in the order in which its author declared them.

use crate::connector::Input;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Inputs by name, in declared order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Inputs(Vec<(String, Input)>);

impl Inputs {
    /// The input of a name.
    pub fn get(&self, name: &str) -> Option<&Input> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, input)| input)
    }

    /// All of them in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Input)> {
        self.0.iter().map(|(name, input)| (name.as_str(), input))
    }

    /// Their names in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<const N: usize> From<[(String, Input); N]> for Inputs {
    fn from(inputs: [(String, Input); N]) -> Self {
        Self(inputs.into())
    }
}

impl Serialize for Inputs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Inputs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Inputs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of inputs by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Inputs, A::Error> {
                let mut inputs = Inputs::default();
                while let Some((name, input)) = map.next_entry::<String, Input>()? {
                    if inputs.get(&name).is_some() {
                        return Err(A::Error::custom(format!("the input `{name}` stands there twice")));
                    }
                    inputs.0.push((name, input));
                }
                Ok(inputs)
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_file_is_kept() {
        let text = r#"{"z":{"required":true},"a":{"required":false},"m":{"required":true}}"#;
        let inputs: Inputs = serde_json::from_str(text).unwrap();
        assert_eq!(inputs.names().collect::<Vec<_>>(), ["z", "a", "m"]);
        assert_eq!(serde_json::to_string(&inputs).unwrap(), text);
        assert!(serde_json::from_str::<Inputs>(r#"{"a":{},"a":{}}"#).is_err());
    }
}
