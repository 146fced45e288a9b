//! What is known of each task that is written with square brackets.

/// One task.
#[derive(Debug)]
pub(super) struct Spec {
    /// Its name as documented.
    pub name: &'static str,
    /// Its own keys.
    keys: &'static [&'static str],
    /// Keys that it has in common with others.
    shares: &'static [&'static str],
    /// The keys that must be given.
    pub required: &'static [&'static str],
    /// Keys that are often written for another one, with the right one in backquotes.
    pub meant: &'static [(&'static str, &'static str)],
    /// How it is written.
    pub example: &'static str,
    /// The connector API that it is passed on to, if it is; its keys are that API's inputs.
    pub api: Option<&'static str>,
    /// Whether it takes any key.
    pub open: bool,
}

/// What a task that sends an HTTP request is told of it.
const REQUEST: &[&str] = &[
    "type",
    "parameters",
    "body",
    "headers",
    "content-type",
    "files",
    "connection",
    "detailed",
    "response-format",
    "response-decoding",
    "follow-redirects",
];

impl Spec {
    /// All its keys.
    pub(super) fn keys(&self) -> impl Iterator<Item = &'static str> {
        self.keys.iter().chain(self.shares).copied()
    }
}

const SPECS: &[Spec] = &[
    Spec {
        name: "invokeurl",
        keys: &["url"],
        shares: REQUEST,
        required: &["url"],
        meant: HTTP_WORDS,
        example: "invokeurl [ url: \"https://…\" type: GET ]",
        api: None,
        open: false,
    },
    Spec {
        name: "invokeapi",
        keys: &["service", "path", "timeout", "wait"],
        shares: REQUEST,
        required: &["service", "path"],
        meant: &[
            ("url", "`path`, which follows the address of the service"),
            ("method", "`type`"),
            ("data", "`parameters` or `body`"),
        ],
        example: "invokeapi [ service: zohocrm path: \"v8/Leads\" type: GET ]",
        api: None,
        open: false,
    },
    Spec {
        name: "sendmail",
        keys: &["from", "to", "cc", "bcc", "reply to", "subject", "message", "content type", "attachments"],
        shares: &[],
        required: &["from", "to", "subject"],
        meant: &[
            ("body", "`message`"),
            ("text", "`message`"),
            ("html", "`message`, with `content type: HTML`"),
            ("title", "`subject`"),
            ("sender", "`from`"),
            ("recipient", "`to`"),
            ("replyto", "`reply to`"),
            ("reply-to", "`reply to`"),
            ("content-type", "`content type`, in two words"),
            ("attachment", "`Attachments`"),
            ("files", "`Attachments: file: f`"),
        ],
        example: "sendmail [ from: zoho.adminuserid to: \"ada@example.com\" subject: \"…\" message: \"…\" ]",
        api: None,
        open: false,
    },
    Spec {
        name: "sendsms",
        keys: &[],
        shares: &[],
        required: &["to", "message"],
        meant: &[],
        example: "sendsms [ to: \"+44 20 7946 0018\" message: \"…\" ]",
        api: Some("sms.send"),
        open: true,
    },
    Spec {
        name: "pushNotification",
        keys: &[],
        shares: &[],
        required: &["to", "message"],
        meant: &[],
        example: "pushNotification [ to: \"ada@example.com\" message: \"…\" ]",
        api: Some("push.send"),
        open: true,
    },
];

const HTTP_WORDS: &[(&str, &str)] = &[
    ("method", "`type`"),
    ("data", "`parameters` or `body`"),
    ("payload", "`parameters` or `body`"),
    ("params", "`parameters` or `body`"),
    ("file", "`files`"),
];

/// The task of a name, without case.
pub(super) fn spec(name: &str) -> Option<&'static Spec> {
    SPECS.iter().find(|spec| spec.name.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parser::TASKS;

    #[test]
    fn every_task_that_is_read_is_described() {
        assert_eq!(TASKS.len(), SPECS.len());
        for name in TASKS {
            let spec = spec(name).unwrap();
            assert!(
                spec.open || spec.required.iter().all(|key| spec.keys().any(|known| known == *key)),
                "{name}"
            );
            assert!(crate::host::find(name).is_some(), "{name} is no host call");
        }
    }
}
