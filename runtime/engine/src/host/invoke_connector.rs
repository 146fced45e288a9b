//! `invokeConnector("ns.api", data, {"connection": "sales"})`, and the tasks that are nothing but such a call.

use super::connection::Named;
use super::{HostContext, arguments, files, send};
use crate::callbacks::Shape;
use crate::connectors::parse_api;
use crate::invoke::Invocation;
use sluis_lang::value::data::Data;
use sluis_model::error::{Failure, Reason};

/// Answers `{"status_code": number, "response": text}`. A remote 4xx or 5xx is an answer; only our
/// own failures fault.
pub async fn call(context: &mut HostContext<'_>, args: &[Data]) -> Result<Data, Failure> {
    let text = arguments::text(
        args,
        0,
        "invokeConnector",
        "the id of an API",
        "invokeConnector(\"gcontacts.pushcontact\", data)",
    )?;
    let api = parse_api(text)?;
    let sent = arguments::inputs(args, 1)?;
    let (named, options) = Named::of_options(&api.namespace(), args.get(2))?;
    let invocation = send::invoke_with(context, &named, &api, &sent, &options).await?;
    if invocation.awaits {
        let shape = if sent.wants_file() { Shape::File } else { Shape::Answer };
        return Ok(send::wait_for(context, invocation, &api, shape));
    }
    let a_file = sent.wants_file() && invocation.accepted.is_none();
    Ok(if a_file { file_answer(&invocation) } else { script_answer(invocation) })
}

/// `sendsms [ to: … message: … ]` and the like: the API of a fixed id with the keys as its inputs.
pub async fn task(
    context: &mut HostContext<'_>,
    task: &str,
    id: &str,
    args: &[Data],
) -> Result<Data, Failure> {
    let api = parse_api(id)?;
    let sent = arguments::inputs(args, 0)?;
    let invocation = send::invoke(context, &api, &sent).await.map_err(|failure| match failure.reason {
        Reason::ConnectorNotFound | Reason::ApiNotFound => Failure::new(
            failure.reason,
            format!("no released connector offers `{task}`: there is no `{id}`"),
        )
        .help(format!(
            "an operator releases a connector with the namespace `{}` and an API `{}` whose inputs are the keys of \
             the task",
            api.namespace(),
            api.api()
        )),
        _ => failure,
    })?;
    Ok(match invocation.awaits {
        true => send::wait_for(context, invocation, &api, Shape::Answer),
        false => script_answer(invocation),
    })
}

/// `{"status_code": number, "response": …}`, or the id of a call that was written down.
pub(crate) fn script_answer(invocation: Invocation) -> Data {
    if let Some(call) = invocation.accepted {
        return Data::map([("accepted", Data::Bool(true)), ("call", Data::Text(call.to_string()))]);
    }
    Data::map([
        ("status_code", Data::Int(invocation.status_code.into())),
        ("response", invocation.into_value()),
    ])
}

/// The same with the body as a file, as `"HEADERS": {"RESPONSE_TYPE": "stream"}` asks for.
pub(crate) fn file_answer(invocation: &Invocation) -> Data {
    let file = files::of_answer(&invocation.headers, &invocation.record.url, &invocation.body);
    Data::map([("status_code", Data::Int(invocation.status_code.into())), ("response", file)])
}
