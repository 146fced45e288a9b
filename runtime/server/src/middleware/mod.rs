//! Layers that every request passes, outermost first: [`request_id`], [`headers`], [`panic`],
//! [`timeout`]. Who may ask is in `caller`, how much may be sent in `extract`.

pub mod cross_origin;
pub mod forwarded;
pub mod headers;
pub mod limits;
pub mod panic;
pub mod repeats;
pub mod request_id;
pub mod timeout;
pub mod trigger_limits;
