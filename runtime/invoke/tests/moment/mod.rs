//! The moment at which the calls of tests are made.

use sluis_invoke::{Moment, SHOWN_CALLBACK_URL};
use sluis_model::ports::Randomness;
use sluis_model::time::Timestamp;

struct Sevens;

impl Randomness for Sevens {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0x77);
    }
}

/// 2023-11-14T22:13:20.123Z, and all random bytes are 0x77.
pub fn moment() -> Moment<'static> {
    Moment { now: Timestamp(1_700_000_000_123), randomness: &Sevens, callback_url: SHOWN_CALLBACK_URL }
}
