//! Names that come from other languages, or that guides invent, and what to write instead.

/// `(name, help)`; matched without case, only when the name does not exist.
const HINTS: &[(&str, &str)] = &[
    ("split", "`text.toList(\",\")` cuts a text at a separator"),
    ("explode", "`text.toList(\",\")` cuts a text at a separator"),
    ("replace", "write `text.replaceAll(\"old\", \"new\", true)`; `true` takes the old text literally"),
    (
        "join",
        "`\"\" + list` joins the elements by commas; for another separator use `+` in a `for each` loop",
    ),
    (
        "implode",
        "`\"\" + list` joins the elements by commas; for another separator use `+` in a `for each` loop",
    ),
    ("pow", "write `x.power(2)`"),
    ("random", "write `randomNumber(1, 100)`"),
    ("toInt", "write `text.toLong()`"),
    ("parseInt", "write `text.toLong()`"),
    ("int", "write `text.toLong()`"),
    ("toInteger", "write `text.toLong()`"),
    ("parseFloat", "write `text.toDecimal()`"),
    ("toFloat", "write `text.toDecimal()`"),
    ("float", "write `text.toDecimal()`"),
    ("str", "write `x.toString()`"),
    ("toStr", "write `x.toString()`"),
    ("stringify", "write `x.toString()`"),
    ("keySet", "write `map.keys()`"),
    ("getKeys", "write `map.keys()`"),
    ("entries", "walk over the keys: `for each key in map.keys() { value = map.get(key); }`"),
    ("count", "write `list.size()`"),
    ("substr", "write `text.subString(from, to)`"),
    ("slice", "write `text.subString(from, to)` or `list.subList(from, to)`"),
    ("charAt", "write `text.subString(i, i + 1)`"),
    ("forEach", "write `for each x in list { … }`"),
    ("map", "a map is made with `Map()`; to change each element write a `for each` loop"),
    ("filter", "write `for each x in list { if(…) { kept.add(x); } }`"),
    ("reduce", "write a `for each` loop"),
    ("push", "write `list.add(x)`"),
    ("append", "write `list.add(x)`"),
    ("set", "write `map.put(key, value)`"),
    ("includes", "write `x.contains(y)`"),
    ("has", "write `map.containKey(key)`"),
    ("hasKey", "write `map.containKey(key)`"),
    ("hasOwnProperty", "write `map.containKey(key)`"),
    ("upper", "write `text.toUpperCase()`"),
    ("lower", "write `text.toLowerCase()`"),
    ("strip", "write `text.trim()`"),
    ("isNullOrEmpty", "write `isBlank(x)`"),
    ("isList", "lists are printed in square brackets: `x.toString().startsWith(\"[\")`"),
    ("isArray", "lists are printed in square brackets: `x.toString().startsWith(\"[\")`"),
    ("isMap", "maps are printed in braces: `x.toString().startsWith(\"{\")`"),
    ("isString", "write `isText(x)`"),
    ("isNumeric", "write `isNumber(x)`"),
    ("isNaN", "write `!isNumber(x)`"),
    ("getType", "ask for what is expected: `isNull(x)`, `isNumber(x)`, `isText(x)`, `isDate(x)`"),
    ("getDataType", "ask for what is expected: `isNull(x)`, `isNumber(x)`, `isText(x)`, `isDate(x)`"),
    (
        "sortBy",
        "`list.sort()` orders texts and numbers; of maps sort a list of one field, then look up the rest",
    ),
    (
        "orderBy",
        "`list.sort()` orders texts and numbers; of maps sort a list of one field, then look up the rest",
    ),
    ("pop", "write `list.remove(list.size() - 1)`"),
    ("shift", "write `list.remove(0)`"),
    ("find_all", "write `for each x in list { if(…) { kept.add(x); } }`"),
    ("sum", "add them up: `for each x in list { total = total + x; }`"),
    ("mean", "write `list.average()`"),
    ("capitalize", "write `text.proper()`"),
    ("title", "write `text.proper()`"),
    ("padStart", "write `text.leftpad(width)`"),
    ("padEnd", "write `text.rightpad(width)`"),
    ("addDays", "write `date.addDay(n)`"),
    ("addMonths", "write `date.addMonth(n)`"),
    ("addYears", "write `date.addYear(n)`"),
    ("addWeeks", "write `date.addWeek(n)`"),
    ("addHours", "write `date.addHour(n)`"),
    ("dateDiff", "write `first.daysBetween(second)`"),
    ("formatDate", "write `date.toString(\"yyyy-MM-dd\")`"),
    ("parseDate", "write `text.toDate(\"yyyy-MM-dd\")`"),
    ("getTime", "write `date.toLong()` for milliseconds since 1970"),
    ("ceiling", "write `x.ceil()`"),
    ("ln", "write `x.log()`, the natural logarithm"),
    ("sleep", "a script cannot wait; let a schedule start it later"),
    ("wait", "a script cannot wait; let a schedule start it later"),
    ("print", "write `info value;`"),
    ("println", "write `info value;`"),
    ("printf", "write `info value;`"),
    ("echo", "write `info value;`"),
    ("console.log", "write `info value;`"),
    ("console.error", "write `info value;`"),
    ("fetch", "write `invokeurl [ url: \"…\" type: GET ]`"),
    ("http.get", "write `invokeurl [ url: \"…\" type: GET ]`"),
    ("http.post", "write `invokeurl [ url: \"…\" type: POST ]`"),
    ("json.parse", "write `text.toMap()` or `text.toJSONList()`"),
    ("json.stringify", "write `x.toString()`"),
    ("object.keys", "write `map.keys()`"),
    ("math.random", "write `randomNumber(1, 100)`"),
    ("math.pow", "write `x.power(2)`"),
    ("math.pi", "write `1.atan() * 4`"),
    ("range", "count with a text: `for each index i in repeat(\",\", n - 1) { … }` turns n times"),
    ("typeof", "ask for what is expected: `isNull(x)`, `isNumber(x)`, `isText(x)`"),
    ("encodeURIComponent", "write `encodeUrl(text)`"),
    ("convertToPDF", "this version makes no PDF; let a service make it, with `invokeurl`"),
    ("btoa", "write `text.base64Encode()`"),
    ("atob", "write `text.base64Decode()`"),
];

