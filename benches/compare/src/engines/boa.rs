//! Boa, linked in.

use super::measure;
use crate::task::{Sample, Task};
use anyhow::{Result, anyhow};
use boa_engine::object::builtins::JsFunction;
use boa_engine::property::Attribute;
use boa_engine::{Context, JsResult, JsString, JsValue, NativeFunction, Source, js_string};
use std::cell::RefCell;

fn ask(_: &JsValue, args: &[JsValue], _: &mut Context) -> JsResult<JsValue> {
    Ok(args.first().cloned().unwrap_or_default())
}

pub fn run(task: &Task) -> Result<Sample> {
    let context = RefCell::new(prepare(task).map_err(|error| anyhow!("{error}"))?);
    let load = || -> JsResult<JsFunction> {
        let context = &mut context.borrow_mut();
        context.eval(Source::from_bytes(&task.source))?;
        let main = context.global_object().get(js_string!("main"), context)?;
        let main = main.as_object().and_then(JsFunction::from_object);
        main.ok_or_else(|| boa_engine::JsNativeError::typ().with_message("no function `main`").into())
    };
    let run = |main: JsFunction| -> JsResult<String> {
        let context = &mut context.borrow_mut();
        let check = main.call(&JsValue::undefined(), &[JsValue::from(task.n)], context)?;
        Ok(check.to_string(context)?.to_std_string_escaped())
    };
    measure(
        || load().map_err(|error| anyhow!("{error}")),
        |main| run(main).map_err(|error| anyhow!("{error}")),
    )
}

fn prepare(task: &Task) -> JsResult<Context> {
    let mut context = Context::default();
    // A caught fault leaves values on its stack; half a million of them pass the usual limit.
    context.runtime_limits_mut().set_stack_size_limit(usize::MAX);
    context.register_global_callable(js_string!("ask"), 2, NativeFunction::from_fn_ptr(ask))?;
    if let Some(document) = &task.document {
        context.register_global_property(
            js_string!("INPUT"),
            JsString::from(document.as_str()),
            Attribute::all(),
        )?;
    }
    Ok(context)
}
