//! `rows("ns.api", data, options)` and `pages(…)`: long lists, page by page. In a `for each` the compiler
//! asks for the first page and then for the next ones; what a loop holds between two pages is a map of
//! plain values, so a run may stop and go on anywhere.

use super::arguments;
use super::connection::{Named, entries};
use super::{HostContext, send};
use crate::connectors::parse_api;
use crate::invoke::{Argument, Inputs};
use crate::pages::{PageRead, Walk};
use serde_json::Value;
use sluis_invoke::paginate::{Position, Wanted};
use sluis_lang::value::data::{Data, kind};
use sluis_model::error::{Failure, Reason};

/// What a walk gives one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Rows.
    Rows,
    /// Pages, each a map.
    Pages,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Rows => "rows",
            Kind::Pages => "pages",
        }
    }
}

/// Rows that are put into one list where a script does not say how many it wants.
const LIST_AT_MOST: u64 = 10_000;

/// Pages whose requests stand in a run's record one by one; the rest of a walk shares one entry.
const RECORDED: u64 = 20;

/// A walk that a script is on.
struct Walking {
    kind: Kind,
    /// Id, data and options as the script gave them.
    args: [Data; 3],
    walk: Walk,
    argument: Argument,
    named: Named,
    position: Position,
    /// Where in the run's record the pages after [`RECORDED`] stand.
    recorded: Option<usize>,
}

/// `rows(…)` or `pages(…)` as a value: everything in one list.
pub async fn all(context: &mut HostContext<'_>, args: &[Data], kind: Kind) -> Result<Data, Failure> {
    let mut walking = Walking::begin(args, kind)?;
    let mut all = Vec::new();
    loop {
        let (mut items, next) = walking.read(context).await?;
        all.append(&mut items);
        let Some(next) = next else { return Ok(Data::List(all)) };
        if walking.walk.wanted.at_most.is_none() && next.rows > LIST_AT_MOST {
            return Err(too_many(&walking));
        }
        walking.position = next;
    }
}

/// The first page of a `for each`.
pub async fn first(context: &mut HostContext<'_>, args: &[Data], kind: Kind) -> Result<Data, Failure> {
    Walking::begin(args, kind)?.step(context).await
}

/// The next page of a `for each`.
pub async fn next(context: &mut HostContext<'_>, args: &[Data]) -> Result<Data, Failure> {
    Walking::resume(args.first().unwrap_or(&Data::Null))?.step(context).await
}

impl Walking {
    fn begin(args: &[Data], kind: Kind) -> Result<Self, Failure> {
        let name = kind.name();
        let example = format!("for each row in {name}(\"gcontacts.listcontacts\", data)");
        let api = parse_api(arguments::text(args, 0, name, "the id of an API", &example)?)?;
        let argument = arguments::inputs(args, 1)?;
        let (wanted, others) = wanted(args.get(2), name)?;
        let (named, options) = Named::of_options(&api.namespace(), Some(&others))?;
        let arg = |at: usize| args.get(at).cloned().unwrap_or_default();
        Ok(Self {
            kind,
            args: [arg(0), arg(1), arg(2)],
            // The data stand in the argument, which also knows what is no JSON.
            walk: Walk { api, inputs: Inputs::new(), wanted, options },
            argument,
            named,
            position: Position::default(),
            recorded: None,
        })
    }

    /// Reads the page, and says how the loop goes on.
    async fn step(mut self, context: &mut HostContext<'_>) -> Result<Data, Failure> {
        let (items, next) = self.read(context).await?;
        let next = next.map_or(Ok(Data::Null), |next| {
            self.position = next;
            self.kept()
        })?;
        Ok(Data::map([("items", Data::List(items)), ("next", next)]))
    }

    /// One page: what it gives, and where the next one is.
    async fn read(
        &mut self,
        context: &mut HostContext<'_>,
    ) -> Result<(Vec<Data>, Option<Position>), Failure> {
        let place = context.place_of(&self.named).await?;
        let site = context.next_site();
        let read =
            context.engine.page_at(&place, &self.walk, &self.argument, &self.position, Some(&site)).await;
        let PageRead { invocation, rows, next, past_the_end } = match read {
            Ok(read) => read,
            Err(failed) => return send::recorded(context, Err(failed)).map(|_| (Vec::new(), None)),
        };
        let number = self.position.pages + 1;
        self.recorded =
            context.record_page(invocation.record.clone(), &invocation.wire, number, self.recorded);
        let items = match self.kind {
            _ if past_the_end => Vec::new(),
            Kind::Rows => rows.map(|rows| rows.into_iter().map(arguments::owned).collect()).ok_or_else(|| {
                Failure::new(
                    Reason::PageFailed,
                    format!("page {number} of `{}`: the answer is no list of rows", self.walk.api),
                )
                .help("the connector's author says with `rows` in `pagination` where the list stands; pages(…) walks over whole answers")
            })?,
            Kind::Pages => vec![Data::map([
                ("number", Data::Int(i64::try_from(number).unwrap_or(i64::MAX))),
                ("rows", rows.map_or(Data::Null, |rows| arguments::owned(Value::Array(rows)))),
                ("status_code", Data::Int(invocation.status_code.into())),
                ("response", Data::Text(invocation.response)),
            ])],
        };
        Ok((items, next))
    }

