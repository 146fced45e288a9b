//! The slow arms of the machine: what an instruction does when its operands are not the common ones.

use super::methods;
use crate::codes;
use crate::stdlib::{Ctx, file_text, platform, xml};
use crate::value::fault::{Fault, Run};
use crate::value::heap::{Heap, Object, Platform};
use crate::value::{Kind, Value, arith, compare};
use jiff::tz::TimeZone;
use std::cmp::Ordering;
use std::sync::LazyLock;

/// What slow arms work with.
pub struct Bench<'a> {
    /// The run's memory.
    pub heap: &'a mut Heap,
    /// The organisation's time zone.
    pub zone: &'a TimeZone,
    /// Fuel left in this slice.
    pub fuel: &'a mut i64,
}

/// Bytes copied or compared for one unit of fuel.
pub(super) const BYTES_PER_UNIT: usize = 16;

/// Methods with instructions of their own.
pub struct Hot {
    /// `get`
    pub get: u16,
    /// `put`
    pub put: u16,
    /// `add`
    pub add: u16,
    /// `size`
    pub size: u16,
}

/// Their numbers; a number without a method answers with a fault.
pub static HOT: LazyLock<Hot> = LazyLock::new(|| {
    let id = |name| methods::id(name).unwrap_or(u16::MAX);
    Hot { get: id("get"), put: id("put"), add: id("add"), size: id("size") }
});

