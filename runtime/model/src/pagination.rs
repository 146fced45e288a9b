//! How an API hands out a long list page by page: where the next page is told, where its rows
//! stand, and when it ends. `invoke` gives it meaning.

use crate::answer_path::AnswerPath;
use serde::{Deserialize, Serialize};

/// How the pages of an API follow one another. Exactly one of `link`, `next_url`, `cursor`, `offset`
/// and `page` is given.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pagination {
    /// A header with typed links (RFC 8288) names the next page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<LinkHeader>,
    /// The answer holds the address of the next page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_url: Option<NextUrl>,
    /// The answer holds a mark that asks for the next page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<CursorPages>,
    /// A page is asked for by the number of rows before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<OffsetPages>,
    /// A page is asked for by its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<NumberedPages>,
    /// Where the list of rows stands; the whole answer if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<AnswerPath>,
    /// How many rows a page has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_size: Option<PageSize>,
    /// Something that is true while more pages follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more: Option<AnswerPath>,
    /// Something that is true on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_when: Option<AnswerPath>,
    /// Number of rows on all pages together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<AnswerPath>,
    /// Which page is the last where pages are counted.
    #[serde(default, skip_serializing_if = "LastPage::is_empty")]
    pub last_page: LastPage,
    /// Pages that are read at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most_pages: Option<u64>,
    /// Rows that are read at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most_rows: Option<u64>,
    /// What happens where there is more than may be read.
    #[serde(default, skip_serializing_if = "Beyond::is_fail")]
    pub beyond: Beyond,
    /// What a refused page means.
    #[serde(default, skip_serializing_if = "OnError::is_fail")]
    pub on_error: OnError,
}

/// A header with typed links: `Link: <https://…?page=2>; rel="next"`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkHeader {
    /// Name of the header; `Link` if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// Type of the link to the next page; `next` if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rel: Option<String>,
    /// Whether it may lead to another of the declared hosts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub other_hosts: bool,
}

/// The address of the next page, in the body or in a header of its own.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NextUrl {
    /// Where it stands in the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<AnswerPath>,
    /// The header that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// Whether it may lead to another of the declared hosts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub other_hosts: bool,
}

/// A mark of the answer that becomes an input of the next call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CursorPages {
    /// The input that takes it.
    pub input: String,
    /// Where it stands in the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<AnswerPath>,
    /// The header that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// The API of the same connector that gives the following pages, where that is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<String>,
}

/// A page is asked for by the number of rows before it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OffsetPages {
    /// The input that takes it.
    pub input: String,
    /// Offset of the first row: 0 unless the service counts from 1.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub first: u64,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// A page is asked for by its number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberedPages {
    /// The input that takes it.
    pub input: String,
    /// Number of the first page.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub first: u64,
    /// Where the number of all pages stands in the body, if the service tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<AnswerPath>,
}

fn one() -> u64 {
    1
}

fn is_one(number: &u64) -> bool {
    *number == 1
}

/// How many rows a page has.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageSize {
    /// The input that takes it; without one the service decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// Rows that are asked for where a caller asks for no number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<u64>,
    /// Rows that the service gives at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<u64>,
}

/// Which page is the last where pages are counted by offset or number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LastPage {
    /// One without rows. Costs one call more than `short`, and holds whatever the service does.
    #[default]
    Empty,
    /// One with fewer rows than were asked for. Wrong for services that leave out rows of a page, or
    /// that give fewer rows than they are asked for.
    Short,
}

impl LastPage {
    fn is_empty(&self) -> bool {
        *self == Self::Empty
    }
}

/// What happens where there is more than may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Beyond {
    /// The walk fails after the last row that may be read.
    #[default]
    Fail,
    /// The walk ends there.
    Stop,
}

impl Beyond {
    fn is_fail(&self) -> bool {
        *self == Self::Fail
    }
}

/// What a refused page means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnError {
    /// The walk fails.
    #[default]
    Fail,
    /// The pages before it were all there are, if the answer is a 4xx that does not speak of the
    /// caller's rights or of haste. The first page always fails.
    Stop,
}

impl OnError {
    fn is_fail(&self) -> bool {
        *self == Self::Fail
    }
}

impl Pagination {
    /// The inputs that a walk fills in by itself.
    pub fn inputs(&self) -> impl Iterator<Item = &str> {
        let size = self.page_size.as_ref().and_then(|size| size.input.as_deref());
        // Where another API takes the cursor, this one has no input for it.
        let cursor = self.cursor.as_ref().filter(|cursor| cursor.api.is_none());
        [
            cursor.map(|cursor| cursor.input.as_str()),
            self.offset.as_ref().map(|offset| offset.input.as_str()),
            self.page.as_ref().map(|page| page.input.as_str()),
            size,
        ]
        .into_iter()
        .flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_written_is_not_written_back() {
        for written in [
            json!({"link": {}}),
            json!({"cursor": {"input": "Token", "at": "next"}, "rows": "data"}),
            json!({"page": {"input": "Page"}, "last_page": "short", "page_size": {"input": "Size", "default": 50}}),
            json!({"offset": {"input": "From", "first": 1}, "at_most_pages": 10, "beyond": "stop", "on_error": "stop"}),
        ] {
            let read: Pagination = serde_json::from_value(written.clone()).unwrap();
            assert_eq!(serde_json::to_value(&read).unwrap(), written);
        }
    }

    #[test]
    fn a_walk_fills_in_the_inputs_that_lead_to_pages() {
        let read: Pagination = serde_json::from_value(json!({
            "cursor": {"input": "Token", "at": "next", "api": "more"}, "page_size": {"input": "Size"}
        }))
        .unwrap();
        assert_eq!(read.inputs().collect::<Vec<_>>(), ["Size"]);
    }
}
