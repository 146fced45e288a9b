//! Several values that a person enters once, each where the definition wants it on a request.

use super::basic;
use super::calls::{self, Values, fill};
use super::placed::{Place, place};
use crate::error::AuthError;
use crate::field::Field;
use crate::http_value::HttpRequest;
use crate::scheme::{Connects, Context, Scheme};
use crate::template::{Segment, Template};
use http::header::HeaderName;
use sluis_model::connector::{ApiKeys, KeyPlace};
use sluis_model::credential::Credential;
use std::collections::BTreeMap;

/// The scheme, bound to its parameters.
pub(super) struct KeysOnRequest<'a> {
    config: &'a ApiKeys,
}

impl<'a> KeysOnRequest<'a> {
    /// Binds the scheme.
    pub(super) fn new(config: &'a ApiKeys) -> Self {
        Self { config }
    }

    /// Each place with its name in a connector file and what stands there.
    fn places(&self) -> [(&'static str, KeyPlace, &'a BTreeMap<String, String>); 4] {
        let config = self.config;
        [
            ("headers", KeyPlace::Header, &config.headers),
            ("query", KeyPlace::Query, &config.query),
            ("cookies", KeyPlace::Cookie, &config.cookies),
            ("body", KeyPlace::Body, &config.body),
        ]
    }

    /// Whether a text takes fields and all of them were left out.
    fn is_left_out(&self, text: &str, values: &Values) -> bool {
        let Ok(template) = Template::parse(text) else { return false };
        let mut fields = template
            .segments()
            .iter()
            .filter_map(|segment| match segment {
                Segment::Slot(name) => Some(name.as_str()),
                Segment::Literal(_) => None,
            })
            .filter(|name| self.config.fields.iter().any(|field| field.name == *name))
            .peekable();
        fields.peek().is_some() && fields.all(|name| !values.contains_key(name))
    }
}

impl Scheme for KeysOnRequest<'_> {
    fn name(&self) -> &'static str {
        "api_keys"
    }

    fn check(&self) -> Result<(), AuthError> {
        let bad = |field: String, why: String| Err(AuthError::BadParameter { field, why });
        let known: Vec<String> = self.config.fields.iter().map(|field| field.name.clone()).collect();
        let mut used: Vec<String> = Vec::new();
        let basic = self.config.basic.iter().flat_map(|pair| [&pair.user, &pair.password]);
        let placed = self.places().into_iter().flat_map(|(part, _, texts)| {
            texts.iter().map(move |(name, text)| (format!("{part}.{name}"), text))
        });
        for (at, text) in basic.map(|text| ("basic".to_owned(), text)).chain(placed) {
            match Template::parse(text) {
                Ok(template) => used.extend(template.slots().map(str::to_owned)),
                Err(error) => return bad(at, error.to_string()),
            }
        }
        if let Some(name) =
            self.config.headers.keys().find(|name| HeaderName::from_bytes(name.as_bytes()).is_err())
        {
            return bad(format!("headers.{name}"), "it is no header".to_owned());
        }
        let unsent =
            |name: &String| self.config.fields.iter().any(|field| field.unsent && field.name == *name);
        match known.iter().find(|field| !used.contains(field) && !unsent(field)) {
            Some(unused) => bad(
                format!("fields.{unused}"),
                format!(
                    "nothing sends `${{{unused}}}`; name it in `headers`, `query`, `cookies`, `body` or `basic`, \
                     or say `unsent: true` if the service only signs with it"
                ),
            ),
            None => Ok(()),
        }
    }

    fn connects(&self) -> Connects {
        Connects::ByFields
    }

    fn fields(&self) -> Vec<Field> {
        calls::fields(&self.config.fields)
    }

    fn apply(
        &self,
        cx: Context<'_>,
        credential: &Credential,
        request: &mut HttpRequest,
    ) -> Result<(), AuthError> {
        let required = self.config.fields.iter().filter(|field| !field.optional);
        for field in required {
            crate::field::entered(credential, &field.name)?;
        }
        let values = calls::values(cx, credential);
        let plain = |text: &str| fill(text, &values, |out, value| out.push_str(value));
        for (_, place_of_key, texts) in self.places() {
            for (name, text) in texts.iter().filter(|(_, text)| !self.is_left_out(text, &values)) {
                place(request, Place { place: place_of_key, name, field: name }, &plain(text)?)?;
            }
        }
        match &self.config.basic {
            Some(pair) => basic::put(request, &plain(&pair.user)?, &plain(&pair.password)?),
            None => Ok(()),
        }
    }
}
