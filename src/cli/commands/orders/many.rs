//! The operator's hand on many orders: each in its own boundary, named one by one or by filters.

use serde_json::{Value, json};

use super::super::answer;
use crate::cli::arguments::OrdersInHand;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure, ask};
use crate::jobs::hand::{self, HandAction, Operator, Refusal, Verb};
use crate::report::SCHEMA;
use crate::store::OrderRow;

/// What happened to one order.
struct Outcome {
    name: String,
    row: Option<OrderRow>,
    result: Result<HandAction, Failure>,
}

/// Does it to the orders that are named, or to all that the filters let through, and tells it.
pub fn run(context: &Context, arguments: &OrdersInHand, verb: Verb) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    let _lock = context.surroundings.keep(&store, arguments.dry_run)?;
    let (approved, user) = (store.approvals()?, answer::user(context));
    let operator = Operator {
        store: &store,
        settings: &settings,
        approved: &approved,
        name: &user,
        because: arguments.because.as_deref(),
        now: context.now(),
    };
    let names = if arguments.filters.is_empty() {
        distinct(&arguments.orders)
    } else {
        match meant(context, &operator, arguments, verb)? {
            Ok(names) => names,
            Err(refusal) => return Ok(refusal),
        }
    };
    let (progress, total) = (context.output.progress(verb.done), names.len() as u64);
    let outcomes: Vec<Outcome> = (0..)
        .zip(names)
        .inspect(|(done, _)| progress.at(*done, total))
        .map(|(_, name)| one(&operator, name, verb, arguments.dry_run))
        .collect();
    drop(progress);
    Ok(tell(context, arguments.dry_run, &outcomes))
}

fn distinct(names: &[String]) -> Vec<String> {
    let mut distinct: Vec<String> = Vec::new();
    for name in names {
        if !distinct.contains(name) {
            distinct.push(name.clone());
        }
    }
    distinct
}

/// Returns the orders that the filters mean and to which something would be done, once a person agreed; or how the command ends.
fn meant(
    context: &Context,
    operator: &Operator<'_>,
    arguments: &OrdersInHand,
    verb: Verb,
) -> Result<Result<Vec<String>, Exit>, Failure> {
    let ids = hand::meant(operator, &arguments.filters.filter(None), verb)?;
    let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
    if names.is_empty() {
        context.output.talk("no such orders");
    }
    if names.is_empty() || arguments.dry_run {
        return Ok(Ok(names));
    }
    let noun = if names.len() == 1 { "order" } else { "orders" };
    let question = format!("{} {noun} would be {}", names.len(), verb.done);
    match ask::agreed(context, arguments.yes, &question, &line(arguments, verb)) {
        Ok(()) => Ok(Ok(names)),
        Err(refusal) => {
            let document = json!({"schema": SCHEMA, "dryRun": false, "count": names.len(), "orders": []});
            answer::show(context, &answer::with_error(&document, Some(&refusal)), "");
            context.output.explain(&refusal);
            Ok(Err(refusal.exit))
        }
    }
}

/// The command line as it was typed.
fn line(arguments: &OrdersInHand, verb: Verb) -> String {
    let because = arguments.because.as_deref();
    let because = because.map_or_else(String::new, |because| {
        format!(" --because {}", crate::domain::quoting::shell_quoted(because))
    });
    format!("mcf orders {} {}{because}", verb.name, arguments.filters.words())
}

fn one(operator: &Operator<'_>, name: String, verb: Verb, is_dry_run: bool) -> Outcome {
    let (id, result) = hand::do_to(operator, &name, verb, is_dry_run);
    let row = id.and_then(|id| operator.store.order_row(&id).ok().flatten());
    Outcome {
        name,
        row,
        result: result.map_err(Failure::from),
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotNow { message, help } => Self::person(message, help),
            Refusal::WriteConflict(error) => Self {
                exit: Exit::Busy,
                ..Self::person(error.to_string(), "nothing was done; run the command again")
            },
            Refusal::Store(error) => error.into(),
        }
    }
}

/// Tells what happened to each order. One that was named alone is told as it is, too.
fn tell(context: &Context, is_dry_run: bool, outcomes: &[Outcome]) -> Exit {
    let failures: Vec<&Failure> = outcomes
        .iter()
        .filter_map(|outcome| outcome.result.as_ref().err())
        .collect();
    let orders: Vec<Value> = outcomes.iter().map(|outcome| outcome.fields(is_dry_run)).collect();
    let mut document = json!({"schema": SCHEMA, "dryRun": is_dry_run, "orders": orders});
    if let ([outcome], [order], Value::Object(fields)) = (outcomes, orders.as_slice(), &mut document)
        && outcome.result.is_ok()
    {
        for name in ["changed", "message", "effect"] {
            fields.insert(name.to_owned(), order[name].clone());
        }
        fields.insert("order".to_owned(), order.clone());
    }
    let failure = summed_up(&failures, outcomes.len());
    let is_alone = outcomes.len() == 1;
    let lines = outcomes.iter().filter_map(|outcome| outcome.line(is_dry_run, is_alone));
    let is_news = failure.is_some() || outcomes.iter().any(Outcome::is_changed);
    let text = lines.collect::<Vec<_>>().join("\n");
    answer::tell(
        context,
        is_news,
        &answer::with_error(&document, failure.as_ref()),
        &text,
    );
    if let Some(failure) = &failure {
        context.output.explain(failure);
    }
    failure.map_or(Exit::Done, |failure| failure.exit)
}

/// Returns the failure of the whole: of one order its own, of several what is worst.
fn summed_up(failures: &[&Failure], orders: usize) -> Option<Failure> {
    let is_worse = |failure: &&&Failure| failure.exit != Exit::PersonNeeded;
    let worst = failures.iter().find(is_worse).or_else(|| failures.first())?;
    let message = if orders == 1 {
        worst.message.clone()
    } else {
        let others = orders - failures.len();
        format!(
            "{} of {orders} orders were left as they are, {others} were not: {}",
            failures.len(),
            worst.message
        )
    };
    Some(Failure {
        message,
        beneath: worst.beneath.clone(),
        help: worst.help.clone(),
        exit: worst.exit,
    })
}

impl Outcome {
    fn is_changed(&self) -> bool {
        self.result.as_ref().is_ok_and(HandAction::is_changed)
    }

    /// Says it in a sentence. What went wrong with the only order is told as the error of the command.
    fn line(&self, is_dry_run: bool, is_alone: bool) -> Option<String> {
        match (&self.row, &self.result) {
            (Some(row), Ok(action)) => Some(action.sentence(row, is_dry_run)),
            (_, Err(failure)) if !is_alone => {
                Some(format!("order {}: {}; nothing changed", self.name, failure.message))
            }
            (None, Ok(_)) | (_, Err(_)) => None,
        }
    }

    fn fields(&self, is_dry_run: bool) -> Value {
        let (changed, message, effect) = match &self.result {
            Ok(action) => (action.is_changed() && !is_dry_run, action.what(), action.effect()),
            Err(failure) => (false, failure.message.as_str(), "nothing changed"),
        };
        let id = self.row.as_ref().map_or(self.name.as_str(), |row| row.id.as_str());
        json!({
            "tiktokOrderId": id,
            "state": self.row.as_ref().map(|row| row.state),
            "held": self.row.as_ref().map(|row| row.held),
            "changed": changed,
            "message": message,
            "effect": effect,
            "error": self.result.as_ref().err().map(Failure::run_error),
        })
    }
}
