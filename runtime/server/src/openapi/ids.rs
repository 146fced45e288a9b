//! The identifiers of the model as the document describes them: each with its rule and an example. The
//! rules themselves stand in `sluis_model::id`; a test holds the examples against them.

use serde_json::json;
use std::borrow::Cow;
use utoipa::openapi::schema::{Object, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{KnownFormat, RefOr};
use utoipa::{PartialSchema, ToSchema};

macro_rules! texts {
    ($($(#[doc = $doc:literal])* $name:ident, $pattern:literal, $most:literal, $example:literal;)*) => {
        $(
            $(#[doc = $doc])*
            pub struct $name;

            impl PartialSchema for $name {
                fn schema() -> RefOr<Schema> {
                    text(&[$($doc),*], $pattern, $most, $example).into()
                }
            }

            impl ToSchema for $name {
                fn name() -> Cow<'static, str> {
                    stringify!($name).into()
                }
            }
        )*

        /// All of them by name, for the components of the document.
        pub fn all() -> Vec<(&'static str, RefOr<Schema>)> {
            let mut all = choices();
            all.extend([$((stringify!($name), $name::schema())),*, ("Moment", Moment::schema())]);
            all
        }
    };
}

fn text(doc: &[&str], pattern: &str, most: usize, example: &str) -> Object {
    let description: Vec<&str> = doc.iter().map(|line| line.trim()).collect();
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(pattern))
        .min_length(Some(1))
        .max_length(Some(most))
        .description(Some(description.join(" ")))
        .examples([json!(example)])
        .build()
}

texts! {
    /// A subscriber organisation.
    OrgId, "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", 64, "acme";
    /// Namespace of a connector.
    Namespace, "^[A-Za-z][A-Za-z0-9_]*$", 64, "gcontacts";
    /// Full id of an API: namespace and one or two names.
    ApiId, r"^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*){1,2}$", 194, "gcontacts.pushcontact";
    /// Name under which a script is stored: one to four names joined by dots.
    FunctionName, r"^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*){0,3}$", 259, "billing.total";
    /// Name of a trigger.
    TriggerName, "^[a-z0-9_-]+$", 64, "nightly";
    /// Name of one of several connections of a connector; `main` without one.
    ConnectionName, "^[a-z0-9_-]+$", 64, "main";
    /// A user of an organisation, by e-mail address or login name.
    UserId, r"^[^\s/~!\x00-\x1f]+$", 254, "ada@example.com";
    /// An authorization of a connector.
    ConnectionId, "^con_[0-9a-z]{26}$", 30, "con_0a1b2c3d4e5f6g7h8j9kmnpqrs";
    /// An attempt to get a person's consent.
    GrantId, "^grn_[0-9a-z]{26}$", 30, "grn_0a1b2c3d4e5f6g7h8j9kmnpqrs";
    /// An execution of a script.
    RunId, "^run_[0-9a-z]{26}$", 30, "run_0a1b2c3d4e5f6g7h8j9kmnpqrs";
    /// A request that was accepted and whose outcome is told later.
    AcceptedId, "^acc_[0-9a-z]{26}$", 30, "acc_0a1b2c3d4e5f6g7h8j9kmnpqrs";
    /// A call that was handed over.
    DeliveryId, "^dlv_[0-9a-z]{26}$", 30, "dlv_0a1b2c3d4e5f6g7h8j9kmnpqrs";
    /// One request to this server; the log names the same id.
    RequestId, "^req_[0-9a-z]{26}$", 30, "req_0a1b2c3d4e5f6g7h8j9kmnpqrs";
}

macro_rules! choices {
    ($($(#[doc = $doc:literal])* $name:ident of $module:ident;)*) => {
        $(
            $(#[doc = $doc])*
            pub struct $name;

            impl PartialSchema for $name {
                fn schema() -> RefOr<Schema> {
                    let known = sluis_model::$module::$name::ALL.iter().map(|known| known.as_str());
                    ObjectBuilder::new()
                        .schema_type(Type::String)
                        .enum_values(Some(known))
                        .description(Some([$($doc.trim()),*].join(" ")))
                        .build()
                        .into()
                }
            }

            impl ToSchema for $name {
                fn name() -> Cow<'static, str> {
                    stringify!($name).into()
                }
            }
        )*

        fn choices() -> Vec<(&'static str, RefOr<Schema>)> {
            vec![$((stringify!($name), $name::schema())),*]
        }
    };
}

choices! {
    /// One thing that may be allowed; also a scope of an API token.
    Permission of access;
    /// What a person is in an organisation.
    Role of access;
    /// What a person is above organisations.
    Office of access;
    /// How a run stands, in a word.
    RunState of run_state;
    /// What has started a run.
    Trigger of trigger;
}

/// A moment: RFC 3339 in UTC.
pub struct Moment;

impl PartialSchema for Moment {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("A moment: RFC 3339 in UTC."))
            .examples([json!("2026-11-23T09:30:00Z")])
            .build()
            .into()
    }
}

impl ToSchema for Moment {
    fn name() -> Cow<'static, str> {
        "Moment".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sluis_model::id;

    fn example(schema: RefOr<Schema>) -> String {
        let schema = serde_json::to_value(schema).unwrap();
        schema["examples"][0].as_str().unwrap().to_owned()
    }

    #[test]
    fn the_examples_are_ids_of_the_model() {
        macro_rules! fits {
            ($($name:ident)*) => { $(example($name::schema()).parse::<id::$name>().unwrap();)* };
        }
        fits!(OrgId Namespace ApiId FunctionName TriggerName ConnectionName UserId ConnectionId GrantId RunId AcceptedId);
        fits!(DeliveryId RequestId);
    }

    #[test]
    fn names_are_told_as_components() {
        assert!(all().iter().any(|(name, _)| *name == "OrgId"));
        assert_eq!(all().len(), 19);
    }
}
