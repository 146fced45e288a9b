//! From a position to the request of its page.

use super::next_url::allowed;
use super::position::{Next, Position, Wanted};
use crate::call_data::{CallData, Moment};
use crate::compile::{CompiledApi, CompiledConnector};
use crate::prepare::{PreparedRequest, prepare};
use crate::template::text_of;
use serde_json::{Map, Value};
use sluis_model::error::{Failure, Reason};
use sluis_model::pagination::Pagination;
use url::Url;

/// A request that asks for one page.
#[derive(Debug, Clone)]
pub struct PageRequest<'c> {
    /// The API that is asked; not that of the walk where another takes the cursor.
    pub asked: &'c CompiledApi,
    /// The request.
    pub prepared: PreparedRequest,
    /// Rows that are asked for, if that is known.
    pub(super) size: Option<u64>,
    /// Offset or number of the page, or the cursor that the caller gave for the first one.
    pub(super) at: Next,
}

/// The request of the page at a position. `given` are the data of the walk, the same for every page.
pub fn page_request<'c>(
    connector: &'c CompiledConnector,
    key: &str,
    given: &CallData,
    wanted: &Wanted,
    position: &Position,
    moment: Moment<'_>,
) -> Result<PageRequest<'c>, Failure> {
    let api = connector.api(key)?;
    let pagination = pagination_of(api)?;
    if position.next == Next::Beyond {
        return Err(beyond(api, pagination, position));
    }
    if !given.files.is_empty() || given.parts.is_some() {
        return Err(no_files(api));
    }
    let mut data = given.clone();
    let size = page_size(api, pagination, wanted, &mut data.values)?;
    let at = place(pagination, position, &mut data.values)?;
    let asked = match (&pagination.cursor, &position.next) {
        (Some(cursor), Next::Cursor(_)) => cursor.api.as_deref().map_or(Ok(api), |key| connector.api(key))?,
        _ => api,
    };
    let mut prepared = prepare(asked, &data, moment).map_err(Failure::from)?;
    if let Next::Url(text) = &position.next {
        let url = Url::parse(text)
            .map_err(|_| Failure::new(Reason::InvalidInput, "the position of this walk is damaged"))?;
        allowed(api, &connector.hosts, &url)?;
        prepared.request.url = url;
    }
    Ok(PageRequest { asked, prepared, size, at })
}

/// How the pages of an API follow one another.
pub(super) fn pagination_of(api: &CompiledApi) -> Result<&Pagination, Failure> {
    api.pagination.as_ref().ok_or_else(|| {
        Failure::new(
            Reason::InvalidInput,
            format!("`{}` has no pages: its definition says no `pagination`", api.id),
        )
        .help(format!(
            "call it with invokeConnector(\"{}\", data); or the connector's author adds `pagination`",
            api.id
        ))
    })
}

/// Sets the input for the size of a page: what this walk wants, else what the data say, else the
/// definition's default. Rows that are asked for, if that is known.
fn page_size(
    api: &CompiledApi,
    pagination: &Pagination,
    wanted: &Wanted,
    data: &mut Map<String, Value>,
) -> Result<Option<u64>, Failure> {
    let size = pagination.page_size.as_ref();
    let Some(input) = size.and_then(|size| size.input.as_deref()) else {
        return match wanted.page_size {
            None => Ok(size.and_then(|size| size.default)),
            Some(_) => Err(Failure::new(
                Reason::InvalidInput,
                format!("the size of the pages of `{}` cannot be chosen", api.id),
            )
            .help("leave `page_size` out; `at_most` says how many rows are wanted in all")),
        };
    };
    let (default, most) = size.map_or((None, None), |size| (size.default, size.at_most));
    let given = data.get(input).filter(|value| !value.is_null());
    let chosen = match (wanted.page_size, given) {
        (Some(0), _) => {
            let failure = Failure::new(Reason::InvalidInput, "`page_size` must be at least 1");
            return Err(failure.help("leave it out for the size that suits the service"));
        }
        (Some(size), _) => Some(size),
        (None, Some(given)) => return Ok(number(given)),
        // No more is asked for than is wanted in all.
        (None, None) => default.map(|size| wanted.at_most.map_or(size, |most| size.min(most.max(1)))),
    };
    let chosen = chosen.map(|size| most.map_or(size, |most| size.min(most)));
    if let Some(size) = chosen {
        data.insert(input.to_owned(), Value::from(size));
    }
    let own = api.inputs.get(input).and_then(|known| known.input.default.as_ref());
    Ok(chosen.or_else(|| own.and_then(number)))
}

/// Sets the input that leads to the page, and says where that is.
fn place(
    pagination: &Pagination,
    position: &Position,
    data: &mut Map<String, Value>,
) -> Result<Next, Failure> {
    if let Some(cursor) = &pagination.cursor {
        if let Next::Cursor(value) = &position.next {
            data.insert(cursor.input.clone(), value.clone());
        }
        return Ok(data.get(&cursor.input).map_or(Next::First, |value| Next::Cursor(value.clone())));
    }
    let counted = match (&pagination.offset, &pagination.page) {
        (Some(offset), _) => Some((&offset.input, offset.first)),
        (_, Some(page)) => Some((&page.input, page.first)),
        _ => None,
    };
    let Some((input, first)) = counted else { return Ok(position.next.clone()) };
    let at = match &position.next {
        Next::Offset(at) | Next::Page(at) => *at,
        _ => match data.get(input).filter(|value| !value.is_null()) {
            None => first,
            Some(given) => number(given).ok_or_else(|| {
                Failure::new(
                    Reason::InvalidInput,
                    format!("`{input}` must be a whole number, because the pages are counted from it"),
                )
            })?,
        },
    };
    data.insert(input.clone(), Value::from(at));
    Ok(if pagination.offset.is_some() { Next::Offset(at) } else { Next::Page(at) })
}

/// A whole number, or a text that is one.
fn number(value: &Value) -> Option<u64> {
    text_of(value).trim().parse().ok()
}

/// Every page is asked for with the data of the first one, which are kept with the position: files would be
/// kept, and sent, as often.
fn no_files(api: &CompiledApi) -> Failure {
    Failure::new(
        Reason::InvalidInput,
        format!("`{}` is read page by page, and the request of a page takes no file and no `PARTS`", api.id),
    )
    .help(format!("leave the files out, or call it once with invokeConnector(\"{}\", data)", api.id))
}

fn beyond(api: &CompiledApi, pagination: &Pagination, position: &Position) -> Failure {
    let Position { pages, rows, .. } = position;
    let cap = match pagination.at_most_pages {
        Some(most) if most <= *pages => format!("`at_most_pages: {most}`"),
        _ => format!("`at_most_rows: {}`", pagination.at_most_rows.unwrap_or(*rows)),
    };
    Failure::new(
        Reason::TooLarge,
        format!("`{}` has more than the {rows} rows on {pages} pages that its definition allows ({cap})", api.id),
    )
    .help(
        "ask for less with the inputs of the API, or say with the option `at_most` that fewer rows are wanted; the \
         connector's author may raise the limit, or write `beyond: stop`",
    )
}
