//! The loop that runs instructions.
//!
//! Common operands are handled in place, everything else in [`ops`](super::ops). Fuel and memory are
//! looked at where a loop turns, where a function is called, and memory also before anything that
//! allocates. No call of a script is a call in Rust.

use super::answers::{Answers, Arguments};
use super::frame::{Frame, Guard};
use super::ops::{Bench, HOT, mul, no_value, not_boolean, rem, sub, thrown};
use super::{State, Vm, live_top};
use crate::codes;
use crate::compile::op::Instr;
use crate::host::HOST_CALLS;
use crate::value::Value;
use crate::value::data::{self, Data};
use crate::value::fault::Fault;
use crate::value::heap::Object;

/// Why the loop stopped.
pub(super) enum Exit {
    /// The outermost function returned; its answer is in the state.
    Done,
    /// The slice is used up.
    OutOfFuel,
    /// A host call waits, before the present position.
    Host,
}

impl Vm {
    /// Runs until something stops it. A fault leaves the position of its instruction plus one in
    /// the innermost frame.
    #[allow(clippy::too_many_lines, reason = "one arm per instruction; the arms are short")]
    pub(super) fn execute(&mut self, fuel: &mut i64, answers: &mut dyn Answers) -> Result<Exit, Box<Fault>> {
        let Vm { program, heap, constants, hints, stack, frames, guards, limits, settings, state, .. } = self;
        let functions = program.functions();
        let zone = &settings.zone;
        let constants: &[Value] = constants;
        let mut left = *fuel;

        let Some(frame) = frames.last() else {
            *state = State::Done(Value::Null);
            return Ok(Exit::Done);
        };
        let mut function = &functions[frame.function as usize];
        let mut code: &[Instr] = &function.code;
        let mut pc = frame.pc as usize;
        let mut base = frame.base as usize;
        let mut regs: &mut [Value] = &mut stack[base..base + usize::from(function.registers)];

        macro_rules! r {
            ($reg:expr) => {
                regs[usize::from($reg)]
            };
        }
        // By tag and payload, as it was written: a value just written so is slow to read back as 16
        // bytes.
        macro_rules! copied {
            ($reg:expr) => {
                match r!($reg) {
                    Value::Int(n) => Value::Int(n),
                    Value::Text { buffer, len } => Value::Text { buffer, len },
                    Value::Object(at) => Value::Object(at),
                    other => other,
                }
            };
        }
        macro_rules! set {
            ($to:expr, $result:expr) => {
                match $result {
                    Ok(Value::Int(n)) => r!($to) = Value::Int(n),
                    Ok(Value::Text { buffer, len }) => r!($to) = Value::Text { buffer, len },
                    Ok(Value::Object(at)) => r!($to) = Value::Object(at),
                    Ok(other) => r!($to) = other,
                    Err(fault) => leave!(Err(fault)),
                }
            };
        }
        macro_rules! leave {
            ($result:expr) => {{
                if let Some(frame) = frames.last_mut() {
                    frame.pc = pc as u32;
                }
                *fuel = left;
                return $result;
            }};
        }
        macro_rules! attempt {
            ($result:expr) => {
                match $result {
                    Ok(value) => value,
                    Err(fault) => leave!(Err(fault)),
                }
            };
        }
        macro_rules! bench {
            () => {
                Bench { heap: &mut *heap, zone, fuel: &mut left }
            };
        }
        macro_rules! collect_if_wanted {
            () => {
                collect_if_wanted!(0)
            };
            ($ahead:expr) => {
                if heap.wants_collection() {
                    let top = live_top(program, frames);
                    let roots = stack[..top].iter().chain(constants).copied();
                    if let Err(fault) = heap.collect(roots) {
                        // The end of a run: the position only says where it was.
                        pc += $ahead;
                        leave!(Err(fault));
                    }
                    regs = &mut stack[base..base + usize::from(function.registers)];
                }
            };
        }
        // After a jump: what goes wrong here belongs to the instruction that comes next.
        macro_rules! safe_point {
            () => {
                collect_if_wanted!(1);
                if left < 0 {
                    leave!(Ok(Exit::OutOfFuel));
                }
            };
        }
        // Operands are looked at in place, for the same reason.
        macro_rules! arithmetic {
            ($to:expr, $a:expr, $b:expr, $checked:ident, $slow:expr) => {{
                if let (&Value::Int(x), &Value::Int(y)) = (&$a, &$b)
                    && let Some(n) = x.$checked(y)
                {
                    r!($to) = Value::Int(n);
                } else {
                    collect_if_wanted!();
                    let (a, b) = ($a, $b);
                    set!($to, $slow(bench!(), a, b));
                }
            }};
        }
        macro_rules! equal {
            ($a:expr, $b:expr) => {
                match (&$a, &$b) {
                    (&Value::Int(x), &Value::Int(y)) => x == y,
                    (&Value::Bool(x), &Value::Bool(y)) => x == y,
                    (Value::Short { len: m, bytes: x }, Value::Short { len: n, bytes: y }) => {
                        m == n && x == y
                    }
                    (&a, &b) => attempt!(bench!().equal(a, b)),
                }
            };
        }
        macro_rules! less {
            ($a:expr, $b:expr, $or_equal:expr, $op:tt) => {
                match (&$a, &$b) {
                    (&Value::Int(x), &Value::Int(y)) => x $op y,
                    (&a, &b) => attempt!(bench!().less(a, b, $or_equal)),
                }
            };
        }
        macro_rules! answer {
            ($to:expr, $yes:expr) => {{
                let yes = $yes;
                r!($to) = Value::Bool(yes);
            }};
        }
        macro_rules! jump_if {
            ($yes:expr, $by:expr) => {
                if $yes {
                    pc = pc.wrapping_add_signed(isize::from($by));
                }
            };
        }
        macro_rules! go_if {
            ($yes:expr, $to:expr) => {
                if $yes {
                    pc = $to as usize;
                }
            };
        }
        macro_rules! turn_back_if {
            ($yes:expr, $back:expr) => {
                if $yes {
                    pc -= $back as usize;
                    left -= i64::from($back);
                    safe_point!();
                }
            };
        }
        macro_rules! int {
            ($n:expr) => {
                Value::Int(i64::from($n))
            };
        }
        macro_rules! condition {
            ($reg:expr) => {
                match &r!($reg) {
                    &Value::Bool(yes) => yes,
                    &other => leave!(Err(not_boolean(heap, other))),
                }
            };
        }

        let mut stands = true;
        loop {
            if cfg!(debug_assertions) && settings.stress_interruption && left >= 0 {
                if !stands {
                    leave!(Ok(Exit::OutOfFuel));
                }
                stands = false;
            }
            let instr = code[pc];
            pc += 1;
            match instr {
                Instr::Move { to, from } => r!(to) = copied!(from),
                Instr::Const { to, k } => r!(to) = constants[k as usize],
                Instr::Int { to, n } => r!(to) = int!(n),
                Instr::Null { to } => r!(to) = Value::Null,
                Instr::Bool { to, value } => r!(to) = Value::Bool(value),
                Instr::Empty { to } => {
                    collect_if_wanted!();
                    r!(to) = heap.object(Object::Empty);
                }
                Instr::CheckSet { reg, name } => {
                    if matches!(r!(reg), Value::Unset) {
                        leave!(Err(no_value(heap, constants[name as usize])));
                    }
                }
                Instr::NoValue { name } => leave!(Err(no_value(heap, constants[name as usize]))),

                Instr::Add { to, a, b } => {
                    arithmetic!(to, r!(a), r!(b), checked_add, |mut bench: Bench<'_>, a, b| bench.add(a, b))
                }
                Instr::AddI { to, a, n } => {
                    arithmetic!(to, r!(a), int!(n), checked_add, |mut bench: Bench<'_>, a, b| bench.add(a, b))
                }
                Instr::Sub { to, a, b } => arithmetic!(to, r!(a), r!(b), checked_sub, sub),
                Instr::SubI { to, a, n } => arithmetic!(to, r!(a), int!(n), checked_sub, sub),
                Instr::Mul { to, a, b } => arithmetic!(to, r!(a), r!(b), checked_mul, mul),
                Instr::MulI { to, a, n } => arithmetic!(to, r!(a), int!(n), checked_mul, mul),
                Instr::Rem { to, a, b } => arithmetic!(to, r!(a), r!(b), checked_rem, rem),
                Instr::RemI { to, a, n } => arithmetic!(to, r!(a), int!(n), checked_rem, rem),
                Instr::Div { to, a, b } => {
                    collect_if_wanted!();
                    set!(to, crate::value::arith::div(heap, r!(a), r!(b)));
                }
                Instr::Concat { to, first, count } => {
                    collect_if_wanted!();
                    attempt!(bench!().concat(regs, first, count, to));
                }
                Instr::Not { to, a } => answer!(to, !condition!(a)),
                Instr::Neg { to, a } => r!(to) = attempt!(crate::value::arith::negate(heap, r!(a))),
                Instr::Plus { to, a } => r!(to) = attempt!(crate::value::arith::plus(heap, r!(a))),

                Instr::Eq { to, a, b } => answer!(to, equal!(r!(a), r!(b))),
                Instr::Ne { to, a, b } => answer!(to, !equal!(r!(a), r!(b))),
                Instr::Lt { to, a, b } => answer!(to, less!(r!(a), r!(b), false, <)),
                Instr::Le { to, a, b } => answer!(to, less!(r!(a), r!(b), true, <=)),
                Instr::In { to, a, b } => answer!(to, attempt!(bench!().is_in(r!(a), r!(b)))),
                Instr::Like { to, a, b } => answer!(to, attempt!(bench!().like(r!(a), r!(b)))),
                Instr::IsNull { to, a } => r!(to) = Value::Bool(r!(a).is_null()),

                Instr::Jump { to } => pc = to as usize,
                Instr::JumpIf { cond, to } => go_if!(condition!(cond), to),
                Instr::JumpIfNot { cond, to } => go_if!(!condition!(cond), to),
                Instr::JumpNull { reg, to } => go_if!(r!(reg).is_null(), to),
                Instr::JumpNotNull { reg, to } => go_if!(!r!(reg).is_null(), to),
                Instr::CheckBool { reg } => {
                    condition!(reg);
                }
                Instr::JumpEq { a, b, by } => jump_if!(equal!(r!(a), r!(b)), by),
                Instr::JumpNe { a, b, by } => jump_if!(!equal!(r!(a), r!(b)), by),
                Instr::JumpLt { a, b, by } => jump_if!(less!(r!(a), r!(b), false, <), by),
                Instr::JumpNotLt { a, b, by } => jump_if!(!less!(r!(a), r!(b), false, <), by),
                Instr::JumpLe { a, b, by } => jump_if!(less!(r!(a), r!(b), true, <=), by),
                Instr::JumpNotLe { a, b, by } => jump_if!(!less!(r!(a), r!(b), true, <=), by),
                Instr::JumpEqI { a, n, by } => jump_if!(equal!(r!(a), int!(n)), by),
                Instr::JumpNeI { a, n, by } => jump_if!(!equal!(r!(a), int!(n)), by),
                Instr::JumpLtI { a, n, by } => jump_if!(less!(r!(a), int!(n), false, <), by),
                Instr::JumpNotLtI { a, n, by } => jump_if!(!less!(r!(a), int!(n), false, <), by),
                Instr::JumpLeI { a, n, by } => jump_if!(less!(r!(a), int!(n), true, <=), by),
                Instr::JumpNotLeI { a, n, by } => jump_if!(!less!(r!(a), int!(n), true, <=), by),
                Instr::JumpGtI { a, n, by } => jump_if!(less!(int!(n), r!(a), false, <), by),
                Instr::JumpNotGtI { a, n, by } => jump_if!(!less!(int!(n), r!(a), false, <), by),
                Instr::JumpGeI { a, n, by } => jump_if!(less!(int!(n), r!(a), true, <=), by),
                Instr::JumpNotGeI { a, n, by } => jump_if!(!less!(int!(n), r!(a), true, <=), by),

                Instr::Loop { to, cost } => {
                    pc = to as usize;
                    left -= i64::from(cost);
                    safe_point!();
                }
                Instr::LoopLt { a, b, back } => turn_back_if!(less!(r!(a), r!(b), false, <), back),
                Instr::LoopLe { a, b, back } => turn_back_if!(less!(r!(a), r!(b), true, <=), back),
                Instr::Each { at, over } => {
                    collect_if_wanted!();
                    let list = attempt!(bench!().each(r!(over)));
                    let len = heap.as_list(list).map_or(0, <[Value]>::len);
                    r!(at) = list;
                    r!(at + 1) = Value::Int(0);
                    r!(at + 2) = Value::Int(len as i64);
                }
                Instr::EachNext { at, var } => {
                    let next = match (&r!(at + 1), &r!(at + 2)) {
                        (&Value::Int(n), &Value::Int(end)) if n < end => {
                            heap.as_list(r!(at)).and_then(|items| items.get(n as usize)).map(|v| (n, v))
                        }
                        _ => None,
                    };
                    pc += 1;
                    if let Some((n, value)) = next
                        && let Instr::Loop { to, cost } = code[pc - 1]
                    {
                        r!(var) = *value;
                        r!(at + 1) = Value::Int(n + 1);
                        pc = to as usize;
                        left -= i64::from(cost);
                        safe_point!();
                    }
                }
                Instr::EachIndex { at, var } => {
                    let (position, end) = (r!(at + 1), r!(at + 2));
                    let len = heap.as_list(r!(at)).map_or(0, <[Value]>::len) as i64;
                    pc += 1;
                    if let (Value::Int(n), Value::Int(end)) = (position, end)
                        && n < end.min(len)
                        && let Instr::Loop { to, cost } = code[pc - 1]
                    {
                        r!(var) = Value::Int(n);
                        r!(at + 1) = Value::Int(n + 1);
                        pc = to as usize;
                        left -= i64::from(cost);
                        safe_point!();
                    }
                }

                Instr::List { to, first, count } => {
                    collect_if_wanted!();
                    let first = usize::from(first);
                    let items = regs[first..first + usize::from(count)].to_vec();
                    r!(to) = heap.list(items);
                }
                Instr::Map { to, first, count } => {
                    collect_if_wanted!();
                    let first = usize::from(first);
                    let map = heap.map(usize::from(count));
                    for pair in regs[first..first + 2 * usize::from(count)].chunks_exact(2) {
                        heap.map_put(map, pair[0], pair[1]);
                    }
                    r!(to) = map;
                }
                Instr::Get { to, object, key } => match heap.quick_get(&r!(object), &r!(key)) {
                    Some(value) => r!(to) = *value,
                    None => {
                        collect_if_wanted!();
                        r!(to) = attempt!(bench!().method(HOT.get, &[r!(object), r!(key)]));
                    }
                },
                Instr::GetK { to, object, k } => {
                    let k = usize::from(k);
                    match heap.hinted_get(&r!(object), &constants[k], &mut hints[k]) {
                        Some(value) => r!(to) = *value,
                        None => {
                            collect_if_wanted!();
                            r!(to) = attempt!(bench!().method(HOT.get, &[r!(object), constants[k]]));
                        }
                    }
                }
                Instr::Put { object, key, value } => {
                    let value = copied!(value);
                    if !heap.quick_put(&r!(object), &r!(key), value) {
                        collect_if_wanted!();
                        attempt!(bench!().method(HOT.put, &[r!(object), r!(key), value]));
                    }
                }
                Instr::PutK { object, k, value } => {
                    let (k, object, value) = (usize::from(k), r!(object), copied!(value));
                    if !heap.hinted_put(object, &constants[k], value, &mut hints[k]) {
                        collect_if_wanted!();
                        attempt!(bench!().method(HOT.put, &[object, constants[k], value]));
                    }
                }
                Instr::Push { list, value } => {
                    let (list, value) = (r!(list), r!(value));
                    if heap.edit_list(list, |items| items.push(value)).is_none() {
                        collect_if_wanted!();
                        attempt!(bench!().method(HOT.add, &[list, value]));
                    }
                }
                Instr::Size { to, of } => {
                    let of = r!(of);
                    let size = match heap.size(of) {
                        Some(size) => int!(size as u32),
                        None => attempt!(bench!().method(HOT.size, &[of])),
                    };
                    r!(to) = size;
                }
                Instr::Member { to, object, key } => {
                    set!(to, bench!().member(r!(object), r!(key)));
                }
                Instr::SetMember { object, key, value } => {
                    attempt!(bench!().set_member(r!(object), r!(key), r!(value)));
                }
                Instr::Index { to, object, index } => {
                    set!(to, bench!().index(r!(object), r!(index)));
                }
                Instr::SetIndex { object, index, value } => {
                    attempt!(bench!().set_index(r!(object), r!(index), r!(value)));
                }

                Instr::Call { argc, function: callee, base: window, to } => {
                    if frames.len() >= limits.depth as usize {
                        let text = format!("functions call each other more than {} deep", limits.depth);
                        leave!(Err(Fault::new(codes::CALLS_TOO_DEEP, text)
                            .with_help("look for a function that calls itself without an end")));
                    }
                    let top =
                        base + usize::from(window) + usize::from(functions[usize::from(callee)].registers);
                    if stack.len() < top {
                        attempt!(heap.count_registers(top));
                        stack.resize(top, Value::Unset);
                    }
                    if let Some(frame) = frames.last_mut() {
                        frame.pc = pc as u32;
                    }
                    function = &functions[usize::from(callee)];
                    code = &function.code;
                    pc = 0;
                    base += usize::from(window);
                    regs = &mut stack[base..top];
                    regs[usize::from(argc)..].fill(Value::Unset);
                    frames.push(Frame { function: u32::from(callee), pc: 0, base: base as u32, to });
                    left -= CALL_COST;
                    safe_point!();
                }
                Instr::Method { argc, method, base: window, to } => {
                    collect_if_wanted!();
                    let window = usize::from(window);
                    left -= 1;
                    let args = &regs[window..=window + usize::from(argc)];
                    set!(to, bench!().method(method, args));
                }
                Instr::Free { argc, method, base: window, to } => {
                    collect_if_wanted!();
                    let window = usize::from(window);
                    left -= 1;
                    let args = &regs[window..window + usize::from(argc)];
                    set!(to, bench!().free(method, args));
                }
                Instr::Host { argc, call, base: window, to } => {
                    if left < 0 {
                        pc -= 1;
                        leave!(Ok(Exit::OutOfFuel));
                    }
                    left -= CALL_COST;
                    let args = Arguments::new(heap, &regs[usize::from(window)..][..usize::from(argc)]);
                    let name = HOST_CALLS.get(usize::from(call)).map_or("", |call| call.name);
                    match answers.answer(name, args) {
                        None => leave!(Ok(Exit::Host)),
                        // Nothing to take memory for, nothing to drop.
                        Some(Ok(Data::Int(n))) => r!(to) = Value::Int(n),
                        Some(Ok(answer)) => {
                            collect_if_wanted!();
                            set!(to, data::import(heap, &answer));
                        }
                        Some(Err(failure)) => leave!(Err(failure.into_fault())),
                    }
                }
                Instr::Try { .. } => {
                    guards.push(Guard { frame: frames.len() as u32 - 1, at: pc as u32 - 1 });
                }
                Instr::Statement => match limits.statements.checked_sub(1) {
                    Some(left) => limits.statements = left,
                    None => leave!(Err(limits.too_many_statements())),
                },
                Instr::EndTry => {
                    guards.pop();
                }
                Instr::Throw { from } => leave!(Err(thrown(heap, zone, r!(from)))),
                Instr::Return { .. } | Instr::ReturnNull => {
                    let value = if let Instr::Return { from } = instr { r!(from) } else { Value::Null };
                    let to = frames.pop().map_or(0, |frame| frame.to);
                    let Some(frame) = frames.last() else {
                        *fuel = left;
                        *state = State::Done(value);
                        return Ok(Exit::Done);
                    };
                    function = &functions[frame.function as usize];
                    code = &function.code;
                    pc = frame.pc as usize;
                    base = frame.base as usize;
                    regs = &mut stack[base..base + usize::from(function.registers)];
                    r!(to) = value;
                }
            }
        }
    }
}

const CALL_COST: i64 = 4;
