//! What one request may take, and whether its redirects are followed.

use std::time::Duration;

/// What one request may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendLimits {
    /// Whole time, from here to the last byte of the answer, with all redirects on the way.
    pub total: Duration,
    /// Time to the first byte of an answer, connecting included; no longer than `total`.
    pub first_byte: Duration,
    /// Longest body read, in bytes after decompression.
    pub max_body: usize,
    /// Longest body read, in bytes as they arrive.
    pub max_wire: usize,
    /// What [`follow`](crate::follow::follow) does with a redirect. [`Http::send`](super::Http::send)
    /// itself never follows one.
    pub redirects: Redirects,
}

impl Default for SendLimits {
    /// 30 seconds, 10 MiB, no redirects.
    fn default() -> Self {
        Self {
            total: Duration::from_secs(30),
            first_byte: Duration::from_secs(30),
            max_body: 10 << 20,
            max_wire: 10 << 20,
            redirects: Redirects::Returned,
        }
    }
}

/// What happens with an answer that points elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redirects {
    /// It is the answer. So it is for whatever carries a code, a token or a client secret: no honest
    /// token endpoint redirects.
    Returned,
    /// It is followed, so many times at most.
    Followed {
        /// Hops; one more is an error.
        at_most: u8,
    },
}

impl Redirects {
    /// Followed as often as any honest service needs: five times.
    pub const FOLLOWED: Self = Self::Followed { at_most: 5 };
}
