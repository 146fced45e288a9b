//! Parameters of a query or a form, as OAuth wants them read.

use super::error::OAuthError;
use crate::journal::is_form;
use axum::http::HeaderMap;
use std::collections::{BTreeMap, BTreeSet};
use url::form_urlencoded;

/// The parameters by name. An empty value counts as absent and a repeated name as an error
/// (RFC 6749 §3.1 and §3.2).
#[derive(Debug)]
pub(super) struct Params {
    values: BTreeMap<String, String>,
    repeated: BTreeSet<String>,
}

impl Params {
    /// Reads a query or a form body.
    pub(super) fn parse(text: &[u8]) -> Self {
        let mut params = Self { values: BTreeMap::new(), repeated: BTreeSet::new() };
        for (name, value) in form_urlencoded::parse(text).filter(|(_, value)| !value.is_empty()) {
            if params.values.insert(name.to_string(), value.into_owned()).is_some() {
                params.repeated.insert(name.into_owned());
            }
        }
        params
    }

    /// Reads the body of a POST, which must say that it is a form and repeat nothing.
    pub(super) fn parse_form(headers: &HeaderMap, body: &[u8]) -> Result<Self, OAuthError> {
        if !is_form(headers) {
            let text = "send the parameters as application/x-www-form-urlencoded";
            return Err(OAuthError::invalid_request(text));
        }
        let params = Self::parse(body);
        params.refuse_repeated()?;
        Ok(params)
    }

    /// An error when any name occurs more than once.
    pub(super) fn refuse_repeated(&self) -> Result<(), OAuthError> {
        match self.repeated.first() {
            Some(name) => Err(OAuthError::invalid_request(format!("{name} is given more than once"))),
            None => Ok(()),
        }
    }

    /// The value, unless it is absent, empty or ambiguous.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        if self.repeated.contains(name) {
            return None;
        }
        self.values.get(name).map(String::as_str)
    }

    /// The value, or an error that names what is missing.
    pub(super) fn need(&self, name: &str) -> Result<&str, OAuthError> {
        self.get(name).ok_or_else(|| OAuthError::invalid_request(format!("{name} is missing")))
    }

    /// The scopes in the `scope` parameter, if it is there.
    pub(super) fn scopes(&self) -> Option<BTreeSet<String>> {
        self.get("scope").map(|scope| scope.split(' ').filter(|s| !s.is_empty()).map(str::to_owned).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_value_counts_as_absent() {
        let params = Params::parse(b"state=&scope=a++b");
        assert_eq!(params.get("state"), None);
        assert_eq!(params.scopes().map(|scopes| scopes.len()), Some(2));
        assert!(params.need("state").is_err());
    }

    #[test]
    fn a_repeated_parameter_is_ambiguous() {
        let params = Params::parse(b"client_id=a&client_id=b");
        assert_eq!(params.get("client_id"), None);
        assert!(params.refuse_repeated().is_err());
    }
}
