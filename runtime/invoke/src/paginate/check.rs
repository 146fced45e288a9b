//! What is wrong with the pagination of a definition: found when it is compiled, never in a call.

use crate::compile::CompiledApi;
use http::HeaderName;
use sluis_model::connector::ConnectorDefinition;
use sluis_model::pagination::Pagination;
use sluis_model::suggest::nearest;
use std::collections::BTreeMap;

/// What is wrong with the pagination of one API, all of it. `apis` are all of the connector.
pub(crate) fn check(
    definition: &ConnectorDefinition,
    apis: &BTreeMap<String, CompiledApi>,
    api: &CompiledApi,
) -> Vec<String> {
    let Some(pagination) = &api.pagination else { return Vec::new() };
    let mut faults = Vec::new();
    let styles = [
        pagination.link.is_some(),
        pagination.next_url.is_some(),
        pagination.cursor.is_some(),
        pagination.offset.is_some(),
        pagination.page.is_some(),
    ];
    if styles.iter().filter(|given| **given).count() != 1 {
        faults.push("write exactly one of `link`, `next_url`, `cursor`, `offset` and `page`".to_owned());
    }
    for name in pagination.inputs().filter(|name| !api.inputs.contains_key(*name)) {
        let hint = nearest(name, api.inputs.keys().map(String::as_str))
            .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        faults.push(format!("the API has no input `{name}`{hint}"));
    }
    sources(pagination, &mut faults);
    if let Some(cursor) = &pagination.cursor {
        let continues = match &cursor.api {
            None => {
                let required = api.inputs.get(&cursor.input).is_some_and(|known| known.input.required);
                if required {
                    faults.push(format!(
                        "the first page has no cursor yet: write `required: false` for the input `{}`",
                        cursor.input
                    ));
                }
                None
            }
            Some(key) => Some((key, apis.get(key), definition.apis.contains_key(key))),
        };
        match continues {
            Some((key, None, false)) => faults.push(format!("the connector has no API `{key}`")),
            Some((key, Some(other), _)) => continuation(api, key, other, &cursor.input, &mut faults),
            _ => {}
        }
    }
    faults
}

/// Where the next page is told.
fn sources(pagination: &Pagination, faults: &mut Vec<String>) {
    let named = pagination.link.as_ref().and_then(|link| link.header.as_deref());
    let mut headers: Vec<&str> = named.into_iter().collect();
    for (style, at, header) in [
        pagination.cursor.as_ref().map(|cursor| ("cursor", &cursor.at, &cursor.header)),
        pagination.next_url.as_ref().map(|next| ("next_url", &next.at, &next.header)),
    ]
    .into_iter()
    .flatten()
    {
        if at.is_some() == header.is_some() {
            faults.push(format!("`{style}` needs either `at`, a place in the answer, or `header`"));
        }
        headers.extend(header.as_deref());
    }
    for name in headers.into_iter().filter(|name| HeaderName::from_bytes(name.as_bytes()).is_err()) {
        faults.push(format!("`{name}` is not the name of a header"));
    }
}

/// Whether another API can give the following pages: it takes the cursor, and all else that it must be
/// given is an input of the first one as well.
fn continuation(api: &CompiledApi, key: &str, other: &CompiledApi, input: &str, faults: &mut Vec<String>) {
    if !other.inputs.contains_key(input) {
        faults.push(format!("the API `{key}` has no input `{input}` that would take the cursor"));
    }
    let lacking = other.inputs.iter().filter(|(name, known)| {
        known.input.required
            && known.input.default.is_none()
            && *name != input
            && !api.inputs.contains_key(*name)
    });
    for (name, _) in lacking {
        faults.push(format!("the API `{key}` requires `{name}`, which this API does not take"));
    }
}
