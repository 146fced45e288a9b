//! Integration tasks, `zoho.crm.getRecordById("Deals", id)`: a connector declares which of its APIs
//! answers, what the values stand for, and what of the answer the script gets.

use super::{HostContext, arguments, send};
use crate::builder::Engine;
use crate::callbacks::Shape;
use crate::invoke::{Argument, Invocation};
use sluis_lang::value::data::{Data, kind};
use sluis_model::error::{Failure, Reason};
use sluis_model::task::{AnswerPath, IntegrationTask, Step, TaskParameter};

/// `callTask(name, [values])`. A remote error is an answer: what the connector's `result` does not
/// fit comes back whole.
pub async fn call(context: &mut HostContext<'_>, args: &[Data]) -> Result<Data, Failure> {
    let name = args.first().and_then(Data::as_str).unwrap_or_default();
    let values = args.get(1).and_then(Data::as_list).unwrap_or_default();
    let id = context.engine.task_api(name).await?;
    let connector = context.engine.ready_connector(&id.namespace()).await?;
    let api = connector.release.definition.apis.get(id.api());
    let Some(task) = api.and_then(|api| api.task.clone()) else {
        // The connector was released anew between two looks at it.
        return Err(Failure::new(Reason::Conflict, format!("`{name}` has just changed; try again")));
    };
    let sent = inputs(&task, values)?;
    let answer = send::invoke(context, &id, &sent).await?;
    if answer.awaits {
        return Ok(send::wait_for(context, answer, &id, Shape::Task(name.to_owned())));
    }
    Ok(given(&task, answer))
}

/// What the script gets of the answer to a task, looked up anew: a run may have waited for it.
pub(crate) async fn task_answer(engine: &Engine, name: &str, answer: Invocation) -> Result<Data, Failure> {
    let id = engine.task_api(name).await?;
    let connector = engine.ready_connector(&id.namespace()).await?;
    let api = connector.release.definition.apis.get(id.api());
    Ok(match api.and_then(|api| api.task.as_ref()) {
        Some(task) => given(task, answer),
        None => answer.into_value(),
    })
}

fn given(task: &IntegrationTask, answer: Invocation) -> Data {
    match answer.value {
        Some(value) => part_of(task, value),
        None => shaped(task, &answer.response),
    }
}

/// What the values of a call stand for.
fn inputs(task: &IntegrationTask, values: &[Data]) -> Result<Argument, Failure> {
    if values.len() > task.parameters.len() {
        let names: Vec<&str> = task.parameter_names().collect();
        return Err(Failure::new(
            Reason::InvalidInput,
            format!("`{}` takes {} values at most, not {}", task.name, names.len(), values.len()),
        )
        .help(format!("they are: {}", names.join(", "))));
    }
    let mut sent = Argument::default();
    for (parameter, value) in task.parameters.iter().zip(values) {
        match (parameter, value) {
            (_, Data::Null) => {}
            (TaskParameter::Input(name), value) => sent.put(name, value)?,
            (TaskParameter::Options { options }, Data::Map(entries)) => {
                for (key, value) in entries {
                    let key = key.as_str().unwrap_or_default();
                    if !options.iter().any(|known| known == key) {
                        return Err(Failure::new(
                            Reason::InvalidInput,
                            format!("`{}` has no option `{key}`", task.name),
                        )
                        .help(sluis_model::suggest::help(key, options, "options")));
                    }
                    sent.put(key, value)?;
                }
            }
            (TaskParameter::Options { options }, other) => {
                return Err(Failure::new(
                    Reason::InvalidInput,
                    format!("the options of `{}` are a map, not {}", task.name, kind(other).name()),
                )
                .help(format!("its keys may be: {}", options.join(", "))));
            }
        }
    }
    Ok(sent)
}

/// What the script gets of an answer.
fn shaped(task: &IntegrationTask, response: &str) -> Data {
    if response.trim().is_empty() {
        return arguments::data(&task.when_empty);
    }
    match Data::from_json(response) {
        Ok(whole) => part_of(task, whole),
        Err(_) => Data::Text(response.to_owned()),
    }
}

/// The part of a value that the task gives, else all of it.
fn part_of(task: &IntegrationTask, whole: Data) -> Data {
    if whole.is_null() {
        return arguments::data(&task.when_empty);
    }
    let fits = |path: &AnswerPath| part_at(&whole, path).filter(|found| !found.is_null());
    let chosen = task.result.iter().find_map(|choice| {
        let holds = choice.when.iter().all(|(path, wanted)| fits(path) == Some(&arguments::data(wanted)));
        fits(&choice.at).filter(|_| holds)
    });
    chosen.cloned().unwrap_or(whole)
}

/// What stands at a place of a value.
pub fn part_at<'a>(data: &'a Data, path: &AnswerPath) -> Option<&'a Data> {
    path.steps().iter().try_fold(data, |data, step| match step {
        Step::Key(key) => data.get(key),
        step => data.as_list().and_then(|items| items.get(step.position(items.len())?)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn task(json: serde_json::Value) -> IntegrationTask {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn the_first_part_of_an_answer_that_fits_is_taken() {
        let task = task(json!({
            "name": "a.b",
            "result": [{"at": "data[0].details", "when": {"data[0].code": "SUCCESS"}}, {"at": "data[0]"}],
            "when_empty": []
        }));
        let shape = |text: &str| shaped(&task, text).to_json();
        assert_eq!(shape(r#"{"data":[{"code":"SUCCESS","details":{"id":"7"}}]}"#), r#"{"id":"7"}"#);
        assert_eq!(shape(r#"{"data":[{"code":"NO","message":"m"}]}"#), r#"{"code":"NO","message":"m"}"#);
        assert_eq!(shape(r#"{"status":"error","code":"X"}"#), r#"{"status":"error","code":"X"}"#);
        assert_eq!(shape("  "), "[]");
        assert_eq!(shape("<html>"), "\"<html>\"");
    }

    #[test]
    fn values_stand_for_inputs_in_order_and_options_by_name() {
        let task = task(json!({
            "name": "a.b", "parameters": ["module", "id", {"options": ["trigger"]}]
        }));
        let options = Data::map([("trigger", Data::List(vec!["workflow".into()]))]);
        let sent = inputs(&task, &["Deals".into(), Data::Null, options]).unwrap();
        assert_eq!(
            serde_json::Value::Object(sent.values().clone()),
            json!({"module": "Deals", "trigger": ["workflow"]})
        );
        let bad = Data::map([("triger", Data::Null)]);
        let error = inputs(&task, &["Deals".into(), 1.into(), bad]).unwrap_err();
        assert!(error.help.unwrap().contains("`trigger`"));
        assert!(inputs(&task, &[Data::Null, Data::Null, Data::Null, Data::Null]).is_err());
        assert!(inputs(&task, &[Data::Null, Data::Null, 1.into()]).is_err());
    }
}
