//! `invokeConnector("ns.api", data)`.

use super::{HostContext, arguments};
use crate::connectors::parse_api;
use sluis_lang::value::data::Data;
use sluis_model::error::Failure;

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
    let inputs = arguments::inputs(args, 1)?;
    let slot = context.slot_for(&api.namespace());
    let answered = context.engine.invoke_in_slot(&context.run.org, &api, &inputs, &slot).await;
    let invocation = match answered {
        Ok(invocation) => invocation,
        Err(failed) => {
            if let Some(record) = failed.record {
                context.record(record, &failed.wire);
            }
            return Err(failed.failure);
        }
    };
    context.record(invocation.record.clone(), &invocation.wire);
    Ok(Data::Map(vec![
        (Data::Text("status_code".into()), Data::Int(invocation.status_code.into())),
        (Data::Text("response".into()), Data::Text(invocation.response)),
    ]))
}
