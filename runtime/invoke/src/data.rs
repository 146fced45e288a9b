//! The data of one call at work: what stands for a placeholder, and a template filled with it.

use crate::call_data::{CallData, Moment};
use crate::compile::CompiledApi;
use crate::evaluate::{Filled, evaluate};
use crate::input_error::{InputError, MissingInput};
use serde_json::Value;
use sluis_model::connector::{Absent, InputType};
use sluis_model::suggest::nearest;
use sluis_model::template::{Expression, Segment, Template};
use std::borrow::Cow;

const NULL: &Value = &Value::Null;

/// The data of one call, with defaults.
#[derive(Clone, Copy)]
pub(crate) struct Data<'a> {
    pub(crate) api: &'a CompiledApi,
    pub(crate) given: &'a CallData,
    pub(crate) moment: Moment<'a>,
}

/// A piece of a filled template.
pub(crate) enum Item<'a> {
    /// What its author wrote.
    Literal(&'a str),
    /// A value, and the placeholder that it stands for.
    Value(&'a Expression, Filled<'a>),
}

impl<'a> Data<'a> {
    /// The value of a name; null if there is none.
    pub(crate) fn get(&self, name: &str) -> &'a Value {
        let known = self.api.inputs.get(name);
        match (self.given.values.get(name), known) {
            (Some(Value::Null), Some(known)) if known.takes_null => NULL,
            (Some(value), _) if !value.is_null() => value,
            (_, Some(known)) => known.input.default.as_ref().unwrap_or(NULL),
            _ => NULL,
        }
    }

    /// What stands for a placeholder. Each placeholder is asked for once in a call, so that what is drawn
    /// at random is one thing.
    pub(crate) fn fill(&self, slot: &Expression) -> Filled<'a> {
        evaluate(slot, self.moment, &|name| match self.given.files.get(name) {
            Some(files) if !files.is_empty() => Filled::Files(files),
            _ => Filled::Value(Cow::Borrowed(self.get(name))),
        })
    }

    /// The same for a JSON body: nothing where the key is to be left out.
    pub(crate) fn fill_or_leave_out(&self, slot: &Expression) -> Option<Filled<'a>> {
        let filled = self.fill(slot);
        let leave_out = || {
            let known = slot.as_name().and_then(|name| self.api.inputs.get(name));
            known.is_some_and(|known| known.input.absent == Absent::LeaveOut)
        };
        (!filled.is_absent() || !leave_out()).then_some(filled)
    }

    /// The pieces of a template; nothing if one of its values is absent.
    pub(crate) fn items(&self, template: &'a Template) -> Option<Vec<Item<'a>>> {
        let items = template.segments().iter().map(|segment| match segment {
            Segment::Literal(text) => Some(Item::Literal(text)),
            Segment::Slot(slot) => {
                let filled = self.fill(slot);
                (!filled.is_absent()).then_some(Item::Value(slot, filled))
            }
        });
        items.collect()
    }

    /// A template as text, each value checked for its place; nothing if one of them is absent.
    pub(crate) fn text(
        &self,
        template: &'a Template,
        fault: impl Fn(&str) -> Option<&'static str>,
    ) -> Result<Option<String>, InputError> {
        let Some(items) = self.items(template) else { return Ok(None) };
        let mut out = String::new();
        for item in &items {
            match item {
                Item::Literal(text) => out.push_str(text),
                Item::Value(slot, filled) => {
                    let text = filled.as_text();
                    if let Some(why) = fault(&text) {
                        return Err(self.unfit(&slot.to_string(), why));
                    }
                    out.push_str(&text);
                }
            }
        }
        Ok(Some(out))
    }

    /// Whether a placeholder stands for an input that only a file can be.
    pub(crate) fn wants_file(&self, slot: &Expression) -> bool {
        let known = slot.as_name().and_then(|name| self.api.inputs.get(name));
        known.is_some_and(|known| known.input.kind == InputType::File)
    }

    pub(crate) fn missing(&self) -> Vec<MissingInput> {
        let lacking = self.api.inputs.iter().filter(|(name, known)| {
            let null_will_do = known.takes_null && self.given.values.contains_key(*name);
            let is_file = self.given.files.contains_key(*name);
            known.input.required && !is_file && !null_will_do && self.get(name).is_null()
        });
        let unused = || {
            let keys = self.given.values.keys().map(String::as_str);
            keys.filter(|key| !self.api.inputs.contains_key(*key))
        };
        lacking
            .map(|(name, _)| MissingInput {
                name: name.clone(),
                similar: nearest(name, unused()).map(str::to_owned),
            })
            .collect()
    }

    pub(crate) fn unfit(&self, name: &str, why: &str) -> InputError {
        InputError::Unfit { api: self.api.id.to_string(), name: name.to_owned(), why: why.to_owned() }
    }
}
