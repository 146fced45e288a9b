//! What the host calls that reach a connector have in common: the call, and its record in the run.

use super::connection::Named;
use super::{Awaiting, HostContext};
use crate::callbacks::Shape;
use crate::invoke::{Argument, CallOptions, Invocation, InvocationFailed};
use sluis_lang::value::data::Data;
use sluis_model::error::Failure;
use sluis_model::id::ApiId;

/// Calls an API for the run and records what was sent.
pub async fn invoke(
    context: &mut HostContext<'_>,
    api: &ApiId,
    sent: &Argument,
) -> Result<Invocation, Failure> {
    invoke_with(context, &Named::of(&api.namespace()), api, sent, &CallOptions::default()).await
}

/// The same with a connection that is named.
pub async fn invoke_with(
    context: &mut HostContext<'_>,
    named: &Named,
    api: &ApiId,
    sent: &Argument,
    options: &CallOptions,
) -> Result<Invocation, Failure> {
    let place = context.place_of(named).await?;
    let site = context.next_site();
    let answered = context.engine.invoke_at(&place, api, sent, options, Some(&site)).await;
    recorded(context, answered)
}

/// Has the run wait for the answer of a call that its service brings; what is given meanwhile nobody sees.
pub fn wait_for(context: &mut HostContext<'_>, invocation: Invocation, api: &ApiId, shape: Shape) -> Data {
    context.awaiting = invocation.accepted.map(|call| Awaiting { call, api: api.clone(), shape });
    Data::Null
}

/// Keeps what was sent in the run's record, whether or not it was answered.
pub fn recorded(
    context: &mut HostContext<'_>,
    answered: Result<Invocation, Box<InvocationFailed>>,
) -> Result<Invocation, Failure> {
    match answered {
        Ok(invocation) => {
            context.record(invocation.record.clone(), &invocation.wire);
            Ok(invocation)
        }
        Err(failed) => {
            if let Some(record) = failed.record {
                context.record(record, &failed.wire);
            }
            Err(failed.failure)
        }
    }
}
