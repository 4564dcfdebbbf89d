//! `mcf serve`: the page, until the operator stops it.

use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::json;

use super::answer;
use crate::cli::arguments::Serve;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure, called};
use crate::config::Settings;
use crate::report::{self, SCHEMA};
use crate::run::{Console, Surroundings};
use crate::web::{self, Server, Setup};

pub fn run(context: &Context, arguments: &Serve) -> Result<Exit, Failure> {
    let server = open(context, arguments.listen)?;
    server.serve(&context.surroundings.stop)?;
    context.output.talk("the page is closed");
    Ok(Exit::Done)
}

/// Takes the address and prints the link.
pub(super) fn open(context: &Context, listen: SocketAddr) -> Result<Server, Failure> {
    let settings = context.settings()?;
    // What can't be looked at is told now, and not to who clicks first.
    drop(context.store(&settings)?);
    let output = context.output;
    let server = Server::bind(Setup {
        listen,
        public_url: settings.serve.public_url.clone(),
        database: settings.store.path.clone(),
        console: console(context),
        commands: called::repeat,
        announce: Box::new(move |link: &str| {
            output.urgent(&format!("the link was used; for one more browser: {link}"))
        }),
    })?;
    let link = server.link()?;
    if output.json {
        let document = json!({"schema": SCHEMA, "url": server.home(), "link": link});
        output.data(&report::json(&document).unwrap_or_default());
    } else {
        output.data(&link);
    }
    output.talk(&format!(
        "the page is at {}; the link lets one browser in, once. Ctrl-C ends it",
        server.home()
    ));
    Ok(server)
}

/// The settings are read anew for each look, as each run of cron reads them.
fn console(context: &Context) -> Console {
    let given = &context.surroundings;
    let surroundings = Surroundings {
        clock: given.clock,
        stop: Arc::clone(&given.stop),
        upgrade: Arc::clone(&given.upgrade),
    };
    let (environment, overrides) = (context.environment.clone(), context.overrides.clone());
    let settings = move || Settings::load(&environment, &overrides);
    Console::new(surroundings, Box::new(settings), answer::user(context))
}

impl From<web::Failure> for Failure {
    fn from(failure: web::Failure) -> Self {
        let help = match &failure {
            web::Failure::NotLoopback(_) => {
                "put a reverse proxy with https before it and write [serve] public_url, or: mcf serve --listen 127.0.0.1:8484"
                    .to_owned()
            }
            web::Failure::Taken { address, .. } => format!("another port is chosen by: mcf serve --listen {}:0", address.ip()),
            web::Failure::Machine(_) => return Self::unexpected(&failure),
        };
        Self {
            help: Some(help),
            exit: Exit::Unusable,
            ..Self::of(&failure)
        }
    }
}
