//! `mcf notify test|flush|verify`.

use std::time::Instant;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{answer, file};
use crate::cli::arguments::{DryRun, Notify, NotifyTest, NotifyVerify};
use crate::cli::context::Context;
use crate::cli::{Exit, Failure, called};
use crate::config::Settings;
use crate::notify::signature::TOLERANCE;
use crate::notify::{self, DeliveryLimits, DeliverySummary, Endpoint, NotTaken, Refused, SignedRequest, SigningKey};
use crate::report::SCHEMA;
use crate::run;
use crate::secret::Secret;

pub fn run(context: &Context, command: &Notify) -> Result<Exit, Failure> {
    match command {
        Notify::Test(arguments) => test(context, arguments),
        Notify::Flush(arguments) => flush(context, arguments),
        Notify::Verify(arguments) => verify(context, arguments),
    }
}

fn test(context: &Context, arguments: &NotifyTest) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let endpoints = chosen(&settings, arguments.host.as_deref())?;
    if arguments.dry_run {
        let names: Vec<String> = endpoints.iter().map(Endpoint::name).collect();
        let document = json!({"schema": SCHEMA, "dryRun": true, "endpoints": names});
        answer::show(
            context,
            &document,
            &format!("would send a test event to {}", names.join(", ")),
        );
        return Ok(Exit::Done);
    }
    let sender = run::endpoint_sender(
        &context.surroundings,
        &endpoints,
        Instant::now() + DeliveryLimits::FLUSH.time_max,
    );
    let results: Vec<(String, Result<u16, NotTaken>)> = endpoints
        .iter()
        .map(|endpoint| (endpoint.name(), notify::test_endpoint(&sender, endpoint)))
        .collect();
    let lines: Vec<String> = results.iter().map(line).collect();
    let rows: Vec<Value> = results.iter().map(row).collect();
    let failure = results
        .iter()
        .find(|(_, result)| result.is_err())
        .map(|result| Failure::person(line(result), "check the endpoint and its url in the configuration"));
    let document = json!({"schema": SCHEMA, "dryRun": false, "endpoints": rows});
    answer::show(
        context,
        &answer::with_error(&document, failure.as_ref()),
        &lines.join("\n"),
    );
    Ok(failure.map_or(Exit::Done, |failure| failure.exit))
}

fn chosen(settings: &Settings, host: Option<&str>) -> Result<Vec<Endpoint>, Failure> {
    if settings.webhooks.is_empty() {
        return Err(Failure::person(
            "no endpoint is configured",
            "add a [[webhooks]] part with its url to the configuration",
        ));
    }
    let wanted = run::endpoints(settings)?
        .into_iter()
        .zip(&settings.webhooks)
        .filter(|(_, webhook)| host.is_none_or(|host| webhook.host.eq_ignore_ascii_case(host)));
    let wanted: Vec<Endpoint> = wanted.map(|(endpoint, _)| endpoint).collect();
    if wanted.is_empty() {
        let hosts: Vec<&str> = settings.webhooks.iter().map(|webhook| webhook.host.as_str()).collect();
        return Err(Failure::usage(
            "no endpoint with this host is configured",
            format!("one of {}", hosts.join(", ")),
        ));
    }
    Ok(wanted)
}

fn line((name, result): &(String, Result<u16, NotTaken>)) -> String {
    match result {
        Ok(status) => format!("{name} took the test event ({status})"),
        Err(error) => format!("{name} did NOT take the test event: {error}"),
    }
}

fn row((name, result): &(String, Result<u16, NotTaken>)) -> Value {
    let error = result.as_ref().err().map(ToString::to_string);
    json!({"endpoint": name, "taken": error.is_none(), "status": result.as_ref().ok(), "error": error})
}