    /// The walk as values of the script's machine.
    fn kept(self) -> Result<Data, Failure> {
        let position = serde_json::to_string(&self.position).map_err(crate::errors::json)?;
        let [api, data, options] = self.args;
        let recorded = self.recorded.and_then(|at| i64::try_from(at).ok());
        Ok(Data::map([
            ("walk", Data::Text(self.kind.name().to_owned())),
            ("api", api),
            ("data", data),
            ("options", options),
            ("position", Data::Text(position)),
            ("recorded", recorded.map_or(Data::Null, Data::Int)),
        ]))
    }

    fn resume(kept: &Data) -> Result<Self, Failure> {
        let part = |key: &str| kept.get(key).cloned().unwrap_or_default();
        let kind = if part("walk").as_str() == Some("pages") { Kind::Pages } else { Kind::Rows };
        let mut walking = Self::begin(&[part("api"), part("data"), part("options")], kind)?;
        let position = part("position");
        walking.position = serde_json::from_str(position.as_str().unwrap_or_default())
            .map_err(|_| Failure::new(Reason::InvalidInput, "the position of this walk is damaged"))?;
        walking.recorded = match part("recorded") {
            Data::Int(at) => usize::try_from(at).ok(),
            _ => None,
        };
        Ok(walking)
    }
}

/// The options of a walk, and those that every call has.
fn wanted(options: Option<&Data>, name: &str) -> Result<(Wanted, Data), Failure> {
    let mut wanted = Wanted::default();
    let mut others = Vec::new();
    for (key, value) in entries(options)? {
        let slot = match key.as_str() {
            Some("page_size") => &mut wanted.page_size,
            Some("at_most") => &mut wanted.at_most,
            _ => {
                others.push((key.clone(), value.clone()));
                continue;
            }
        };
        *slot = match value {
            Data::Null => None,
            Data::Int(number) if *number > 0 => u64::try_from(*number).ok(),
            other => {
                let (key, kind) = (key.as_str().unwrap_or_default(), kind(other).name());
                let shown = if let Data::Int(number) = other { number.to_string() } else { kind.to_owned() };
                let message =
                    format!("the option `{key}` of {name} must be a whole number from 1, not {shown}");
                return Err(Failure::new(Reason::InvalidInput, message)
                    .help(format!("for example: {name}(\"ns.api\", data, {{\"{key}\": 100}})")));
            }
        };
    }
    Ok((wanted, Data::Map(others)))
}

fn too_many(walking: &Walking) -> Failure {
    let (name, api) = (walking.kind.name(), &walking.walk.api);
    Failure::new(
        Reason::TooLarge,
        format!("`{api}` has more than the {LIST_AT_MOST} rows that {name}(…) puts into one list"),
    )
    .help(format!(
        "walk over them, which holds one page at a time: `for each row in rows(\"{api}\", data)`; or say how many are \
         wanted: `{name}(\"{api}\", data, {{\"at_most\": 50000}})`"
    ))
}

impl HostContext<'_> {
    /// Keeps the request of a page. Long walks must not make the run's record grow without end: the
    /// first pages stand there one by one, all others in one entry, which is given back.
    fn record_page(
        &mut self,
        mut record: sluis_model::run::CallRecord,
        wire: &str,
        number: u64,
        shared: Option<usize>,
    ) -> Option<usize> {
        if number <= RECORDED {
            self.record(record, wire);
            return None;
        }
        self.observer.call(&record, wire);
        let said = record.note.take().map_or_else(String::new, |note| format!("; {note}"));
        record.note = Some(format!("pages {} to {number}, the last of them{said}", RECORDED + 1));
        match shared.and_then(|at| self.run.calls.get(at)).filter(|kept| kept.api == record.api) {
            Some(kept) => {
                record.millis = record.millis.saturating_add(kept.millis);
                self.keep_call(record, shared);
                shared
            }
            None => {
                self.keep_call(record, None);
                self.run.calls.len().checked_sub(1)
            }
        }
    }
}
