//! The ports through which time and randomness enter. Production uses the system's; tests steer.

use crate::time::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// Gives unpredictable bytes.
pub trait Randomness: Send + Sync {
    /// Fills the buffer with cryptographically strong random bytes.
    fn fill(&self, buffer: &mut [u8]);
}
