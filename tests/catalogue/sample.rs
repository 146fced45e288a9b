//! The sample connector, hooks and all, against the service that it describes: a person consents, the API is
//! protected by OAuth 2.0, lists come in pages.

use crate::local::Connector;
use serde_json::{Value, json};
use sluis_example_provider::{Provider, Settings};
use sluis_model::credential::ClientCredentials;
use sluis_model::grant::GrantOutcome;
use sluis_model::id::ApiId;
use sluis_tests::place::{Place, consent};
use std::collections::BTreeSet;

const SECRET: &str = "the secret of this test";

async fn world() -> (Place, Provider) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let settings = Settings {
        ask_person: false,
        client_secret: SECRET.to_owned(),
        ..Settings::with_redirect_uris(["http://127.0.0.1:8080/oauth/callback/acme/gcontacts"])
    };
    let provider = sluis_example_provider::start(listener, settings).await.unwrap();
    let place = Place::on_this_machine().await;
    // It is made for this machine: only the port is another one.
    let text = Connector::read("gcontacts").definition.to_string().replace("127.0.0.1:7880", &host);
    place.release(serde_json::from_str(&text).unwrap()).await;
    let client =
        ClientCredentials { id: "sluis-demo".to_owned(), secret: Some(SECRET.into()), ..Default::default() };
    place.engine.set_client("gcontacts", &client).await.unwrap();
    (place, provider)
}

async fn call(place: &Place, api: &str, inputs: Value) -> Value {
    let id: ApiId = format!("gcontacts.{api}").parse().unwrap();
    let answer = place.engine.invoke(&place.org, &id, inputs.as_object().unwrap()).await.unwrap();
    assert_eq!(answer.status_code / 100, 2, "{api}: {}", answer.response);
    serde_json::from_str(&answer.response).unwrap()
}

#[tokio::test]
async fn contacts_are_added_and_read_page_by_page_with_what_a_person_consented_to() {
    let (place, provider) = world().await;
    let namespace = "gcontacts".parse().unwrap();
    let grant = place.authorize_at(&namespace, consent).await.unwrap();
    assert_eq!(grant.outcome, GrantOutcome::Authorized);
    assert!(call(&place, "account", json!({})).await.is_object());
    let mut added = BTreeSet::new();
    for number in 0..5 {
        let name = format!("Ada {number}");
        let given =
            json!({"First_Name": name, "Last_Name": "L", "Email_ID": format!("ada{number}@example.com")});
        let made = call(&place, "pushcontact", given).await;
        let id = made["resourceName"].as_str().and_then(|name| name.rsplit('/').next()).unwrap().to_owned();
        let read = call(&place, "getcontact", json!({"Contact_ID": id})).await;
        assert_eq!(read["names"][0]["givenName"], *name);
        added.insert(made["resourceName"].clone().to_string());
    }
    // A token that has run out is renewed on the way.
    provider.expire_access_tokens();
    let (mut found, mut page, mut pages) = (BTreeSet::new(), Value::Null, 0);
    loop {
        let mut inputs = json!({"Page_Size": 2});
        if page.is_string() {
            inputs["Page_Token"] = page;
        }
        let answer = call(&place, "listcontacts", inputs).await;
        let people = answer["contacts"].as_array().unwrap();
        assert!(people.len() <= 2, "{answer}");
        found.extend(people.iter().map(|person| person["resourceName"].to_string()));
        pages += 1;
        page = answer["nextPageToken"].clone();
        if !page.is_string() {
            break;
        }
    }
    assert!(added.is_subset(&found) && pages >= 3, "{found:?} on {pages} pages");
    place.engine.revoke(&place.org, &namespace).await.unwrap();
    assert!(place.is_empty().await);
}
