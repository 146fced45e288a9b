//! Long lists, page by page, from scripts and from outside, against a service that has every style.

use crate::paging_service::PagingService;
use serde_json::{Value, json};
use sluis_engine::{
    CallOptions, Engine, EngineBuilder, EntryPoint, Opened, RunEnd, RunRequest, Through, Unobserved, Walk,
};
use sluis_invoke::paginate::{Position, Wanted};
use sluis_invoke::{EgressPolicy, HostPort, Transport};
use sluis_lang::vm::Limits;
use sluis_model::error::Reason;
use sluis_model::id::OrgId;
use sluis_model::run::RunStatus;
use sluis_vault::{KeyRing, SystemRandomness, Vault};
use std::sync::Arc;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

struct World {
    engine: Engine,
    service: PagingService,
}

fn org() -> OrgId {
    "acme".parse().unwrap()
}

/// One connector with an API for every way to the next page.
fn connector(host: &str) -> String {
    let inputs =
        "Total: {}, Size: { required: false }, Padding: { required: false }, At: { required: false }";
    let query = "size: \"${Size}\", padding: \"${Padding}\"";
    let api = |name: &str, parameter: &str, pagination: &str| {
        format!(
            "  {name}:\n    method: GET\n    effect: read\n    url: http://{host}/${{Total}}/{name}\n    \
             query: {{ {query}, {parameter}: \"${{At}}\" }}\n    inputs: {{ {inputs} }}\n    \
             pagination: {{ page_size: {{ input: Size }}, {pagination} }}\n"
        )
    };
    let post = |name: &str, body: &str, pagination: &str| {
        format!(
            "  {name}:\n    method: POST\n    effect: read\n    url: http://{host}/${{Total}}/{name}\n    \
             body: {{ json: {body} }}\n    inputs: {{ Total: {{}}, At: {{ required: false }} }}\n{pagination}"
        )
    };
    let apis = [
        api("link", "at", "link: {}"),
        api("next_url", "at", "next_url: { at: _links.next.href }, rows: data"),
        api("header_url", "at", "next_url: { header: X-Next-Page }"),
        api("elsewhere", "at", "next_url: { at: next }, rows: data"),
        api("cursor", "token", "cursor: { input: At, at: meta.next }, rows: items"),
        api("last_id", "after", "cursor: { input: At, at: \"data[-1].id\" }, more: has_more, rows: data"),
        api("offset", "at", "offset: { input: At }, rows: list"),
        api("page", "page", "page: { input: At, total: pages }, rows: list"),
        api("deaf", "page", "page: { input: At }, rows: list"),
        api("circle", "token", "cursor: { input: At, at: meta.next }, rows: items"),
        api("gone", "page", "page: { input: At }, rows: list, on_error: stop"),
        api("broken", "page", "page: { input: At }, rows: list, on_error: stop"),
        api("html", "page", "page: { input: At }, rows: list"),
        post(
            "graphql",
            "{ query: q, variables: { after: \"${At}\" } }",
            "    pagination: { cursor: { input: At, at: data.issues.pageInfo.endCursor }, more: data.issues.pageInfo.hasNextPage, rows: data.issues.nodes }\n",
        ),
        post(
            "begin",
            "{ path: \"${At}\" }",
            "    pagination: { cursor: { input: Cursor, at: cursor, api: go_on }, more: has_more, rows: entries, at_most_rows: 35 }\n",
        ),
        format!(
            "  go_on:\n    method: POST\n    url: http://{host}/${{Total}}/continue\n    body: {{ json: {{ cursor: \"${{Cursor}}\" }} }}\n"
        ),
        format!("  single:\n    method: GET\n    url: http://{host}/1/link\n"),
    ];
    format!(
        "sluis: 1\nnamespace: p\nservice: {{ name: Pages }}\nauth: {{ scheme: none }}\nhosts: [\"{host}\"]\napis:\n{}",
        apis.concat()
    )
}

impl World {
    async fn new() -> Self {
        Self::within(Limits::local()).await
    }

    async fn within(limits: Limits) -> Self {
        let service = PagingService::start().await;
        let store = sluis_store::open_in_memory().await.unwrap();
        let ring = KeyRing::from_text(KEY, "the test").unwrap();
        let vault = Arc::new(Vault::new(ring, Arc::new(SystemRandomness)));
        let policy = EgressPolicy::allowing(vec![HostPort::parse(&service.host).unwrap()]);
        let engine = EngineBuilder::new(
            Arc::new(Opened { store, vault }),
            Arc::new(Transport::new(policy)),
            "http://127.0.0.1:1".parse().unwrap(),
        )
        .limits(limits)
        .build();
        engine.ensure_org(&org()).await.unwrap();
        let text = connector(&service.host);
        let definition = sluis_definition::read("connector.yaml", &text, &|_| Err("no files".into()))
            .unwrap_or_else(|problems| panic!("{problems:#?}"));
        engine.release(definition, Default::default()).await.unwrap();
        Self { engine, service }
    }

