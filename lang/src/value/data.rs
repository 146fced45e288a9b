//! Values outside a run: an owned tree that goes in as arguments and answers and comes out as host
//! calls and results. Nothing is shared in it, so it may be kept, stored and sent.

mod from;
mod import;
mod xml;

pub use import::import;

use super::date;
use super::fault::{Fault, Run};
use super::file::File;
use super::heap::{Heap, HeapLimits, Object};
use super::json::{self, Mode};
use super::number::StoredDecimal;
use super::print::MAX_DEPTH;
use super::{Kind, Value};
use crate::codes;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// One value, owned.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub enum Data {
    /// `null`
    #[default]
    Null,
    /// `true`, `false`
    Bool(bool),
    /// Whole number.
    Int(i64),
    /// Decimal number with its scale.
    Decimal(#[serde(with = "stored")] Decimal),
    /// Text.
    Text(String),
    /// Days since 1970-01-01.
    Date(i32),
    /// Milliseconds since 1970-01-01T00:00:00 UTC.
    DateTime(i64),
    /// List.
    List(Vec<Data>),
    /// Map, in insertion order.
    Map(Vec<(Data, Data)>),
    /// Collection around its values, a list or a map.
    Collection(Box<Data>),
    /// File. Its JSON tells its name, type and size, never its content.
    File(Box<File>),
}

mod stored {
    use super::{Decimal, Deserialize, Serialize, StoredDecimal};
    use serde::{Deserializer, Serializer};

    pub fn serialize<S: Serializer>(decimal: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        StoredDecimal(*decimal).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        StoredDecimal::deserialize(deserializer).map(|stored| stored.0)
    }
}

impl Data {
    /// A map with text keys.
    pub fn map<K: Into<String>>(entries: impl IntoIterator<Item = (K, Data)>) -> Self {
        Data::Map(entries.into_iter().map(|(key, value)| (Data::Text(key.into()), value)).collect())
    }

    /// The characters of a text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Data::Int(n) => Some(*n),
            _ => None,
        }
    }

    /// True or false.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Data::Bool(yes) => Some(*yes),
            _ => None,
        }
    }

    /// The elements of a list, or of a collection that is like one.
    pub fn as_list(&self) -> Option<&[Data]> {
        match self {
            Data::List(items) => Some(items),
            Data::Collection(inner) => inner.as_list(),
            _ => None,
        }
    }

    /// The file, if it is one.
    pub fn as_file(&self) -> Option<&File> {
        match self {
            Data::File(file) => Some(file),
            _ => None,
        }
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Data::Null)
    }

    /// The entries of a map, or of a collection that is like one, in their order; none for anything
    /// else.
    pub fn entries(&self) -> &[(Data, Data)] {
        match self {
            Data::Map(entries) => entries,
            Data::Collection(inner) => inner.entries(),
            _ => &[],
        }
    }

    /// Value under a text key of a map.
    pub fn get(&self, key: &str) -> Option<&Data> {
        self.entries().iter().find(|(k, _)| k.as_str() == Some(key)).map(|(_, value)| value)
    }

    /// Reads JSON (RFC 8259). Whole numbers of 64 bits stay whole, others become exact decimals.
    ///
    /// # Errors
    /// `E0407` with the position; `E0413` if it is nested more than 200 deep.
    pub fn from_json(text: &str) -> Run<Data> {
        let mut heap = unlimited();
        let value = json::parse(&mut heap, text, Mode::Strict)?;
        export(&heap, value)
    }

    /// Writes JSON; dates as text in UTC. See [`to_json_in`](Self::to_json_in).
    pub fn to_json(&self) -> String {
        self.to_json_in(&TimeZone::UTC)
    }

    /// Writes JSON: keys in their order, decimals with all digits, dates as text in the default
    /// format of the language, in a zone.
    pub fn to_json_in(&self, zone: &TimeZone) -> String {
        let mut out = String::new();
        self.write_json(&mut out, zone);
        out
    }

    fn write_json(&self, out: &mut String, zone: &TimeZone) {
        match self {
            Data::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    item.write_json(out, zone);
                }
                out.push(']');
            }
            Data::Map(entries) => {
                out.push('{');
                for (at, (key, value)) in entries.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    json::write_string(&key.plain_text(zone), out);
                    out.push(':');
                    value.write_json(out, zone);
                }
                out.push('}');
            }
            Data::Collection(inner) => inner.write_json(out, zone),
            Data::File(file) => json::write_file(file, out),
            Data::Text(_) | Data::Date(_) | Data::DateTime(_) => {
                json::write_string(&self.plain_text(zone), out);
            }
            Data::Null | Data::Bool(_) | Data::Int(_) | Data::Decimal(_) => {
                out.push_str(&self.plain_text(zone));
            }
        }
    }

    /// Text of a key or a scalar; JSON of a list or map.
    fn plain_text(&self, zone: &TimeZone) -> String {
        match self {
            Data::Null => "null".to_owned(),
            Data::Bool(yes) => yes.to_string(),
            Data::Int(n) => n.to_string(),
            Data::Decimal(d) if d.is_zero() => d.abs().to_string(),
            Data::Decimal(d) => d.to_string(),
            Data::Text(text) => text.clone(),
            Data::Date(day) => date_text(zone, Value::Date(*day)),
            Data::DateTime(millis) => date_text(zone, Value::DateTime(*millis)),
            Data::List(_) | Data::Map(_) | Data::Collection(_) => self.to_json_in(zone),
            Data::File(file) => file.name.clone(),
        }
    }
}