/// Calls that exist on other platforms and that this version does not run.
const NOT_YET: &[(&str, &str)] = &[(
    "convertToPDF",
    "a service can make the PDF: send it the page with `invokeurl [ … response-format: FILE ]`",
)];

/// What to write instead of a name of another language. `full` is dotted.
pub(super) fn foreign(full: &str) -> Option<String> {
    let find =
        |name: &str| HINTS.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, help)| *help);
    if let Some(help) = find(full) {
        return Some(help.to_string());
    }
    let (first, last) = full.split_once('.')?;
    if first.eq_ignore_ascii_case("math") {
        return Some(format!("functions of numbers are methods: `x.{last}()`"));
    }
    None
}

/// What to write instead of a call that this version does not run.
pub(super) fn not_yet(full: &str) -> Option<String> {
    NOT_YET.iter().find(|(name, _)| name.eq_ignore_ascii_case(full)).map(|(_, help)| (*help).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stdlib;

    /// The names that the language reference lists as invented by guides.
    const INVENTED: &[&str] = &[
        "split",
        "replace",
        "join",
        "pow",
        "random",
        "math.floor",
        "toInt",
        "toint",
        "keySet",
        "isList",
        "isMap",
        "getDataType",
        "getType",
        "count",
        "substr",
        "forEach",
        "sortBy",
        "sleep",
    ];

    #[test]
    fn every_name_that_guides_invent_is_answered_with_the_real_one() {
        for name in INVENTED {
            let help = foreign(name).unwrap_or_else(|| panic!("nothing is said about `{name}`"));
            assert!(help.contains('`') || help.contains("schedule"), "{name}: {help}");
        }
    }

    #[test]
    fn a_name_that_exists_needs_no_hint() {
        let exists = |name: &&str| stdlib::find(name).any(|builtin| !builtin.on.is_empty());
        let stale: Vec<&str> = HINTS.iter().map(|(name, _)| *name).filter(exists).collect();
        assert_eq!(stale, Vec::<&str>::new());
    }

    #[test]
    fn functions_that_hints_name_exist() {
        for (name, help) in HINTS {
            for written in help.split('`').skip(1).step_by(2) {
                let calls = written.match_indices('(').filter_map(|(at, _)| {
                    let word = written[..at].rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next()?;
                    (!word.is_empty()).then_some(word)
                });
                for call in calls {
                    let known = stdlib::find(call).next().is_some()
                        || crate::host::find(call).is_some()
                        || ["if", "while"].contains(&call);
                    assert!(known, "`{name}` is answered with `{call}`, which does not exist");
                }
            }
        }
    }
}
