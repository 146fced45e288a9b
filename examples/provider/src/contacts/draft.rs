//! Reads a contact out of a JSON body. All that is wrong is reported at once, each with the path
//! of its field.

use super::{Draft, Name, Valued};
use serde::Serialize;
use serde_json::{Map, Value};

/// Characters in a name, an address or a number.
const TEXT_LIMIT: usize = 256;
/// Names, addresses or numbers of one contact.
const LIST_LIMIT: usize = 20;

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct FieldError {
    /// Where, such as `emailAddresses[0].value`; empty for the body itself.
    pub field: String,
    /// What, in words.
    pub problem: String,
}

/// Reads a contact.
///
/// # Errors
/// Everything that is wrong with it, in the order of the fields.
pub(crate) fn parse_contact(body: &[u8]) -> Result<Draft, Vec<FieldError>> {
    let mut reader = Reader::default();
    let draft = match serde_json::from_slice::<Value>(body) {
        Ok(Value::Object(fields)) => reader.contact(&fields),
        Ok(_) => reader.wrong("", "must be a JSON object"),
        Err(error) => reader.wrong("", format!("is not JSON: {error}")),
    };
    if reader.errors.is_empty() { Ok(draft) } else { Err(reader.errors) }
}

#[derive(Default)]
struct Reader {
    errors: Vec<FieldError>,
}

impl Reader {
    fn wrong<T: Default>(&mut self, field: impl Into<String>, problem: impl Into<String>) -> T {
        self.errors.push(FieldError { field: field.into(), problem: problem.into() });
        T::default()
    }

    fn contact(&mut self, fields: &Map<String, Value>) -> Draft {
        self.only("", fields, &["names", "emailAddresses", "phoneNumbers"]);
        let draft = Draft {
            names: self.list(fields, "names", Self::name),
            email_addresses: self.list(fields, "emailAddresses", Self::email),
            phone_numbers: self.list(fields, "phoneNumbers", Self::phone),
        };
        let nothing =
            draft.names.is_empty() && draft.email_addresses.is_empty() && draft.phone_numbers.is_empty();
        if nothing && self.errors.is_empty() {
            return self.wrong("names", "a contact needs a name, an e-mail address or a telephone number");
        }
        draft
    }

    /// Complains about fields that do not exist: a misspelt name must not vanish silently.
    fn only(&mut self, path: &str, fields: &Map<String, Value>, known: &[&str]) {
        for name in fields.keys().filter(|name| !known.contains(&name.as_str())) {
            self.wrong::<()>(
                format!("{path}{name}"),
                format!("is not a field; there are: {}", known.join(", ")),
            );
        }
    }

    fn list<T>(
        &mut self,
        fields: &Map<String, Value>,
        name: &str,
        item: fn(&mut Self, &str, &Map<String, Value>) -> Option<T>,
    ) -> Vec<T> {
        let items = match fields.get(name) {
            None | Some(Value::Null) => return Vec::new(),
            Some(Value::Array(items)) if items.len() <= LIST_LIMIT => items,
            Some(Value::Array(_)) => return self.wrong(name, format!("has more than {LIST_LIMIT} entries")),
            Some(_) => return self.wrong(name, "must be a list"),
        };
        let mut read = Vec::with_capacity(items.len());
        for (index, value) in items.iter().enumerate() {
            let path = format!("{name}[{index}]");
            match value {
                Value::Object(fields) => read.extend(item(self, &path, fields)),
                _ => self.wrong(path, "must be an object"),
            }
        }
        read
    }

    fn name(&mut self, path: &str, fields: &Map<String, Value>) -> Option<Name> {
        self.only(&format!("{path}."), fields, &["givenName", "familyName"]);
        let given_name = self.text(path, fields, "givenName");
        let family_name = self.text(path, fields, "familyName");
        if given_name.is_none() && family_name.is_none() {
            return self.wrong(path, "needs givenName or familyName");
        }
        Some(Name { given_name, family_name })
    }

    fn email(&mut self, path: &str, fields: &Map<String, Value>) -> Option<Valued> {
        let valued = self.valued(path, fields)?;
        let parts = valued.value.split_once('@');
        let whole =
            parts.is_some_and(|(user, host)| !user.is_empty() && !host.is_empty() && !host.contains('@'));
        if !whole || valued.value.contains(char::is_whitespace) {
            return self.wrong(format!("{path}.value"), "is not an e-mail address");
        }
        Some(valued)
    }