/// A date as text; one outside the years that exist has none.
fn date_text(zone: &TimeZone, value: Value) -> String {
    let mut out = String::new();
    if date::write_default(&mut out, zone, value).is_err() {
        out.clear();
    }
    out
}

fn unlimited() -> Heap {
    Heap::new(HeapLimits { memory: usize::MAX / 4, text: u32::MAX as usize / 2 })
}

fn too_nested() -> Box<Fault> {
    Fault::new(
        codes::TOO_NESTED,
        format!("a value is nested more than {MAX_DEPTH} deep; perhaps it contains itself"),
    )
}

/// Copies a value out of a run's memory. What is shared in there is copied each time it is met.
///
/// # Errors
/// `E0413` beyond 200 levels, which is where a value that contains itself ends; `E0502` if the copy
/// would pass the memory limit.
#[inline]
pub fn export(heap: &Heap, value: Value) -> Run<Data> {
    match value {
        Value::Int(n) => Ok(Data::Int(n)),
        Value::Bool(yes) => Ok(Data::Bool(yes)),
        Value::Null => Ok(Data::Null),
        _ => export_any(heap, value),
    }
}

#[inline(never)]
fn export_any(heap: &Heap, value: Value) -> Run<Data> {
    Export { heap, bytes: 0 }.value(value, 0)
}

struct Export<'a> {
    heap: &'a Heap,
    bytes: usize,
}

impl Export<'_> {
    fn value(&mut self, value: Value, depth: usize) -> Run<Data> {
        if depth > MAX_DEPTH {
            return Err(too_nested());
        }
        self.bytes += size_of::<Data>() + self.heap.str(&value).map_or(0, str::len);
        self.heap.reserve(self.bytes)?;
        Ok(match value {
            Value::Unset | Value::Null => Data::Null,
            Value::Bool(yes) => Data::Bool(yes),
            Value::Int(n) => Data::Int(n),
            Value::Date(day) => Data::Date(day),
            Value::DateTime(millis) => Data::DateTime(millis),
            Value::Dec { .. } | Value::BigDec(_) => {
                Data::Decimal(self.heap.as_decimal(value).unwrap_or_default())
            }
            Value::Short { .. } | Value::Text { .. } => {
                Data::Text(self.heap.str(&value).unwrap_or_default().to_owned())
            }
            Value::Object(at) => self.object(at, depth)?,
        })
    }

    fn object(&mut self, at: u32, depth: usize) -> Run<Data> {
        let heap = self.heap;
        match heap.get(at) {
            Object::Empty => Ok(Data::Map(Vec::new())),
            Object::List(items) => {
                items.iter().map(|item| self.value(*item, depth + 1)).collect::<Run<Vec<_>>>().map(Data::List)
            }
            Object::Map(map) => map
                .entries()
                .iter()
                .map(|(key, value)| Ok((self.value(*key, depth + 1)?, self.value(*value, depth + 1)?)))
                .collect::<Run<Vec<_>>>()
                .map(Data::Map),
            Object::Collection(inner) => Ok(Data::Collection(Box::new(self.value(*inner, depth + 1)?))),
            Object::File(file) => {
                self.bytes += file.weight();
                heap.reserve(self.bytes)?;
                Ok(Data::File(file.clone()))
            }
            Object::Error(error) => Ok(Data::map([
                ("message", self.value(error.message, depth + 1)?),
                ("lineNo", Data::Int(i64::from(error.line))),
                ("code", self.value(error.code, depth + 1)?),
            ])),
        }
    }
}

