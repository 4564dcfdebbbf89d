//! The binary from end to end against both vendors of the sandbox: real processes, real HTTP, a clock that is moved.

#![expect(clippy::expect_used, reason = "a helper of a test fails the test that calls it")]

#[path = "road/approval.rs"]
mod approval;
#[path = "road/axe.rs"]
mod axe;
#[path = "road/back_fill.rs"]
mod back_fill;
#[path = "road/brake.rs"]
mod brake;
#[path = "road/canaries.rs"]
mod canaries;
#[path = "road/cancellations.rs"]
mod cancellations;
#[path = "road/checks.rs"]
mod checks;
#[path = "road/copies.rs"]
mod copies;
#[path = "road/creates.rs"]
mod creates;
#[path = "road/day.rs"]
mod day;
#[path = "road/deadlines.rs"]
mod deadlines;
#[path = "road/demo.rs"]
mod demo;
#[path = "road/dry_run.rs"]
mod dry_run;
#[path = "shared/events.rs"]
mod events;
#[path = "road/heartbeat.rs"]
mod heartbeat;
#[path = "road/kinds.rs"]
mod kinds;
#[path = "road/main_road.rs"]
mod main_road;
#[path = "shared/masking.rs"]
mod masking;
#[path = "road/next_commands.rs"]
mod next_commands;
#[path = "road/outages.rs"]
mod outages;
#[path = "road/pages.rs"]
mod pages;
#[path = "road/parcels.rs"]
mod parcels;
#[path = "road/pasted.rs"]
mod pasted;
#[path = "road/pause.rs"]
mod pause;
#[path = "road/prometheus.rs"]
mod prometheus;
#[path = "road/proofs.rs"]
mod proofs;
#[path = "road/readme.rs"]
mod readme;
#[path = "road/reminders.rs"]
mod reminders;
#[path = "road/rest.rs"]
mod rest;
#[path = "road/road.rs"]
mod road;
#[path = "road/routes.rs"]
mod routes;
#[path = "road/sold_out.rs"]
mod sold_out;
#[path = "road/suggest.rs"]
mod suggest;
#[path = "road/tokens.rs"]
mod tokens;
#[path = "road/whereabouts.rs"]
mod whereabouts;
