//! A listing of compiled code, for people and for the program's identity. Methods and host calls
//! stand in it by name: their numbers may change from one build to the next.

use super::op::Instr;
use crate::host::HOST_CALLS;
use crate::vm::methods;
use crate::vm::program::{Function, Program};
use std::fmt::Write;

/// All functions of a program, one instruction a line.
pub fn listing(program: &Program) -> String {
    let mut out = String::new();
    for function in program.functions() {
        list_function(&mut out, program, function);
    }
    out
}

fn list_function(out: &mut String, program: &Program, function: &Function) {
    let parameters: Vec<&str> = function.parameters.iter().map(|p| p.name.as_str()).collect();
    // Writing into a String cannot fail.
    let _ = writeln!(out, "{}({}) registers {}", function.name, parameters.join(", "), function.registers);
    for (pc, instr) in function.code.iter().enumerate() {
        let line = function.spans.get(pc).map_or(0, |span| program.line(*span));
        let _ = match instr {
            Instr::Method { argc, method, base, to } => {
                writeln!(out, "{pc:5} {line:5} Method {} {argc} {base} {to}", methods::name_of(*method))
            }
            Instr::Free { argc, method, base, to } => {
                writeln!(out, "{pc:5} {line:5} Free {} {argc} {base} {to}", methods::name_of(*method))
            }
            Instr::Host { argc, call, base, to } => {
                let name = HOST_CALLS.get(usize::from(*call)).map_or("", |call| call.name);
                writeln!(out, "{pc:5} {line:5} Host {name} {argc} {base} {to}")
            }
            other => writeln!(out, "{pc:5} {line:5} {other:?}"),
        };
    }
}