impl Bench<'_> {
    pub(super) fn charge(&mut self, units: usize) {
        *self.fuel = self.fuel.saturating_sub(i64::try_from(units).unwrap_or(i64::MAX));
    }

    fn text_len(&self, value: Value) -> usize {
        match value {
            Value::Text { len, .. } => len as usize,
            _ => 0,
        }
    }

    /// `a + b`
    #[inline(never)]
    pub fn add(&mut self, a: Value, b: Value) -> Run<Value> {
        let sum = arith::add(self.heap, self.zone, a, b)?;
        self.charge_for_text(a, sum);
        Ok(sum)
    }

    /// Pays for what was copied: everything, or what stands behind `before` if it was appended to.
    pub(super) fn charge_for_text(&mut self, before: Value, after: Value) {
        if let Value::Text { buffer, len } = after {
            let copied = match before {
                Value::Text { buffer: same, len: kept } if same == buffer => len - kept,
                _ => len,
            };
            self.charge(copied as usize / BYTES_PER_UNIT);
        }
    }

    /// `a == b`
    #[inline(never)]
    pub fn equal(&mut self, a: Value, b: Value) -> Run<bool> {
        self.charge(self.text_len(a).min(self.text_len(b)) / BYTES_PER_UNIT);
        let (equal, steps) = compare::equal_counted(self.heap, self.zone, a, b)?;
        self.charge(steps);
        Ok(equal)
    }

    /// `a < b`, or `a <= b`
    #[inline(never)]
    pub fn less(&mut self, a: Value, b: Value, or_equal: bool) -> Run<bool> {
        self.charge(self.text_len(a).min(self.text_len(b)) / BYTES_PER_UNIT);
        Ok(match compare::order(self.heap, self.zone, a, b)? {
            Some(Ordering::Less) => true,
            Some(Ordering::Equal) => or_equal,
            _ => false,
        })
    }

    /// `a in b`
    #[inline(never)]
    pub fn is_in(&mut self, a: Value, b: Value) -> Run<bool> {
        let inside = self.heap.opened(b);
        let len = self.heap.as_list(inside).map_or(0, <[Value]>::len);
        self.charge(self.text_len(b) / BYTES_PER_UNIT + len);
        compare::is_in(self.heap, self.zone, a, b)
    }

    /// `a like b`
    #[inline(never)]
    pub fn like(&mut self, a: Value, b: Value) -> Run<bool> {
        self.charge((self.text_len(a) + self.text_len(b)) / BYTES_PER_UNIT);
        compare::like(self.heap, a, b)
    }

    /// A method of `args[0]`.
    #[inline(never)]
    pub fn method(&mut self, method: u16, args: &[Value]) -> Run<Value> {
        let entry = methods::on_receiver(self.heap, method, args)?;
        self.native(entry, args)
    }

    /// A built-in in free form.
    #[inline(never)]
    pub fn free(&mut self, method: u16, args: &[Value]) -> Run<Value> {
        let entry = methods::free(self.heap, method, args)?;
        self.native(entry, args)
    }

    fn native(&mut self, entry: &methods::Entry, args: &[Value]) -> Run<Value> {
        if let Some(platform) = self.heap.platform() {
            return self.measured(platform, entry, args);
        }
        let mut ctx = Ctx { heap: self.heap, zone: self.zone, fuel: self.fuel };
        (entry.builtin.run)(&mut ctx, args)
    }

    /// A built-in under the limits of another platform.
    #[cold]
    fn measured(&mut self, platform: &Platform, entry: &methods::Entry, args: &[Value]) -> Run<Value> {
        platform::check_arguments(self.heap, platform, entry.builtin, args)?;
        let mut ctx = Ctx { heap: self.heap, zone: self.zone, fuel: self.fuel };
        let answer = (entry.builtin.run)(&mut ctx, args)?;
        platform::check_answer(self.heap, platform, entry.builtin, answer)?;
        Ok(answer)
    }

    /// The list that `for each` walks over: a list itself, the keys of a map, the parts of a text
    /// between commas.
    #[inline(never)]
    pub fn each(&mut self, over: Value) -> Run<Value> {
        match self.heap.kind(over) {
            Kind::List | Kind::Empty => Ok(over),
            Kind::Collection => Ok(self.values_of(over)),
            Kind::File => self.lines_of(over),
            Kind::Map => {
                let keys: Vec<Value> =
                    self.heap.as_map(over).unwrap_or_default().iter().map(|(key, _)| *key).collect();
                self.charge(keys.len());
                self.heap.reserve(keys.len() * size_of::<Value>())?;
                Ok(self.heap.list(keys))
            }
            Kind::Text if self.holds_xml(over) => {
                let mut ctx = Ctx { heap: self.heap, zone: self.zone, fuel: self.fuel };
                xml::nodes(&mut ctx, over)
            }
            Kind::Text => {
                let text = self.heap.str(&over).unwrap_or_default().to_owned();
                self.charge(text.len() / BYTES_PER_UNIT);
                self.heap.reserve(text.len() + (text.matches(',').count() + 1) * size_of::<Value>())?;
                let parts = text.split(',').map(|part| self.heap.text(part)).collect();
                Ok(self.heap.list(parts))
            }
            Kind::Null => Err(Fault::new(codes::NULL_RECEIVER, "`for each` cannot walk over null")
                .with_help("ask first with `if(x != null)`, or give it a default with `ifnull(x, {})`")),
            other => Err(Fault::new(
                codes::WRONG_KIND,
                format!(
                    "`for each` walks over a list, a collection, a map, a text or a file, not over a {}",
                    other.name()
                ),
            )),
        }
    }

    /// What `for each` walks over in a collection: its elements, or the values under its keys.
    fn values_of(&mut self, collection: Value) -> Value {
        let inner = self.heap.opened(collection);
        match self.heap.as_map(inner) {
            Some(entries) if !entries.is_empty() => {
                let values: Vec<Value> = entries.iter().map(|(_, value)| *value).collect();
                self.charge(values.len());
                self.heap.list(values)
            }
            _ => inner,
        }
    }

    /// Whether a text is what `executeXPath` gave: several nodes, or one as XML.
    fn holds_xml(&self, text: Value) -> bool {
        let text = self.heap.str(&text).unwrap_or_default();
        text.contains(xml::BETWEEN) || (text.starts_with('<') && text.ends_with('>'))
    }

    /// What `for each` walks over in a file: its lines.
    fn lines_of(&mut self, file: Value) -> Run<Value> {
        let mut ctx = Ctx { heap: self.heap, zone: self.zone, fuel: self.fuel };
        file_text::lines(&mut ctx, file)
    }

    /// `object.key`
    #[inline(never)]
    pub fn member(&mut self, object: Value, key: Value) -> Run<Value> {
        let object = self.heap.opened(object);
        if let Value::Object(at) = object {
            match self.heap.get(at) {
                Object::Map(_) => return Ok(self.heap.map_get(object, key).unwrap_or(Value::Null)),
                Object::Empty => return Ok(Value::Null),
                Object::Error(error) => {
                    let inner = self.heap.map_get(error.thrown, key);
                    return Ok(match (self.heap.str(&key), inner) {
                        (_, Some(value)) => value,
                        (Some(name), _) if name.eq_ignore_ascii_case("message") => error.message,
                        (Some(name), _) if name.eq_ignore_ascii_case("lineNo") => {
                            Value::Int(i64::from(error.line))
                        }
                        (Some(name), _) if name.eq_ignore_ascii_case("code") => error.code,
                        _ => Value::Null,
                    });
                }
                Object::List(_) | Object::Collection(_) | Object::File(_) => {}
            }
        }
        let name = self.heap.str(&key).unwrap_or_default().to_owned();
        Err(match self.heap.kind(object) {
            Kind::Null => Fault::new(codes::NULL_RECEIVER, format!("`{name}` was read from null"))
                .with_help("ask first with `if(x != null)`"),
            kind => {
                let fault =
                    Fault::new(codes::WRONG_KIND, format!("a {} has no member `{name}`", kind.name()));
                if methods::id(&name).is_some() {
                    fault.with_help(format!("to call the function, write `{name}()`"))
                } else {
                    fault.with_help("only maps have members")
                }
            }
        })
    }

    /// `object.key = value`
    #[inline(never)]
    pub fn set_member(&mut self, object: Value, key: Value, value: Value) -> Run<()> {
        if self.heap.map_put(self.heap.opened(object), key, value) {
            return Ok(());
        }
        let name = self.heap.str(&key).unwrap_or_default().to_owned();
        Err(match self.heap.kind(object) {
            Kind::Null => Fault::new(codes::NULL_RECEIVER, format!("`{name}` was written to null"))
                .with_help("make a map first: `x = Map();`"),
            kind => Fault::new(
                codes::WRONG_KIND,
                format!("`{name}` cannot be set on a {}; only maps have members", kind.name()),
            ),
        })
    }

    /// `object[index]`
    #[inline(never)]
    pub fn index(&mut self, object: Value, index: Value) -> Run<Value> {
        let object = self.heap.opened(object);
        match (self.heap.kind(object), index) {
            (Kind::List, Value::Int(n)) => {
                let items = self.heap.as_list(object).unwrap_or_default();
                usize::try_from(n)
                    .ok()
                    .and_then(|n| items.get(n).copied())
                    .ok_or_else(|| out_of_range(n, items.len()))
            }
            (Kind::Map, _) => Ok(self.heap.map_get(object, index).unwrap_or(Value::Null)),
            (Kind::Empty, Value::Int(n)) => Err(out_of_range(n, 0)),
            (Kind::Empty, _) => Ok(Value::Null),
            (Kind::Null, _) => Err(Fault::new(codes::NULL_RECEIVER, "null has no elements")),
            (kind, _) => Err(self.no_index(kind, index)),
        }
    }

    fn no_index(&self, kind: Kind, index: Value) -> Box<Fault> {
        Fault::new(
            codes::WRONG_KIND,
            format!("a {} has no element at a {}", kind.name(), self.heap.kind(index).name()),
        )
        .with_help("lists take a whole number from 0 in `[…]`, maps take a key")
    }

    /// `object[index] = value`
    #[inline(never)]
    pub fn set_index(&mut self, object: Value, index: Value, value: Value) -> Run<()> {
        let object = self.heap.opened(object);
        match (self.heap.kind(object), index) {
            (Kind::List, Value::Int(n)) => {
                let set = self.heap.edit_list(object, |items| {
                    let len = items.len();
                    match usize::try_from(n).ok().and_then(|n| items.get_mut(n)) {
                        Some(item) => {
                            *item = value;
                            Ok(())
                        }
                        None => Err(out_of_range(n, len)),
                    }
                });
                set.unwrap_or(Ok(()))
            }
            (Kind::Empty, Value::Int(n)) => Err(out_of_range(n, 0)),
            (Kind::Map | Kind::Empty, _) => {
                self.heap.map_put(object, index, value);
                Ok(())
            }
            (Kind::Null, _) => Err(Fault::new(codes::NULL_RECEIVER, "null has no elements")),
            (kind, _) => Err(self.no_index(kind, index)),
        }
    }
}

