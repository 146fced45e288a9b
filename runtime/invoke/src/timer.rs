//! The port through which calls wait. Production waits; tests let time pass.

use async_trait::async_trait;
use std::time::Duration;

/// Lets time pass.
#[async_trait]
pub trait Timer: Send + Sync {
    /// Comes back after this time on the same clock that the caller reads.
    async fn sleep(&self, pause: Duration);
}

/// Waits for real.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemTimer;

#[async_trait]
impl Timer for SystemTimer {
    async fn sleep(&self, pause: Duration) {
        tokio::time::sleep(pause).await;
    }
}
