//! Names that come from other languages, or that guides invent, and what to write instead.

/// `(name, help)`; matched without case, only when the name does not exist.
const HINTS: &[(&str, &str)] = &[
    ("split", "`text.toList(\",\")` cuts a text at a separator"),
    ("explode", "`text.toList(\",\")` cuts a text at a separator"),
    ("replace", "write `text.replaceAll(\"old\", \"new\", true)`; `true` takes the old text literally"),
    ("join", "write `list.toString()`, or join with `+` in a loop"),
    ("implode", "write `list.toString()`, or join with `+` in a loop"),
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
    ("values", "walk over the keys: `for each key in map.keys() { value = map.get(key); }`"),
    ("entries", "walk over the keys: `for each key in map.keys() { value = map.get(key); }`"),
    ("count", "write `list.size()`"),
    ("len", "write `text.length()` or `list.size()`"),
    ("substr", "write `text.subString(from, to)`"),
    ("slice", "write `text.subString(from, to)` or `list.subList(from, to)`"),
    ("mid", "write `text.subString(from, to)`"),
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
    ("sleep", "a script cannot wait; let a schedule start it later"),
    ("wait", "a script cannot wait; let a schedule start it later"),
    ("print", "write `info value;`"),
    ("println", "write `info value;`"),
    ("printf", "write `info value;`"),
    ("echo", "write `info value;`"),
    ("log", "write `info value;`"),
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
    ("range", "walk over a list: `for each i in {1, 2, 3} { … }`, or count in a `while` loop"),
    ("typeof", "ask for what is expected: `isNull(x)`, `isNumber(x)`, `isText(x)`"),
    ("encodeURIComponent", "write `encodeUrl(text)`"),
    ("btoa", "write `text.base64Encode()`"),
    ("atob", "write `text.base64Decode()`"),
];

/// Calls that exist on other platforms and that this version does not run.
const NOT_YET: &[(&str, &str)] = &[
    ("collection", "use `List()` or `Map()`"),
    ("geturl", "write `invokeurl [ url: \"…\" type: GET ]`"),
    ("posturl", "write `invokeurl [ url: \"…\" type: POST parameters: … ]`"),
    ("openurl", "return the address, and let the caller open it"),
    ("pushnotification", "reach the service with `invokeurl` or `invokeConnector`"),
    ("sendsms", "reach the service with `invokeurl` or `invokeConnector`"),
    ("sendmail", "reach the mail service with `invokeurl` or `invokeConnector`"),
];

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
    if let Some((_, help)) = NOT_YET.iter().find(|(name, _)| name.eq_ignore_ascii_case(full)) {
        return Some((*help).to_string());
    }
    let mut parts = full.split('.');
    let (first, service) = (parts.next()?, parts.next()?);
    if !first.eq_ignore_ascii_case("zoho") || service.eq_ignore_ascii_case("encryption") {
        return None;
    }
    Some(format!(
        "call the service through a connector: `invokeConnector(\"{}.…\", data)`",
        service.to_ascii_lowercase()
    ))
}
