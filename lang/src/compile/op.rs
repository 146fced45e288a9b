//! The instructions of the register machine.
//!
//! An instruction is 8 bytes and `Copy`; operands are registers of the current frame unless the
//! name says otherwise. Targets of long jumps are positions in the function's code; short ones
//! (`by`) count from the following instruction.

/// A register of the current frame.
pub type Reg = u16;

/// One instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "operands are named alike throughout; the variant's comment tells the rest")]
pub enum Instr {
    /// `to = from`
    Move { to: Reg, from: Reg },
    /// `to = constants[k]`
    Const { to: Reg, k: u32 },
    /// `to = n`
    Int { to: Reg, n: i32 },
    /// `to = null`
    Null { to: Reg },
    /// `to = true` or `false`
    Bool { to: Reg, value: bool },
    /// `to = {}`
    Empty { to: Reg },
    /// Faults if the register was never written; the name of the variable is `constants[name]`.
    CheckSet { reg: Reg, name: u32 },
    /// Faults: a variable that nothing ever writes; its name is `constants[name]`.
    NoValue { name: u32 },

    /// `to = a + b`
    Add { to: Reg, a: Reg, b: Reg },
    /// `to = a - b`
    Sub { to: Reg, a: Reg, b: Reg },
    /// `to = a * b`
    Mul { to: Reg, a: Reg, b: Reg },
    /// `to = a / b`
    Div { to: Reg, a: Reg, b: Reg },
    /// `to = a % b`
    Rem { to: Reg, a: Reg, b: Reg },
    /// `to = a + n`
    AddI { to: Reg, a: Reg, n: i16 },
    /// `to = a - n`
    SubI { to: Reg, a: Reg, n: i16 },
    /// `to = a * n`
    MulI { to: Reg, a: Reg, n: i16 },
    /// `to = a % n`; `n` is positive
    RemI { to: Reg, a: Reg, n: i16 },
    /// `to = first + … + last`, left to right
    Concat { to: Reg, first: Reg, count: u16 },
    /// `to = !a`
    Not { to: Reg, a: Reg },
    /// `to = -a`
    Neg { to: Reg, a: Reg },
    /// `to = +a`
    Plus { to: Reg, a: Reg },

    /// `to = a == b`
    Eq { to: Reg, a: Reg, b: Reg },
    /// `to = a != b`
    Ne { to: Reg, a: Reg, b: Reg },
    /// `to = a < b`
    Lt { to: Reg, a: Reg, b: Reg },
    /// `to = a <= b`
    Le { to: Reg, a: Reg, b: Reg },
    /// `to = a in b`
    In { to: Reg, a: Reg, b: Reg },
    /// `to = a like b`
    Like { to: Reg, a: Reg, b: Reg },
    /// `to = a is null`
    IsNull { to: Reg, a: Reg },

