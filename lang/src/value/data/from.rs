//! Owned data from Rust's own values.

use super::Data;

impl From<&str> for Data {
    fn from(text: &str) -> Self {
        Data::Text(text.to_owned())
    }
}

impl From<String> for Data {
    fn from(text: String) -> Self {
        Data::Text(text)
    }
}

impl From<i64> for Data {
    fn from(number: i64) -> Self {
        Data::Int(number)
    }
}

impl From<bool> for Data {
    fn from(yes: bool) -> Self {
        Data::Bool(yes)
    }
}
