//! Who is asked: the service itself, a bare proxy, and Sluis on each store.

use crate::arguments::Product;
use crate::asking::Question;
use crate::children::{self, Running};
use crate::server::{Place, Sluis, TOKEN};
use crate::service;
use anyhow::Result;
use serde_json::json;

/// All of them, running.
pub struct Contestants {
    /// Names, and what each is asked.
    pub questions: Vec<(&'static str, Question)>,
    /// The processes of Sluis by name.
    pub products: Vec<(&'static str, Sluis)>,
    _children: [Running; 2],
    _places: Vec<Place>,
}

/// The question of an invoke.
pub fn invoke(sluis: &Sluis, org: &str, connection: Option<&str>) -> Question {
    let mut body = json!({ "data": { "id": "7" } });
    if let Some(name) = connection {
        body["connection"] = json!(name);
    }
    Question {
        address: sluis.base.trim_start_matches("http://").to_owned(),
        method: "POST",
        path: format!("/api/v1/orgs/{org}/invoke/bench.get"),
        token: TOKEN.to_owned(),
        body: body.to_string(),
    }
}

impl Contestants {
    /// Starts them.
    pub async fn start(product: &Product) -> Result<Self> {
        let upstream = children::role(&["service"]).await?;
        let proxy = children::role(&["proxy", &upstream.address]).await?;
        let direct = Question {
            address: upstream.address.clone(),
            method: "GET",
            path: "/contacts/7".to_owned(),
            token: service::TOKEN.to_owned(),
            body: String::new(),
        };
        let through = Question {
            address: proxy.address.clone(),
            method: "POST",
            path: "/invoke".to_owned(),
            token: String::new(),
            body: json!({ "data": { "id": "7" } }).to_string(),
        };
        let mut questions = vec![("direct", direct), ("axum + reqwest", through)];
        let (mut products, mut places) = (Vec::new(), Vec::new());
        let stores = [("sluis, redb", None), ("sluis, PostgreSQL", product.postgres.as_deref())];
        for (name, store) in stores {
            if name == "sluis, PostgreSQL" && store.is_none() {
                continue;
            }
            let place = Place::new(product, store, &upstream.address).await?;
            let (sluis, _) = place.start().await?;
            sluis.release(&upstream.address).await?;
            sluis.make_org("acme").await?;
            sluis.connect("acme", None).await?;
            questions.push((name, invoke(&sluis, "acme", None)));
            products.push((name, sluis));
            places.push(place);
        }
        Ok(Self { questions, products, _children: [upstream, proxy], _places: places })
    }
}
