//! What shows that an operation answers page by page, in words: a note where it cannot be told for sure.

use crate::document::{Document, entries};
use serde_json::Value;

/// Parameters that ask for another page.
const ASKS: &[&str] = &[
    "page",
    "page_number",
    "pagenumber",
    "page_token",
    "pagetoken",
    "next_page_token",
    "nextpagetoken",
    "page_cursor",
    "cursor",
    "after",
    "before",
    "starting_after",
    "ending_before",
    "offset",
    "skip",
    "$skip",
    "start",
    "start_index",
    "startindex",
    "start_at",
    "startat",
    "marker",
    "continuation_token",
    "continuationtoken",
    "pagination_token",
    "from_cursor",
    "page[number]",
    "page[cursor]",
    "page[after]",
    "page[offset]",
];
/// Parameters that say how large one is.
const SIZES: &[&str] = &[
    "limit",
    "per_page",
    "perpage",
    "page_size",
    "pagesize",
    "max_results",
    "maxresults",
    "count",
    "size",
    "first",
    "$top",
    "top",
    "page[size]",
    "page[limit]",
];

/// What is told of pages, if there is anything.
pub(super) fn pagination(
    document: &Document,
    operation: &Value,
    queries: &[(String, Value)],
) -> Option<String> {
    let known = |names: &[&str]| -> Vec<String> {
        let fits = |query: &&String| names.contains(&query.to_ascii_lowercase().as_str());
        queries.iter().map(|(name, _)| name).filter(fits).map(|query| format!("`{query}`")).collect()
    };
    let asks = known(ASKS);
    let link = entries(operation.get("responses"))
        .filter(|(status, _)| status.starts_with('2'))
        .flat_map(|(_, response)| entries(document.resolved(response).get("headers")))
        .any(|(name, _)| name.eq_ignore_ascii_case("link"));
    let vendor = ["x-ms-pageable", "x-pagination", "x-speakeasy-pagination", "x-fern-pagination"];
    let vendor = vendor.iter().find_map(|name| operation.get(name).map(|value| (name, value)));
    let mut told = Vec::new();
    if !asks.is_empty() {
        let sizes = known(SIZES);
        let size =
            if sizes.is_empty() { String::new() } else { format!(", its size by {}", sizes.join(" and ")) };
        told.push(format!("the next page is asked for by {}{size}", asks.join(" or ")));
    }
    if link {
        told.push("the header `Link` of the answer names the next page".to_owned());
    }
    if let Some((name, value)) = vendor {
        let value: String = value.to_string().chars().take(200).collect();
        told.push(format!("`{name}` says {value}"));
    }
    (!told.is_empty()).then(|| format!("answers page by page: {}", told.join("; ")))
}
