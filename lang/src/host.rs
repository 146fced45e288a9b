//! The register of host calls: what a script may ask of the world outside. The machine stops at
//! each of them and whoever drives it answers. Names match without case.

use std::collections::HashMap;
use std::sync::LazyLock;

/// One host call.
#[derive(Debug)]
pub struct HostCallSpec {
    /// The name the driver sees, e.g. `invokeConnector`.
    pub name: &'static str,
    /// Every spelling a script may use, dotted; the first is the documented one. None for what only
    /// the compiler asks for.
    pub spellings: &'static [&'static str],
    /// Parameter names; those from `required` on may be left out.
    pub params: &'static [&'static str],
    /// How many parameters must be given.
    pub required: usize,
    /// Written without brackets (`zoho.currentdate`); such calls take no arguments.
    pub variable: bool,
    /// One paragraph for help and reference.
    pub doc: &'static str,
}

macro_rules! host_calls {
    ($($name:literal ($($param:literal),*) $required:literal $variable:literal [$($spelling:literal),*] $doc:literal;)*) => {
        /// All host calls.
        pub const HOST_CALLS: &[HostCallSpec] = &[$(HostCallSpec {
            name: $name,
            spellings: &[$($spelling),*],
            params: &[$($param),*],
            required: $required,
            variable: $variable,
            doc: $doc,
        }),*];
    };
}

