//! Follows an [`Expr`] through a document, and counts every node it looks at.

use super::{Arith, Axis, Compare, Expr, Refusal, Start, Step, Test, function};
use roxmltree::{Node, NodeType};
use rust_decimal::Decimal;

/// Nodes that one call may look at; a fraction of a second.
const MOST_STEPS: usize = 1_000_000;
/// Bytes that one text made on the way may have.
const LONGEST_TEXT: usize = 8 << 20;

/// A node, or an attribute of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Item<'a> {
    /// The node, or the element that has the attribute.
    pub node: Node<'a, 'a>,
    /// Position among its attributes.
    pub attribute: Option<usize>,
}

impl Item<'_> {
    /// Where it stands in the document.
    fn order(self) -> (u32, usize) {
        (self.node.id().get(), self.attribute.map_or(0, |at| at + 1))
    }
}

/// What an expression gives.
#[derive(Debug)]
pub(crate) enum Answer<'a> {
    /// Nodes in the order of the document, each once.
    Nodes(Vec<Item<'a>>),
    /// A text.
    Text(String),
    /// A number, or none: XPath's NaN.
    Number(Option<Decimal>),
    /// True or false.
    Bool(bool),
}

type Give<T> = Result<T, Refusal>;

/// Where an expression is evaluated.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub item: Item<'a>,
    pub position: usize,
    pub size: usize,
}

pub(super) struct Walk<'a> {
    root: Node<'a, 'a>,
    pub steps: usize,
}

/// Evaluates a path; `root` is what `/` means. Also the number of nodes looked at.
pub(crate) fn evaluate<'a>(expr: &Expr, root: Node<'a, 'a>) -> (Give<Answer<'a>>, usize) {
    let mut walk = Walk { root, steps: 0 };
    let context = Context { item: Item { node: root, attribute: None }, position: 1, size: 1 };
    let answer = walk.eval(expr, context);
    (answer, walk.steps)
}

impl<'a> Walk<'a> {
    pub(super) fn pay(&mut self, steps: usize) -> Give<()> {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > MOST_STEPS { Err(Refusal::TooLong) } else { Ok(()) }
    }

