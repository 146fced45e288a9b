//! From the answer of a page to its rows and the next position.

use super::link;
use super::next_url::resolve;
use super::position::{Next, Position, Wanted};
use super::request::{PageRequest, pagination_of};
use super::seen::mark_of;
use crate::compile::{CompiledApi, CompiledConnector};
use serde_json::Value;
use sluis_model::answer_path::AnswerPath;
use sluis_model::error::{Failure, Reason};
use sluis_model::pagination::{Beyond, LastPage, OnError, Pagination};

/// What came back when a page was asked for.
#[derive(Debug, Clone, Copy)]
pub struct PageAnswer<'a> {
    /// HTTP status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: &'a [(String, String)],
    /// Body as text, secrets starred.
    pub body: &'a str,
}

/// A page that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Its rows; none if the answer has no list, where the definition does not say where one stands.
    pub rows: Option<Vec<Value>>,
    /// Where the next one is; none after the last.
    pub next: Option<Position>,
    /// Whether the answer was an error that only says that there are no more pages.
    pub past_the_end: bool,
}

/// Reads the answer to a [`PageRequest`] that was made for `position`.
///
/// # Errors
/// [`Reason::PageFailed`] if the answer is an error or cannot be read, [`Reason::PageLoop`] if the walk
/// would go in circles, [`Reason::Forbidden`] if the next page is where it may not go.
pub fn turn(
    connector: &CompiledConnector,
    key: &str,
    wanted: &Wanted,
    position: &Position,
    asked: &PageRequest<'_>,
    answer: PageAnswer<'_>,
) -> Result<Page, Failure> {
    let api = connector.api(key)?;
    let pagination = pagination_of(api)?;
    let reader = Reader { connector, api, pagination, asked, number: position.pages + 1 };
    if !(200..300).contains(&answer.status) {
        return reader.refused(answer);
    }
    let mut body = reader.body(answer.body)?;
    let count = reader.rows_in(&body)?;
    let mut next = reader.next(position, count, &body, answer.headers)?;
    let mut rows = match &pagination.rows {
        Some(path) => path.find_mut(&mut body).map_or(Value::Null, Value::take),
        None => body,
    };
    let mut after = position.clone();
    after.pages += 1;
    if count != Some(0) && after.bodies.again(mark_of(&rows)) {
        return Err(reader.circle("the page holds what an earlier page held"));
    }
    let rows = match &mut rows {
        Value::Array(rows) => Some(std::mem::take(rows)),
        _ => count.map(|_| Vec::new()),
    };
    let rows = reader.cut(rows, wanted, &mut after, &mut next);
    let next = match next {
        None => None,
        Some(Next::Beyond) => Some(Position { next: Next::Beyond, ..after }),
        Some(next) => {
            if position.pages == 0 {
                after.was_at(&reader.start());
            }
            if after.was_at(&next) {
                return Err(reader.circle("the page leads to a page that was read already"));
            }
            Some(Position { next, ..after })
        }
    };
    Ok(Page { rows, next, past_the_end: false })
}

struct Reader<'a> {
    connector: &'a CompiledConnector,
    api: &'a CompiledApi,
    pagination: &'a Pagination,
    asked: &'a PageRequest<'a>,
    /// Counted from 1.
    number: u64,
}

