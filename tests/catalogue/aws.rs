//! The connectors of AWS services against moto, which keeps what it is told, computes every signature anew and
//! looks up every permission.

use crate::local::Connector;
use serde_json::{Value, json};
use sluis_model::id::ApiId;
use sluis_tests::peers::ServerPeer;
use sluis_tests::place::Place;
use std::collections::BTreeMap;

struct World {
    place: Place,
    namespace: &'static str,
    _peer: ServerPeer,
}

impl World {
    async fn new(folder: &str, namespace: &'static str) -> Self {
        let peer = ServerPeer::python("moto", &[]).await.unwrap();
        let connector = Connector::read(folder).moved(|_| Some(peer.host().to_owned()));
        let place = Place::on_this_machine().await;
        let key = ["access_key_id", "secret_access_key"].map(|name| (name, peer.text(name)));
        let given: BTreeMap<_, _> = key.into_iter().chain([("region", "us-east-1")]).collect();
        connector.connect(&place, &given).await;
        Self { place, namespace, _peer: peer }
    }

    /// The body of a good answer.
    async fn call(&self, api: &str, inputs: Value) -> String {
        let (status, body) = self.try_call(api, inputs).await;
        assert_eq!(status / 100, 2, "{api}: {body}");
        body
    }

    async fn try_call(&self, api: &str, inputs: Value) -> (u16, String) {
        let id: ApiId = format!("{}.{api}", self.namespace).parse().unwrap();
        let Value::Object(inputs) = inputs else { panic!("inputs are an object") };
        let answer = self.place.engine.invoke(&self.place.org, &id, &inputs).await;
        let answer = answer.unwrap_or_else(|failure| panic!("{api}: {failure:?}"));
        (answer.status_code, answer.response)
    }

    /// Code and status of a refusal, and who can mend it.
    async fn refusal(&self, api: &str, inputs: Value) -> (String, u16, &'static str) {
        let id: ApiId = format!("{}.{api}", self.namespace).parse().unwrap();
        let Value::Object(inputs) = inputs else { panic!("inputs are an object") };
        let failure = self.place.engine.invoke(&self.place.org, &id, &inputs).await.unwrap_err();
        let said = failure.answer.unwrap_or_else(|| panic!("{api}: {}", failure.message));
        (said.code, said.status_code, said.who.unwrap().as_str())
    }

    async fn json(&self, api: &str, inputs: Value) -> Value {
        serde_json::from_str(&self.call(api, inputs).await).unwrap()
    }
}

#[tokio::test]
async fn items_are_written_found_changed_and_deleted_in_dynamodb() {
    let world = World::new("aws-dynamodb", "awsdynamodb").await;
    assert_eq!(world.json("tables.list", json!({})).await["TableNames"], json!(["Pets"]));
    let table = world.json("tables.get", json!({"Table": "Pets"})).await;
    assert_eq!(table["Table"]["KeySchema"][0]["AttributeName"], "AnimalType");
    for name in ["Fido", "Rex"] {
        let item = json!({"AnimalType": {"S": "Dog"}, "Name": {"S": name}, "Age": {"N": "3"}});
        world.call("items.put", json!({"Table": "Pets", "Item": item})).await;
    }
    let key = json!({"AnimalType": {"S": "Dog"}, "Name": {"S": "Fido"}});
    let update =
        json!({"Table": "Pets", "Key": key, "Update": "SET Age = :age", "Values": {":age": {"N": "4"}}});
    world.call("items.update", update).await;
    let read = world.json("items.get", json!({"Table": "Pets", "Key": key})).await;
    assert_eq!(read["Item"]["Age"], json!({"N": "4"}));
    let dogs = json!({"Table": "Pets", "Condition": "AnimalType = :type", "Values": {":type": {"S": "Dog"}}});
    assert_eq!(world.json("items.query", dogs).await["Count"], 2);
    // A page of one tells where the next begins.
    let page = world.json("items.scan", json!({"Table": "Pets", "Limit": 1})).await;
    let next = json!({"Table": "Pets", "Limit": 10, "Start": page["LastEvaluatedKey"]});
    assert_eq!(world.json("items.scan", next).await["Count"], 1);
    let never = json!({"Table": "Pets", "Key": key, "Condition": "attribute_not_exists(Age)"});
    let refusal = world.refusal("items.delete", never).await;
    assert_eq!(refusal, ("condition_failed".to_owned(), 400, "author"));
    world.call("items.delete", json!({"Table": "Pets", "Key": key})).await;
    let read = world.json("items.get", json!({"Table": "Pets", "Key": key})).await;
    assert_eq!(read.get("Item"), None);
}

