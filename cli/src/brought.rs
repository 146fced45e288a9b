//! Waiting at the terminal for an answer that a service brings.

use crate::outcome::Problem;
use sluis_engine::{DeliveryState, Engine, HandedOver};
use sluis_model::id::{DeliveryId, OrgId};
use std::time::Duration;

/// How long one wait is; then it is begun anew.
const WAIT: Duration = Duration::from_secs(60);

/// Waits until the answer of a call is there, or will not come. Something must be listening for it.
pub async fn wait(engine: &Engine, org: &OrgId, call: &DeliveryId) -> Result<HandedOver, Problem> {
    loop {
        let stands = engine.handed_over_when_settled(org, call, WAIT).await?;
        if stands.state != DeliveryState::AwaitingCallback {
            return Ok(stands);
        }
    }
}
