//! A token that a person pastes, as `Authorization: Bearer …`.

use super::placed::{Place, place};
use crate::error::AuthError;
use crate::field::{Field, FieldKind, entered};
use crate::http_value::HttpRequest;
use crate::scheme::{Connects, Context, Scheme};
use sluis_model::connector::{Bearer, KeyPlace};
use sluis_model::credential::Credential;
use sluis_model::secret::SecretText;

const FIELD: &str = "token";

/// The scheme, bound to its parameters.
pub(super) struct PastedToken<'a> {
    config: &'a Bearer,
}

impl<'a> PastedToken<'a> {
    /// Binds the scheme.
    pub(super) fn new(config: &'a Bearer) -> Self {
        Self { config }
    }
}

impl Scheme for PastedToken<'_> {
    fn name(&self) -> &'static str {
        "bearer"
    }

    fn connects(&self) -> Connects {
        Connects::ByFields
    }

    fn fields(&self) -> Vec<Field> {
        let label = self.config.label.as_deref().unwrap_or("Token");
        let field = Field::new(FIELD, label, FieldKind::Secret);
        vec![Field { help: self.config.help.clone(), ..field }]
    }

    fn apply(
        &self,
        _: Context<'_>,
        credential: &Credential,
        request: &mut HttpRequest,
    ) -> Result<(), AuthError> {
        // People paste the whole header as often as the token.
        let token = entered(credential, FIELD)?.expose().trim();
        let bare = token.strip_prefix("Bearer ").unwrap_or(token).trim();
        let value = SecretText::new(format!("Bearer {bare}"));
        place(request, Place { place: KeyPlace::Header, name: "Authorization", field: FIELD }, &value)
    }
}
