//! What a scheme made of it, as text.

use super::document::Fence;
use serde_json::{Map, Value, json};
use sluis_auth::{AuthError, Begun, CallbackError, DeviceBegun, Obtained, Polled, Revocation, TokenError};
use sluis_model::error::Failure;
use sluis_model::time::Timestamp;

/// The end of a conversation.
pub trait Shown {
    /// As a fence.
    fn fence(&self) -> Fence;
}

impl Shown for Begun {
    fn fence(&self) -> Fence {
        let begun = json!({
            "authorize_url": self.authorize_url.as_str(),
            "state": self.state.expose(),
            "kept": self.kept.expose(),
        });
        json_fence("json begun", &begun)
    }
}

impl Shown for Obtained {
    fn fence(&self) -> Fence {
        let mut shown = Map::new();
        let tokens = &self.tokens;
        shown.insert("access_token".to_owned(), tokens.access_token.expose().as_str().into());
        let texts = [("refresh_token", &tokens.refresh_token), ("token_secret", &tokens.token_secret)];
        for (name, value) in texts {
            if let Some(value) = value {
                shown.insert(name.to_owned(), value.expose().as_str().into());
            }
        }
        let moments = [("expires_at", tokens.expires_at), ("refresh_expires_at", tokens.refresh_expires_at)];
        for (name, value) in moments {
            if let Some(value) = value {
                shown.insert(name.to_owned(), moment(value).into());
            }
        }
        if !tokens.scopes.is_empty() {
            shown.insert("scopes".to_owned(), json!(tokens.scopes));
        }
        if !self.variables.is_empty() {
            shown.insert("variables".to_owned(), json!(self.variables));
        }
        json_fence("json obtained", &Value::Object(shown))
    }
}

impl Shown for DeviceBegun {
    fn fence(&self) -> Fence {
        let mut shown = json!({
            "device_code": self.device_code.expose(),
            "user_code": self.user_code,
            "verification_uri": self.verification_uri.as_str(),
            "expires_in_s": self.expires_in_s,
            "interval_s": self.interval_s,
        });
        if let Some(complete) = &self.verification_uri_complete {
            shown["verification_uri_complete"] = complete.as_str().into();
        }
        json_fence("json device", &shown)
    }
}

impl Shown for Polled {
    fn fence(&self) -> Fence {
        match self {
            Polled::Pending => Fence::new("text result", "nobody has decided yet"),
            Polled::SlowDown => Fence::new("text result", "nobody has decided yet; ask less often"),
            Polled::Obtained(obtained) => obtained.fence(),
        }
    }
}

impl Shown for Revocation {
    fn fence(&self) -> Fence {
        let text = match self {
            Revocation::Revoked => "revoked",
            Revocation::AlreadyGone => "already gone",
        };
        Fence::new("text result", text)
    }
}

/// Why it came to nothing: the reason that callers see, and the words.
pub trait Refused {
    /// As a fence.
    fn fence(self) -> Fence;
}

impl Refused for TokenError {
    fn fence(self) -> Fence {
        let pause = match self.kind {
            sluis_auth::TokenErrorKind::Transient { retry_after: Some(pause) } => {
                format!(" (again in {} s)", pause.as_secs())
            }
            _ => String::new(),
        };
        let failure = Failure::from(self);
        Fence::new("text error", format!("{}: {}{pause}", failure.reason.as_str(), failure.message))
    }
}

impl Refused for AuthError {
    fn fence(self) -> Fence {
        of_failure(&self.into())
    }
}

impl Refused for CallbackError {
    fn fence(self) -> Fence {
        of_failure(&self.into())
    }
}

fn of_failure(failure: &Failure) -> Fence {
    Fence::new("text error", format!("{}: {}", failure.reason.as_str(), failure.message))
}

fn json_fence(info: &str, value: &Value) -> Fence {
    Fence::new(info, serde_json::to_string_pretty(value).unwrap_or_default())
}

fn moment(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0)
        .map(|at| at.to_string())
        .unwrap_or_else(|_| format!("{} ms", at.0))
}
