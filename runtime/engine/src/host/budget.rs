//! `budget("ns.api", {"connection": "sales"})`: how much of what the service takes is left.

use super::connection::Named;
use super::{HostContext, arguments};
use crate::connectors::parse_api;
use sluis_invoke::limiter::{Budget, LearnedFrom};
use sluis_lang::value::data::Data;
use sluis_model::error::Failure;

/// Answers `{"remaining": …, "limit": …, "resets_in": …, "waiting": …, "learned_from": …}`; what is not
/// known is null.
pub async fn call(context: &HostContext<'_>, args: &[Data]) -> Result<Data, Failure> {
    let text = arguments::text(args, 0, "budget", "the id of an API", "budget(\"gcontacts.pushcontact\")")?;
    let api = parse_api(text)?;
    let (named, _) = Named::of_options(&api.namespace(), args.get(1))?;
    let place = context.place_of(&named).await?;
    context.engine.budget_at(&place, &api).await.map(answer)
}

fn answer(budget: Budget) -> Data {
    let number = |count: Option<u64>| {
        count.map_or(Data::Null, |count| Data::Int(i64::try_from(count).unwrap_or(i64::MAX)))
    };
    let learned_from = match budget.learned_from {
        LearnedFrom::Nothing => Data::Null,
        LearnedFrom::Definition => Data::Text("definition".to_owned()),
        LearnedFrom::Answer { header } => Data::Text(header),
    };
    Data::map([
        ("remaining", number(budget.remaining)),
        ("limit", number(budget.limit)),
        ("resets_in", number(budget.resets_in)),
        ("waiting", number(Some(budget.waiting as u64))),
        ("learned_from", learned_from),
    ])
}