    pub(super) fn eval(&mut self, expr: &Expr, at: Context<'a>) -> Give<Answer<'a>> {
        self.pay(1)?;
        Ok(match expr {
            Expr::Logic { or, left, right } => {
                let left = self.eval(left, at)?;
                let left = truth(&left);
                Answer::Bool(if left == *or {
                    left
                } else {
                    let right = self.eval(right, at)?;
                    truth(&right)
                })
            }
            Expr::Compare { op, left, right } => {
                let (left, right) = (self.eval(left, at)?, self.eval(right, at)?);
                Answer::Bool(self.compare(*op, &left, &right)?)
            }
            Expr::Arith { op, left, right } => {
                let (left, right) = (self.eval(left, at)?, self.eval(right, at)?);
                let (left, right) = (self.number(&left)?, self.number(&right)?);
                Answer::Number(left.zip(right).and_then(|(a, b)| combine(*op, a, b)))
            }
            Expr::Negative(inner) => {
                let inner = self.eval(inner, at)?;
                Answer::Number(self.number(&inner)?.map(|number| -number))
            }
            Expr::Union(parts) => {
                let mut all = Vec::new();
                for part in parts {
                    match self.eval(part, at)? {
                        Answer::Nodes(nodes) => all.extend(nodes),
                        _ => return Err(Refusal::Meaning("`|` joins paths alone".to_owned())),
                    }
                }
                Answer::Nodes(self.in_order(all)?)
            }
            Expr::Path { from, steps } => Answer::Nodes(self.path(from, steps, at)?),
            Expr::Literal(text) => Answer::Text(text.clone()),
            Expr::Number(number) => Answer::Number(Some(*number)),
            Expr::Call { name, args } => return function::call(self, name, args, at),
        })
    }

    fn path(&mut self, from: &Start, steps: &[Step], at: Context<'a>) -> Give<Vec<Item<'a>>> {
        let mut nodes = match from {
            Start::Root => vec![Item { node: self.root, attribute: None }],
            Start::Here => vec![at.item],
            Start::Value(value, predicates) => {
                let Answer::Nodes(mut nodes) = self.eval(value, at)? else {
                    return Err(Refusal::Meaning("a text or number has no path below it".to_owned()));
                };
                for predicate in predicates {
                    nodes = self.filter(nodes, predicate)?;
                }
                nodes
            }
        };
        for step in steps {
            let mut next = Vec::new();
            for item in nodes {
                let mut found = self.along(step.axis, &step.test, item)?;
                for predicate in &step.predicates {
                    found = self.filter(found, predicate)?;
                }
                next.extend(found);
            }
            nodes = self.in_order(next)?;
        }
        Ok(nodes)
    }

    fn in_order(&mut self, mut nodes: Vec<Item<'a>>) -> Give<Vec<Item<'a>>> {
        self.pay(nodes.len() / 4)?;
        nodes.sort_by_key(|item| item.order());
        nodes.dedup();
        Ok(nodes)
    }

    fn filter(&mut self, nodes: Vec<Item<'a>>, predicate: &Expr) -> Give<Vec<Item<'a>>> {
        let size = nodes.len();
        let mut kept = Vec::new();
        for (before, item) in nodes.into_iter().enumerate() {
            let position = before + 1;
            let answer = self.eval(predicate, Context { item, position, size })?;
            let holds = match answer {
                Answer::Number(number) => number == Some(Decimal::from(position)),
                other => truth(&other),
            };
            if holds {
                kept.push(item);
            }
        }
        Ok(kept)
    }

    /// The nodes along an axis that a test takes, nearest first.
    fn along(&mut self, axis: Axis, test: &Test, item: Item<'a>) -> Give<Vec<Item<'a>>> {
        let node = item.node;
        if axis == Axis::Attribute {
            if item.attribute.is_some() {
                return Ok(vec![]);
            }
            self.pay(node.attributes().len())?;
            let all = (0..node.attributes().len()).map(|at| Item { node, attribute: Some(at) });
            return Ok(all.filter(|item| takes(test, *item, true)).collect());
        }
        if item.attribute.is_some() {
            let up: Vec<Item<'a>> = match axis {
                Axis::Parent => vec![Item { node, attribute: None }],
                Axis::Ancestor | Axis::AncestorOrSelf => {
                    node.ancestors().map(|node| Item { node, attribute: None }).collect()
                }
                Axis::Itself | Axis::DescendantOrSelf => vec![item],
                _ => vec![],
            };
            self.pay(up.len())?;
            return Ok(up.into_iter().filter(|item| takes(test, *item, false)).collect());
        }
        let nodes: &mut dyn Iterator<Item = Node<'a, 'a>> = match axis {
            Axis::Child => &mut node.children(),
            Axis::Descendant => &mut node.descendants().skip(1),
            Axis::DescendantOrSelf => &mut node.descendants(),
            Axis::Itself | Axis::Attribute => &mut std::iter::once(node),
            Axis::Parent => &mut node.parent().into_iter(),
            Axis::Ancestor => &mut node.ancestors().skip(1),
            Axis::AncestorOrSelf => &mut node.ancestors(),
            Axis::FollowingSibling => &mut node.next_siblings().skip(1),
            Axis::PrecedingSibling => &mut node.prev_siblings().skip(1),
            Axis::Following => &mut node
                .ancestors()
                .flat_map(|up| up.next_siblings().skip(1))
                .flat_map(|sibling| sibling.descendants()),
            Axis::Preceding => &mut node
                .ancestors()
                .flat_map(|up| up.prev_siblings().skip(1))
                .flat_map(|sibling| sibling.descendants()),
        };
        let mut found = Vec::new();
        for node in nodes {
            self.pay(1)?;
            let item = Item { node, attribute: None };
            if takes(test, item, false) {
                found.push(item);
            }
        }
        Ok(found)
    }

    /// The text of a node: all text below an element, the value of an attribute.
    pub(super) fn string_of(&mut self, item: Item<'a>) -> Give<String> {
        if let Some(at) = item.attribute {
            let value = item.node.attributes().nth(at).map(|a| a.value()).unwrap_or_default();
            self.pay(1 + value.len() / 16)?;
            return Ok(value.to_owned());
        }
        if !(item.node.is_element() || item.node.is_root()) {
            return Ok(item.node.text().unwrap_or_default().to_owned());
        }
        let mut text = String::new();
        for node in item.node.descendants() {
            self.pay(1)?;
            if node.is_text() {
                let part = node.text().unwrap_or_default();
                self.pay(part.len() / 16)?;
                text.push_str(part);
            }
        }
        self.checked(text)
    }

    /// A text that is not too long.
    pub(super) fn checked(&self, text: String) -> Give<String> {
        if text.len() > LONGEST_TEXT { Err(Refusal::TooLong) } else { Ok(text) }
    }

    pub(super) fn text(&mut self, answer: &Answer<'a>) -> Give<String> {
        match answer {
            Answer::Nodes(nodes) => match nodes.first() {
                Some(item) => self.string_of(*item),
                None => Ok(String::new()),
            },
            Answer::Text(text) => Ok(text.clone()),
            Answer::Number(Some(number)) => Ok(number.normalize().to_string()),
            Answer::Number(None) => Ok("NaN".to_owned()),
            Answer::Bool(yes) => Ok(yes.to_string()),
        }
    }

    pub(super) fn number(&mut self, answer: &Answer<'a>) -> Give<Option<Decimal>> {
        Ok(match answer {
            Answer::Number(number) => *number,
            Answer::Bool(yes) => Some(Decimal::from(u8::from(*yes))),
            Answer::Nodes(_) | Answer::Text(_) => self.text(answer)?.trim().parse().ok(),
        })
    }

    fn compare(&mut self, op: Compare, left: &Answer<'a>, right: &Answer<'a>) -> Give<bool> {
        match (left, right) {
            (Answer::Nodes(_), Answer::Bool(_)) | (Answer::Bool(_), Answer::Nodes(_)) => {
                self.compare_single(op, &Answer::Bool(truth(left)), &Answer::Bool(truth(right)))
            }
            (Answer::Nodes(nodes), other) => {
                for item in nodes {
                    let text = Answer::Text(self.string_of(*item)?);
                    if self.compare(op, &text, other)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            (other, Answer::Nodes(nodes)) => {
                for item in nodes {
                    let text = Answer::Text(self.string_of(*item)?);
                    if self.compare_single(op, other, &text)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            _ => self.compare_single(op, left, right),
        }
    }

    fn compare_single(&mut self, op: Compare, left: &Answer<'a>, right: &Answer<'a>) -> Give<bool> {
        self.pay(1)?;
        if matches!(op, Compare::Eq | Compare::Ne) {
            let equal = match (left, right) {
                (Answer::Bool(_), _) | (_, Answer::Bool(_)) => truth(left) == truth(right),
                (Answer::Number(_), _) | (_, Answer::Number(_)) => {
                    let (a, b) = (self.number(left)?, self.number(right)?);
                    a.is_some() && a == b
                }
                _ => self.text(left)? == self.text(right)?,
            };
            return Ok(equal == (op == Compare::Eq));
        }
        let Some((a, b)) = self.number(left)?.zip(self.number(right)?) else { return Ok(false) };
        Ok(match op {
            Compare::Lt => a < b,
            Compare::Le => a <= b,
            Compare::Gt => a > b,
            _ => a >= b,
        })
    }
}

fn combine(op: Arith, a: Decimal, b: Decimal) -> Option<Decimal> {
    match op {
        Arith::Add => a.checked_add(b),
        Arith::Sub => a.checked_sub(b),
        Arith::Mul => a.checked_mul(b),
        Arith::Div => a.checked_div(b),
        Arith::Mod => a.checked_rem(b),
    }
}

pub(super) fn truth(answer: &Answer<'_>) -> bool {
    match answer {
        Answer::Nodes(nodes) => !nodes.is_empty(),
        Answer::Text(text) => !text.is_empty(),
        Answer::Number(number) => number.is_some_and(|number| !number.is_zero()),
        Answer::Bool(yes) => *yes,
    }
}

/// Whether a test takes a node. `principal` says that attributes, not elements, have names here.
fn takes(test: &Test, item: Item<'_>, principal: bool) -> bool {
    let node = item.node;
    if let Some(at) = item.attribute {
        let Some(attribute) = node.attributes().nth(at) else { return false };
        return match test {
            Test::Node => true,
            Test::Any => principal,
            Test::Name(name) => principal && attribute.name() == name,
            Test::Prefixed(prefix, name) => {
                principal
                    && name.as_ref().is_none_or(|name| attribute.name() == name)
                    && attribute.namespace().is_some()
                    && node.lookup_namespace_uri(Some(prefix)) == attribute.namespace()
            }
            Test::Text | Test::Comment => false,
        };
    }
    match test {
        Test::Node => true,
        Test::Any => node.is_element(),
        Test::Name(name) => node.is_element() && node.tag_name().name() == name,
        Test::Prefixed(prefix, name) => {
            node.is_element()
                && name.as_ref().is_none_or(|name| node.tag_name().name() == name)
                && node.tag_name().namespace().is_some()
                && node.lookup_namespace_uri(Some(prefix)) == node.tag_name().namespace()
        }
        Test::Text => node.is_text(),
        Test::Comment => node.node_type() == NodeType::Comment,
    }
}
