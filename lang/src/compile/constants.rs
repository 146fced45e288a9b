//! The constants of a program: each text and number once.

use rust_decimal::Decimal;

/// One constant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Constant {
    /// Whole number.
    Int(i64),
    /// Mantissa and scale of a decimal; `1.0` and `1.00` are two constants.
    Decimal(i128, u32),
    /// Text.
    Text(String),
    /// Text in single quotes that is compared with another such text: a date where it can be one.
    Date(String),
}

/// The constants collected so far.
#[derive(Debug, Default)]
pub struct Constants {
    /// The constants by position.
    pub items: Vec<Constant>,
    positions: HashMap<Constant, u32>,
    /// Positions of the texts, which can be looked for without a copy.
    texts: HashMap<String, u32>,
}

/// A seeded hash, and a fast one: every name and text of a script is looked for.
type HashMap<K, V> = std::collections::HashMap<K, V, foldhash::fast::RandomState>;

impl Constants {
    /// Position of a constant, added if new.
    pub fn add(&mut self, constant: Constant) -> u32 {
        if let Constant::Text(text) = &constant {
            return self.text(text);
        }
        if let Some(at) = self.positions.get(&constant) {
            return *at;
        }
        let at = self.items.len() as u32;
        self.items.push(constant.clone());
        self.positions.insert(constant, at);
        at
    }

    /// Position of a text.
    pub fn text(&mut self, text: &str) -> u32 {
        if let Some(at) = self.texts.get(text) {
            return *at;
        }
        let at = self.items.len() as u32;
        self.items.push(Constant::Text(text.to_owned()));
        self.texts.insert(text.to_owned(), at);
        at
    }

    /// Position of a decimal.
    pub fn decimal(&mut self, decimal: Decimal) -> u32 {
        self.add(Constant::Decimal(decimal.mantissa(), decimal.scale()))
    }
}
