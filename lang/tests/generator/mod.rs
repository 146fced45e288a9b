//! Makes well-formed scripts out of bytes: every statement of the grammar, every built-in of the
//! tables, shared and cyclic containers, functions that call themselves.
//!
//! The bytes come from a property test or from a fuzzer, which learns which of them lead where. The
//! scripts are well-formed, not sensible: they fault often, and some never end, so run them with
//! little fuel. What they print is what a test compares.

mod expressions;

use arbitrary::{Result, Unstructured};
use expressions::Sort;
use std::fmt::Write;

/// Statements inside each other.
const DEEPEST: usize = 4;
/// Characters after which no new statement is begun.
const LONGEST: usize = 6_000;
/// Variables and what they mostly hold: few, so that they meet.
const NAMES: &[(&str, Sort)] = &[
    ("n", Sort::Number),
    ("name", Sort::Text),
    ("ok", Sort::Boolean),
    ("rows", Sort::List),
    ("row", Sort::Map),
    ("text", Sort::Text),
    ("total", Sort::Number),
    ("when", Sort::Date),
];

/// A script.
///
/// # Errors
/// Never in practice: running out of bytes gives a short script.
pub fn script(bytes: &mut Unstructured<'_>) -> Result<String> {
    let mut writer =
        Writer { bytes, out: String::new(), indent: 0, loops: 0, names: 0, functions: Vec::new() };
    for number in 0..writer.below(3)? {
        writer.function(number)?;
    }
    writer.begin(0)?;
    // A fault ends a script; behind a guard, the next piece still runs.
    for _ in 0..6 {
        writer.guarded(1)?;
    }
    for (name, _) in NAMES {
        writer.line(&format!("info {name};"));
    }
    if writer.bytes.arbitrary()? {
        let value = writer.any(1)?;
        writer.line(&format!("return {value};"));
    }
    Ok(writer.out)
}

struct Writer<'a, 'b> {
    bytes: &'a mut Unstructured<'b>,
    out: String,
    indent: usize,
    loops: usize,
    /// How many of the names have a value.
    names: usize,
    /// Parameters of each function that is declared so far.
    functions: Vec<usize>,
}

impl Writer<'_, '_> {
    fn below(&mut self, end: usize) -> Result<usize> {
        self.bytes.int_in_range(0..=end - 1)
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> Result<T> {
        self.bytes.choose(of).copied()
    }

    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{:width$}{text}", "", width = 4 * self.indent);
    }

    /// Gives the names from `known` on a value.
    fn begin(&mut self, known: usize) -> Result<()> {
        self.names = known;
        for (name, sort) in &NAMES[known..] {
            let value = self.literal(*sort)?;
            self.line(&format!("{name} = {value};"));
            self.names += 1;
        }
        Ok(())
    }

    fn function(&mut self, number: usize) -> Result<()> {
        let params = self.below(3)?;
        let returns = self.pick(&["", "void ", "int ", "string ", "map ", "list "])?;
        let types: Vec<&str> = (0..params)
            .map(|_| self.pick(&["", "int ", "string ", "map ", "decimal "]))
            .collect::<Result<_>>()?;
        let list: Vec<String> =
            types.iter().zip(NAMES).map(|(ty, (name, _))| format!("{ty}{name}")).collect();
        let returns = if returns.is_empty() { "string " } else { returns };
        self.functions.push(params);
        self.line(&format!("{returns}f{number}({})", list.join(", ")));
        self.line("{");
        self.indent += 1;
        self.begin(params)?;
        self.block(2)?;
        if returns != "void " {
            let value = self.any(1)?;
            self.line(&format!("return {value};"));
        }
        self.indent -= 1;
        self.line("}");
        Ok(())
    }

    fn block(&mut self, depth: usize) -> Result<()> {
        for _ in 0..=self.below(5)? {
            if self.out.len() > LONGEST || self.bytes.is_empty() {
                break;
            }
            self.statement(depth)?;
        }
        Ok(())
    }

    /// `head { … }`
    fn body(&mut self, head: &str, depth: usize) -> Result<()> {
        self.line(head);
        self.line("{");
        self.indent += 1;
        self.block(depth + 1)?;
        self.indent -= 1;
        self.line("}");
        Ok(())
    }

    fn statement(&mut self, depth: usize) -> Result<()> {
        let choice = self.below(if depth >= DEEPEST { 12 } else { 18 })?;
        let (name, sort) = self.pick(NAMES)?;
        match choice {
            0..=3 => {
                let value = self.expression(sort, 2)?;
                self.line(&format!("{name} = {value};"));
            }
            4 => {
                let (op, value) = (self.pick(&["+=", "-=", "*=", "/=", "%="])?, self.expression(sort, 1)?);
                self.line(&format!("{name} {op} {value};"));
            }
            5 => {
                let value = self.any(1)?;
                let key = self.expression(Sort::Text, 0)?;
                let target = self.pick(&["rows", "rows", "row", "row", "text"])?;
                let line = match self.below(5)? {
                    0 => format!("{target}.add({value});"),
                    1 => format!("{target}.put({key}, {value});"),
                    2 => format!("{target}[{}] = {value};", self.expression(Sort::Number, 0)?),
                    3 => format!("{target}.name = {value};"),
                    _ => format!("{target}.get({key}).put({key}, {value});"),
                };
                self.line(&line);
            }
            6 => {
                let value = self.any(2)?;
                self.line(&format!("info {value};"));
            }
            7 => {
                let value = self.call(2)?;
                self.line(&format!("{value};"));
            }
            8 => {
                let value = self.host()?;
                self.line(&format!("{name} = {value};"));
            }
            9 if self.loops > 0 => {
                let word = self.pick(&["break", "continue"])?;
                let condition = self.expression(Sort::Boolean, 1)?;
                self.line(&format!("if({condition}) {{ {word}; }}"));
            }
            10 => {
                let value = self.any(1)?;
                self.line(&format!("if({name} == null) {{ throw {value}; }}"));
            }
            9 | 11 => self.line(&format!("// {name}")),
            12 | 13 => self.conditional(depth)?,
            14 => self.guarded(depth)?,
            _ => self.repeated(depth)?,
        }
        Ok(())
    }

    fn conditional(&mut self, depth: usize) -> Result<()> {
        let condition = self.expression(Sort::Boolean, 2)?;
        self.body(&format!("if({condition})"), depth)?;
        if self.bytes.arbitrary()? {
            let condition = self.expression(Sort::Boolean, 1)?;
            self.body(&format!("else if({condition})"), depth)?;
        }
        if self.bytes.arbitrary()? {
            self.body("else", depth)?;
        }
        Ok(())
    }

    fn guarded(&mut self, depth: usize) -> Result<()> {
        self.body("try", depth)?;
        self.line("catch(problem)");
        self.line("{");
        self.indent += 1;
        self.line("info problem.code + \" \" + problem.lineNo;");
        if depth > 1 {
            self.block(depth + 1)?;
        }
        self.indent -= 1;
        self.line("}");
        Ok(())
    }

    fn repeated(&mut self, depth: usize) -> Result<()> {
        let (name, _) = self.pick(NAMES)?;
        let head = match self.below(4)? {
            0 => format!("for each {name} in {}", self.expression(Sort::List, 1)?),
            1 => format!("for each index {name} in {}", self.expression(Sort::List, 1)?),
            2 => format!("for each {name} in {}", self.any(1)?),
            _ => format!("while({})", self.expression(Sort::Boolean, 1)?),
        };
        self.loops += 1;
        let done = self.body(&head, depth);
        self.loops -= 1;
        done
    }
}
