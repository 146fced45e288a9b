//! PUC Lua 5.4, linked in through mlua.

use super::measure;
use crate::task::{Sample, Task};
use anyhow::{Result, anyhow};
use mlua::{Function, Lua, LuaSerdeExt, Value};

pub fn run(task: &Task) -> Result<Sample> {
    let lua = prepare(task).map_err(|error| anyhow!("{error}"))?;
    let load = || -> mlua::Result<Function> {
        lua.load(&task.source).exec()?;
        lua.globals().get("main")
    };
    measure(
        || load().map_err(|error| anyhow!("{error}")),
        |main| {
            let check: mlua::Result<Value> = main.call(task.n);
            check.and_then(|value| value.to_string()).map_err(|error| anyhow!("{error}"))
        },
    )
}

/// A state with JSON from the host and a C function to ask.
fn prepare(task: &Task) -> mlua::Result<Lua> {
    let lua = Lua::new();
    let json = lua.create_table()?;
    json.set(
        "decode",
        lua.create_function(|lua, text: String| {
            let value: serde_json::Value = serde_json::from_str(&text).map_err(mlua::Error::external)?;
            lua.to_value(&value)
        })?,
    )?;
    json.set(
        "encode",
        lua.create_function(|_, value: Value| serde_json::to_string(&value).map_err(mlua::Error::external))?,
    )?;
    let globals = lua.globals();
    globals.set("json", json)?;
    globals.set("INPUT", task.document.clone())?;
    // As in the stand-alone driver: a C function of Lua's own answers, so that only the call counts.
    let math: mlua::Table = globals.get("math")?;
    globals.set("ask", math.get::<Function>("max")?)?;
    Ok(lua)
}
