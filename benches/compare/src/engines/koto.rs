//! Koto.

use super::{lent, measure};
use crate::task::{Sample, Task};
use anyhow::{Result, anyhow};
use koto::Koto;
use koto::prelude::*;
use koto::serde::{DeserializableKValue, SerializableKValue};
use std::cell::RefCell;

pub fn run(task: &Task) -> Result<Sample> {
    let koto = RefCell::new(prepare(task));
    let load = || koto.borrow_mut().compile_and_run(task.source.as_str()).map_err(|error| anyhow!("{error}"));
    measure(load, |_| {
        let mut koto = koto.borrow_mut();
        let check = koto.call_exported_function("main", task.n).map_err(|error| anyhow!("{error}"))?;
        koto.value_to_string(check).map_err(|error| anyhow!("{error}"))
    })
}

fn prepare(task: &Task) -> Koto {
    let koto = Koto::default();
    let prelude = koto.prelude();
    if let Some(document) = &task.document {
        prelude.insert("INPUT", document.as_str());
    }
    prelude.add_fn("ask", |ctx| match ctx.args() {
        [KValue::Number(n), KValue::Number(_)] => Ok((*n).into()),
        other => unexpected_args("|Number, Number|", other),
    });
    prelude.add_fn("date_parse", |ctx| match ctx.args() {
        [KValue::Str(text)] => Ok(lent::date_parse(text).into()),
        other => unexpected_args("|String|", other),
    });
    prelude.add_fn("date_format", |ctx| match ctx.args() {
        [KValue::Number(n)] => Ok(lent::date_format(n.into()).into()),
        other => unexpected_args("|Number|", other),
    });
    prelude.add_fn("date_month", |ctx| match ctx.args() {
        [KValue::Number(n)] => Ok(lent::date_month(n.into()).into()),
        other => unexpected_args("|Number|", other),
    });
    prelude.add_fn("json_parse", |ctx| match ctx.args() {
        [KValue::Str(text)] => match serde_json::from_str::<DeserializableKValue>(text) {
            Ok(value) => Ok(value.into()),
            Err(error) => runtime_error!("{error}"),
        },
        other => unexpected_args("|String|", other),
    });
    prelude.add_fn("json_text", |ctx| match ctx.args() {
        [value] => match serde_json::to_string(&SerializableKValue(value)) {
            Ok(text) => Ok(text.into()),
            Err(error) => runtime_error!("{error}"),
        },
        other => unexpected_args("|Any|", other),
    });
    koto
}
