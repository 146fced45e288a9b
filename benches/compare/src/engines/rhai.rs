//! Rhai, with its usual checks.

use super::{lent, measure};
use crate::task::{Sample, Task};
use anyhow::{Result, anyhow};
use rhai::{AST, Dynamic, Engine, EvalAltResult, ImmutableString, Scope};

pub fn run(task: &Task) -> Result<Sample> {
    let engine = prepare();
    measure(
        || engine.compile(&task.source).map_err(|error| anyhow!("{error}")),
        |program| {
            call(&engine, &program, task).map(|check| check.to_string()).map_err(|error| anyhow!("{error}"))
        },
    )
}

fn call(engine: &Engine, program: &AST, task: &Task) -> Result<Dynamic, Box<EvalAltResult>> {
    let scope = &mut Scope::new();
    match &task.document {
        Some(document) => engine.call_fn(scope, program, "main", (task.n, document.clone())),
        None => engine.call_fn(scope, program, "main", (task.n,)),
    }
}

fn prepare() -> Engine {
    let mut engine = Engine::new();
    engine.register_fn("ask", |n: i64, _end: i64| n);
    engine.register_fn("date_parse", |text: ImmutableString| lent::date_parse(&text));
    engine.register_fn("date_format", lent::date_format);
    engine.register_fn("date_month", lent::date_month);
    engine.register_fn("pad0", lent::pad0);
    engine.register_fn("fixed2", lent::fixed2);
    engine.register_fn("json_parse", |text: ImmutableString| -> Result<Dynamic, Box<EvalAltResult>> {
        serde_json::from_str(&text).map_err(|error| error.to_string().into())
    });
    engine.register_fn("json_text", |value: Dynamic| -> Result<String, Box<EvalAltResult>> {
        serde_json::to_string(&value).map_err(|error| error.to_string().into())
    });
    engine
}