impl Reader<'_> {
    fn failed(&self, what: &str) -> Failure {
        Failure::new(Reason::PageFailed, format!("page {} of `{}`: {what}", self.number, self.api.id))
    }

    fn circle(&self, what: &str) -> Failure {
        Failure::new(Reason::PageLoop, format!("page {} of `{}`: {what}", self.number, self.api.id)).help(
            "the walk would never end. Either the service ignores the input that asks for the page, or the \
             connector's `pagination` does not say what the last page looks like (`more`, `stop_when`)",
        )
    }

    /// An answer that is an error.
    fn refused(&self, answer: PageAnswer<'_>) -> Result<Page, Failure> {
        let is_an_end =
            matches!(answer.status, 400..=499) && !matches!(answer.status, 401 | 403 | 407 | 408 | 425 | 429);
        if self.pagination.on_error == OnError::Stop && self.number > 1 && is_an_end {
            return Ok(Page { rows: Some(Vec::new()), next: None, past_the_end: true });
        }
        let said: String =
            answer.body.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
        let said = if said.is_empty() { String::new() } else { format!(": {said}") };
        Err(self.failed(&format!("status {}{said}", answer.status)))
    }

    fn body(&self, text: &str) -> Result<Value, Failure> {
        if text.trim().is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(text).map_err(|error| self.failed(&format!("the answer is not JSON: {error}")))
    }

    /// How many rows the page has. A place where nothing stands is a page without rows: many services
    /// leave an empty list out.
    fn rows_in(&self, body: &Value) -> Result<Option<u64>, Failure> {
        let found = match &self.pagination.rows {
            Some(path) => path.find(body),
            None => Some(body),
        };
        match (found, &self.pagination.rows) {
            (None | Some(Value::Null), _) => Ok(Some(0)),
            (Some(Value::Array(rows)), _) => Ok(Some(rows.len() as u64)),
            (Some(other), Some(path)) => Err(self
                .failed(&format!("at `{path}` stands {}, not a list of rows", kind(other)))
                .help("the connector's author says in `rows` where the list stands")),
            (Some(other), None) if self.pagination.offset.is_some() || self.pagination.page.is_some() => {
                Err(self
                    .failed(&format!("the answer is {}, not a list of rows", kind(other)))
                    .help("the connector's author says in `rows` where the list stands"))
            }
            (Some(_), None) => Ok(None),
        }
    }

    /// Where the walk would begin if it came there again.
    fn start(&self) -> Next {
        match &self.asked.at {
            Next::First => Next::Url(self.asked.prepared.request.url.to_string()),
            other => other.clone(),
        }
    }

    /// Which page follows; none after the last.
    fn next(
        &self,
        position: &Position,
        count: Option<u64>,
        body: &Value,
        headers: &[(String, String)],
    ) -> Result<Option<Next>, Failure> {
        let stated =
            |path: &Option<AnswerPath>| path.as_ref().map(|path| path.find(body).is_some_and(is_true));
        let more = stated(&self.pagination.more);
        if more == Some(false) || stated(&self.pagination.stop_when) == Some(true) {
            return Ok(None);
        }
        let counted = self.counted(position, count, body, more == Some(true));
        if counted.is_some() || self.pagination.offset.is_some() || self.pagination.page.is_some() {
            return Ok(counted);
        }
        if self
            .number_at(&self.pagination.total, body)
            .is_some_and(|total| position.rows + count.unwrap_or(0) >= total)
        {
            return Ok(None);
        }
        if let Some(cursor) = &self.pagination.cursor {
            let found = match (&cursor.at, &cursor.header) {
                (Some(path), _) => path.find(body).cloned(),
                (None, Some(name)) => header(headers, name).next().map(Value::from),
                (None, None) => None,
            };
            return Ok(found.filter(leads_on).map(Next::Cursor));
        }
        let target = self.named(body, headers)?;
        target
            .map(|target| {
                let base = &self.asked.prepared.request.url;
                let url = resolve(self.api, &self.connector.hosts, base, &target)?;
                Ok(Next::Url(url.into()))
            })
            .transpose()
    }

    /// The next offset or page number.
    fn counted(&self, position: &Position, count: Option<u64>, body: &Value, more: bool) -> Option<Next> {
        let count = count?;
        let is_last = match (self.pagination.last_page, self.asked.size) {
            _ if more => false,
            (LastPage::Short, Some(size)) => count < size,
            _ => count == 0,
        };
        if is_last {
            return None;
        }
        let total = self.number_at(&self.pagination.total, body);
        match (&self.asked.at, &self.pagination.offset, &self.pagination.page) {
            (Next::Offset(at), Some(offset), _) => {
                let next = at.saturating_add(count);
                let is_more = total.is_none_or(|total| next.saturating_sub(offset.first) < total);
                is_more.then_some(Next::Offset(next))
            }
            (Next::Page(at), _, Some(page)) => {
                let pages = self.number_at(&page.total, body);
                let read = at.saturating_add(1).saturating_sub(page.first);
                let is_more = pages.is_none_or(|pages| read < pages)
                    && total.is_none_or(|total| position.rows.saturating_add(count) < total);
                is_more.then_some(Next::Page(at.saturating_add(1)))
            }
            _ => None,
        }
    }

    /// The address that the answer names.
    fn named(&self, body: &Value, headers: &[(String, String)]) -> Result<Option<String>, Failure> {
        if let Some(link) = &self.pagination.link {
            let values = header(headers, link.header.as_deref().unwrap_or("link"));
            return Ok(link::target(values, link.rel.as_deref().unwrap_or("next")));
        }
        let Some(next) = &self.pagination.next_url else { return Ok(None) };
        match (&next.at, &next.header) {
            (Some(path), _) => {
                match path.find(body) {
                    Some(Value::String(url)) if !url.trim().is_empty() => Ok(Some(url.clone())),
                    Some(other) if leads_on(other) && !other.is_string() => Err(self
                        .failed(&format!("at `{path}` stands {}, not the address of a page", kind(other)))),
                    _ => Ok(None),
                }
            }
            (None, Some(name)) => {
                Ok(header(headers, name).next().filter(|url| !url.trim().is_empty()).map(str::to_owned))
            }
            (None, None) => Ok(None),
        }
    }

    fn number_at(&self, path: &Option<AnswerPath>, body: &Value) -> Option<u64> {
        let found = path.as_ref()?.find(body)?;
        found.as_u64().or_else(|| found.as_str()?.trim().parse().ok())
    }

    /// Cuts the rows to what the caller wants and what the definition allows.
    fn cut(
        &self,
        rows: Option<Vec<Value>>,
        wanted: &Wanted,
        after: &mut Position,
        next: &mut Option<Next>,
    ) -> Option<Vec<Value>> {
        let mut rows = rows;
        if let Some(rows) = &mut rows {
            let had = rows.len() as u64;
            let left = |most: Option<u64>| most.map_or(u64::MAX, |most| most.saturating_sub(after.rows));
            let (wanted, allowed) = (left(wanted.at_most), left(self.pagination.at_most_rows));
            rows.truncate(usize::try_from(wanted.min(allowed)).unwrap_or(usize::MAX));
            after.rows += rows.len() as u64;
            if had >= wanted && wanted <= allowed {
                *next = None;
                return Some(std::mem::take(rows));
            }
            if had > allowed || (had == allowed && next.is_some()) {
                *next = self.end();
            }
        }
        if next.is_some() && self.pagination.at_most_pages.is_some_and(|most| after.pages >= most) {
            *next = self.end();
        }
        rows
    }

    /// What comes after the last page that may be read.
    fn end(&self) -> Option<Next> {
        match self.pagination.beyond {
            Beyond::Stop => None,
            Beyond::Fail => Some(Next::Beyond),
        }
    }
}

fn header<'h>(headers: &'h [(String, String)], name: &str) -> impl Iterator<Item = &'h str> {
    headers.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// Whether a cursor or address is there at all.
fn leads_on(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false)) && value.as_str() != Some("")
}

/// Whether an answer says yes: not null, false, 0, an empty text, list or map, nor the text `false`.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty() && !text.eq_ignore_ascii_case("false"),
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}
