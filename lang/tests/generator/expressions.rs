//! Expressions of a wished sort, most of the time; now and then of another.

use super::{NAMES, Writer};
use arbitrary::Result;
use sluis_lang::stdlib::{Builtin, TABLES};
use sluis_lang::value::Kind;

/// What an expression is meant to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    Number,
    Text,
    Boolean,
    List,
    Map,
    Date,
}

/// All of them.
pub const SORTS: &[Sort] = &[Sort::Number, Sort::Text, Sort::Boolean, Sort::List, Sort::Map, Sort::Date];

const NUMBERS: &[&str] = &[
    "0",
    "1",
    "2",
    "7",
    "10",
    "1000",
    "-1",
    "0.10",
    "2.5",
    "99999999999999.99",
    "9223372036854775807",
    "4000000000000000001",
    "0.0000000001",
];

const TEXTS: &[&str] = &[
    "\"\"",
    "\"a\"",
    "\"a,b,,c\"",
    "\" Padded Text \"",
    "\"12\"",
    "\"-3.50\"",
    "\"2024-02-29\"",
    "\"yyyy-MM-dd HH:mm\"",
    "\"🚀é\"",
    "\"a text that is longer than fourteen bytes\"",
    "\"{\\\"k\\\":[1,2.50,null],\\\"t\\\":\\\"x\\\"}\"",
    "\"[1,\\\"two\\\",{}]\"",
    "\"[a-z]+\"",
    "\"(a|b)*\"",
    "\"$1\"",
    "\"line\\nline\"",
    "\"Asia/Kolkata\"",
];

const DATES: &[&str] = &["'15-Jan-2024'", "'29-Feb-2024 23:59:59'", "'2024-03-31'", "'01-Jan-1970 00:00:00'"];

impl Writer<'_, '_> {
    /// A name that has a value, mostly of this sort.
    fn name(&mut self, sort: Sort) -> Result<String> {
        let fits = |(_, of): &&(&str, Sort)| *of == sort;
        let known = &NAMES[..self.names];
        let mut fitting: Vec<&str> = known.iter().filter(fits).map(|(name, _)| *name).collect();
        if fitting.is_empty() || self.below(8)? == 0 {
            fitting = known.iter().map(|(name, _)| *name).collect();
        }
        Ok(if fitting.is_empty() { "1" } else { self.pick(&fitting)? }.to_owned())
    }

    /// Of any sort.
    pub(super) fn any(&mut self, depth: usize) -> Result<String> {
        let sort = self.pick(SORTS)?;
        self.expression(sort, depth)
    }

    /// Of this sort, mostly; `depth` more expressions inside each other.
    pub(super) fn expression(&mut self, sort: Sort, depth: usize) -> Result<String> {
        if depth == 0 || self.bytes.is_empty() {
            return if self.bytes.arbitrary()? { self.name(sort) } else { self.literal(sort) };
        }
        Ok(match self.below(12)? {
            0 | 1 => self.name(sort)?,
            2 if self.below(4)? == 0 => self.any(depth - 1)?,
            2 | 3 => self.call(depth)?,
            4..=6 => self.builtin_that_gives(sort, depth)?,
            7 => self.access(depth)?,
            8..=10 => self.operation(sort, depth)?,
            _ => self.literal(sort)?,
        })
    }

    pub(super) fn literal(&mut self, sort: Sort) -> Result<String> {
        Ok(match sort {
            Sort::Number => self.pick(NUMBERS)?.to_owned(),
            Sort::Text => self.pick(TEXTS)?.to_owned(),
            Sort::Boolean => self.pick(&["true", "false"])?.to_owned(),
            Sort::Date => self.pick(DATES)?.to_owned(),
            Sort::List => match self.below(4)? {
                0 => "{}".to_owned(),
                1 => "List()".to_owned(),
                2 => "{1, 2, 3}".to_owned(),
                _ => format!("{{{}, {}, null}}", self.any(0)?, self.any(0)?),
            },
            Sort::Map => match self.below(3)? {
                0 => "Map()".to_owned(),
                1 => format!("{{\"name\": {}, \"a\": {}}}", self.any(0)?, self.any(0)?),
                _ => format!("{{{}: {}}}", self.expression(Sort::Text, 0)?, self.any(0)?),
            },
        })
    }

