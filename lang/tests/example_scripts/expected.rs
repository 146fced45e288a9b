//! What each script is given, and what must come of it.

use crate::service::Trouble;

/// A run of the top-level statements.
pub struct Run {
    /// File without ending.
    pub script: &'static str,
    /// How many contacts the address book holds before.
    pub contacts: usize,
    /// What goes wrong with its requests.
    pub troubles: &'static [Trouble],
    /// The lines it prints.
    pub prints: &'static str,
    /// The value it returns, as JSON.
    pub returns: &'static str,
    /// What it asks the service for, one request a line.
    pub requests: &'static str,
}

/// A call of one function.
pub struct Call {
    /// File without ending.
    pub script: &'static str,
    /// The function.
    pub function: &'static str,
    /// Its arguments, a JSON object.
    pub args: &'static str,
    /// What it answers, as JSON.
    pub returns: &'static str,
}

/// A script that asks nobody.
const fn alone(script: &'static str, prints: &'static str, returns: &'static str) -> Run {
    Run { script, contacts: 0, troubles: &[], prints, returns, requests: "" }
}

/// Every function that a header calls.
pub const CALLS: &[Call] = &[
    Call {
        script: "date_windows",
        function: "reminders",
        args: r#"{"invoices": [{"number": "1", "due": "2026-11-02", "open": 10.50}], "today": "2026-11-20"}"#,
        returns: r#"{"windows":{"not due":0.00,"1-30":10.50,"31-60":0.00,"over 60":0.00},"due":["reminder 1 for 1, 18 days late, on Friday 20.11.2026"],"closing":{"from":"2026-10-01","to":"2026-10-31"}}"#,
    },
    Call {
        script: "approval",
        function: "approvers",
        args: r#"{"request": {"amount": 1200, "kind": "software"}}"#,
        returns: r#"["lead","security","finance"]"#,
    },
    Call {
        script: "webhook_handler",
        function: "handle",
        args: r#"{"headers": {"x-shop-token": "made-for-tests"}, "body": {"event": "ping", "id": "e-9"}}"#,
        returns: r#"{"status":200,"message":"pong e-9"}"#,
    },
];