    async fn run(&self, source: &str) -> RunEnd {
        let request = RunRequest {
            org: org(),
            user: None,
            label: "test.dg".to_owned(),
            function: None,
            source: source.to_owned(),
            entry: EntryPoint::Default,
            args: Vec::new(),
            keep: false,
        };
        self.engine.run(request, &mut Unobserved).await.unwrap()
    }

    /// The lines that a script prints that ends without a fault.
    async fn prints(&self, source: &str) -> Vec<String> {
        let end = self.run(source).await;
        assert!(end.fault.is_none(), "{:?}", end.run.status);
        end.run.output
    }

    /// Code, message and help of the fault that ends a script, and what it printed before.
    async fn fails(&self, source: &str) -> (String, String, Vec<String>) {
        let end = self.run(source).await;
        let fault = end.fault.unwrap_or_else(|| panic!("{:?}", end.run.status));
        let said = format!("{} {}", fault.message, fault.help.unwrap_or_default());
        (fault.reason.unwrap_or_default(), said, end.run.output)
    }
}

/// Counts the rows of an API and adds up their ids.
fn counting(api: &str, total: u64) -> String {
    format!(
        "count = 0; sum = 0; for each row in rows(\"p.{api}\", {{\"Total\": {total}}}) {{ count = count + 1; sum = sum + row.get(\"id\"); }} info count + \" \" + sum;"
    )
}

#[tokio::test]
async fn every_style_gives_every_row_once() {
    let world = World::new().await;
    for style in ["link", "next_url", "header_url", "cursor", "last_id", "offset", "page", "graphql"] {
        for (total, pages) in [(0, 1), (7, 1), (10, 1), (25, 3), (30, 3)] {
            let printed = world.prints(&counting(style, total)).await;
            let sum: u64 = (0..total).sum();
            assert_eq!(printed, [format!("{total} {sum}")], "{style} {total}");
            // Where nothing tells of the end, an empty page does.
            let empty = u64::from(style == "offset" && total > 0);
            let asked = world.service.asked();
            assert_eq!(asked.len() as u64, pages + empty, "{style} {total}: {asked:?}");
        }
    }
}