#[tokio::test]
async fn messages_are_sent_received_and_deleted_in_sqs() {
    let world = World::new("aws-sqs", "awssqs").await;
    let made =
        world.json("queues.create", json!({"Name": "q-2", "Attributes": {"VisibilityTimeout": "40"}})).await;
    let queue = world.json("queues.find", json!({"Name": "q-2"})).await["QueueUrl"].clone();
    assert_eq!(queue, made["QueueUrl"]);
    let listed = world.json("queues.list", json!({"Prefix": "q-2"})).await;
    assert_eq!(listed["QueueUrls"], json!([queue]));
    let text = "Order \u{201e}4711\u{201c} <shipped>";
    let attributes = json!({"Kind": {"DataType": "String", "StringValue": "shipped"}});
    world.call("messages.send", json!({"Queue": queue, "Text": text, "Attributes": attributes})).await;
    let count = world.json("queues.attributes", json!({"Queue": queue})).await;
    assert_eq!(count["Attributes"]["ApproximateNumberOfMessages"], "1");
    let received = world.json("messages.receive", json!({"Queue": queue})).await;
    let message = &received["Messages"][0];
    assert_eq!(
        (&message["Body"], &message["MessageAttributes"]["Kind"]["StringValue"]),
        (&json!(text), &json!("shipped"))
    );
    // Given back, it comes again.
    let receipt = &message["ReceiptHandle"];
    world.call("messages.hide", json!({"Queue": queue, "Receipt": receipt, "Seconds": 0})).await;
    let received = world.json("messages.receive", json!({"Queue": queue})).await;
    let receipt = &received["Messages"][0]["ReceiptHandle"];
    world.call("messages.delete", json!({"Queue": queue, "Receipt": receipt})).await;
    let count = world.json("queues.attributes", json!({"Queue": queue})).await;
    assert_eq!(count["Attributes"]["ApproximateNumberOfMessages"], "0");
}

#[tokio::test]
async fn an_identity_is_made_and_a_mail_sent_in_ses() {
    let world = World::new("aws-ses", "awsses").await;
    let mail = json!({
        "From": "shop@example.com", "To": ["ada@example.com"], "Subject": "Your order",
        "Text": {"Data": "It is on its way.", "Charset": "UTF-8"},
    });
    let refusal = world.refusal("mail.send", mail.clone()).await;
    assert_eq!(refusal, ("sender_not_verified".to_owned(), 400, "admin"));
    world.call("identities.create", json!({"Identity": "shop@example.com"})).await;
    let read = world.call("identities.create", json!({"Identity": "other.example.com"})).await;
    assert!(read.contains("DOMAIN"), "{read}");
    let sent = world.json("mail.send", mail).await;
    assert!(sent["MessageId"].as_str().is_some_and(|id| !id.is_empty()), "{sent}");
}

#[tokio::test]
async fn objects_are_listed_read_copied_and_deleted_in_s3() {
    let world = World::new("aws-s3", "awss3").await;
    assert!(world.call("buckets.list", json!({})).await.contains("<Name>b-1</Name>"));
    world.call("buckets.find", json!({"Bucket": "b-1"})).await;
    assert!(world.call("buckets.region", json!({"Bucket": "b-1"})).await.contains("LocationConstraint"));
    assert_eq!(world.refusal("buckets.find", json!({"Bucket": "elsewhere"})).await.1, 404);
    let odd = "offers/caf\u{e9} + 1.txt";
    let copy = json!({"Bucket": "b-1", "Key": odd, "Source": "b-1/first.txt"});
    world.call("objects.copy", copy).await;
    let page = world.call("objects.list", json!({"Bucket": "b-1", "Prefix": "offers/", "Limit": 1})).await;
    assert!(page.contains("<KeyCount>1</KeyCount>"), "{page}");
    assert_eq!(world.call("objects.get", json!({"Bucket": "b-1", "Key": odd})).await, "first of all");
    let part = json!({"Bucket": "b-1", "Key": odd, "Range": "bytes=0-4"});
    assert_eq!(world.try_call("objects.get", part).await, (206, "first".to_owned()));
    world.call("objects.about", json!({"Bucket": "b-1", "Key": odd})).await;
    world.call("objects.delete", json!({"Bucket": "b-1", "Key": odd})).await;
    let refusal = world.refusal("objects.get", json!({"Bucket": "b-1", "Key": odd})).await;
    assert_eq!(refusal, ("not_found".to_owned(), 404, "author"));
    let nowhere = world.refusal("objects.list", json!({"Bucket": "elsewhere"})).await;
    assert_eq!(nowhere.0, "no_such_bucket");
}

#[tokio::test]
async fn an_object_is_written_as_bytes_in_s3() {
    let world = World::new("aws-s3", "awss3").await;
    let script = r#"offer = "café 1".toFile("offer.txt");
        answer = invokeConnector("awss3.objects.put", {"Bucket": "b-1", "Key": "offers/4711 é.txt", "File": offer,
            "Content_Type": "text/plain; charset=utf-8", "Cache": "max-age=60"});
        info "written " + answer.get("status_code");"#;
    let end = world.place.run(script).await;
    assert!(end.contains("written 200"), "{end}");
    let at = json!({"Bucket": "b-1", "Key": "offers/4711 \u{e9}.txt"});
    assert_eq!(world.call("objects.get", at.clone()).await, "caf\u{e9} 1");
    let id: ApiId = "awss3.objects.about".parse().unwrap();
    let about = world.place.engine.invoke(&world.place.org, &id, at.as_object().unwrap()).await.unwrap();
    let header =
        |name: &str| about.headers.iter().find(|(known, _)| known == name).map(|found| found.1.as_str());
    assert_eq!(header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(header("cache-control"), Some("max-age=60"));
}
