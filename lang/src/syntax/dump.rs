//! A tree as one line of text, for tests and for looking at what the parser understood.
//!
//! `a + b * 2` is `(+ a (* b 2))`; a call is `f(a b)`, a method call `x.f(a)`; `?` is a bad node.

use super::ast::{
    Arg, AssignOp, BinaryOp, Expr, ExprKind, Function, Program, Stmt, StmtKind, Target, UnaryOp,
};

/// A whole script: functions first, then statements, separated by blanks.
pub fn program(program: &Program) -> String {
    let functions = program.functions.iter().map(function);
    join(functions.chain(program.body.iter().map(stmt)), " ")
}

fn join(parts: impl IntoIterator<Item = String>, by: &str) -> String {
    parts.into_iter().collect::<Vec<_>>().join(by)
}

fn block(body: &[Stmt]) -> String {
    format!("{{{}}}", join(body.iter().map(stmt), " "))
}

fn function(function: &Function) -> String {
    let returns = function.returns.as_ref().map(|ty| format!("{} ", ty.text)).unwrap_or_default();
    let params = function.params.iter().map(|param| {
        let ty = param.ty.as_ref().map(|ty| format!("{}:", ty.text)).unwrap_or_default();
        format!("{ty}{}", param.name.text)
    });
    format!("(fn {returns}{}({}) {})", function.full_name(), join(params, " "), block(&function.body))
}

fn stmt(stmt: &Stmt) -> String {
    match &stmt.kind {
        StmtKind::Assign { target, op, value } => {
            let sign = match op {
                AssignOp::Set => "=".to_string(),
                AssignOp::With(op) => format!("{}=", sign(*op)),
            };
            let to = match target {
                Target::Var(name) => name.text.clone(),
                Target::Member { object, name } => format!("{}.{}", expr(object), name.text),
                Target::Index { object, index } => format!("{}[{}]", expr(object), expr(index)),
            };
            format!("({sign} {to} {})", expr(value))
        }
        StmtKind::Expr(value) => expr(value),
        StmtKind::If { arms, otherwise } => {
            let arms = arms.iter().map(|(cond, body)| format!("{} {}", expr(cond), block(body)));
            let last = otherwise.as_ref().map(|body| format!(" else {}", block(body))).unwrap_or_default();
            format!("(if {}{last})", join(arms, " "))
        }
        StmtKind::ForEach { index, var, over, body } => {
            let kind = if *index { "index" } else { "each" };
            format!("({kind} {} {} {})", var.text, expr(over), block(body))
        }
        StmtKind::While { cond, body } => format!("(while {} {})", expr(cond), block(body)),
        StmtKind::Try { body, var, handler } => {
            let var = var.as_ref().map_or("_", |name| name.text.as_str());
            format!("(try {} {var} {})", block(body), block(handler))
        }
        StmtKind::Return(None) => "(return)".to_string(),
        StmtKind::Return(Some(value)) => format!("(return {})", expr(value)),
        StmtKind::Info(value) => format!("(info {})", expr(value)),
        StmtKind::Throw(value) => format!("(throw {})", expr(value)),
        StmtKind::Break => "break".to_string(),
        StmtKind::Continue => "continue".to_string(),
        StmtKind::Empty => ";".to_string(),
        StmtKind::Bad => "?".to_string(),
    }
}

/// One expression.
pub fn expr(node: &Expr) -> String {
    match &node.kind {
        ExprKind::Null => "null".to_string(),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Int(value) => value.to_string(),
        ExprKind::Decimal(digits) => format!("{digits}d"),
        ExprKind::Text { value, single: true } => format!("'{}'", value.escape_debug()),
        ExprKind::Text { value, single: false } => format!("{value:?}"),
        ExprKind::List(items) => format!("[{}]", join(items.iter().map(expr), " ")),
        ExprKind::Map(entries) => {
            format!("{{{}}}", join(entries.iter().map(|(k, v)| format!("{}:{}", expr(k), expr(v))), " "))
        }
        ExprKind::EmptyBrace => "{}".to_string(),
        ExprKind::Var(name) => name.text.clone(),
        ExprKind::Member { object, name } => format!("{}.{}", expr(object), name.text),
        ExprKind::Index { object, index } => format!("{}[{}]", expr(object), expr(index)),
        ExprKind::Call { name, args } => format!("{}({})", name.text, arguments(args)),
        ExprKind::MethodCall { object, name, args } => {
            format!("{}.{}({})", expr(object), name.text, arguments(args))
        }
        ExprKind::Unary { op, operand } => {
            let sign = match op {
                UnaryOp::Not => "!",
                UnaryOp::Minus => "-",
                UnaryOp::Plus => "+",
            };
            format!("({sign} {})", expr(operand))
        }
        ExprKind::Binary { op, left, right, .. } => format!("({} {} {})", sign(*op), expr(left), expr(right)),
        ExprKind::IsNull { operand, negated: false } => format!("(is-null {})", expr(operand)),
        ExprKind::IsNull { operand, negated: true } => format!("(is-not-null {})", expr(operand)),
        ExprKind::Task(task) => {
            let entries =
                task.entries.iter().map(|entry| format!(" {}:{}", entry.key.text, expr(&entry.value)));
            format!("({}{})", task.name.text, join(entries, ""))
        }
        ExprKind::Bad => "?".to_string(),
    }
}

fn arguments(args: &[Arg]) -> String {
    let shown = |arg: &Arg| match &arg.key {
        Some(key) => format!("{}:{}", expr(key), expr(&arg.value)),
        None => expr(&arg.value),
    };
    join(args.iter().map(shown), " ")
}

/// An operator as written.
pub fn sign(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::Rem => "%",
        BinaryOp::Eq => "==",
        BinaryOp::Ne => "!=",
        BinaryOp::Lt => "<",
        BinaryOp::Le => "<=",
        BinaryOp::Gt => ">",
        BinaryOp::Ge => ">=",
        BinaryOp::And => "&&",
        BinaryOp::Or => "||",
        BinaryOp::In => "in",
        BinaryOp::NotIn => "not-in",
        BinaryOp::Contains => "contains",
        BinaryOp::Like => "like",
    }
}
