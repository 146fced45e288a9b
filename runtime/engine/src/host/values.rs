//! Host calls that only tell something: the time, who runs the script, a random number.

use super::HostContext;
use jiff::Timestamp;
use sluis_lang::value::data::{Data, kind};
use sluis_model::error::{Failure, Reason};

/// Whether [`call`] answers it, without asking for its arguments.
pub fn is_value(name: &str) -> bool {
    matches!(
        name,
        "currenttime"
            | "currentdate"
            | "loginuser"
            | "adminuser"
            | "loginuserid"
            | "adminuserid"
            | "randomNumber"
    )
}

/// Answers the call, or nothing if it is not one of these.
pub fn call(context: &HostContext<'_>, name: &str, args: &[Data]) -> Option<Result<Data, Failure>> {
    Some(match name {
        "currenttime" => Ok(Data::DateTime(context.engine.now().0)),
        "currentdate" => today(context),
        "loginuser" | "loginuserid" if context.run.user.is_some() => {
            Ok(Data::Text(context.run.user.as_ref().map(ToString::to_string).unwrap_or_default()))
        }
        "loginuser" | "adminuser" => Ok(Data::Text(context.engine.user().name.clone())),
        "loginuserid" | "adminuserid" => Ok(Data::Text(context.engine.user().email.clone())),
        "randomNumber" => random_number(context, args),
        _ => return None,
    })
}

fn today(context: &HostContext<'_>) -> Result<Data, Failure> {
    let now = Timestamp::from_millisecond(context.engine.now().0)
        .map_err(|_| Failure::new(Reason::Internal, "the clock is outside the range of dates"))?;
    let date = now.to_zoned(context.engine.zone().clone()).date();
    let days = (date - jiff::civil::date(1970, 1, 1)).get_days();
    Ok(Data::Date(days))
}

/// Start included, end excluded, in either order; one argument counts from zero.
fn random_number(context: &HostContext<'_>, args: &[Data]) -> Result<Data, Failure> {
    let number = |at: usize| match args.get(at) {
        Some(Data::Int(n)) => Ok(*n),
        Some(other) => Err(Failure::new(
            Reason::InvalidInput,
            format!("randomNumber needs whole numbers, not {}", kind(other).name()),
        )),
        None => Ok(0),
    };
    let (a, b) = (number(0)?, number(1)?);
    let (low, high) = (a.min(b), a.max(b));
    let span = high.abs_diff(low);
    if span == 0 {
        return Ok(Data::Int(low));
    }
    let mut bytes = [0u8; 16];
    context.engine.randomness().fill(&mut bytes);
    // 128 bits reduced to at most 64: the bias is below 2^-64.
    let offset = (u128::from_le_bytes(bytes) % u128::from(span)) as u64;
    Ok(Data::Int(low.wrapping_add_unsigned(offset)))
}
