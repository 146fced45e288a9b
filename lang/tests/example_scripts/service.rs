//! An address book that answers like the sample provider, and can be made to stumble.

use sluis_lang::value::data::Data;
use sluis_lang::vm::HostFault;

/// What goes wrong with a request to the service, counted from 1.
#[derive(Debug, Clone, Copy)]
pub enum Trouble {
    /// This request is answered with this status.
    Status(usize, i64),
    /// This request gets no answer.
    NoAnswer(usize),
}

/// The service behind `gcontacts`.
pub struct Service {
    contacts: Vec<String>,
    troubles: &'static [Trouble],
    requests: Vec<String>,
}

impl Service {
    /// With so many contacts, the first of them Ada.
    pub fn new(contacts: usize, troubles: &'static [Trouble]) -> Self {
        let contacts = (0..contacts).map(|number| match number {
            0 => contact(1, "Ada", "Lovelace", "ada@example.com"),
            n => contact(
                n + 1,
                "Person",
                &n.to_string(),
                &format!("p{n}@{}", ["a.example", "b.example"][n % 2]),
            ),
        });
        Self { contacts: contacts.collect(), troubles, requests: Vec::new() }
    }

    /// What was asked, one request a line: the API and its input as JSON.
    pub fn requests(&self) -> String {
        self.requests.join("\n")
    }

    /// The answer to a host call.
    pub fn answer(&mut self, name: &str, args: &[Data]) -> Result<Data, HostFault> {
        match name {
            "isAuthorized" | "authorize" => Ok(Data::Bool(true)),
            "invokeConnector" => {
                let api = args.first().and_then(Data::as_str).unwrap_or_default().to_owned();
                self.invoke(&api, args.get(1).unwrap_or(&Data::Null))
            }
            "firstRows" | "firstPages" => {
                let size = args.get(2).and_then(|options| field(options, "page_size")).cloned();
                self.page(name == "firstPages", 1, Data::map([("Page_Size", size.unwrap_or_default())]))
            }
            "nextPage" => {
                let part =
                    |key: &str| args.first().and_then(|walk| field(walk, key)).cloned().unwrap_or_default();
                let Data::Int(number) = part("number") else { panic!("{args:?}") };
                self.page(part("pages") == Data::Bool(true), number + 1, part("input"))
            }
            other => panic!("nobody answers {other}"),
        }
    }

    /// One page of the contacts, and how a walk over them goes on.
    fn page(&mut self, pages: bool, number: i64, input: Data) -> Result<Data, HostFault> {
        let answer = self.invoke("gcontacts.listcontacts", &input)?;
        let response = field(&answer, "response").and_then(Data::as_str).unwrap_or_default();
        let body = Data::from_json(response).unwrap_or_default();
        let rows = field(&body, "contacts").cloned().unwrap_or_default();
        let items = match pages {
            true => Data::List(vec![Data::map([("number", Data::Int(number)), ("rows", rows)])]),
            false => rows,
        };
        let next = field(&body, "nextPageToken").map_or(Data::Null, |token| {
            let size = field(&input, "Page_Size").cloned().unwrap_or_default();
            let input = Data::map([("Page_Size", size), ("Page_Token", token.clone())]);
            Data::map([("pages", Data::Bool(pages)), ("number", Data::Int(number)), ("input", input)])
        });
        Ok(Data::map([("items", items), ("next", next)]))
    }

    fn invoke(&mut self, api: &str, input: &Data) -> Result<Data, HostFault> {
        self.requests.push(format!("{api} {}", input.to_json()));
        let number = self.requests.len();
        for trouble in self.troubles {
            match *trouble {
                Trouble::Status(at, status) if at == number => return Ok(answered(status, "{\"error\":{}}")),
                Trouble::NoAnswer(at) if at == number => {
                    let message = "the service did not answer in time".to_owned();
                    return Err(HostFault { reason: "timeout".to_owned(), message, help: None, data: None });
                }
                _ => {}
            }
        }
        let text = |key: &str| field(input, key).map(Data::to_json).unwrap_or_default().replace('"', "");
        Ok(match api {
            "gcontacts.pushcontact" => {
                let id = self.contacts.len() + 1;
                let made = contact(id, &text("First_Name"), &text("Last_Name"), &text("Email_ID"));
                self.contacts.push(made.clone());
                answered(201, &made)
            }
            "gcontacts.listcontacts" => {
                let size = text("Page_Size").parse().unwrap_or(100);
                let from = text("Page_Token").parse().unwrap_or(0);
                let to = (from + size).min(self.contacts.len());
                let next = if to < self.contacts.len() {
                    format!(",\"nextPageToken\":\"{to}\"")
                } else {
                    String::new()
                };
                answered(200, &format!("{{\"contacts\":[{}]{next}}}", self.contacts[from..to].join(",")))
            }
            "gcontacts.account" => answered(200, "{\"email\":\"owner@example.com\"}"),
            "gcontacts.getcontact" => answered(404, "{\"error\":{\"code\":404}}"),
            other => panic!("there is no {other}"),
        })
    }
}

fn field<'d>(input: &'d Data, key: &str) -> Option<&'d Data> {
    let Data::Map(entries) = input else { return None };
    entries.iter().find(|(name, _)| name.as_str() == Some(key)).map(|(_, value)| value)
}

fn contact(id: usize, given: &str, family: &str, email: &str) -> String {
    format!(
        "{{\"resourceName\":\"contacts/{id}\",\"names\":[{{\"givenName\":\"{given}\",\"familyName\":\"{family}\"}}],\
         \"emailAddresses\":[{{\"value\":\"{email}\"}}]}}"
    )
}

fn answered(status: i64, body: &str) -> Data {
    let text = |text: &str| Data::Text(text.to_owned());
    Data::Map(vec![(text("status_code"), Data::Int(status)), (text("response"), text(body))])
}