/// `a - b`
pub fn sub(bench: Bench<'_>, a: Value, b: Value) -> Run<Value> {
    arith::sub(bench.heap, bench.zone, a, b)
}

/// `a * b`
pub fn mul(bench: Bench<'_>, a: Value, b: Value) -> Run<Value> {
    arith::mul(bench.heap, a, b)
}

/// `a % b`
pub fn rem(bench: Bench<'_>, a: Value, b: Value) -> Run<Value> {
    arith::rem(bench.heap, a, b)
}

fn out_of_range(index: i64, len: usize) -> Box<Fault> {
    let fault =
        Fault::new(codes::INDEX_OUT_OF_RANGE, format!("there is no element {index}; the list has {len}"));
    if len == 0 { fault } else { fault.with_help(format!("positions go from 0 to {}", len - 1)) }
}

/// The fault of a condition that is neither true nor false.
#[cold]
#[inline(never)]
pub fn not_boolean(heap: &Heap, value: Value) -> Box<Fault> {
    match heap.kind(value) {
        Kind::Null => Fault::new(codes::NOT_BOOLEAN, "null is neither true nor false")
            .with_help("compare it: `x == null`, or give it a default with `ifnull(x, false)`"),
        kind => Fault::new(codes::NOT_BOOLEAN, format!("a {} is neither true nor false", kind.name()))
            .with_help("compare it with something: `x == 1`, `x != \"\"`"),
    }
}

