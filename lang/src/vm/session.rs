//! What stays between programs that run one after the other at a prompt: the variables of the top
//! level, with everything they share.
//!
//! Each input is a program of its own; it is given the variables of the ones before as those of
//! its top level, over the same heap, so that two names for one list stay two names for one list.

use super::frame::Frame;
use super::program::Program;
use super::{Limits, Settings, State, Vm, load};
use crate::value::data::{self, Data};
use crate::value::heap::{Heap, HeapLimits};
use crate::value::{Kind, Value};
use std::sync::Arc;

/// Variables and the memory they live in.
#[derive(Debug)]
pub struct Session {
    heap: Heap,
    variables: Vec<(String, Value)>,
}

impl Default for Session {
    /// Nothing yet.
    fn default() -> Self {
        let limits = Limits::default();
        Self {
            heap: Heap::new(HeapLimits { memory: limits.memory, text: limits.text }),
            variables: Vec::new(),
        }
    }
}

impl Session {
    /// Names of the variables: what the next program is to be compiled with.
    pub fn names(&self) -> Vec<String> {
        self.variables.iter().map(|(name, _)| name.clone()).collect()
    }

    /// The variables with what they hold, in the order of their first appearance. One that cannot
    /// leave the run (it contains itself) is left out.
    pub fn variables(&self) -> Vec<(String, Data)> {
        let export =
            |(name, value): &(String, Value)| Some((name.clone(), data::export(&self.heap, *value).ok()?));
        self.variables.iter().filter_map(export).collect()
    }

    /// What kind of value a variable holds, if there is one of this name.
    pub fn kind(&self, name: &str) -> Option<Kind> {
        self.variables.iter().find(|(known, _)| known == name).map(|(_, value)| self.heap.kind(*value))
    }
}

impl Vm {
    /// Makes a run of the top level ready that goes on with a session. The program must have been
    /// compiled with the session's [`names`](Session::names) as the variables of its top level;
    /// one that the session does not hold has no value.
    pub fn in_session(program: Arc<Program>, session: Session, limits: Limits, settings: Settings) -> Self {
        let Session { mut heap, variables } = session;
        heap.set_limits(HeapLimits { memory: limits.memory, text: limits.text });
        heap.set_platform(limits.profile.platform());
        let constants: Vec<Value> =
            program.constants.iter().map(|constant| load(&mut heap, constant, &settings)).collect();
        let hints = vec![0; constants.len()];
        let function = program.declared().len();
        let top = &program.functions()[function];
        let mut stack = vec![Value::Unset; usize::from(top.registers)];
        for (register, parameter) in stack.iter_mut().zip(&top.parameters) {
            let kept = variables.iter().find(|(name, _)| *name == parameter.name);
            *register = kept.map_or(Value::Unset, |(_, value)| *value);
        }
        let frames = vec![Frame { function: function as u32, pc: 0, base: 0, to: 0 }];
        Self {
            program,
            heap,
            constants,
            hints,
            stack,
            frames,
            guards: Vec::new(),
            state: State::Ready,
            used: 0,
            limits,
            settings,
        }
    }

    /// Ends the run, wherever it stands, and keeps the variables of its top level as they are now:
    /// what was assigned before a fault stays.
    pub fn into_session(self) -> Session {
        // The top level is the outermost frame of a session's run, so its registers come first.
        let top = &self.program.functions()[self.program.declared().len()];
        let named = top.locals.iter().cloned().zip(self.stack);
        let variables = named.filter(|(_, value)| !matches!(value, Value::Unset)).collect();
        Session { heap: self.heap, variables }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::compile;
    use crate::syntax::parse;
    use crate::vm::Step;

    /// Runs a text to its end and answers the lines of `info`; a fault is a line as well.
    fn run(text: &str, session: Session) -> (Vec<String>, Session) {
        let (tree, diagnostics) = parse(text);
        assert_eq!(diagnostics, [], "{text}");
        let program = Arc::new(compile(text, &tree, &session.names(), &[]).unwrap());
        let mut vm = Vm::in_session(program, session, Limits::local(), Settings::default());
        let mut lines = Vec::new();
        loop {
            match vm.step(1_000) {
                Step::Host(call) => {
                    lines.extend(call.text);
                    vm.resume(Ok(Data::Null));
                }
                Step::Fault(report) => {
                    lines.push(report.code.to_string());
                    break;
                }
                Step::Done(_) => break,
                Step::OutOfFuel => {}
            }
        }
        (lines, vm.into_session())
    }

    #[test]
    fn variables_stay_between_programs() {
        let (_, session) =
            run("x = 1; name = \"a text that is longer than a register\";", Session::default());
        let (lines, session) = run("info x + 1; info name; y = x;", session);
        assert_eq!(lines, ["2", "a text that is longer than a register"]);
        assert_eq!(session.names(), ["x", "name", "y"]);
        assert_eq!(session.kind("y"), Some(Kind::Number));
        assert_eq!(session.kind("z"), None);
    }

    #[test]
    fn two_names_for_one_list_stay_two_names_for_one_list() {
        let (_, session) = run("a = {1, 2}; b = a;", Session::default());
        let (_, session) = run("m = {\"list\": b};", session);
        let (_, session) = run("a[0] = 9;", session);
        let (lines, _) = run("info b; info m;", session);
        assert_eq!(lines, ["9,2", "{\"list\":[9,2]}"]);
    }

    #[test]
    fn what_was_assigned_before_a_fault_stays() {
        let (lines, session) = run("x = 5; y = 1 / 0;", Session::default());
        assert_eq!(lines, ["E0408"]);
        assert_eq!(session.variables(), [("x".to_owned(), Data::Int(5))]);
    }

    #[test]
    fn a_fault_inside_a_function_leaves_the_variables_of_the_top_level() {
        let text = "int broken(int n) { own = n; return own / 0; } x = 1; x = broken(2);";
        let (lines, session) = run(text, Session::default());
        assert_eq!(lines, ["E0408"]);
        assert_eq!(session.variables(), [("x".to_owned(), Data::Int(1))]);
    }

    #[test]
    fn memory_that_no_variable_holds_is_given_back_over_many_programs() {
        let mut session = run("x = 0;", Session::default()).1;
        let mut limits = Limits::local();
        limits.memory = 4 << 20;
        for _ in 0..40 {
            let text = "x = x + 1; t = \"abcdefgh\"; i = 0; while(i < 15) { t = t + t; i = i + 1; }";
            let (tree, _) = parse(text);
            let program = Arc::new(compile(text, &tree, &session.names(), &[]).unwrap());
            let mut vm = Vm::in_session(program, session, limits, Settings::default());
            let end = loop {
                match vm.step(100_000) {
                    Step::OutOfFuel => {}
                    end => break end,
                }
            };
            assert!(matches!(end, Step::Done(_)), "{end:?}");
            session = vm.into_session();
        }
        assert!(session.variables().contains(&("x".to_owned(), Data::Int(40))));
    }
}