host_calls! {
    "info" ("value") 1 false ["info"]
        "Prints a value. Written as a statement: `info x;`.";
    "invokeConnector" ("api", "data", "options") 1 false
        ["invokeConnector", "zoho.crm.invokeConnector", "zoho.invokeConnector", "crm.invokeConnector"]
        "Calls an API of an authorized connector. Answers a map with `status_code` (number) and `response` (text that also answers `get`). Options: `connection` names one of several connections, `timeout` (seconds), `retry` (0, a number or a map), `idempotency_key`, and `wait`: with false the call is handed over and the script goes on.";
    "rows" ("api", "data", "options") 1 false ["rows"]
        "The rows of a list that an API hands out page by page: `for each row in rows(\"ns.api\", data)` reads one page at a time and holds no more than that. The options are `connection`, `page_size` and `at_most`, the number of rows that are wanted. Outside of `for each` it answers a list, of 10,000 rows unless `at_most` says more.";
    "pages" ("api", "data", "options") 1 false ["pages"]
        "As `rows`, one page at a time: a map with `number` (counted from 1), `rows`, `status_code` and `response`.";
    "firstRows" ("api", "data", "options") 1 false []
        "Begins a walk over rows. The compiler writes this call for `for each … in rows(…)`.";
    "firstPages" ("api", "data", "options") 1 false []
        "Begins a walk over pages. The compiler writes this call for `for each … in pages(…)`.";
    "nextPage" ("walk") 1 false []
        "Goes on with a walk. The compiler writes this call at the end of a page.";
    "invokeurl" ("url", "type", "parameters", "headers", "detailed") 1 false ["invokeurl"]
        "Sends an HTTP request. Written as a task: `invokeurl [ url: … type: GET connection: \"ns\" ]`; the form with round brackets is deprecated.";
    "getUrl" ("url", "headers", "simple") 1 false ["getUrl"]
        "Deprecated: sends a GET. Answers the text, or with `false` at the end a map of `responseCode`, `responseText` and `responseHeader`. Write `invokeurl [ … ]`.";
    "postUrl" ("url", "body", "headers", "simple") 1 false ["postUrl"]
        "Deprecated: sends a POST, a map as a form. Answers as `getUrl` does. Write `invokeurl [ … ]`.";
    "invokeapi" ("request") 1 false ["invokeapi"]
        "Sends a request to the service of a connector. Written as a task: `invokeapi [ service: crm path: \"v8/Leads\" type: GET ]`.";
    "sendmail" ("request") 1 false ["sendmail"]
        "Sends an e-mail. Written as a task: `sendmail [ from: … to: … subject: … message: … ]`.";
    "sendsms" ("request") 1 false ["sendsms"]
        "Sends a text message through the connector API `sms.send`. Written as a task: `sendsms [ to: … message: … ]`.";
    "pushNotification" ("request") 1 false ["pushNotification"]
        "Sends a notification through the connector API `push.send`. Written as a task: `pushNotification [ to: … message: … ]`.";
    "openUrl" ("url", "window", "options") 1 false ["openUrl"]
        "Asks whoever shows the run to open an address at its end; only the last one counts.";
    "callTask" ("name", "arguments") 2 false []
        "Calls an integration task such as `zoho.crm.getRecordById` with a list of arguments; the compiler writes this call, and a connector that declares the task answers it.";
    "callFunction" ("name", "arguments") 2 false []
        "Calls a function that is stored outside the script, with a list of arguments; the compiler writes this call for `namespace.function(…)`.";
    "authorize" ("connector") 1 false ["authorize", "zoho.crm.authorize"]
        "Asks for consent to use a connector and waits for it; true when the connector is authorized. Of several connections of a connector, `gcontacts/sales` is the one named `sales`.";
    "isAuthorized" ("connector") 1 false ["isAuthorized", "isConnectorAuthorized", "zoho.crm.isAuthorized", "zoho.crm.isConnectorAuthorized"]
        "Whether the connector is authorized for this organisation.";
    "revoke" ("connector") 1 false ["revoke", "revokeConnector", "zoho.crm.revoke", "zoho.crm.revokeConnector"]
        "Revokes the connector's authorization, at the provider and here; true when there was one.";
    "currentdate" () 0 true ["zoho.currentdate", "today"]
        "Today's date in the time zone of the organisation.";
    "currenttime" () 0 true ["zoho.currenttime", "now"]
        "The present date and time.";
    "loginuser" () 0 true ["zoho.loginuser"]
        "Name of the user on whose behalf the script runs.";
    "loginuserid" () 0 true ["zoho.loginuserid"]
        "E-mail address of the user on whose behalf the script runs.";
    "adminuser" () 0 true ["zoho.adminuser"]
        "Name of the organisation's owner.";
    "adminuserid" () 0 true ["zoho.adminuserid"]
        "E-mail address of the organisation's owner.";
    "randomNumber" ("start", "end") 1 false ["randomNumber"]
        "A random whole number from `start` up to, but not including, `end`; with one argument, below it.";
    "aesEncode" ("key", "text", "iv") 2 false ["zoho.encryption.aesEncode"]
        "Encrypts a text with AES-256 in CBC mode: the key filled up with zeros to 32 bytes, `base64(iv ‖ ciphertext)`. Without `iv` (16 characters) a random one is taken, which is right. Weak by design: no key derivation, and an altered text is not noticed. Use it only for what already uses it.";
    "aesEncode128" ("key", "text", "iv", "iterations") 2 false ["zoho.encryption.aesEncode128"]
        "As `aesEncode` with AES-128 and a key of at most 16 bytes. `iterations` may only be 1.";
    "rsasha1" ("key", "data", "form") 2 false ["zoho.encryption.rsasha1"]
        "Signs with an RSA private key in PKCS#8 and SHA-1 (PKCS#1 v1.5), in Base64; `form` may ask for `hex` or `binary`. Only for old interfaces.";
    "rsasha256" ("key", "data", "form") 2 false ["zoho.encryption.rsasha256"]
        "Signs with an RSA private key in PKCS#8 and SHA-256 (PKCS#1 v1.5), in Base64; `form` may ask for `hex` or `binary`.";
    "rsasha512" ("key", "data", "form") 2 false ["zoho.encryption.rsasha512"]
        "Signs with an RSA private key in PKCS#8 and SHA-512 (PKCS#1 v1.5), in Base64; `form` may ask for `hex` or `binary`.";
    "budget" ("api", "options") 1 false ["budget"]
        "How much the service of an API still takes: a map of `remaining`, `limit`, `resets_in` (seconds), `waiting` and `learned_from`; what is not known is null.";
}

/// Finds a host call by a dotted spelling, without case. Position in [`HOST_CALLS`].
pub fn find(dotted: &str) -> Option<usize> {
    SPELLINGS.get(dotted.to_ascii_lowercase().as_str()).copied()
}

/// Every spelling in small letters; every called name is looked for here.
static SPELLINGS: LazyLock<HashMap<String, usize, foldhash::fast::RandomState>> = LazyLock::new(|| {
    let mut table = HashMap::default();
    for (at, call) in HOST_CALLS.iter().enumerate() {
        for spelling in call.spellings {
            table.entry(spelling.to_ascii_lowercase()).or_insert(at);
        }
    }
    table
});

/// What a loop over the answer of a host call asks for first, where the answer comes page by page; then
/// it asks for `nextPage`.
pub fn first_page_of(name: &str) -> Option<&'static str> {
    match name {
        "rows" => Some("firstRows"),
        "pages" => Some("firstPages"),
        _ => None,
    }
}

/// Host calls whose first arguments are the id of an API and its data.
pub const API_CALLS: &[&str] = &["invokeConnector", "rows", "pages"];

/// Finds a host call by the name the driver sees.
pub fn by_name(name: &str) -> Option<usize> {
    HOST_CALLS.iter().position(|call| call.name == name)
}