fn flush(context: &Context, arguments: &DryRun) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    let endpoints = run::endpoints(&settings)?;
    if arguments.dry_run {
        let waiting = notify::waiting(&store, &endpoints)?;
        let document = json!({"schema": SCHEMA, "dryRun": true, "waiting": waiting});
        answer::tell(
            context,
            waiting > 0,
            &document,
            &format!("would try {waiting} deliveries"),
        );
        return Ok(Exit::Done);
    }
    // The delivery takes this lock itself and would only count what waits; a person who asks wants to be told.
    drop(store.take("notifications", context.now())?);
    notify::register(&store, &endpoints)?;
    let summary = if endpoints.is_empty() {
        DeliverySummary::default()
    } else {
        let sender = run::endpoint_sender(
            &context.surroundings,
            &endpoints,
            Instant::now() + DeliveryLimits::FLUSH.time_max,
        );
        notify::flush(&store, &sender, &endpoints, DeliveryLimits::FLUSH)?
    };
    let document = json!({
        "schema": SCHEMA, "dryRun": false, "delivered": summary.delivered, "waiting": summary.waiting,
        "failed": summary.failed, "givenUp": summary.given_up, "disabled": summary.disabled,
    });
    let is_news = summary != DeliverySummary::default();
    let sentence = flushed(&summary, endpoints.is_empty());
    let failure = (summary.failed > 0).then(|| Failure::person(sentence.clone(), "mcf status says what they answer"));
    answer::tell(
        context,
        is_news,
        &answer::with_error(&document, failure.as_ref()),
        &sentence,
    );
    Ok(failure.map_or(Exit::Done, |failure| failure.exit))
}

fn flushed(summary: &DeliverySummary, is_nobody_there: bool) -> String {
    if is_nobody_there {
        "no endpoint is configured; nothing to deliver".to_owned()
    } else if *summary == DeliverySummary::default() {
        "nothing is queued".to_owned()
    } else {
        format!(
            "{} delivered, {} failed, {} given up, {} waiting",
            summary.delivered, summary.failed, summary.given_up, summary.waiting
        )
    }
}

fn verify(context: &Context, arguments: &NotifyVerify) -> Result<Exit, Failure> {
    let saved = file::read(&arguments.request)?;
    let keys = keys(context, arguments)?;
    let tolerance = if arguments.any_age { TimeDelta::MAX } else { TOLERANCE };
    let result = SignedRequest::read(&saved).and_then(|request| {
        let check = |key: &SigningKey| request.verify(key, context.now(), tolerance);
        let mut results = keys.iter().map(check);
        let first = results.next().unwrap_or(Err(Refused::WrongSignature));
        first.or_else(|refused| results.find(Result::is_ok).unwrap_or(Err(refused)))
    });
    let Err(refused) = result else {
        let sentence = "valid: the secret's owner signed exactly this body";
        answer::show(context, &json!({"schema": SCHEMA, "valid": true}), sentence);
        return Ok(Exit::Done);
    };
    Ok(not_valid(context, &refused))
}

fn not_valid(context: &Context, refused: &Refused) -> Exit {
    let help = match refused {
        Refused::Stale { .. } => "--any-age accepts an old request",
        Refused::WrongSignature => "check the secret, and that the body was saved byte for byte",
        Refused::Missing(_) | Refused::NotATime | Refused::NotAKey(_) => {
            "save the headers, an empty line, and the body byte for byte"
        }
    };
    let failure = Failure::person(format!("not valid: {refused}"), help);
    if context.output.json {
        let document = json!({"schema": SCHEMA, "valid": false, "error": failure.run_error()});
        context.output.data(&called::json(&document));
    }
    context.output.explain(&failure);
    failure.exit
}

/// The key of the named file, or those of the configured endpoints.
fn keys(context: &Context, arguments: &NotifyVerify) -> Result<Vec<SigningKey>, Failure> {
    let secrets = match &arguments.secret_file {
        Some(path) => {
            vec![Secret::new(String::from_utf8_lossy(&file::read(path)?).into_owned())]
        }
        None => context
            .settings()?
            .webhooks
            .into_iter()
            .filter_map(|webhook| webhook.secret)
            .collect(),
    };
    if secrets.is_empty() {
        return Err(Failure::usage(
            "no signing secret is configured",
            "name a file with it: --secret-file FILE",
        ));
    }
    let read = secrets.iter().map(SigningKey::read).collect::<Result<_, _>>();
    read.map_err(|error| Failure::usage(error.to_string(), "make one: echo \"whsec_$(openssl rand -base64 32)\""))
}
