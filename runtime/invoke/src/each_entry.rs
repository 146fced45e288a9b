//! What becomes of the entries of a list that a service answers with: those that count, as plain maps.

use crate::answer_rules::{LIMITS, Look, PartFault, bad};
use sluis_lang::expression::Expression;
use sluis_lang::value::data::Data;
use sluis_model::answer::{ENTRY_VARIABLE, EXPRESSION_VARIABLES, EachEntry};

/// The rule, compiled once.
#[derive(Debug, Clone)]
pub(crate) struct EachRule {
    when: Option<Expression>,
    value: Vec<(String, Expression)>,
}

impl EachRule {
    pub(crate) fn compile(each: &EachEntry) -> Result<Self, PartFault> {
        let value = each.value.iter().map(|(key, text)| {
            let compiled = compiled(&format!("answer.each.value.{key}"), text)?;
            Ok((key.to_owned(), compiled))
        });
        Ok(Self {
            when: each.when.as_deref().map(|text| compiled("answer.each.when", text)).transpose()?,
            value: value.collect::<Result<_, PartFault>>()?,
        })
    }

    /// The entries that count, in their order. An expression that fails at one of them gives null there, and
    /// an entry of which it cannot be told whether it counts is left out; the first failure is noted.
    pub(crate) fn entries(&self, look: &mut Look<'_>, result: Data) -> Data {
        let items = match result {
            Data::List(items) => items,
            Data::Null => Vec::new(),
            // What an empty element of XML is read as.
            Data::Text(text) if text.trim().is_empty() => Vec::new(),
            single => vec![single],
        };
        let reads = |name: &str| self.expressions().any(|expression| expression.reads(name));
        let around = look.values(&reads);
        let mut first_failure = None;
        let mut evaluate = |part: &dyn Fn() -> String, expression: &Expression, item: &Data| {
            let mut values: Vec<(String, Data)> =
                around.iter().filter(|(name, _)| expression.reads(name)).cloned().collect();
            values.push((ENTRY_VARIABLE.to_owned(), item.clone()));
            expression.evaluate(values, LIMITS).unwrap_or_else(|report| {
                first_failure.get_or_insert_with(|| (part(), report));
                Data::Null
            })
        };
        let mut kept = Vec::new();
        for item in items {
            let counts = self.when.as_ref().is_none_or(|when| {
                evaluate(&|| "answer.each.when".to_owned(), when, &item) == Data::Bool(true)
            });
            if !counts {
                continue;
            }
            if self.value.is_empty() {
                kept.push(item);
                continue;
            }
            let entry = self.value.iter().map(|(key, expression)| {
                let value = evaluate(&|| format!("answer.each.value.{key}"), expression, &item);
                (key.clone(), value)
            });
            kept.push(Data::map(entry.collect::<Vec<_>>()));
        }
        if let Some((part, report)) = first_failure {
            look.failed(&part, &report);
        }
        Data::List(kept)
    }

    fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.when.iter().chain(self.value.iter().map(|(_, expression)| expression))
    }
}

fn compiled(part: &str, text: &str) -> Result<Expression, PartFault> {
    let variables = [EXPRESSION_VARIABLES, &[ENTRY_VARIABLE]].concat();
    Expression::compile(text, &variables).map_err(|found| (part.to_owned(), bad(text, &found)))
}
