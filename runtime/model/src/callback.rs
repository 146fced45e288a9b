//! An answer that the service brings by itself: it is given an address of ours with the request, and calls
//! that once the answer is there.
//!
//! Expressions are texts here, as in [`answer`](crate::answer). Where they look at what the service brought,
//! `headers`, `body` and `text` are those of its request, and `status` is 200.

use crate::signature::SignatureRule;
use serde::{Deserialize, Serialize};

/// How the answer is brought, what is checked of it, and when it is the last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallbackRule {
    /// The method of the service's request.
    #[serde(default, skip_serializing_if = "CallbackMethod::is_post")]
    pub method: CallbackMethod,
    /// Seconds after which it is given up.
    #[serde(default = "at_most_s")]
    pub at_most_s: u32,
    /// How the service signs its request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<CallbackSignature>,
    /// What must be the same in the first answer and in what the service brings.
    #[serde(rename = "match", default, skip_serializing_if = "Option::is_none")]
    pub matches: Option<CallbackMatch>,
    /// When a request of the service is the last; that it is the first if not given. An expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_when: Option<String>,
    /// When it says that there will be no answer. An expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_when: Option<String>,
    /// What scripts get of it; else what `answer` says. An expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
}

fn at_most_s() -> u32 {
    86_400
}

/// The method with which a service calls back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum CallbackMethod {
    /// The answer is the body.
    #[default]
    #[serde(rename = "POST")]
    Post,
    /// The answer is the query, read as a form.
    #[serde(rename = "GET")]
    Get,
}

impl CallbackMethod {
    fn is_post(&self) -> bool {
        *self == Self::Post
    }

    /// As HTTP writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Get => "GET",
        }
    }
}

/// What must be the same in the first answer and in what the service brings. Two expressions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallbackMatch {
    /// Over the first answer: `body.get("id")`.
    pub answer: String,
    /// Over what the service brings: `body.get("job_id")`.
    pub callback: String,
}

/// How a service signs its request, and with what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackSignature {
    /// What the key is: the name of a field that a person entered when connecting, or [`CLIENT_SECRET`].
    pub key: String,
    /// How it signs. What is in neither is refused by the schema of definitions.
    #[serde(flatten)]
    pub rule: SignatureRule,
}

/// The name of the key that is the secret of the client registration.
pub const CLIENT_SECRET: &str = "client_secret";
