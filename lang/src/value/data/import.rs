//! Owned data into the memory of a run.

use super::{Data, too_nested};
use crate::value::Value;
use crate::value::date;
use crate::value::fault::Run;
use crate::value::heap::{Heap, Object};
use crate::value::print::MAX_DEPTH;

/// Puts owned data into a run's memory.
///
/// # Errors
/// `E0413` beyond 200 levels, `E0409` for a date that does not exist, `E0502` and `E0504` for too
/// much of it.
#[inline]
pub fn import(heap: &mut Heap, data: &Data) -> Run<Value> {
    match data {
        Data::Int(n) => Ok(Value::Int(*n)),
        Data::Bool(yes) => Ok(Value::Bool(*yes)),
        Data::Null => Ok(Value::Null),
        _ => import_any(heap, data),
    }
}

#[inline(never)]
fn import_any(heap: &mut Heap, data: &Data) -> Run<Value> {
    heap.reserve(size_of_data(data, 0)?)?;
    import_at(heap, data)
}

/// Bytes that the data will take; also the check of its depth.
fn size_of_data(data: &Data, depth: usize) -> Run<usize> {
    if depth > MAX_DEPTH {
        return Err(too_nested());
    }
    let own = size_of::<Value>();
    Ok(match data {
        Data::Text(text) => own + text.len(),
        Data::List(items) => {
            let mut bytes = own;
            for item in items {
                bytes += size_of_data(item, depth + 1)?;
            }
            bytes
        }
        Data::Map(entries) => {
            let mut bytes = own;
            for (key, value) in entries {
                bytes += size_of_data(key, depth + 1)? + size_of_data(value, depth + 1)?;
            }
            bytes
        }
        Data::Collection(inner) => own + size_of_data(inner, depth + 1)?,
        Data::File(file) => own + file.weight(),
        _ => own,
    })
}

fn import_at(heap: &mut Heap, data: &Data) -> Run<Value> {
    Ok(match data {
        Data::Null => Value::Null,
        Data::Bool(yes) => Value::Bool(*yes),
        Data::Int(n) => Value::Int(*n),
        Data::Decimal(decimal) => heap.decimal(*decimal),
        Data::Text(text) => {
            heap.reserve_text(text.len())?;
            heap.text(text)
        }
        Data::Date(day) => {
            date::date_of_days(*day)?;
            Value::Date(*day)
        }
        Data::DateTime(millis) => {
            date::timestamp(*millis)?;
            Value::DateTime(*millis)
        }
        Data::List(items) => {
            let values = items.iter().map(|item| import_at(heap, item)).collect::<Run<Vec<_>>>()?;
            heap.list(values)
        }
        Data::Map(entries) => {
            let map = heap.map(entries.len());
            for (key, value) in entries {
                let (key, value) = (import_at(heap, key)?, import_at(heap, value)?);
                heap.map_put(map, key, value);
            }
            map
        }
        Data::Collection(inner) => match &**inner {
            Data::List(_) | Data::Map(_) => {
                let empty = inner.as_list().is_none_or(<[_]>::is_empty) && inner.entries().is_empty();
                let inner = if empty { heap.object(Object::Empty) } else { import_at(heap, inner)? };
                heap.collection(inner)
            }
            single => {
                let single = import_at(heap, single)?;
                let inner = heap.list(vec![single]);
                heap.collection(inner)
            }
        },
        Data::File(file) => heap.file((**file).clone()),
    })
}