    fn operation(&mut self, sort: Sort, depth: usize) -> Result<String> {
        let down = depth - 1;
        let side = |writer: &mut Self, sort| writer.expression(sort, down);
        Ok(match sort {
            Sort::Number => {
                let op = self.pick(&["+", "-", "*", "/", "%"])?;
                format!("({} {op} {})", side(self, Sort::Number)?, side(self, Sort::Number)?)
            }
            Sort::Text => format!("({} + {} + \"|\")", side(self, Sort::Text)?, self.any(down)?),
            Sort::Boolean => match self.below(5)? {
                0 => format!("!({})", side(self, Sort::Boolean)?),
                1 => format!("({} && {})", side(self, Sort::Boolean)?, side(self, Sort::Boolean)?),
                2 => format!("({} || {})", side(self, Sort::Boolean)?, side(self, Sort::Boolean)?),
                3 => {
                    let op = self.pick(&["==", "!="])?;
                    format!("({} {op} {})", self.any(down)?, self.any(down)?)
                }
                _ => {
                    let (op, sort) =
                        (self.pick(&["<", "<=", ">", ">="])?, self.pick(&[Sort::Number, Sort::Date])?);
                    format!("({} {op} {})", side(self, sort)?, side(self, sort)?)
                }
            },
            Sort::List => format!("{{{}, {}}}", self.any(down)?, self.any(down)?),
            Sort::Map => format!("{{\"k\": {}, \"n\": {}}}", self.any(down)?, self.any(down)?),
            Sort::Date => {
                let op = self.pick(&["+", "-"])?;
                format!("({} {op} {})", side(self, Sort::Date)?, side(self, Sort::Number)?)
            }
        })
    }

    fn access(&mut self, depth: usize) -> Result<String> {
        let holder = self.pick(&[Sort::List, Sort::Map, Sort::Map, Sort::Text])?;
        let object = self.name(holder)?;
        Ok(match self.below(4)? {
            0 => format!("{object}.get({})", self.any(depth - 1)?),
            1 => format!("{object}[{}]", self.expression(Sort::Number, depth - 1)?),
            2 => format!("{object}.name"),
            _ => format!("ifnull({object}.get(\"name\"), {})", self.any(depth - 1)?),
        })
    }

    /// A call of a function that is declared; of a built-in if there is none.
    pub(super) fn call(&mut self, depth: usize) -> Result<String> {
        if self.functions.is_empty() {
            let sort = self.pick(SORTS)?;
            return self.builtin_that_gives(sort, depth);
        }
        let number = self.below(self.functions.len())?;
        let arguments: Vec<String> =
            (0..self.functions[number]).map(|_| self.any(depth.saturating_sub(1))).collect::<Result<_>>()?;
        Ok(format!("f{number}({})", arguments.join(", ")))
    }

    /// A question to the outside.
    pub(super) fn host(&mut self) -> Result<String> {
        Ok(match self.below(4)? {
            0 => "zoho.currentdate".to_owned(),
            1 => "zoho.currenttime".to_owned(),
            2 => format!("randomNumber({})", self.expression(Sort::Number, 1)?),
            _ => format!("invokeurl [ url: {} type: GET ]", self.expression(Sort::Text, 1)?),
        })
    }

    fn builtin_that_gives(&mut self, sort: Sort, depth: usize) -> Result<String> {
        let gives = |builtin: &&'static Builtin| match sort {
            Sort::Number => matches!(builtin.returns, "number" | "decimal"),
            Sort::Text => builtin.returns == "text",
            Sort::Boolean => builtin.returns == "boolean",
            Sort::List => builtin.returns == "list",
            Sort::Map => matches!(builtin.returns, "map" | "any" | "nothing"),
            Sort::Date => builtin.returns.starts_with("date"),
        };
        let fitting: Vec<&'static Builtin> = TABLES.iter().copied().flatten().filter(gives).collect();
        let builtin = self.pick(&fitting)?;
        let optional = builtin.params.len() - builtin.required();
        let count = builtin.required() + self.below(optional + 1)?;
        let mut arguments = Vec::new();
        for param in &builtin.params[..count] {
            arguments.push(self.expression(sort_of(param.ty), depth - 1)?);
        }
        if builtin.on.is_empty() {
            return Ok(format!("{}({})", builtin.name, arguments.join(", ")));
        }
        let kind = self.pick(builtin.on)?;
        let receiver = self.expression(sort_of_kind(kind), depth - 1)?;
        if self.bytes.arbitrary()? && self.bytes.arbitrary()? {
            arguments.insert(0, receiver);
            return Ok(format!("{}({})", builtin.name, arguments.join(", ")));
        }
        Ok(format!("({receiver}).{}({})", builtin.name, arguments.join(", ")))
    }
}

fn sort_of(ty: &str) -> Sort {
    match ty {
        "number" | "decimal" => Sort::Number,
        "boolean" => Sort::Boolean,
        "list" => Sort::List,
        "map" => Sort::Map,
        ty if ty.starts_with("date") => Sort::Date,
        _ => Sort::Text,
    }
}

fn sort_of_kind(kind: Kind) -> Sort {
    match kind {
        Kind::Number | Kind::Decimal => Sort::Number,
        Kind::Boolean => Sort::Boolean,
        Kind::Date | Kind::DateTime => Sort::Date,
        Kind::List | Kind::Empty | Kind::Collection => Sort::List,
        Kind::Map | Kind::Error => Sort::Map,
        Kind::Null | Kind::Text | Kind::File => Sort::Text,
    }
}
