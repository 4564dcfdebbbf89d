//! The binary from end to end against both vendors of the sandbox: real processes, real HTTP, a clock that is moved.

#![expect(clippy::expect_used, reason = "a helper of a test fails the test that calls it")]

#[path = "lifecycle/approval.rs"]
mod approval;
#[path = "lifecycle/axe.rs"]
mod axe;
#[path = "lifecycle/back_fill.rs"]
mod back_fill;
#[path = "lifecycle/brake.rs"]
mod brake;
#[path = "lifecycle/browser.rs"]
mod browser;
#[path = "lifecycle/canaries.rs"]
mod canaries;
#[path = "lifecycle/cancellations.rs"]
mod cancellations;
#[path = "lifecycle/checks.rs"]
mod checks;
#[path = "lifecycle/chromium.rs"]
mod chromium;
#[path = "lifecycle/copies.rs"]
mod copies;
#[path = "lifecycle/creates.rs"]
mod creates;
#[path = "lifecycle/day.rs"]
mod day;
#[path = "lifecycle/deadlines.rs"]
mod deadlines;
#[path = "lifecycle/demo.rs"]
mod demo;
#[path = "lifecycle/dry_run.rs"]
mod dry_run;
#[path = "lifecycle/engines.rs"]
mod engines;
#[path = "shared/events.rs"]
mod events;
#[path = "lifecycle/first_day.rs"]
mod first_day;
#[path = "shared/folder.rs"]
mod folder;
#[path = "lifecycle/growth.rs"]
mod growth;
#[path = "lifecycle/heartbeat.rs"]
mod heartbeat;
#[path = "lifecycle/kinds.rs"]
mod kinds;
#[path = "shared/masking.rs"]
mod masking;
#[path = "lifecycle/next_commands.rs"]
mod next_commands;
#[path = "lifecycle/outages.rs"]
mod outages;
#[path = "lifecycle/page.rs"]
mod page;
#[path = "lifecycle/pages.rs"]
mod pages;
#[path = "lifecycle/parcels.rs"]
mod parcels;
#[path = "lifecycle/pasted.rs"]
mod pasted;
#[path = "lifecycle/pause.rs"]
mod pause;
#[path = "shared/postgres.rs"]
#[expect(
    dead_code,
    clippy::print_stdout,
    reason = "other suites use all of it, and it says what it skips"
)]
mod postgres;
#[path = "lifecycle/prometheus.rs"]
mod prometheus;
#[path = "lifecycle/proofs.rs"]
mod proofs;
#[path = "lifecycle/readme.rs"]
mod readme;
#[path = "lifecycle/reminders.rs"]
mod reminders;
#[path = "lifecycle/rest.rs"]
mod rest;
#[path = "lifecycle/retention.rs"]
mod retention;
#[path = "lifecycle/routes.rs"]
mod routes;
#[path = "lifecycle/served.rs"]
mod served;
#[path = "lifecycle/sold_out.rs"]
mod sold_out;
#[path = "lifecycle/suggest.rs"]
mod suggest;
#[path = "lifecycle/test_shop.rs"]
mod test_shop;
#[path = "lifecycle/tokens.rs"]
mod tokens;
#[path = "shared/unhurried.rs"]
mod unhurried;
#[path = "lifecycle/whereabouts.rs"]
mod whereabouts;