    /// Goes to a position.
    Jump { to: u32 },
    /// Goes if true; faults unless true or false.
    JumpIf { cond: Reg, to: u32 },
    /// Goes if false; faults unless true or false.
    JumpIfNot { cond: Reg, to: u32 },
    /// Goes if null.
    JumpNull { reg: Reg, to: u32 },
    /// Goes if not null.
    JumpNotNull { reg: Reg, to: u32 },
    /// Faults unless true or false.
    CheckBool { reg: Reg },
    /// Goes if `a == b`.
    JumpEq { a: Reg, b: Reg, by: i16 },
    /// Goes unless `a == b`.
    JumpNe { a: Reg, b: Reg, by: i16 },
    /// Goes if `a < b`.
    JumpLt { a: Reg, b: Reg, by: i16 },
    /// Goes unless `a < b`.
    JumpNotLt { a: Reg, b: Reg, by: i16 },
    /// Goes if `a <= b`.
    JumpLe { a: Reg, b: Reg, by: i16 },
    /// Goes unless `a <= b`.
    JumpNotLe { a: Reg, b: Reg, by: i16 },
    /// Goes if `a == n`.
    JumpEqI { a: Reg, n: i16, by: i16 },
    /// Goes unless `a == n`.
    JumpNeI { a: Reg, n: i16, by: i16 },
    /// Goes if `a < n`.
    JumpLtI { a: Reg, n: i16, by: i16 },
    /// Goes unless `a < n`.
    JumpNotLtI { a: Reg, n: i16, by: i16 },
    /// Goes if `a <= n`.
    JumpLeI { a: Reg, n: i16, by: i16 },
    /// Goes unless `a <= n`.
    JumpNotLeI { a: Reg, n: i16, by: i16 },
    /// Goes if `a > n`.
    JumpGtI { a: Reg, n: i16, by: i16 },
    /// Goes unless `a > n`.
    JumpNotGtI { a: Reg, n: i16, by: i16 },
    /// Goes if `a >= n`.
    JumpGeI { a: Reg, n: i16, by: i16 },
    /// Goes unless `a >= n`.
    JumpNotGeI { a: Reg, n: i16, by: i16 },
    /// Goes back to the head of a loop and pays for one turn.
    Loop { to: u32, cost: u16 },
    /// While `a < b`, goes `back` from the following instruction and pays for one turn.
    LoopLt { a: Reg, b: Reg, back: i16 },
    /// While `a <= b`, as `LoopLt`.
    LoopLe { a: Reg, b: Reg, back: i16 },
    /// Makes ready to walk over `over`: `at` holds a list, `at + 1` the next position, `at + 2` the end.
    Each { at: Reg, over: Reg },
    /// Next element into `var` and on to the [`Loop`](Self::Loop) that follows, or past it at the end.
    EachNext { at: Reg, var: Reg },
    /// As `EachNext`, but the position instead of the element.
    EachIndex { at: Reg, var: Reg },

    /// `to = {first, …}`
    List { to: Reg, first: Reg, count: u16 },
    /// `to = {first: second, …}`, `count` pairs
    Map { to: Reg, first: Reg, count: u16 },
    /// `to = object.get(key)`
    Get { to: Reg, object: Reg, key: Reg },
    /// `to = object.get(constants[k])`
    GetK { to: Reg, object: Reg, k: u16 },
    /// `object.put(key, value)`, answer dropped
    Put { object: Reg, key: Reg, value: Reg },
    /// `object.put(constants[k], value)`, answer dropped
    PutK { object: Reg, k: u16, value: Reg },
    /// `list.add(value)`, answer dropped
    Push { list: Reg, value: Reg },
    /// `to = of.size()`
    Size { to: Reg, of: Reg },
    /// `to = object.key`; `key` holds the name
    Member { to: Reg, object: Reg, key: Reg },
    /// `object.key = value`; `key` holds the name
    SetMember { object: Reg, key: Reg, value: Reg },
    /// `to = object[index]`
    Index { to: Reg, object: Reg, index: Reg },
    /// `object[index] = value`
    SetIndex { object: Reg, index: Reg, value: Reg },

    /// Calls a function of the file; the arguments stand from `base` on, the callee's frame begins there.
    Call { argc: u8, function: u16, base: Reg, to: Reg },
    /// Calls a method; the receiver stands at `base`, the arguments after it.
    Method { argc: u8, method: u16, base: Reg, to: Reg },
    /// Calls a built-in in free form; the arguments stand from `base` on.
    Free { argc: u8, method: u16, base: Reg, to: Reg },
    /// Stops and asks the driver; the arguments stand from `base` on.
    Host { argc: u8, call: u16, base: Reg, to: Reg },
    /// Faults from here on go to `handler`, with the error in `reg`.
    Try { reg: Reg, handler: u32 },
    /// Ends the innermost `Try`.
    EndTry,
    /// Counts a statement; only in programs that are built to count them.
    Statement,
    /// Raises a fault.
    Throw { from: Reg },
    /// Leaves the function with a value.
    Return { from: Reg },
    /// Leaves the function with null.
    ReturnNull,
}

const _: () = assert!(size_of::<Instr>() == 8, "an instruction is 8 bytes");
