//! CalDAV against Radicale, a calendar server: a calendar is made, and an event goes through its life in it.

use crate::local::Connector;
use serde_json::{Value, json};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::ApiId;
use sluis_tests::peers::ServerPeer;
use sluis_tests::place::Place;
use std::collections::BTreeMap;

const PASSWORD: &str = "canary: p\u{e4}ss";

struct World {
    place: Place,
    _peer: ServerPeer,
}

impl World {
    async fn new() -> Self {
        let peer = ServerPeer::python("radicale", &[("PASSWORD", PASSWORD)]).await.unwrap();
        let connector = Connector::read("caldav").moved(|_| Some(peer.host().to_owned()));
        let place = Place::on_this_machine().await;
        // Pasted with the slashes that an address has.
        let given = [("user", "anna"), ("password", PASSWORD), ("home", "/anna/"), ("server", peer.host())];
        connector.connect(&place, &BTreeMap::from(given)).await;
        Self { place, _peer: peer }
    }

    async fn try_call(&self, api: &str, inputs: Value) -> Result<Value, Failure> {
        let id: ApiId = format!("caldav.{api}").parse().unwrap();
        let Value::Object(inputs) = inputs else { panic!("inputs are an object") };
        let answer = self.place.engine.invoke(&self.place.org, &id, &inputs).await?;
        Ok(serde_json::from_str(&answer.into_value().to_json()).unwrap())
    }

    /// What scripts get of a good answer.
    async fn call(&self, api: &str, inputs: Value) -> Value {
        self.try_call(api, inputs).await.unwrap_or_else(|failure| panic!("{api}: {failure:?}"))
    }

    /// Code, status and who can mend it, of a refusal.
    async fn refusal(&self, api: &str, inputs: Value) -> (String, u16, &'static str) {
        let failure = self.try_call(api, inputs).await.unwrap_err();
        assert_eq!(failure.reason, Reason::ServiceError, "{failure:?}");
        let answer = failure.answer.unwrap();
        (answer.code, answer.status_code, answer.who.unwrap().as_str())
    }
}

fn event(summary: &str, begin: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:t\r\nBEGIN:VEVENT\r\nUID:u-1\r\nDTSTAMP:20260101T000000Z\r\n\
         DTSTART:{begin}\r\nDURATION:PT1H\r\nSUMMARY:{summary}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

#[tokio::test]
async fn an_event_is_written_found_changed_and_deleted_in_a_calendar_that_was_made() {
    let world = World::new().await;
    let work = json!({"Calendar": "work 1", "Name": "Work <& travel>", "Color": "#2a7fff"});
    assert_eq!(world.call("calendars.create", work.clone()).await, json!({"calendar": "work 1"}));
    let who = world.call("account", json!({})).await;
    assert_eq!(who[0]["principal"], "/anna/", "{who}");
    let listed = world.call("calendars.list", json!({})).await;
    assert_eq!(listed.as_array().unwrap().len(), 1, "the home itself is no calendar: {listed}");
    assert_eq!(
        (&listed[0]["calendar"], &listed[0]["name"], &listed[0]["color"]),
        (&json!("work 1"), &json!("Work <& travel>"), &json!("#2a7fff"))
    );

    let at = json!({"Calendar": "work 1", "Event": "caf\u{e9}.ics"});
    let with = |more: Value| {
        let mut all = at.as_object().unwrap().clone();
        all.extend(more.as_object().unwrap().clone());
        Value::Object(all)
    };
    let text = event("Caf\u{e9}", "20260102T090000Z");
    let made = world.call("events.create", with(json!({"Text": text}))).await;
    let first = made["etag"].clone();
    assert!(first.as_str().is_some_and(|etag| etag.starts_with('"')), "{made}");
    // In its span it is found, next to it not, and a list of none is a list.
    let day = json!({"Calendar": "work 1", "From": "20260102T000000Z", "To": "20260103T000000Z"});
    let found = world.call("events.list", day).await;
    assert_eq!((&found[0]["event"], &found[0]["etag"]), (&json!("caf\u{e9}.ics"), &first));
    assert!(found[0]["text"].as_str().unwrap().contains("SUMMARY:Caf\u{e9}"), "{found}");
    let later = json!({"Calendar": "work 1", "From": "20260103T000000Z"});
    assert_eq!(world.call("events.list", later).await, json!([]));
    let known = world.call("events.find", json!({"Calendar": "work 1", "UID": "u-1"})).await;
    assert_eq!(known[0]["etag"], first);

    // Whoever changes it says what was read; who read something older is told.
    let change =
        |etag: &Value, summary: &str| with(json!({"ETag": etag, "Text": event(summary, "20260102T090000Z")}));
    let second = world.call("events.update", change(&first, "Tea")).await["etag"].clone();
    assert_ne!(second, first);
    let stale = world.refusal("events.update", change(&first, "Juice")).await;
    assert_eq!(stale, ("changed_meanwhile".to_owned(), 412, "author"));
    let read = world.call("events.get", at.clone()).await;
    assert_eq!(read["etag"], second);
    assert!(read["text"].as_str().unwrap().contains("SUMMARY:Tea"), "{read}");

    let stale = world.refusal("events.delete", with(json!({"ETag": first}))).await;
    assert_eq!(stale.0, "changed_meanwhile");
    world.call("events.delete", with(json!({"ETag": second}))).await;
    assert_eq!(world.refusal("events.get", at.clone()).await.0, "not_found");
    world.call("calendars.update", json!({"Calendar": "work 1", "Name": "Travel"})).await;
    assert_eq!(world.call("calendars.list", json!({})).await[0]["name"], "Travel");
    world.call("calendars.delete", json!({"Calendar": "work 1"})).await;
    assert_eq!(world.call("calendars.list", json!({})).await, json!([]));
}

#[tokio::test]
async fn refusals_of_a_calendar_server_are_told_apart() {
    let world = World::new().await;
    let work = json!({"Calendar": "work", "Name": "Work"});
    world.call("calendars.create", work.clone()).await;
    assert_eq!(world.refusal("calendars.create", work).await.0, "already_there");
    let new = json!({"Calendar": "work", "Event": "1.ics", "Text": event("Tea", "20260102T090000Z")});
    world.call("events.create", new.clone()).await;
    assert_eq!(world.refusal("events.create", new).await.0, "already_there");
    let nowhere = json!({"Calendar": "elsewhere", "Event": "1.ics"});
    assert_eq!(world.refusal("events.get", nowhere).await, ("not_found".to_owned(), 404, "author"));
    let busy = json!({"Calendar": "work", "From": "20260102T000000Z", "To": "20260103T000000Z"});
    let busy = world.call("freebusy.query", busy).await;
    assert!(busy.as_str().is_some_and(|text| text.contains("20260102T090000Z/")), "{busy}");
    // An XML body is data: what is written as a time cannot become a filter of one's own.
    let span = json!({"Calendar": "work", "From": "20260102T000000Z\"/><x y=\""});
    let failure = world.try_call("events.list", span).await.unwrap_err();
    assert_eq!(failure.reason, Reason::InvalidInput, "{failure}");
}
