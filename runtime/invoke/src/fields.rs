//! Lists and maps as fields of a query or a form, in each of the styles that services read.
//!
//! A name is made of what the definition says and of keys of maps. A key could end the brackets it stands in,
//! and an entry the separator it stands between; such a value is refused rather than sent as something else.

use crate::template::{push_form_value, text_of};
use serde_json::Value;
use sluis_model::body::Style;

/// Adds `name=value` in as many fields as the style wants; a null is left out.
///
/// # Errors
/// What is wrong with the value, after its name.
pub(crate) fn push_styled(out: &mut String, name: &str, value: &Value, style: Style) -> Result<(), String> {
    let separator = match style {
        Style::Json => {
            push(out, name, &value.to_string());
            return Ok(());
        }
        Style::Repeat => return repeated(out, name, value),
        Style::Comma => (',', ","),
        Style::Space => (' ', "%20"),
        Style::Pipe => ('|', "%7C"),
        Style::Brackets | Style::Indices | Style::Deep => {
            return match value {
                Value::Array(_) | Value::Object(_) => nested(out, name, value, style),
                Value::Null => Ok(()),
                // A list of one, where the service wants a list.
                _ if style == Style::Brackets => nested(out, &format!("{name}[]"), value, style),
                _ if style == Style::Indices => nested(out, &format!("{name}[0]"), value, style),
                _ => nested(out, name, value, style),
            };
        }
    };
    match value {
        Value::Array(items) => joined(out, name, items, separator),
        other => repeated(out, name, other),
    }
}

/// `name=value`, both encoded.
fn push(out: &mut String, name: &str, value: &str) {
    begin(out, name);
    push_form_value(out, value);
}

fn begin(out: &mut String, name: &str) {
    if !out.is_empty() {
        out.push('&');
    }
    push_form_value(out, name);
    out.push('=');
}

fn repeated(out: &mut String, name: &str, value: &Value) -> Result<(), String> {
    match value {
        Value::Array(items) => items.iter().filter(|item| !item.is_null()).try_for_each(|item| {
            push(out, name, &text_of(simple(item)?));
            Ok(())
        }),
        Value::Null => Ok(()),
        other => {
            push(out, name, &text_of(simple(other)?));
            Ok(())
        }
    }
}

fn joined(
    out: &mut String,
    name: &str,
    items: &[Value],
    (separator, encoded): (char, &str),
) -> Result<(), String> {
    let mut items = items.iter().filter(|item| !item.is_null()).peekable();
    if items.peek().is_none() {
        return Ok(());
    }
    begin(out, name);
    for (at, item) in items.enumerate() {
        let text = text_of(simple(item)?);
        if text.contains(separator) {
            return Err(format!("has an entry that holds `{separator}`, which separates entries here"));
        }
        if at > 0 {
            out.push_str(encoded);
        }
        push_form_value(out, &text);
    }
    Ok(())
}

fn nested(out: &mut String, name: &str, value: &Value, style: Style) -> Result<(), String> {
    match value {
        Value::Null => Ok(()),
        Value::Array(items) => {
            let given = items.iter().filter(|item| !item.is_null()).enumerate();
            for (at, item) in given {
                match style {
                    Style::Indices => nested(out, &format!("{name}[{at}]"), item, style)?,
                    Style::Brackets => nested(out, &format!("{name}[]"), simple(item)?, style)?,
                    _ => nested(out, name, simple(item)?, style)?,
                }
            }
            Ok(())
        }
        Value::Object(map) => map.iter().try_for_each(|(key, item)| {
            if key.is_empty() || key.contains(['[', ']']) {
                return Err(
                    "has a key that is empty or holds a bracket, which would make it another key".to_owned()
                );
            }
            nested(out, &format!("{name}[{key}]"), item, style)
        }),
        simple => {
            push(out, name, &text_of(simple));
            Ok(())
        }
    }
}

/// What stands in one field.
fn simple(value: &Value) -> Result<&Value, String> {
    match value {
        Value::Array(_) => Err("is a list of lists, which this style cannot say".to_owned()),
        Value::Object(_) => Err("is or holds a map, which this style cannot say".to_owned()),
        simple => Ok(simple),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn written(value: Value, style: Style) -> Result<String, String> {
        let mut out = String::new();
        push_styled(&mut out, "a", &value, style).map(|()| out.replace("%5B", "[").replace("%5D", "]"))
    }

    #[test]
    fn each_style_writes_lists_and_maps_its_own_way() {
        let list = json!(["x y", 2, null, true]);
        for (style, wanted) in [
            (Style::Repeat, "a=x+y&a=2&a=true"),
            (Style::Comma, "a=x+y,2,true"),
            (Style::Pipe, "a=x+y%7C2%7Ctrue"),
            (Style::Brackets, "a[]=x+y&a[]=2&a[]=true"),
            (Style::Indices, "a[0]=x+y&a[1]=2&a[2]=true"),
            (Style::Deep, "a=x+y&a=2&a=true"),
            (Style::Json, "a=[%22x+y%22%2C2%2Cnull%2Ctrue]"),
        ] {
            assert_eq!(written(list.clone(), style).unwrap(), wanted, "{style:?}");
        }
        assert_eq!(written(json!(["x", 2]), Style::Space).unwrap(), "a=x%202");
        let map = json!({"k": {"l": 1}, "m": ["x", "y"]});
        assert_eq!(written(map.clone(), Style::Deep).unwrap(), "a[k][l]=1&a[m]=x&a[m]=y");
        assert_eq!(written(map.clone(), Style::Brackets).unwrap(), "a[k][l]=1&a[m][]=x&a[m][]=y");
        assert_eq!(written(map.clone(), Style::Indices).unwrap(), "a[k][l]=1&a[m][0]=x&a[m][1]=y");
        let items = json!([{"price": "p", "quantity": 2}]);
        assert_eq!(written(items, Style::Indices).unwrap(), "a[0][price]=p&a[0][quantity]=2");
    }

    #[test]
    fn one_value_is_a_list_of_one_where_the_style_has_a_mark_for_lists() {
        for (style, wanted) in [
            (Style::Repeat, "a=x"),
            (Style::Comma, "a=x"),
            (Style::Brackets, "a[]=x"),
            (Style::Indices, "a[0]=x"),
            (Style::Deep, "a=x"),
        ] {
            assert_eq!(written(json!("x"), style).unwrap(), wanted, "{style:?}");
        }
        for style in [Style::Repeat, Style::Comma, Style::Brackets, Style::Indices, Style::Deep] {
            assert_eq!(written(json!([]), style).unwrap(), "");
            assert_eq!(written(json!(null), style).unwrap(), "");
        }
    }

    #[test]
    fn what_a_style_cannot_say_is_refused() {
        for (value, style) in [
            (json!({"k": 1}), Style::Repeat),
            (json!({"k": 1}), Style::Comma),
            (json!([{"k": 1}]), Style::Pipe),
            (json!([[1]]), Style::Brackets),
            (json!([[1]]), Style::Deep),
            (json!(["a,b"]), Style::Comma),
            (json!(["a b"]), Style::Space),
            (json!(["a|b"]), Style::Pipe),
            (json!({"k][l": 1}), Style::Deep),
            (json!({"": 1}), Style::Indices),
        ] {
            assert!(written(value.clone(), style).is_err(), "{value} {style:?}");
        }
    }
}
