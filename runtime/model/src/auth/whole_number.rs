//! Whole numbers inside an auth config. It is read through serde's buffer, because its scheme is told
//! by a field of its own, and there a number of JSON is a map; `serde_json::Number` knows both forms.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Number;

fn checked<T: TryFrom<u64>, E: serde::de::Error>(number: &Number) -> Result<T, E> {
    let whole = number.as_u64().and_then(|whole| T::try_from(whole).ok());
    whole.ok_or_else(|| E::custom(format!("`{number}` is not a whole number of the expected size")))
}

/// A number that may be absent.
pub(super) fn optional<'de, T: TryFrom<u64>, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
    Option::<Number>::deserialize(from)?.as_ref().map(checked).transpose()
}

/// A list of numbers.
pub(super) fn list<'de, T: TryFrom<u64>, D: Deserializer<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    let numbers = Vec::<Number>::deserialize(from).map_err(D::Error::custom)?;
    numbers.iter().map(checked).collect()
}

#[cfg(test)]
mod tests {
    use crate::auth::AuthConfig;

    #[test]
    fn a_number_in_an_auth_config_is_read_from_text_as_from_a_tree() {
        let text = r#"{"scheme": "two_step_token", "fields": [], "calls": [], "token": "$.t",
            "expires": {"lifetime_s": 600}, "refused": [401, 419]}"#;
        let of_text: AuthConfig = serde_json::from_str(text).unwrap();
        let of_tree: AuthConfig =
            serde_json::from_value(serde_json::from_str::<serde_json::Value>(text).unwrap()).unwrap();
        assert_eq!(of_text, of_tree);
        let AuthConfig::TwoStepToken(read) = of_text else { panic!("another scheme") };
        assert_eq!((read.expires.lifetime_s, read.refused), (Some(600), vec![401, 419]));
        assert!(serde_json::from_str::<AuthConfig>(&text.replace("419", "-1")).is_err());
    }
}
