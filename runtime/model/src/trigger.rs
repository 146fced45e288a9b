//! What starts a run.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What has started a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// Somebody at a terminal or a screen.
    #[default]
    ByHand,
    /// A request to the API.
    Http,
    /// A request to an address that was made for the function.
    Url,
    /// A service that tells of something.
    Webhook,
    /// The clock.
    Schedule,
    /// Something that has happened in Sluis: an authorization, a revocation.
    Hook,
    /// A widget on somebody's page.
    Widget,
}

impl Trigger {
    /// All of them.
    pub const ALL: &'static [Trigger] = &[
        Trigger::ByHand,
        Trigger::Http,
        Trigger::Url,
        Trigger::Webhook,
        Trigger::Schedule,
        Trigger::Hook,
        Trigger::Widget,
    ];

    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Trigger::ByHand => "by_hand",
            Trigger::Http => "http",
            Trigger::Url => "url",
            Trigger::Webhook => "webhook",
            Trigger::Schedule => "schedule",
            Trigger::Hook => "hook",
            Trigger::Widget => "widget",
        }
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trigger_is_written_by_its_name() {
        for trigger in Trigger::ALL {
            assert_eq!(serde_json::to_value(trigger).unwrap(), trigger.as_str());
        }
    }
}
