//! What a function gets: what the expressions of the trigger make of what has happened.

use super::check::{expression, refused};
use crate::functions::StoredFunction;
use sluis_lang::expression::Expression;
use sluis_lang::value::data::Data;
use sluis_lang::vm::Limits;
use sluis_model::error::Failure;
use sluis_model::trigger_spec::TriggerSpec;

/// What one expression may cost.
const LIMITS: Limits = Limits { fuel: 2_000_000, depth: 50, ..Limits::server() };

/// What expressions read, by name.
pub(super) type Known = Vec<(String, Data)>;

/// The arguments of a function.
///
/// # Errors
/// An expression that fails with what has come.
pub(super) fn arguments(
    spec: &TriggerSpec,
    function: &StoredFunction,
    known: &Known,
) -> Result<Vec<(String, Data)>, Failure> {
    let mut all = Vec::with_capacity(function.inputs.len());
    for input in &function.inputs {
        let text = spec.args.as_ref().and_then(|args| args.get(input));
        let value = match (text, &spec.args) {
            (Some(text), _) => evaluate(&format!("args.{input}"), text, spec.on.variables(), known)?,
            // What is mapped is mapped wholly: no field of a request gets in beside it.
            (None, Some(_)) => Data::Null,
            (None, None) => by_name(input, known),
        };
        all.push((input.clone(), value));
    }
    Ok(all)
}

/// The variable of a name, else the field of that name in what they hold.
fn by_name(input: &str, known: &Known) -> Data {
    let variable = |name: &str| known.iter().find(|(known, _)| known == name).map(|(_, value)| value);
    if let Some(value) = variable(input) {
        return value.clone();
    }
    let within = ["body", "query", "event"].iter().find_map(|name| variable(name)?.get(input));
    within.cloned().unwrap_or_default()
}

/// The value of an expression.
pub(super) fn evaluate(place: &str, text: &str, variables: &[&str], known: &Known) -> Result<Data, Failure> {
    value_of(place, &expression(place, text, variables)?, known)
}

fn value_of(place: &str, compiled: &Expression, known: &Known) -> Result<Data, Failure> {
    compiled
        .evaluate(known.clone(), LIMITS)
        .map_err(|fault| refused(format!("`{place}` cannot be made of what has come: {}", fault.message)))
}

/// Whether an expression says yes; one that fails says no.
pub(super) fn holds(place: &str, text: &str, variables: &[&str], known: &Known) -> bool {
    evaluate(place, text, variables, known).is_ok_and(|value| value.as_bool() == Some(true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sluis_model::time::Timestamp;

    fn made(args: Option<serde_json::Value>, inputs: &[&str]) -> Result<String, String> {
        let mut spec = json!({ "function": "f", "on": { "url": {} } });
        if let Some(args) = args {
            spec["args"] = args;
        }
        let function = StoredFunction {
            name: "f".parse().unwrap(),
            source: String::new(),
            inputs: inputs.iter().map(|input| (*input).to_owned()).collect(),
            updated_at: Timestamp(0),
        };
        let data = |text: &str| Data::from_json(text).unwrap();
        let known = vec![
            ("query".to_owned(), data(r#"{"page":"2","body":"no"}"#)),
            ("body".to_owned(), data(r#"{"id":7,"who":{"name":"Ada"}}"#)),
        ];
        let all = arguments(&serde_json::from_value(spec).unwrap(), &function, &known);
        all.map(|all| Data::map(all).to_json()).map_err(|failure| failure.message)
    }

    #[test]
    fn without_expressions_inputs_get_what_has_their_name() {
        let all = made(None, &["id", "page", "body", "other"]).unwrap();
        assert_eq!(all, r#"{"id":7,"page":"2","body":{"id":7,"who":{"name":"Ada"}},"other":null}"#);
    }

    #[test]
    fn with_expressions_nothing_else_of_the_request_gets_in() {
        let args = json!({ "name": "body.get(\"who\").get(\"name\")", "sum": "1 + body.get(\"id\")" });
        assert_eq!(made(Some(args), &["name", "sum", "id"]).unwrap(), r#"{"name":"Ada","sum":8,"id":null}"#);
    }

    #[test]
    fn an_expression_that_fails_is_told_with_its_place() {
        let said = made(Some(json!({ "x": "body.get(\"id\") / 0" })), &["x"]).unwrap_err();
        assert!(said.starts_with("`args.x`"), "{said}");
    }
}
