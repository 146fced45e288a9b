//! The tree of a script. Every node knows its bytes; names keep the spelling of the author.

use crate::source::Span;

/// A name as written, with its place. Compare built-in names with [`Ident::is`], variables exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ident {
    /// As written.
    pub text: String,
    /// Where.
    pub span: Span,
}

impl Ident {
    /// Whether it is this keyword or built-in; those match without case.
    pub fn is(&self, name: &str) -> bool {
        self.text.eq_ignore_ascii_case(name)
    }
}

/// A whole file: functions and bare statements, in any order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Program {
    /// Declared functions, in the order of the file.
    pub functions: Vec<Function>,
    /// Top-level statements, in the order of the file.
    pub body: Vec<Stmt>,
}

/// `string standalone.greet(String name) { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// Dotted name, at least one segment.
    pub name: Vec<Ident>,
    /// Declared return type as written (`void`, `string`, a form name), if any.
    pub returns: Option<Ident>,
    /// Parameters.
    pub params: Vec<Param>,
    /// Body.
    pub body: Vec<Stmt>,
    /// From the type (or name) to the closing brace.
    pub span: Span,
}

impl Function {
    /// The dotted name as text.
    pub fn full_name(&self) -> String {
        self.name.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(".")
    }

    /// Whether it is declared `void`.
    pub fn is_void(&self) -> bool {
        self.returns.as_ref().is_some_and(|t| t.is("void"))
    }
}

/// One parameter of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// Declared type as written, if any.
    pub ty: Option<Ident>,
    /// Name.
    pub name: Ident,
}

/// A statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Stmt {
    /// What it is.
    pub kind: StmtKind,
    /// From its first to its last byte, the semicolon excluded.
    pub span: Span,
}

/// The kinds of statements.
#[derive(Debug, Clone, PartialEq)]
pub enum StmtKind {
    /// `x = e;`, `x += e;`, `path.member = e;`
    Assign {
        /// What is written to.
        target: Target,
        /// `=` or a compound form.
        op: AssignOp,
        /// The value.
        value: Expr,
    },
    /// An expression for its effect.
    Expr(Expr),
    /// `if … else if … else …`; at least one arm.
    If {
        /// Conditions with their bodies.
        arms: Vec<(Expr, Vec<Stmt>)>,
        /// The final `else`.
        otherwise: Option<Vec<Stmt>>,
    },
    /// `for each x in e { }`, `for each index i in e { }`
    ForEach {
        /// Whether the variable takes positions instead of elements.
        index: bool,
        /// The loop variable.
        var: Ident,
        /// What is walked over.
        over: Expr,
        /// The body.
        body: Vec<Stmt>,
    },
    /// `while (c) { }`
    While {
        /// The condition.
        cond: Expr,
        /// The body.
        body: Vec<Stmt>,
    },
    /// `try { } catch (e) { }`
    Try {
        /// What may fault.
        body: Vec<Stmt>,
        /// The name given to the fault, if any.
        var: Option<Ident>,
        /// What then happens.
        handler: Vec<Stmt>,
    },
    /// `return;`, `return e;`
    Return(Option<Expr>),
    /// `info e;`
    Info(Expr),
    /// `throw e;`
    Throw(Expr),
    /// `break;`
    Break,
    /// `continue;`
    Continue,
    /// `;`
    Empty,
    /// Something that could not be read or has no meaning here; already reported.
    Bad,
}

/// What an assignment writes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// `x`
    Var(Ident),
    /// `object.name`
    Member {
        /// The left part.
        object: Expr,
        /// The last name.
        name: Ident,
    },
    /// `object[index]`
    Index {
        /// The left part.
        object: Expr,
        /// What stands in the brackets.
        index: Expr,
    },
}

/// `=` and its compound forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssignOp {
    /// `=`
    Set,
    /// `+=`, `-=`, `*=`, `/=`, `%=`
    With(BinaryOp),
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its bytes, brackets around it excluded.
    pub span: Span,
}

/// The kinds of expressions.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// `12`
    Int(i64),
    /// `4.50`, digits as written (scale matters)
    Decimal(String),
    /// `"…"` or `'…'`, escapes resolved
    Text {
        /// The characters.
        value: String,
        /// Written in single quotes: may be a date.
        single: bool,
    },
    /// `{a, b}`, `[a, b]`
    List(Vec<Expr>),
    /// `{"k": v}`
    Map(Vec<(Expr, Expr)>),
    /// `{}`: becomes a list or a map by its first use.
    EmptyBrace,
    /// `x`
    Var(Ident),
    /// `object.name` without a call: a system variable (`zoho.currentdate`) or a member.
    Member {
        /// The left part.
        object: Box<Expr>,
        /// The name after the dot.
        name: Ident,
    },
    /// `object[index]`
    Index {
        /// The left part.
        object: Box<Expr>,
        /// What stands in the brackets.
        index: Box<Expr>,
    },
    /// `name(args)`: a function of the file, a built-in in free form, `Map()`, `if(c,a,b)`.
    Call {
        /// What is called.
        name: Ident,
        /// The arguments.
        args: Vec<Arg>,
    },
    /// `object.name(args)`: a method, or a dotted function (`zoho.crm.invokeConnector`, `thisapp.f`).
    MethodCall {
        /// The left part.
        object: Box<Expr>,
        /// What is called.
        name: Ident,
        /// The arguments.
        args: Vec<Arg>,
    },
    /// `!e`, `-e`, `+e`
    Unary {
        /// The operator.
        op: UnaryOp,
        /// The operand.
        operand: Box<Expr>,
    },
    /// `a + b` and so on. `&&` and `||` evaluate their right side only when needed.
    Binary {
        /// The operator.
        op: BinaryOp,
        /// The operator's own bytes.
        op_span: Span,
        /// Left operand.
        left: Box<Expr>,
        /// Right operand.
        right: Box<Expr>,
    },
    /// `e is null`, `e is not null`
    IsNull {
        /// What is asked about.
        operand: Box<Expr>,
        /// `is not null`
        negated: bool,
    },
    /// `invokeurl [ … ]` and the other task blocks.
    Task(Task),
    /// Something that could not be read; already reported.
    Bad,
}

/// An argument; only `Collection(…)` and `insert(…)` take keys.
#[derive(Debug, Clone, PartialEq)]
pub struct Arg {
    /// `k` of `k:v`.
    pub key: Option<Expr>,
    /// The value.
    pub value: Expr,
}

/// `name [ key: value … ]`
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// `invokeurl`, `sendmail` …
    pub name: Ident,
    /// The entries in their order.
    pub entries: Vec<TaskEntry>,
}

/// One `key: value` of a task.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskEntry {
    /// Key, words joined as written (`content-type`, `reply to`).
    pub key: Ident,
    /// Value. A bare word after `type:` (GET, POST) is read as its upper-case text.
    pub value: Expr,
}

/// Operators with one operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOp {
    /// `!`
    Not,
    /// `-`
    Minus,
    /// `+`
    Plus,
}

/// Operators with two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Rem,
    /// `==`, or `=` inside an expression
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `a in b`
    In,
    /// `a not in b`
    NotIn,
    /// `a contains b`
    Contains,
    /// `a like b`: `%` and `*` stand for any text
    Like,
}