/// The fault of a variable that was not written on the way taken.
#[cold]
#[inline(never)]
pub fn no_value(heap: &Heap, name: Value) -> Box<Fault> {
    let name = heap.str(&name).unwrap_or_default();
    Fault::new(codes::NO_VALUE, format!("variable `{name}` got no value on this path"))
        .with_help(format!("give it a value before: `{name} = null;`"))
}

/// The fault that `throw` raises. A map with `message` and `code` is kept.
#[cold]
#[inline(never)]
pub fn thrown(heap: &Heap, zone: &TimeZone, value: Value) -> Box<Fault> {
    let text = |key: &str| {
        heap.map_get_str(value, key)
            .filter(|inner| !inner.is_null())
            .and_then(|inner| crate::value::print::info_text(heap, zone, inner).ok())
    };
    // A caught error thrown again keeps its code and message.
    if let Value::Object(at) = value
        && let Object::Error(error) = heap.get(at)
    {
        let mut fault = Fault::new(codes::THROWN, heap.str(&error.message).unwrap_or_default().to_owned());
        fault.reason = heap.str(&error.code).map(str::to_owned);
        fault.thrown = Some(error.thrown);
        return fault;
    }
    let message = match text("message") {
        Some(message) => message,
        None => match crate::value::print::info_text(heap, zone, value) {
            Ok(text) => text,
            Err(fault) => return fault,
        },
    };
    let mut fault = Fault::new(codes::THROWN, message);
    fault.reason = text("code");
    fault.thrown = Some(value);
    fault
}
