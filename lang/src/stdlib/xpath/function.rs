//! The functions of XPath.

use super::eval::{Answer, Context, Item, Walk, truth};
use super::{Expr, Refusal};
use rust_decimal::{Decimal, RoundingStrategy};

/// Every function and how many arguments it takes.
const FUNCTIONS: &[(&str, usize, usize)] = &[
    ("boolean", 1, 1),
    ("ceiling", 1, 1),
    ("concat", 2, usize::MAX),
    ("contains", 2, 2),
    ("count", 1, 1),
    ("ends-with", 2, 2),
    ("false", 0, 0),
    ("floor", 1, 1),
    ("last", 0, 0),
    ("local-name", 0, 1),
    ("name", 0, 1),
    ("normalize-space", 0, 1),
    ("not", 1, 1),
    ("number", 0, 1),
    ("position", 0, 0),
    ("round", 1, 1),
    ("starts-with", 2, 2),
    ("string", 0, 1),
    ("string-length", 0, 1),
    ("substring", 2, 3),
    ("substring-after", 2, 2),
    ("substring-before", 2, 2),
    ("sum", 1, 1),
    ("translate", 3, 3),
    ("true", 0, 0),
];

type Give<T> = Result<T, Refusal>;

/// Calls a function.
pub(super) fn call<'a>(walk: &mut Walk<'a>, name: &str, args: &[Expr], at: Context<'a>) -> Give<Answer<'a>> {
    let Some((_, fewest, most)) = FUNCTIONS.iter().find(|(known, _, _)| *known == name) else {
        let near = crate::suggest::closest(name, FUNCTIONS.iter().map(|(name, _, _)| *name));
        let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        return Err(Refusal::Meaning(format!("XPath has no function `{name}` here{hint}")));
    };
    if !(*fewest..=*most).contains(&args.len()) {
        return Err(Refusal::Meaning(format!("`{name}` does not take {} arguments", args.len())));
    }
    match name {
        "last" => return Ok(Answer::Number(Some(at.size.into()))),
        "position" => return Ok(Answer::Number(Some(at.position.into()))),
        "true" => return Ok(Answer::Bool(true)),
        "false" => return Ok(Answer::Bool(false)),
        _ => {}
    }
    let mut values = Vec::with_capacity(args.len());
    for arg in args {
        values.push(walk.eval(arg, at)?);
    }
    if values.is_empty() {
        values.push(Answer::Nodes(vec![at.item]));
    }
    match name {
        "boolean" => Ok(Answer::Bool(truth(&values[0]))),
        "not" => Ok(Answer::Bool(!truth(&values[0]))),
        "count" | "sum" | "name" | "local-name" => of_nodes(walk, name, &values[0]),
        "number" | "floor" | "ceiling" | "round" => {
            let number = walk.number(&values[0])?;
            Ok(Answer::Number(number.map(|number| match name {
                "floor" => number.floor(),
                "ceiling" => number.ceil(),
                "round" => number.checked_add(Decimal::new(5, 1)).map_or(number, |sum| sum.floor()),
                _ => number,
            })))
        }
        "substring" => substring(walk, &values),
        _ => {
            let mut texts = Vec::with_capacity(values.len());
            for value in &values {
                let text = walk.text(value)?;
                walk.pay(text.len() / 16)?;
                texts.push(text);
            }
            of_texts(walk, name, texts)
        }
    }
}

fn of_nodes<'a>(walk: &mut Walk<'a>, name: &str, value: &Answer<'a>) -> Give<Answer<'a>> {
    let Answer::Nodes(nodes) = value else {
        return Err(Refusal::Meaning(format!("`{name}` needs a path")));
    };
    Ok(match name {
        "count" => Answer::Number(Some(nodes.len().into())),
        "sum" => {
            let mut sum = Some(Decimal::ZERO);
            for item in nodes {
                let number: Option<Decimal> = walk.string_of(*item)?.trim().parse().ok();
                sum = sum.zip(number).and_then(|(sum, number)| sum.checked_add(number));
            }
            Answer::Number(sum)
        }
        _ => Answer::Text(nodes.first().map(|item| name_of(*item)).unwrap_or_default()),
    })
}

/// The name of an element or attribute without its prefix.
pub(super) fn name_of(item: Item<'_>) -> String {
    match item.attribute {
        Some(at) => item.node.attributes().nth(at).map(|a| a.name()).unwrap_or_default().to_owned(),
        None => item.node.tag_name().name().to_owned(),
    }
}

fn of_texts<'a>(walk: &mut Walk<'a>, name: &str, texts: Vec<String>) -> Give<Answer<'a>> {
    let second = texts.get(1).map(String::as_str).unwrap_or_default();
    let Some(first) = texts.first() else { return Ok(Answer::Text(String::new())) };
    Ok(match name {
        "contains" => Answer::Bool(first.contains(second)),
        "starts-with" => Answer::Bool(first.starts_with(second)),
        "ends-with" => Answer::Bool(first.ends_with(second)),
        "concat" => Answer::Text(walk.checked(texts.concat())?),
        "normalize-space" => Answer::Text(first.split_whitespace().collect::<Vec<_>>().join(" ")),
        "string-length" => Answer::Number(Some(first.chars().count().into())),
        "substring-before" => {
            Answer::Text(first.split_once(second).map(|(before, _)| before.to_owned()).unwrap_or_default())
        }
        "substring-after" => {
            Answer::Text(first.split_once(second).map(|(_, after)| after.to_owned()).unwrap_or_default())
        }
        "translate" => {
            let to: Vec<char> = texts.get(2).map(|to| to.chars().collect()).unwrap_or_default();
            walk.pay(first.len() * second.len().min(64) / 16)?;
            if second.chars().count() > 64 {
                return Err(Refusal::Meaning("`translate` takes at most 64 characters here".to_owned()));
            }
            let turned = first.chars().filter_map(|c| match second.chars().position(|from| from == c) {
                Some(at) => to.get(at).copied(),
                None => Some(c),
            });
            Answer::Text(turned.collect())
        }
        _ => Answer::Text(first.clone()),
    })
}

/// Positions count from 1 and are rounded, as XPath has it.
fn substring<'a>(walk: &mut Walk<'a>, values: &[Answer<'a>]) -> Give<Answer<'a>> {
    let text = walk.text(&values[0])?;
    let round = |n: Decimal| n.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    let start = walk.number(&values[1])?.map(round);
    let length = match values.get(2) {
        Some(length) => walk.number(length)?.map(round),
        None => Some(Decimal::from(text.len() + 1)),
    };
    let Some((start, length)) = start.zip(length) else { return Ok(Answer::Text(String::new())) };
    let end = start.saturating_add(length).max(start);
    let taken = (1u64..).map(Decimal::from).zip(text.chars()).filter(|(at, _)| *at >= start && *at < end);
    Ok(Answer::Text(taken.map(|(_, c)| c).collect()))
}