/// What kind of value the data would be.
pub fn kind(data: &Data) -> Kind {
    match data {
        Data::Null => Kind::Null,
        Data::Bool(_) => Kind::Boolean,
        Data::Int(_) => Kind::Number,
        Data::Decimal(_) => Kind::Decimal,
        Data::Text(_) => Kind::Text,
        Data::Date(_) => Kind::Date,
        Data::DateTime(_) => Kind::DateTime,
        Data::List(_) => Kind::List,
        Data::Map(_) => Kind::Map,
        Data::Collection(_) => Kind::Collection,
        Data::File(_) => Kind::File,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_long_ids_exact_decimals_and_the_order_of_keys() {
        let text = r#"{"z":9007199254740993,"a":[1.10,null,true,"é\n"],"m":{}}"#;
        let data = Data::from_json(text).unwrap();
        assert_eq!(data.get("z").and_then(Data::as_int), Some(9_007_199_254_740_993));
        assert_eq!(data.to_json(), text);
    }

    #[test]
    fn data_survives_postcard_and_a_heap() {
        let data = Data::List(vec![
            Data::Decimal("12345678901234567890.1230".parse().unwrap()),
            Data::Date(19_000),
            Data::DateTime(-1),
            Data::Map(vec![(Data::Int(1), Data::Null)]),
        ]);
        let bytes = postcard::to_stdvec(&data).unwrap();
        assert_eq!(postcard::from_bytes::<Data>(&bytes).unwrap(), data);
        let mut heap = Heap::default();
        let value = import(&mut heap, &data).unwrap();
        assert_eq!(export(&heap, value).unwrap(), data);
    }

    #[test]
    fn collections_and_files_keep_what_they_are_through_a_heap() {
        let mut file = File::new("a.csv", b"1,2".as_slice());
        file.param_name = Some("part".to_owned());
        let data = Data::List(vec![
            Data::Collection(Box::new(Data::List(vec![Data::Int(1)]))),
            Data::Collection(Box::new(Data::map([("k", Data::Null)]))),
            Data::File(Box::new(file)),
        ]);
        let mut heap = Heap::default();
        let value = import(&mut heap, &data).unwrap();
        assert_eq!(export(&heap, value).unwrap(), data);
        assert_eq!(data.to_json(), r#"[[1],{"k":null},{"name":"a.csv","type":"text/csv","size":3}]"#);
    }

    #[test]
    fn an_empty_collection_may_become_either_after_it_came_in() {
        let mut heap = Heap::default();
        let empty = Data::Collection(Box::new(Data::List(vec![])));
        let value = import(&mut heap, &empty).unwrap();
        let inner = heap.in_collection(value).unwrap();
        assert_eq!(heap.kind(inner), Kind::Empty);
        assert!(heap.is_sound([value].into_iter()));
    }

    #[test]
    fn a_list_that_contains_itself_is_not_exported() {
        let mut heap = Heap::default();
        let list = heap.list(vec![]);
        heap.edit_list(list, |items| items.push(list)).unwrap();
        assert_eq!(export(&heap, list).unwrap_err().code, codes::TOO_NESTED);
    }

    #[test]
    fn sharing_cannot_grow_an_export_past_the_memory_limit() {
        let mut heap = Heap::new(HeapLimits { memory: 1 << 20, text: 1 << 20 });
        let mut list = heap.list(vec![]);
        for _ in 0..60 {
            list = heap.list(vec![list, list]);
        }
        assert_eq!(export(&heap, list).unwrap_err().code, codes::OUT_OF_MEMORY);
    }

    #[test]
    fn data_deeper_than_the_limit_is_not_imported() {
        let mut data = Data::Null;
        for _ in 0..250 {
            data = Data::List(vec![data]);
        }
        assert_eq!(import(&mut Heap::default(), &data).unwrap_err().code, codes::TOO_NESTED);
    }
}
