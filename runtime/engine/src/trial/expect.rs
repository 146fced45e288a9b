//! Whether an answer is as a test expects it.

use serde_json::Value;
use sluis_model::api_test::{Expected, Statuses};
use sluis_model::task::AnswerPath;

/// Longest piece of an answer that is shown, in characters.
const SHOWN: usize = 200;

/// What is not as expected, in words; nothing if all is.
pub(super) fn faults(expected: &Expected, status: u16, response: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let fits = match &expected.status {
        Some(wanted) => wanted.holds(status),
        None => (200..300).contains(&status),
    };
    if !fits {
        let wanted = match &expected.status {
            None => "200 to 299".to_owned(),
            Some(Statuses::One(one)) => one.to_string(),
            Some(Statuses::Any(all)) => all.iter().map(u16::to_string).collect::<Vec<_>>().join(" or "),
        };
        faults.push(format!("status: expected {wanted}, actual {status}; the answer is {}", shown(response)));
    }
    for text in expected.contains.iter().filter(|text| !response.contains(text.as_str())) {
        faults.push(format!("contains: expected {text:?} in {}", shown(response)));
    }
    if expected.value.is_empty() && expected.shape.is_none() {
        return faults;
    }
    let Ok(answer) = serde_json::from_str::<Value>(response) else {
        faults.push(format!("the answer is no JSON: {}", shown(response)));
        return faults;
    };
    for (path, wanted) in &expected.value {
        match at(&answer, path) {
            Some(actual) if is_same(wanted, actual) => {}
            Some(actual) => {
                faults.push(format!("{path}: expected {wanted}, actual {}", shown(&actual.to_string())));
            }
            None => faults.push(format!("{path}: expected {wanted}, and nothing stands there")),
        }
    }
    faults.extend(expected.shape.iter().flat_map(|shape| shape.faults(&answer)));
    faults
}

/// What stands at a place.
fn at<'a>(answer: &'a Value, path: &AnswerPath) -> Option<&'a Value> {
    path.find(answer)
}

/// Whether two values are the same; numbers by value, however they are written.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one == other || one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, one)| other.get(key).is_some_and(|other| is_same(one, other)))
        }
        (one, other) => one == other,
    }
}

fn shown(text: &str) -> String {
    match text.chars().count() > SHOWN {
        true => text.chars().take(SHOWN).collect::<String>() + "…",
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(expected: Value, status: u16, answer: &str) -> Vec<String> {
        faults(&serde_json::from_value(expected).unwrap(), status, answer)
    }

    #[test]
    fn what_is_as_expected_has_no_faults() {
        let answer = r#"{"data":[{"code":"OK","n":1.0}]}"#;
        let expected = json!({
            "status": [200, 201], "value": { "data[0].code": "OK", "data[0].n": 1 },
            "shape": { "data": [{ "code": "text" }] }, "contains": ["OK"],
        });
        assert_eq!(of(expected, 201, answer), [""; 0]);
        assert_eq!(of(json!({}), 204, ""), [""; 0]);
    }

    #[test]
    fn faults_say_what_was_expected_and_what_came() {
        let found =
            of(json!({ "value": { "a": 1, "b.c": true }, "shape": { "a": "text" } }), 404, r#"{"a":2}"#);
        assert_eq!(
            found,
            [
                r#"status: expected 200 to 299, actual 404; the answer is {"a":2}"#,
                "a: expected 1, actual 2",
                "b.c: expected true, and nothing stands there",
                "a is number and should be text",
            ]
        );
        assert_eq!(of(json!({ "shape": "map" }), 200, "<x/>"), ["the answer is no JSON: <x/>"]);
        assert_eq!(of(json!({ "contains": ["yes"] }), 200, "no"), [r#"contains: expected "yes" in no"#]);
    }
}
