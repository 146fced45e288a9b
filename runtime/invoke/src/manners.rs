//! How calls of an API behave towards its service: when they are made again, how often they may be made, and
//! how the service tells a repeated one.

use crate::definition_error::DefinitionFault;
use crate::request::is_ours;
use http::HeaderName;
use sluis_model::connector::{ApiDefinition, ConnectorDefinition};
use sluis_model::idempotency::Idempotency;
use sluis_model::rate::RateRule;
use sluis_model::retry::RetryRule;

/// How calls of an API behave.
#[derive(Debug, Clone, Default)]
pub struct Manners {
    /// When a call is made again by itself: the API's own rule, else the connector's.
    pub retry: Option<RetryRule>,
    /// What the whole connector may send.
    pub shared_rate: Option<RateRule>,
    /// What this API may send besides.
    pub own_rate: Option<RateRule>,
    /// How a repeated call is told from a new one.
    pub idempotency: Option<Idempotency>,
    /// Whether scripts go on without the answer.
    pub hands_over: bool,
}

impl Manners {
    /// Of an API; what is wrong goes to `faults` with the part of the API that it is about.
    pub(crate) fn compile(
        definition: &ConnectorDefinition,
        api: &ApiDefinition,
        mut faults: impl FnMut(&str, DefinitionFault),
    ) -> Self {
        let retry = api.retry.as_ref().or(definition.retry.as_ref());
        let mut told = |part: &str, why: Option<String>| {
            if let Some(why) = why {
                faults(part, DefinitionFault::BadManners { why });
            }
        };
        told("retry", retry.and_then(RetryRule::fault));
        told("rate", definition.rate.as_ref().and_then(RateRule::fault));
        told("rate", api.rate.as_ref().and_then(RateRule::fault));
        told("idempotency", api.idempotency.as_ref().and_then(Idempotency::fault));
        told("idempotency", api.idempotency.as_ref().and_then(unusable_header));
        Self {
            retry: retry.cloned(),
            shared_rate: definition.rate.clone(),
            own_rate: api.rate.clone(),
            idempotency: api.idempotency.clone(),
            hands_over: !api.wait,
        }
    }
}

fn unusable_header(rule: &Idempotency) -> Option<String> {
    let name = rule.header.as_ref()?;
    let usable = HeaderName::from_bytes(name.as_bytes()).is_ok_and(|header| !is_ours(&header));
    (!usable).then(|| format!("`{name}` is not a header that can be sent"))
}
