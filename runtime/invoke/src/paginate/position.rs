//! Where a walk over pages stands.

use super::seen::{Seen, mark_of};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Where a walk stands: which page comes next, and what came before. Plain data that a stopped
/// script, or a caller over HTTP, may keep for days. It holds no secret.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Position {
    /// Pages that were read.
    pub pages: u64,
    /// Rows that were handed out.
    pub rows: u64,
    pub(super) next: Next,
    pub(super) places: Seen,
    pub(super) bodies: Seen,
}

/// Which page comes next.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Next {
    /// The first one.
    #[default]
    First,
    /// The one that a mark of the answer leads to.
    Cursor(Value),
    /// The one after so many rows.
    Offset(u64),
    /// The one of this number.
    Page(u64),
    /// The one at this address.
    Url(String),
    /// There is one, and it may not be read.
    Beyond,
}

impl Position {
    /// Remembers where the walk goes next; whether it was there before.
    pub(super) fn was_at(&mut self, next: &Next) -> bool {
        self.places.again(mark_of(next))
    }
}

/// What a caller wants of a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Wanted {
    /// Rows on each page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_size: Option<u64>,
    /// Rows in all; the walk ends there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<u64>,
}
