//! What a definition says of values and answers, with every field set.

use serde_json::json;
use sluis_model::callback::{CallbackMatch, CallbackMethod, CallbackRule, CallbackSignature};
use sluis_model::connector::{
    AnswerForm, AnswerMapping, AsyncAnswer, DigestEncoding, EachEntry, ErrorRule, HashAlgorithm, KeyEncoding,
    OptionsFrom, Poll, Retry, TimestampForm, When, Who,
};
use sluis_model::signature::{SignatureRule, SignedAt};
use std::collections::BTreeMap;

fn text(value: &str) -> Option<String> {
    Some(value.to_owned())
}

/// A pick list.
pub fn options() -> OptionsFrom {
    OptionsFrom {
        api: "group.one".into(),
        items: text("a.b"),
        value: text("id"),
        label: text("name"),
        search: text("Name"),
        depends_on: vec!["Name".into()],
        with: serde_json::Map::from_iter([("Name".to_owned(), json!("x"))]),
    }
}

/// How answers are read.
pub fn mapping() -> AnswerMapping {
    AnswerMapping {
        form: AnswerForm::Json,
        result: text("body.get(\"a\")"),
        error_when: text("body.get(\"ok\") == false"),
        each: Some(EachEntry {
            when: text("item != null"),
            value: [("id".to_owned(), "item.get(\"id\")".to_owned())].into(),
        }),
    }
}

/// A kind of error.
pub fn rule() -> ErrorRule {
    ErrorRule {
        when: Some(When::Any(vec![When::Status(429), When::Text("5xx".into())])),
        code: "busy".into(),
        message: text("it is busy: ${body.get(\"why\")}"),
        who: Some(Who::Provider),
        retry: Retry::When("status == 429".into()),
        reauthorize: true,
    }
}

/// An answer that its service brings.
fn callback() -> CallbackRule {
    CallbackRule {
        method: CallbackMethod::Get,
        at_most_s: 60,
        signature: Some(CallbackSignature {
            key: "client_secret".into(),
            rule: SignatureRule {
                header: "X-Signature".into(),
                separator: text(","),
                prefix: "sha256=".into(),
                key_prefix: "key_".into(),
                key_encoding: KeyEncoding::Base64,
                sign: "${header.X-Time}.${body}".into(),
                algorithm: HashAlgorithm::Sha512,
                encoding: DigestEncoding::Base64,
                timestamp: Some(SignedAt {
                    from: "${header.X-Time}".into(),
                    form: TimestampForm::UnixMs,
                    tolerance_s: 60,
                }),
            },
        }),
        matches: Some(CallbackMatch {
            answer: "body.get(\"id\")".into(),
            callback: "body.get(\"job\")".into(),
        }),
        done_when: text("body.get(\"state\") == \"done\""),
        failed_when: text("body.get(\"state\") == \"failed\""),
        result: text("body.get(\"url\")"),
    }
}

/// An answer that comes later.
pub fn later() -> AsyncAnswer {
    AsyncAnswer {
        when: text("status == 202"),
        poll: Some(Poll {
            url: text("headers.get(\"location\")"),
            api: text("group.one"),
            inputs: BTreeMap::from([("Name".to_owned(), "body.get(\"id\")".to_owned())]),
            every_s: 5,
            at_most_s: 60,
            done_when: text("status == 200"),
            failed_when: text("status == 500"),
            result: text("body"),
        }),
        callback: Some(callback()),
    }
}
