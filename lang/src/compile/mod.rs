//! From tree to instructions.
//!
//! [`op`] is the instruction set, [`chunk`] the code of a function while it grows, [`function`] its
//! registers and variables, [`stmt`], [`expr`], [`condition`] and [`call`] the translation,
//! [`assigned`] the analysis that tells which reads need a check, [`disasm`] the listing.

pub mod assigned;
pub mod call;
pub mod chunk;
pub mod condition;
pub mod constants;
pub mod disasm;
mod each;
pub mod expr;
pub mod function;
pub mod op;
pub mod stmt;

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::resolve::Functions;
use crate::source::Span;
use crate::syntax::ast;
use crate::vm::program::{Function, Parameter, Program};
use constants::Constants;
use function::FunctionCompiler;

/// What the translation of all functions of a file shares.
pub struct Unit<'a> {
    /// The file.
    pub program: &'a ast::Program,
    /// Variables that the top level is given.
    pub variables: &'a [String],
    /// What calls may mean.
    pub functions: Functions<'a>,
    /// Whether the code counts the statements that it executes.
    pub counted: bool,
    /// Constants of all functions.
    pub constants: Constants,
    /// What could not be translated.
    pub diagnostics: Vec<Diagnostic>,
}

/// Name of the function that holds the top-level statements.
pub const BODY: &str = "main";

/// Translates a checked file. `variables` are those that the top level is given, `stored` the names
/// of functions outside the file.
///
/// # Errors
/// Only what the checker leaves to the compiler: a function too large for the machine, a task or an
/// argument form that this version does not run.
pub fn compile(
    text: &str,
    program: &ast::Program,
    variables: &[String],
    stored: &[String],
) -> Result<Program, Vec<Diagnostic>> {
    compile_unit(text, unit(program, variables, stored, false))
}

/// As [`compile`], into code that counts its statements, for runs under the limits of a platform that
/// does. Such a program is another one: their snapshots do not fit each other.
///
/// # Errors
/// As [`compile`].
pub fn compile_counted(
    text: &str,
    program: &ast::Program,
    variables: &[String],
    stored: &[String],
) -> Result<Program, Vec<Diagnostic>> {
    compile_unit(text, unit(program, variables, stored, true))
}

fn unit<'a>(
    program: &'a ast::Program,
    variables: &'a [String],
    stored: &'a [String],
    counted: bool,
) -> Unit<'a> {
    Unit {
        program,
        variables,
        functions: Functions::new(program, stored),
        counted,
        constants: Constants::default(),
        diagnostics: Vec::new(),
    }
}

fn compile_unit(text: &str, mut unit: Unit<'_>) -> Result<Program, Vec<Diagnostic>> {
    let program = unit.program;
    if program.functions.len() >= usize::from(u16::MAX) {
        return Err(vec![too_large(Span::default(), "the file has too many functions")]);
    }
    let mut functions: Vec<Function> =
        program.functions.iter().map(|function| compile_function(&mut unit, function)).collect();
    functions.push(compile_body(&mut unit));
    if unit.diagnostics.iter().any(Diagnostic::is_error) {
        return Err(unit.diagnostics);
    }
    Ok(Program::new(text, functions, unit.constants.items, !program.body.is_empty()))
}

fn compile_function(unit: &mut Unit<'_>, function: &ast::Function) -> Function {
    let parameters: Vec<Parameter> = function
        .params
        .iter()
        .map(|param| Parameter {
            name: param.name.text.clone(),
            ty: param.ty.as_ref().map(|ty| ty.text.clone()),
        })
        .collect();
    let mut compiled = translate(unit, parameters, &function.body, function.span);
    compiled.name = function.full_name();
    compiled.returns = function.returns.as_ref().map(|ty| ty.text.clone());
    compiled
}

fn compile_body(unit: &mut Unit<'_>) -> Function {
    let parameters = unit.variables.iter().map(|name| Parameter { name: name.clone(), ty: None }).collect();
    let body: &[ast::Stmt] = &unit.program.body;
    let span = body.iter().map(|stmt| stmt.span).reduce(Span::to).unwrap_or_default();
    let mut compiled = translate(unit, parameters, body, span);
    compiled.name = BODY.to_owned();
    compiled
}

/// Translates a body, with short jumps if they reach, and with the constants of its loops in registers.
fn translate(unit: &mut Unit<'_>, parameters: Vec<Parameter>, body: &[ast::Stmt], span: Span) -> Function {
    let known = unit.diagnostics.len();
    let mut compiler = FunctionCompiler::new(unit, &parameters, body, false, Vec::new());
    compiler.body(body, span);
    let (wanted, too_far) = (compiler.wanted(), compiler.chunk.too_far);
    if too_far || !wanted.is_empty() {
        unit.diagnostics.truncate(known);
        compiler = FunctionCompiler::new(unit, &parameters, body, too_far, wanted.clone());
        compiler.body(body, span);
    }
    // Constants in registers may push a jump over the edge.
    if compiler.chunk.too_far {
        unit.diagnostics.truncate(known);
        compiler = FunctionCompiler::new(unit, &parameters, body, true, wanted);
        compiler.body(body, span);
    }
    let registers = compiler.registers();
    let locals = compiler.locals.names();
    let chunk = compiler.chunk;
    if registers > usize::from(u16::MAX) {
        unit.diagnostics.push(too_large(span, "this function needs more variables than the machine has"));
    }
    Function {
        name: String::new(),
        parameters,
        returns: None,
        registers: registers.min(usize::from(u16::MAX)) as u16,
        locals,
        code: chunk.code,
        spans: chunk.spans,
        notes: chunk.notes,
        span,
    }
}

fn too_large(span: Span, message: &str) -> Diagnostic {
    Diagnostic::error(codes::TOO_DEEP, span, message).help("split it into several functions")
}
