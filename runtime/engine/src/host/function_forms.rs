//! `getUrl(…)`, `postUrl(…)` and `invokeUrl(…)`: old forms of the task `invokeurl`, put into its form.

use super::{HostContext, invokeurl};
use sluis_lang::value::data::{Data, kind};
use sluis_model::error::{Failure, Reason};

/// `getUrl(url [, headers] [, simple])`
pub async fn get_url(context: &mut HostContext<'_>, args: &[Data]) -> Result<Data, Failure> {
    let (headers, simple) = tail("getUrl", args.get(1..).unwrap_or_default())?;
    let task = task(args, "GET", [("headers", headers)]);
    text_or_details(context, task, simple).await
}

/// `postUrl(url, body [, headers] [, simple])`; a map is sent as a form.
pub async fn post_url(context: &mut HostContext<'_>, args: &[Data]) -> Result<Data, Failure> {
    let (headers, simple) = tail("postUrl", args.get(2..).unwrap_or_default())?;
    let body = args.get(1).cloned().unwrap_or_default();
    let task = task(args, "POST", [("parameters", body), ("headers", headers)]);
    text_or_details(context, task, simple).await
}

/// `invokeUrl(url [, type] [, parameters] [, headers] [, detailed])`, or the task itself, which
/// arrives as one map.
pub async fn invoke_url(context: &mut HostContext<'_>, args: &[Data]) -> Result<Data, Failure> {
    if let [Data::Map(_)] = args {
        return invokeurl::call(context, &args[0]).await;
    }
    let given = |at: usize| args.get(at).cloned().unwrap_or_default();
    let entries = [("parameters", given(2)), ("headers", given(3)), ("detailed", given(4))];
    let method = args.get(1).and_then(Data::as_str).unwrap_or("GET").to_owned();
    invokeurl::call(context, &task(args, &method, entries)).await
}

fn task<const N: usize>(args: &[Data], method: &str, entries: [(&str, Data); N]) -> Data {
    let url = args.first().cloned().unwrap_or_default();
    let always = [("url", url), ("type", Data::Text(method.to_owned()))];
    Data::map(always.into_iter().chain(entries).filter(|(_, value)| !value.is_null()))
}

/// Headers and `simple` in the order in which they may stand.
fn tail(call: &str, args: &[Data]) -> Result<(Data, bool), Failure> {
    match args {
        [] | [Data::Null] | [Data::Null, Data::Null] => Ok((Data::Null, true)),
        [Data::Bool(simple)] | [Data::Null, Data::Bool(simple)] => Ok((Data::Null, *simple)),
        [headers @ Data::Map(_)] | [headers @ Data::Map(_), Data::Null] => Ok((headers.clone(), true)),
        [headers @ Data::Map(_), Data::Bool(simple)] => Ok((headers.clone(), *simple)),
        [other, ..] => Err(Failure::new(
            Reason::InvalidInput,
            format!("{call} takes headers as a map and then true or false, not {}", kind(other).name()),
        )
        .help("write `invokeurl [ url: … headers: … detailed: true ]`")),
    }
}

/// The text of the answer, or a map with status and headers.
async fn text_or_details(context: &mut HostContext<'_>, task: Data, simple: bool) -> Result<Data, Failure> {
    let Data::Map(mut entries) = task else { return Ok(Data::Null) };
    let (key, value) =
        if simple { ("response-format", Data::from("TEXT")) } else { ("detailed", Data::Bool(true)) };
    entries.push((key.into(), value));
    invokeurl::call(context, &Data::Map(entries)).await
}
