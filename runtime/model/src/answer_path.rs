//! A place in the JSON of an answer: `data[0].details`. It is a singular query of JSONPath (RFC 9535
//! §2.3.5.1), with the `$` in front or without.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use std::str::FromStr;

/// A step into a JSON value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Into a map, by key.
    Key(String),
    /// Into a list, by position counted from 0.
    Index(usize),
    /// Into a list, by position counted from its end: 1 is the last.
    FromEnd(usize),
}

impl Step {
    /// The position in a list of so many elements; none for a key, or if the list is too short.
    pub fn position(&self, length: usize) -> Option<usize> {
        match self {
            Step::Key(_) => None,
            Step::Index(index) => Some(*index),
            Step::FromEnd(back) => length.checked_sub(*back),
        }
    }
}

/// A place in a JSON value: `data[0].details`, `$.data[-1].id`, `['@odata.nextLink']`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AnswerPath(Vec<Step>);

impl AnswerPath {
    /// The steps in order; none for `$`, which is the whole answer.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// What stands there.
    pub fn find<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(value, |value, step| match (step, value) {
            (Step::Key(key), Value::Object(map)) => map.get(key),
            (step, Value::Array(items)) => items.get(step.position(items.len())?),
            _ => None,
        })
    }

    /// The same, to be changed or taken.
    pub fn find_mut<'v>(&self, value: &'v mut Value) -> Option<&'v mut Value> {
        self.0.iter().try_fold(value, |value, step| match (step, value) {
            (Step::Key(key), Value::Object(map)) => map.get_mut(key),
            (step, Value::Array(items)) => {
                let at = step.position(items.len())?;
                items.get_mut(at)
            }
            _ => None,
        })
    }
}

/// Why a text is not an [`AnswerPath`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a place in an answer: write keys and positions, such as `data[0].details`, `items[-1].id` or `['@odata.nextLink']`"
)]
pub struct PathError(String);

impl FromStr for AnswerPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let wrong = || PathError(text.chars().take(60).collect());
        let is_rooted = text == "$" || text.starts_with("$.") || text.starts_with("$[");
        let mut rest = if is_rooted { &text[1..] } else { text };
        let mut steps = Vec::new();
        while !rest.is_empty() {
            rest = if let Some(inside) = rest.strip_prefix('[') {
                let (step, after) = bracketed(inside).ok_or_else(wrong)?;
                steps.push(step);
                after
            } else {
                // A key follows a dot, or begins a text without `$`.
                let key = match rest.strip_prefix('.') {
                    Some(key) if is_rooted || !steps.is_empty() => key,
                    None if !is_rooted && steps.is_empty() => rest,
                    _ => return Err(wrong()),
                };
                let (key, after) = key.split_at(key.find(['.', '[']).unwrap_or(key.len()));
                if key.is_empty() || key.chars().any(|c| c == ']' || c.is_whitespace()) {
                    return Err(wrong());
                }
                steps.push(Step::Key(key.to_owned()));
                after
            };
        }
        if steps.is_empty() && !is_rooted { Err(wrong()) } else { Ok(Self(steps)) }
    }
}

/// What stands in brackets, and the text after them: `0]`, `-1]`, `'a.b']`, `"a\"b"]`.
fn bracketed(inside: &str) -> Option<(Step, &str)> {
    if let Some(quote) = inside.chars().next().filter(|first| matches!(first, '\'' | '"')) {
        let mut key = String::new();
        let mut chars = inside.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => key.push(chars.next()?.1),
                c if c == quote => return Some((Step::Key(key), inside.get(at + 1..)?.strip_prefix(']')?)),
                c => key.push(c),
            }
        }
        return None;
    }
    let (index, after) = inside.split_once(']')?;
    let number =
        |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?;
    let step = match index.strip_prefix('-') {
        Some(digits) => Step::FromEnd(number(digits).filter(|back| *back > 0)?),
        None => Step::Index(number(index)?),
    };
    Some((step, after))
}

impl TryFrom<String> for AnswerPath {
    type Error = PathError;

    fn try_from(text: String) -> Result<Self, PathError> {
        text.parse()
    }
}

impl From<AnswerPath> for String {
    fn from(path: AnswerPath) -> String {
        path.to_string()
    }
}

/// Whether a key can stand between dots.
fn is_plain(key: &str) -> bool {
    !key.is_empty()
        && !key.starts_with('$')
        && !key.chars().any(|c| matches!(c, '.' | '[' | ']' | '\'' | '"') || c.is_whitespace())
}

impl fmt::Display for AnswerPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("$");
        }
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if is_plain(key) && at == 0 => f.write_str(key)?,
                Step::Key(key) if is_plain(key) => write!(f, ".{key}")?,
                Step::Key(key) => write!(f, "['{}']", key.replace('\\', "\\\\").replace('\'', "\\'"))?,
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::FromEnd(back) => write!(f, "[-{back}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_place_in_an_answer_is_written_as_it_is_read() {
        for text in ["data", "data[0]", "data[0].details.id", "[1][2].x", "a.b_c-d", "$", "a[-1].id"] {
            assert_eq!(text.parse::<AnswerPath>().unwrap().to_string(), text);
        }
        for (text, shown) in [
            ("$.data[0]", "data[0]"),
            ("$['@odata.nextLink']", "['@odata.nextLink']"),
            (r#"["it's"].x"#, r"['it\'s'].x"),
        ] {
            let path: AnswerPath = text.parse().unwrap();
            assert_eq!(path.to_string(), shown);
            assert_eq!(shown.parse::<AnswerPath>().unwrap(), path);
        }
        for bad in [
            "", ".", "a.", "a..b", "a[", "a[x]", "a[0", "a]", "a b", "a[0]b", "$a.", "a[-0]", "a[+1]", "['a]",
        ] {
            assert!(bad.parse::<AnswerPath>().is_err(), "{bad}");
        }
    }

    #[test]
    fn what_stands_there_is_found_or_not() {
        let mut answer = json!({"data": [{"id": 1}, {"id": 2}], "@odata.nextLink": "x"});
        let find = |text: &str| text.parse::<AnswerPath>().unwrap().find(&answer).cloned();
        assert_eq!(find("data[-1].id"), Some(json!(2)));
        assert_eq!(find("['@odata.nextLink']"), Some(json!("x")));
        assert_eq!(find("$"), Some(answer.clone()));
        assert_eq!(
            (find("data[2]"), find("data[-3]"), find("data.id"), find("gone")),
            (None, None, None, None)
        );
        let path: AnswerPath = "data[0].id".parse().unwrap();
        *path.find_mut(&mut answer).unwrap() = json!(9);
        assert_eq!(path.find(&answer), Some(&json!(9)));
    }
}