    fn phone(&mut self, path: &str, fields: &Map<String, Value>) -> Option<Valued> {
        let valued = self.valued(path, fields)?;
        let digits = valued.value.chars().filter(char::is_ascii_digit).count();
        let allowed = valued.value.chars().all(|c| c.is_ascii_digit() || " +-()./".contains(c));
        if digits < 3 || !allowed {
            return self.wrong(format!("{path}.value"), "is not a telephone number");
        }
        Some(valued)
    }

    fn valued(&mut self, path: &str, fields: &Map<String, Value>) -> Option<Valued> {
        self.only(&format!("{path}."), fields, &["value", "type"]);
        let label = self.text(path, fields, "type");
        // Clients fill a template and have nothing for some of its places: said to be empty, an
        // address or number is left out; not said at all, it was forgotten.
        if fields.get("value").is_some_and(|value| value.is_null() || value == "") {
            return None;
        }
        match self.text(path, fields, "value") {
            Some(value) => Some(Valued { value, label }),
            None => self.wrong(format!("{path}.value"), "is missing"),
        }
    }

    fn text(&mut self, path: &str, fields: &Map<String, Value>, name: &str) -> Option<String> {
        match fields.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) if text.chars().count() > TEXT_LIMIT => {
                self.wrong(format!("{path}.{name}"), format!("is longer than {TEXT_LIMIT} characters"))
            }
            Some(Value::String(text)) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Some(_) => self.wrong(format!("{path}.{name}"), "must be a text"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields_of(body: &str) -> Vec<String> {
        let errors = parse_contact(body.as_bytes()).unwrap_err();
        errors.into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn a_whole_contact_is_read() {
        let body = br#"{"names": [{"givenName": "Ada", "familyName": "Lovelace"}],
            "emailAddresses": [{"value": "ada@example.com", "type": "work"}],
            "phoneNumbers": [{"value": "+44 20 7946 0018"}]}"#;
        let draft = parse_contact(body).unwrap();
        assert_eq!(draft.names[0].family_name.as_deref(), Some("Lovelace"));
        assert_eq!(draft.email_addresses[0].label.as_deref(), Some("work"));
        assert_eq!(draft.phone_numbers[0].value, "+44 20 7946 0018");
    }

    #[test]
    fn everything_wrong_is_reported_at_once_with_its_path() {
        let body = r#"{"names": [{"given": "Ada"}], "emailAddresses": [{"value": "ada"}, 7],
            "phoneNumbers": [{"value": 12}]}"#;
        assert_eq!(
            fields_of(body),
            [
                "names[0].given",
                "names[0]",
                "emailAddresses[0].value",
                "emailAddresses[1]",
                "phoneNumbers[0].value",
                "phoneNumbers[0].value"
            ]
        );
    }

    #[test]
    fn a_value_that_is_said_to_be_empty_is_left_out() {
        let body = br#"{"names": [{"givenName": "Ada"}], "emailAddresses": [{"value": ""}],
            "phoneNumbers": [{"value": null}]}"#;
        let draft = parse_contact(body).unwrap();
        assert!(draft.email_addresses.is_empty() && draft.phone_numbers.is_empty());
        assert_eq!(
            fields_of(r#"{"names": [{"givenName": "Ada"}], "phoneNumbers": [{}]}"#),
            ["phoneNumbers[0].value"]
        );
    }

    #[test]
    fn an_empty_contact_is_refused() {
        assert_eq!(fields_of("{}"), ["names"]);
        assert_eq!(fields_of(r#"{"names": []}"#), ["names"]);
    }

    #[test]
    fn what_is_not_an_object_is_refused() {
        assert_eq!(fields_of("[]"), [""]);
        assert_eq!(fields_of("{"), [""]);
        assert_eq!(fields_of(r#"{"names": {}}"#), ["names"]);
    }

    #[test]
    fn a_misspelt_field_does_not_vanish() {
        assert_eq!(fields_of(r#"{"name": [{"givenName": "Ada"}]}"#), ["name"]);
    }

    #[test]
    fn too_much_is_refused() {
        let long = "x".repeat(TEXT_LIMIT + 1);
        let body = format!(r#"{{"names": [{{"givenName": "{long}", "familyName": "y"}}]}}"#);
        assert_eq!(fields_of(&body), ["names[0].givenName"]);
        let many = vec![r#"{"value": "123"}"#; LIST_LIMIT + 1].join(",");
        assert_eq!(fields_of(&format!(r#"{{"phoneNumbers": [{many}]}}"#)), ["phoneNumbers"]);
    }
}
