//! Lists in pages: `limit` says how much, `next` of an answer is the `cursor` of the question for what
//! follows. A cursor says after which row to go on, so rows that come and go meanwhile shift nothing.

use crate::error::ApiError;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use utoipa::IntoParams;

/// Rows of a page where nothing is said.
const USUAL: usize = 100;
/// Most rows of a page.
const MOST: usize = 1000;

/// Which page of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Rows on the page at most.
    #[serde(default)]
    #[param(value_type = usize, minimum = 1, maximum = 1000, default = 100, required = false)]
    pub limit: Option<usize>,
    /// `next` of the page before.
    #[serde(default)]
    #[param(value_type = String, required = false)]
    pub cursor: Option<String>,
}

/// A page of rows, and the cursor of the one after it; none after the last.
#[derive(Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// The cursor.
    pub next: Option<String>,
}

/// The page that is wanted of rows, by the key that sorts them and is unique.
///
/// # Errors
/// `invalid_input` for a limit out of bounds and for a cursor that was not made here.
pub fn page<T>(rows: Vec<T>, key: impl Fn(&T) -> String, wanted: &Wanted) -> Result<Page<T>, ApiError> {
    let (limit, after) = bounds(wanted.limit, wanted.cursor.as_deref())?;
    let mut keyed: Vec<(String, T)> = rows.into_iter().map(|row| (key(&row), row)).collect();
    keyed.retain(|(key, _)| after.as_ref().is_none_or(|after| key > after));
    keyed.sort_by(|(one, _), (other, _)| one.cmp(other));
    let Page { rows, next } = read_page(keyed, limit, |(key, _)| key.clone());
    Ok(Page { rows: rows.into_iter().map(|(_, row)| row).collect(), next })
}

/// How many rows are wanted, and after which key.
///
/// # Errors
/// As of [`page`].
pub fn bounds(limit: Option<usize>, cursor: Option<&str>) -> Result<(usize, Option<String>), ApiError> {
    let limit = limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        return Err(ApiError::invalid(format!("`limit` is {limit}, and a page has 1 to {MOST} rows")));
    }
    Ok((limit, cursor.map(read_cursor).transpose()?))
}

/// The page of rows that were read in order, one more than fit on it if there are more.
pub fn read_page<T>(mut rows: Vec<T>, limit: usize, key: impl Fn(&T) -> String) -> Page<T> {
    let next = (rows.len() > limit).then(|| rows.get(limit - 1)).flatten().map(|row| cursor(&key(row)));
    rows.truncate(limit);
    Page { rows, next }
}

/// Marks a cursor, so that another text is not taken for one.
const MARK: &str = "after:";

fn cursor(key: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{MARK}{key}"))
}

fn read_cursor(text: &str) -> Result<String, ApiError> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.as_deref().and_then(|text| text.strip_prefix(MARK)).map(str::to_owned).ok_or_else(|| {
        ApiError::invalid("`cursor` was not made here")
            .help("send `next` of the page before as it was answered, or leave it out for the first page")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(limit: usize) -> Vec<Vec<u32>> {
        let mut wanted = Wanted { limit: Some(limit), cursor: None };
        let mut all = Vec::new();
        loop {
            let page = page(vec![3, 1, 2, 5, 4], |n| format!("{n:03}"), &wanted).unwrap();
            all.push(page.rows);
            match page.next {
                Some(next) => wanted.cursor = Some(next),
                None => return all,
            }
        }
    }

    #[test]
    fn pages_hold_every_row_once_and_in_order() {
        assert_eq!(pages(2), [vec![1, 2], vec![3, 4], vec![5]]);
        assert_eq!(pages(5), [vec![1, 2, 3, 4, 5]]);
        assert_eq!(pages(1000).len(), 1);
    }

    #[test]
    fn a_row_that_is_gone_meanwhile_shifts_nothing() {
        let first = page(vec![1, 2, 3, 4], u32::to_string, &Wanted { limit: Some(2), cursor: None }).unwrap();
        let second = page(vec![1, 3, 4], u32::to_string, &Wanted { limit: Some(2), cursor: first.next });
        assert_eq!(second.unwrap().rows, [3, 4]);
    }

    #[test]
    fn limits_out_of_bounds_and_other_texts_are_refused() {
        let refused = |limit, cursor: Option<&str>| {
            let wanted = Wanted { limit, cursor: cursor.map(str::to_owned) };
            page(vec![1], u32::to_string, &wanted).unwrap_err().detail().to_owned()
        };
        assert!(refused(Some(0), None).contains("1 to 1000"));
        assert!(refused(Some(1001), None).contains("1 to 1000"));
        for text in ["", "abc", "é", &URL_SAFE_NO_PAD.encode("before:1")] {
            assert!(refused(None, Some(text)).contains("not made here"), "{text}");
        }
    }
}
