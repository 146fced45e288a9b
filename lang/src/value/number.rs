//! Numbers as operators see them: whole or decimal, read from numbers or from numeric text; and how
//! a decimal is written into a snapshot.

use super::Value;
use super::heap::Heap;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A number, whole as long as it can be.
#[derive(Debug, Clone, Copy)]
pub enum Number {
    /// 64 bits.
    Int(i64),
    /// 28 digits.
    Dec(Decimal),
}

impl Number {
    /// As a decimal.
    pub fn decimal(self) -> Decimal {
        match self {
            Number::Int(n) => Decimal::from(n),
            Number::Dec(d) => d,
        }
    }

    /// As a value.
    pub fn value(self, heap: &mut Heap) -> Value {
        match self {
            Number::Int(n) => Value::Int(n),
            Number::Dec(d) => heap.decimal(d),
        }
    }
}

/// The number in a number value; text is no number here.
pub fn of_number(heap: &Heap, value: Value) -> Option<Number> {
    match value {
        Value::Int(n) => Some(Number::Int(n)),
        _ => heap.as_decimal(value).map(Number::Dec),
    }
}

/// The number in a number or in a numeric text.
pub fn of_number_or_text(heap: &Heap, value: Value) -> Option<Number> {
    of_number(heap, value).or_else(|| heap.str(&value).and_then(parse))
}

/// Reads digits with an optional sign and point; blanks around them do not matter, and nothing
/// else may stand there.
pub fn parse(text: &str) -> Option<Number> {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let unsigned = text.strip_prefix('+').unwrap_or(text);
    match unsigned.parse::<i64>() {
        Ok(n) => Some(Number::Int(n)),
        Err(_) => unsigned.parse::<Decimal>().ok().map(Number::Dec),
    }
}

/// A decimal that serialises as its mantissa and scale, which every serde format can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredDecimal(pub Decimal);

impl Serialize for StoredDecimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.0.mantissa(), self.0.scale()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for StoredDecimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (mantissa, scale) = <(i128, u32)>::deserialize(deserializer)?;
        Decimal::try_from_i128_with_scale(mantissa, scale).map(Self).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_digits_are_a_number() {
        assert!(matches!(parse(" 12 "), Some(Number::Int(12))));
        assert!(matches!(parse("-0.50"), Some(Number::Dec(d)) if d == Decimal::new(-50, 2)));
        assert!(matches!(parse("92233720368547758070"), Some(Number::Dec(_))));
        for text in ["", "-", "1e5", "0x1", "1 2", "1_000", "--1", "+-1"] {
            assert!(parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_stored_decimal_keeps_its_scale() {
        let stored = StoredDecimal("12345678901234567890.1200".parse().unwrap());
        let bytes = postcard::to_stdvec(&stored).unwrap();
        let back: StoredDecimal = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(back.0.to_string(), "12345678901234567890.1200");
    }
}
