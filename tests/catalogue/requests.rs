//! The calls of an API that are tried, made of what its inputs say of themselves.

use serde_json::{Map, Value, json};

/// Inputs of one call, and what is learned from it.
pub struct Trial {
    pub inputs: Map<String, Value>,
    /// Whether the values are the author's own, so that a validator's verdict tells something.
    pub earnest: bool,
}

/// The calls to try: with what is required alone, with every example, and with a value for everything, which
/// shows all names.
///
/// # Errors
/// Names of required inputs of which there is neither example nor default.
pub fn trials(api: &Value) -> Result<Vec<Trial>, Vec<String>> {
    let (mut least, mut examples, mut all) = (Map::new(), Map::new(), Map::new());
    let mut lacking = Vec::new();
    for (name, input) in api["inputs"].as_object().into_iter().flatten() {
        let required = input["required"] != false;
        if let Some(example) = input.get("example") {
            if required {
                least.insert(name.clone(), example.clone());
            }
            examples.insert(name.clone(), example.clone());
            all.insert(name.clone(), example.clone());
        } else if input.get("default").is_none() {
            if required {
                lacking.push(name.clone());
            }
            all.insert(name.clone(), any(input));
        }
    }
    if !lacking.is_empty() {
        return Err(lacking);
    }
    let trial = |inputs, earnest| Trial { inputs, earnest };
    Ok(vec![trial(least, true), trial(examples, true), trial(all, false)])
}

/// Some value of an input's type.
fn any(input: &Value) -> Value {
    if let Some(choice) = input["enum"].get(0) {
        return choice.clone();
    }
    match input["type"].as_str() {
        Some("number") => json!(1),
        Some("boolean") => json!(true),
        Some("list") => json!([]),
        Some("map") => json!({}),
        _ => json!("any"),
    }
}
