//! What another platform allows its built-ins, for runs that are measured against it.

use super::Heap;

/// Sizes that a platform documents for its built-ins.
#[derive(Debug, PartialEq, Eq)]
pub struct Platform {
    /// Its name, for messages.
    pub name: &'static str,
    /// Bytes of each text that a text function takes or answers.
    pub text: usize,
    /// Bytes of a text that is read as JSON.
    pub json: usize,
    /// Elements that one call may add to a list or collection.
    pub added: usize,
    /// Characters to which a text is filled up.
    pub padding: i64,
    /// Bytes of a text that becomes a file.
    pub file: usize,
}

impl Heap {
    /// Measures the run against a platform, or no longer.
    pub fn set_platform(&mut self, platform: Option<&'static Platform>) {
        self.platform = platform;
    }

    /// What the run is measured against, if anything.
    pub fn platform(&self) -> Option<&'static Platform> {
        self.platform
    }
}