#[tokio::test]
async fn a_walk_that_goes_on_at_another_api_takes_its_cursor_there() {
    let world = World::new().await;
    assert_eq!(world.prints(&counting("begin", 25)).await, ["25 300"]);
    assert_eq!(
        world.service.asked(),
        [r#"begin {"path":null}"#, r#"continue {"cursor":"10"}"#, r#"continue {"cursor":"20"}"#]
    );
}

#[tokio::test]
async fn a_caller_chooses_the_size_of_pages_and_how_many_rows_it_wants() {
    let world = World::new().await;
    let source = r#"
        n = 0;
        for each row in rows("p.offset", {"Total": 100}, {"page_size": 20, "at_most": 50}) { n = n + 1; }
        info n;
        info rows("p.cursor", {"Total": 100}, {"at_most": 3});
        for each page in pages("p.link", {"Total": 25, "Size": 10})
        {
            info page.get("number") + " " + page.get("rows").size() + " " + page.get("status_code") + " " + page.get("response").size();
        }
        // The first page is where the data say it is.
        info rows("p.page", {"Total": 25, "At": 3}).size();
    "#;
    let printed = world.prints(source).await;
    assert_eq!(printed[..2], ["50".to_owned(), r#"{"id":0},{"id":1},{"id":2}"#.to_owned()]);
    assert_eq!(printed[2..], ["1 10 200 10", "2 10 200 10", "3 5 200 5", "5"]);
    let asked = world.service.asked();
    assert_eq!(
        asked[..3],
        ["/100/offset?at=0&size=20", "/100/offset?at=20&size=20", "/100/offset?at=40&size=20"]
    );
    // Of a key that the service named in the address of a next page nothing is left, and it was starred.
    assert_eq!(world.prints(&counting("next_url", 25)).await, ["25 300"]);
    assert!(world.service.asked()[1].ends_with("?size=10&padding=0&at=10"));
}

#[tokio::test]
async fn circles_are_found_and_said() {
    let world = World::new().await;
    let (code, said, _) = world.fails(&counting("deaf", 100)).await;
    assert_eq!(code, "page_loop");
    assert!(said.contains("page 2 of `p.deaf`") && said.contains("earlier page"), "{said}");
    let (code, said, _) = world.fails(&counting("circle", 100)).await;
    assert_eq!(code, "page_loop");
    assert!(said.contains("page 3 of `p.circle`") && said.contains("read already"), "{said}");
}

#[tokio::test]
async fn a_next_page_on_another_host_is_not_asked_for() {
    let world = World::new().await;
    let (code, said, _) = world.fails(&counting("elsewhere", 100)).await;
    assert_eq!(code, "forbidden");
    assert!(said.contains("http://localhost:9"), "{said}");
    assert_eq!(world.service.asked().len(), 1);
}

#[tokio::test]
async fn a_refused_page_fails_or_ends_the_walk_as_the_definition_says() {
    let world = World::new().await;
    assert_eq!(world.prints(&counting("gone", 100)).await, ["20 190"]);
    // Being asked to slow down is never the end of a list.
    let (code, said, _) = world.fails(&counting("broken", 100)).await;
    assert_eq!(code, "page_failed");
    assert!(said.contains("page 3 of `p.broken`: status 429: slow down"), "{said}");
    let (code, said, _) = world.fails(&counting("html", 100)).await;
    assert!(code == "page_failed" && said.contains("page 1") && said.contains("not JSON"), "{said}");
    let caught = world.prints(r#"try { for each row in rows("p.broken", {"Total": 100}) { n = row.get("id"); } } catch (e) { info e.code + " after " + n; }"#).await;
    assert_eq!(caught, ["page_failed after 19"]);
}

#[tokio::test]
async fn more_rows_than_the_definition_allows_are_an_honest_failure() {
    let world = World::new().await;
    let source = r#"n = 0; try { for each row in rows("p.begin", {"Total": 100}) { n = n + 1; } } catch (e) { info n + " " + e.code + " " + e.message; }"#;
    let printed = world.prints(source).await;
    assert!(
        printed[0].starts_with("35 too_large") && printed[0].contains("`at_most_rows: 35`"),
        "{printed:?}"
    );
    // Who wants fewer is not told of it.
    assert_eq!(
        world.prints(r#"info rows("p.begin", {"Total": 100}, {"at_most": 35}).size();"#).await,
        ["35"]
    );
    assert_eq!(world.prints(&counting("begin", 35)).await, ["35 595"]);
}

#[tokio::test]
async fn a_list_of_everything_is_bounded_and_says_how_to_walk_instead() {
    let world = World::new().await;
    let (code, said, _) =
        world.fails(r#"info rows("p.offset", {"Total": 20000, "Size": 1000}).size();"#).await;
    assert_eq!(code, "too_large");
    assert!(said.contains("for each row in rows(\"p.offset\", data)") && said.contains("10000"), "{said}");
    let source = r#"info rows("p.offset", {"Total": 20000, "Size": 1000}, {"at_most": 15000}).size();"#;
    assert_eq!(world.prints(source).await, ["15000"]);
    assert_eq!(
        world.prints(r#"info rows("p.offset", {"Total": 10000, "Size": 1000}).size();"#).await,
        ["10000"]
    );
}

#[tokio::test]
async fn what_cannot_be_walked_is_refused_in_words() {
    let world = World::new().await;
    for (source, expected) in [
        (r#"for each r in rows("p.single") { info r; }"#, "has no pages"),
        (
            r#"for each r in rows("p.cursor", {"Total": 1}, {"at_most": 0}) { info r; }"#,
            "whole number from 1, not 0",
        ),
        (r#"for each r in rows("p.cursor", {"Total": 1}, {"page_syze": 3}) { info r; }"#, "page_syze"),
        (
            r#"for each r in rows("p.graphql", {"Total": 1}, {"page_size": 3}) { info r; }"#,
            "cannot be chosen",
        ),
        (
            r#"for each r in rows("p.offset", {"Total": 1, "At": "x"}) { info r; }"#,
            "`At` must be a whole number",
        ),
        (r#"for each r in rows("p.offset") { info r; }"#, "Total"),
        (
            r#"for each r in rows("p.cursor", {"Total": 1}, {"wait": false}) { info r; }"#,
            "`wait` cannot be false",
        ),
        (
            r#"for each r in rows("p.cursor", {"Total": 1}, {"idempotency_key": "k"}) { info r; }"#,
            "not for pages",
        ),
        (
            r#"for each r in rows("p.cursor", {"Total": 1, "PARTS": [{"content": "a"}]}) { info r; }"#,
            "takes no file and no `PARTS`",
        ),
    ] {
        let (_, said, _) = world.fails(source).await;
        assert!(said.contains(expected), "{source}: {said}");
    }
}

#[tokio::test]
async fn loops_over_pages_nest_are_left_and_do_not_mind_what_becomes_of_their_data() {
    let world = World::new().await;
    let source = r#"
        data = {"Total": 25};
        seen = 0;
        for each row in rows("p.cursor", data)
        {
            data.put("Total", 0);
            if(row.get("id") == 3) { continue; }
            if(row.get("id") == 22) { break; }
            seen = seen + 1;
        }
        info seen;
        inner = 0;
        for each page in pages("p.offset", {"Total": 20})
        {
            for each row in rows("p.page", {"Total": 15}) { inner = inner + 1; }
        }
        info inner;
        index = List();
        for each index i in rows("p.offset", {"Total": 12}) { index.add(i); }
        info index.get(11);
    "#;
    assert_eq!(world.prints(source).await, ["21", "45", "11"]);
}

#[tokio::test]
async fn pages_that_were_seen_take_no_memory() {
    // A page is 100 rows of 1 kB; all rows together are many times what the machine may hold.
    let limits = Limits { memory: 2 << 20, ..Limits::local() };
    let world = World::within(limits).await;
    let source = r#"
        bytes = 0;
        for each row in rows("p.offset", {"Total": 20000, "Size": 100, "Padding": 1000})
        {
            bytes = bytes + row.get("text").length();
        }
        info bytes;
    "#;
    let end = world.run(source).await;
    assert!(end.fault.is_none(), "{:?}", end.run.status);
    assert_eq!(end.run.output, ["20000000"]);
    // The record of the run does not grow with the pages either, and says how many there were.
    assert_eq!(end.run.calls.len(), 21);
    assert!(
        end.run.calls[20].note.as_deref().unwrap().starts_with("pages 21 to 201"),
        "{:?}",
        end.run.calls[20]
    );
}

#[tokio::test]
async fn a_caller_over_http_takes_a_sealed_mark_from_page_to_page() {
    let world = World::new().await;
    let Value::Object(inputs) = json!({ "Total": 25 }) else { panic!() };
    let walk = Walk {
        api: "p.cursor".parse().unwrap(),
        inputs,
        wanted: Wanted::default(),
        options: CallOptions::default(),
    };
    let (first, mark) = world.engine.first_page(&org(), Through::default(), walk.clone()).await.unwrap();
    assert_eq!(first.rows.unwrap().len(), 10);
    let mark = mark.unwrap();
    let (second, next) = world.engine.page_of_mark(&org(), &walk.api, &mark).await.unwrap();
    assert_eq!(second.rows.unwrap()[0], json!({ "id": 10 }));
    let (last, none) = world.engine.page_of_mark(&org(), &walk.api, &next.unwrap()).await.unwrap();
    assert_eq!((last.rows.unwrap().len(), none), (5, None));
    // A mark asks for the same page again, and is good for its API and organisation only.
    let (again, _) = world.engine.page_of_mark(&org(), &walk.api, &mark).await.unwrap();
    assert_eq!(again.rows.unwrap()[0], json!({ "id": 10 }));
    world.engine.ensure_org(&"bee".parse().unwrap()).await.unwrap();
    for (org, api, mark) in [
        ("bee", "p.cursor", mark.as_str()),
        ("acme", "p.link", mark.as_str()),
        ("acme", "p.cursor", "AAAA"),
        ("acme", "p.cursor", "no mark!"),
    ] {
        let failed = world.engine.page_of_mark(&org.parse().unwrap(), &api.parse().unwrap(), mark).await;
        assert_eq!(failed.unwrap_err().reason, Reason::InvalidInput, "{org} {api} {mark}");
    }
    let position = Position::default();
    let page = world.engine.page(&org(), &Through::default(), &walk, &position).await.unwrap();
    assert_eq!(page.next.unwrap().rows, 10);
}

#[tokio::test]
async fn a_run_that_waits_in_the_midst_of_a_page_goes_on_there_in_another_process() {
    let mut world = crate::harness::World::new().await;
    let service = PagingService::start().await;
    let text = connector(&service.host);
    let definition = sluis_definition::read("connector.yaml", &text, &|_| Err("no files".into())).unwrap();
    world.engine.release(definition, Default::default()).await.unwrap();
    let source = r#"
        sum = 0;
        for each row in rows("p.cursor", {"Total": 25})
        {
            if(row.get("id") == 13)
            {
                info authorize("items");
            }
            sum = sum + row.get("id");
        }
        info sum;
    "#;
    let end = world.run(source).await;
    let RunStatus::Waiting { authorize_url, .. } = &end.run.status else { panic!("{:?}", end.run.status) };
    assert_eq!(service.asked().len(), 2);
    world.consent(&authorize_url.parse().unwrap()).await;
    world.restart().await;
    let done = world.engine.resume(&world.org, &end.run.id, &mut Unobserved).await.unwrap();
    assert_eq!(done.run.output, ["true", "300"]);
    // Only what was missing was asked for.
    assert_eq!(service.asked(), ["/25/cursor?token=t20"]);
}
