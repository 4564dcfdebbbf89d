//! `mcf serve`: the page for people who would rather look and click than type. The other front end beside `cli`.
//!
//! Owns HTTP, who may come in, and what a page is put together from. Every view is drawn on this side and needs no script. Must never run
//! a job by itself, decide anything about an order, write SQL, or keep the database open between two requests: cron stays the
//! scheduler, and no run waits for a page.
//!
//! A request goes: [`site`] (is it for us, and from our own pages) → [`sessions`] (has this browser come in by the link) → `routes` →
//! a view, which asks a [`Console`](crate::run::Console) and draws the parts of `report/html`.

mod answer;
mod application;
mod asked;
mod frame;
mod routes;
mod server;
mod sessions;
mod site;
mod views;

pub use server::{Failure, Server, Setup};
