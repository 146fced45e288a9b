//! A key that a person enters once: in a header, the query, a cookie or the body.

use super::placed::{Place, place};
use crate::error::AuthError;
use crate::field::{Field, FieldKind};
use crate::http_value::HttpRequest;
use crate::scheme::{Connects, Context, Scheme};
use sluis_model::connector::{ApiKey, KeyPlace};
use sluis_model::credential::Credential;
use sluis_model::secret::SecretText;

const FIELD: &str = "api_key";

/// The scheme, bound to its parameters.
pub(super) struct KeyOnRequest<'a> {
    config: &'a ApiKey,
}

impl<'a> KeyOnRequest<'a> {
    /// Binds the scheme.
    pub(super) fn new(config: &'a ApiKey) -> Self {
        Self { config }
    }
}

impl Scheme for KeyOnRequest<'_> {
    fn name(&self) -> &'static str {
        "api_key"
    }

    fn connects(&self) -> Connects {
        Connects::ByFields
    }

    fn fields(&self) -> Vec<Field> {
        let label = self.config.label.as_deref().unwrap_or("API key");
        vec![Field::new(FIELD, label, FieldKind::Secret)]
    }

    fn apply(
        &self,
        _: Context<'_>,
        credential: &Credential,
        request: &mut HttpRequest,
    ) -> Result<(), AuthError> {
        let missing = || AuthError::MissingField { field: FIELD.to_owned() };
        let key = credential.fields.get(FIELD).ok_or_else(missing)?;
        let value = SecretText::new(format!("{}{}", self.config.prefix, key.expose()));
        let default = match self.config.place {
            KeyPlace::Header => "Authorization",
            KeyPlace::Query | KeyPlace::Cookie | KeyPlace::Body => FIELD,
        };
        let name = self.config.name.as_deref().unwrap_or(default);
        place(request, Place { place: self.config.place, name, field: FIELD }, &value)
    }
}