/// Every longer script.
pub const RUNS: &[Run] = &[
    alone(
        "dedupe",
        r#"5 records, 3 people
{"name":"A. Lovelace","email":" ADA@example.com ","phone":"+44 20 7946 0018","city":"London","company":"Analytical"}
{"name":"Grace Hopper","email":"grace@example.com","phone":null}
{"name":"Somebody","email":"","phone":"12"}"#,
        "3",
    ),
    alone(
        "invoice_totals",
        "2 x Desk                  449.82
4 x Chair                 399.80
3 x Handbook               59.97
1 x Delivery                0.10
Net                       909.69
Discount                  -22.74
Tax 19 %                  157.41
Tax 7 %                     4.09
To pay                  1,048.45",
        "1048.45",
    ),
    alone(
        "html_report",
        r#"<h1>Sales, first quarter</h1>
<table>
<tr class="group"><th colspan="2">South</th></tr>
<tr><td class="text">Pipe &lt;3&quot;&gt;</td><td class="number">2,400.00</td></tr>
<tr class="sum"><td class="text">Sum</td><td class="number">2,400.00</td></tr>
<tr class="group"><th colspan="2">North</th></tr>
<tr><td class="text">Nuts &amp; bolts</td><td class="number">1,250.50</td></tr>
<tr><td class="text">Washers</td><td class="number">99.95</td></tr>
<tr class="sum"><td class="text">Sum</td><td class="number">1,350.45</td></tr>
<tr class="group"><th colspan="2">unknown</th></tr>
<tr><td class="text">Samples</td><td class="number">0.10</td></tr>
<tr class="sum"><td class="text">Sum</td><td class="number">0.10</td></tr>
<tr class="total"><td class="text">Total</td><td class="number">3,750.55</td></tr>
</table>"#,
        "true",
    ),
    alone(
        "csv_import",
        r#"name,amount
Ada Lovelace,12.5
"Hopper, Grace",7.0
"The ""Count""",1.1
skipped line 5: `nobody` is no e-mail address,`x` is no number
skipped line 6: 2 fields instead of 3"#,
        r#"{"rows":3,"errors":2,"sum":20.60}"#,
    ),
    alone(
        "webhook_handler",
        "401 who are you?
400 the body is not JSON
200 pong e-1
order.created: 1001 for ada@example.com, 24.9, urgent
202 accepted 1001
422 the order has no number
a second time, not handled again
200 ignored cart.abandoned",
        "[401,400,200,202,422,200]",
    ),
    alone(
        "round_robin",
        "Bob: L-1,L-4
Ann: L-2,L-6
Zoe: L-3,L-5
left over: L-7",
        r#"["Ann","Bob","Ann","Zoe","Bob","Zoe","Ann"]"#,
    ),
    alone(
        "date_windows",
        "not due     120.00
1-30        385.50
31-60         0.00
over 60      99.99
reminder 1 for 2026-088, 9 days late, on Monday 23.11.2026
reminder 2 for 2026-079, 27 days late, on Monday 23.11.2026
closing 2026-10-01 to 2026-10-31",
        "2",
    ),
    alone(
        "approval",
        "P-1 pencils: approved
P-2 editor: waiting for lead
P-3 van: waiting for lead
lead says yes: waiting for security
finance cannot answer (not_your_turn): it is the turn of security, not of finance
security says yes: waiting for finance
finance says yes: approved
board cannot answer (closed): it is approved already
lead says yes: waiting for board
board says no: refused by board
2 answers on the van, the last: rent one",
        r#"{"P-1":"approved","P-2":"approved","P-3":"refused by board"}"#,
    ),
    Run {
        script: "sync_contacts",
        contacts: 3,
        troubles: &[],
        prints: "2 added, 1 there already, 1 without address or name",
        returns: r#"{"added":2,"present":1,"skipped":1}"#,
        requests: r#"gcontacts.listcontacts {"Page_Size":100}
gcontacts.pushcontact {"First_Name":"Alan","Last_Name":"Turing","Email_ID":"Alan@Example.com"}
gcontacts.pushcontact {"First_Name":"Grace","Last_Name":"Hopper","Email_ID":"grace@example.com"}"#,
    },
    Run {
        script: "pagination",
        contacts: 5,
        troubles: &[],
        prints: "5 contacts on 3 pages
a.example       2
b.example       2
example.com     1",
        returns: r#"{"contacts":5,"domains":{"example.com":1,"b.example":2,"a.example":2},"pages":3}"#,
        // The rows, the pages, and the same by hand.
        requests: r#"gcontacts.listcontacts {"Page_Size":2}
gcontacts.listcontacts {"Page_Size":2,"Page_Token":"2"}
gcontacts.listcontacts {"Page_Size":2,"Page_Token":"4"}
gcontacts.listcontacts {"Page_Size":2}
gcontacts.listcontacts {"Page_Size":2,"Page_Token":"2"}
gcontacts.listcontacts {"Page_Size":2,"Page_Token":"4"}
gcontacts.listcontacts {"Page_Size":2}
gcontacts.listcontacts {"Page_Size":2,"Page_Token":"2"}
gcontacts.listcontacts {"Page_Size":2,"Page_Token":"4"}"#,
    },
    Run {
        script: "retries",
        contacts: 1,
        troubles: &[Trouble::NoAnswer(1), Trouble::Status(2, 503)],
        prints: "try 1 of 4: the service did not answer in time
try 2 of 4: status 503
the address book of owner@example.com, after 3 tries
nobody: status 404 after 1 try",
        returns: r#"{"ok":true,"tries":4}"#,
        requests: r#"gcontacts.account {}
gcontacts.account {}
gcontacts.account {}
gcontacts.getcontact {"Contact_ID":"nobody"}"#,
    },
    Run {
        script: "batch",
        contacts: 0,
        troubles: &[Trouble::Status(2, 400)],
        prints: "batch 1 of 3: 1 of 2
batch 2 of 3: 2 of 2
batch 3 of 3: 1 of 1
alan.turing@example.com: status 400",
        returns: r#"{"tried":5,"of":5,"stopped":false}"#,
        requests: r#"gcontacts.pushcontact {"First_Name":"Ada","Last_Name":"Lovelace","Email_ID":"ada.lovelace@example.com"}
gcontacts.pushcontact {"First_Name":"Alan","Last_Name":"Turing","Email_ID":"alan.turing@example.com"}
gcontacts.pushcontact {"First_Name":"Grace","Last_Name":"Hopper","Email_ID":"grace.hopper@example.com"}
gcontacts.pushcontact {"First_Name":"Edsger","Last_Name":"Dijkstra","Email_ID":"edsger.dijkstra@example.com"}
gcontacts.pushcontact {"First_Name":"Barbara","Last_Name":"Liskov","Email_ID":"barbara.liskov@example.com"}"#,
    },
    Run {
        script: "batch",
        contacts: 0,
        troubles: &[Trouble::NoAnswer(1), Trouble::Status(2, 500)],
        prints: "batch 1 of 3: 0 of 2
ada.lovelace@example.com: timeout: the service did not answer in time
alan.turing@example.com: status 500",
        returns: r#"{"tried":2,"of":5,"stopped":true}"#,
        requests: r#"gcontacts.pushcontact {"First_Name":"Ada","Last_Name":"Lovelace","Email_ID":"ada.lovelace@example.com"}
gcontacts.pushcontact {"First_Name":"Alan","Last_Name":"Turing","Email_ID":"alan.turing@example.com"}"#,
    },
];
