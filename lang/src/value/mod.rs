//! Values while a script runs.
//!
//! A [`Value`] is 16 bytes and `Copy`: small things stand inside it, everything else is a handle
//! into the run's [`Heap`](heap::Heap). So a register move is a plain copy, lists and maps are
//! shared by reference as script authors expect, cycles are harmless, and a stopped machine is
//! already data: its heap serialises as it stands, sharing included.

pub mod arith;
pub mod compare;
pub mod convert;
pub mod data;
pub mod date;
pub mod fault;
pub mod file;
pub mod heap;
pub mod json;
pub mod map;
pub mod number;
pub mod print;
pub mod text;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Longest text, in bytes, that stands inside a [`Value`].
pub const SHORT_TEXT: usize = 14;

/// One value of the language.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub enum Value {
    /// A register that was never written. Scripts never see it.
    Unset,
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// Whole number, 64 bits.
    Int(i64),
    /// Decimal whose digits fit 64 bits: `mantissa / 10^scale`.
    Dec {
        /// Digits after the point, at most 28.
        scale: u8,
        /// All digits.
        mantissa: i64,
    },
    /// Any other decimal: handle into the heap.
    BigDec(u32),
    /// Days since 1970-01-01.
    Date(i32),
    /// Milliseconds since 1970-01-01T00:00:00 UTC.
    DateTime(i64),
    /// Text of at most [`SHORT_TEXT`] bytes, UTF-8.
    Short {
        /// Bytes used.
        len: u8,
        /// The bytes; unused ones are zero.
        bytes: [u8; SHORT_TEXT],
    },
    /// Longer text: the first `len` bytes of a heap buffer. Buffers only grow at their end, so an
    /// append to the newest view of a buffer costs nothing but the new bytes.
    Text {
        /// Handle.
        buffer: u32,
        /// Bytes of the buffer that belong to this value.
        len: u32,
    },
    /// List, map or other shared thing: handle into the heap.
    Object(u32),
}

const _: () = assert!(std::mem::size_of::<Value>() == 16, "a value is 16 bytes");

impl Value {
    /// A short text, if it fits.
    #[inline]
    pub fn short(text: &str) -> Option<Value> {
        Self::short_bytes(text.as_bytes())
    }

    /// A short text of bytes that are known to be UTF-8, if it fits.
    #[inline]
    pub(crate) fn short_bytes(text: &[u8]) -> Option<Value> {
        let mut bytes = [0; SHORT_TEXT];
        bytes.get_mut(..text.len())?.copy_from_slice(text);
        Some(Value::Short { len: text.len() as u8, bytes })
    }

    /// A decimal without a handle, if its digits fit 64 bits.
    pub fn small_decimal(decimal: Decimal) -> Option<Value> {
        let mantissa = i64::try_from(decimal.mantissa()).ok()?;
        Some(Value::Dec { scale: decimal.scale() as u8, mantissa })
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        matches!(self, Value::Null)
    }
}

/// What kind of value it is, as authors name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// null
    Null,
    /// true or false
    Boolean,
    /// whole number
    Number,
    /// decimal number
    Decimal,
    /// text
    Text,
    /// date without time
    Date,
    /// date with time
    DateTime,
    /// `{}` that is neither list nor map yet
    Empty,
    /// list
    List,
    /// map
    Map,
    /// what `catch (e)` gives
    Error,
    /// values in a row, or values under keys, never both
    Collection,
    /// bytes with a name and a type
    File,
}

impl Kind {
    /// All of them, null first, in the order of their numbers.
    pub const ALL: &'static [Kind] = &[
        Kind::Null,
        Kind::Boolean,
        Kind::Number,
        Kind::Decimal,
        Kind::Text,
        Kind::Date,
        Kind::DateTime,
        Kind::Empty,
        Kind::List,
        Kind::Map,
        Kind::Error,
        Kind::Collection,
        Kind::File,
    ];

    /// The word for it in messages.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Null => "null",
            Kind::Boolean => "boolean",
            Kind::Number => "number",
            Kind::Decimal => "decimal",
            Kind::Text => "text",
            Kind::Date => "date",
            Kind::DateTime => "date-time",
            Kind::Empty => "empty {}",
            Kind::List => "list",
            Kind::Map => "map",
            Kind::Error => "error",
            Kind::Collection => "collection",
            Kind::File => "file",
        }
    }
}
