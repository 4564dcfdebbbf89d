//! `mcf`: TikTok Shop orders in, Amazon Multi-Channel Fulfillment orders out, exactly once, from cron.
//!
//! One binary, one SQLite file, no server. Each command runs once against the file and ends; cron or systemd runs it again.
//! An order comes in from TikTok, is checked, normalised, mapped to Amazon SKUs and weighed against Amazon's stock; one
//! fulfillment order is created; its tracking number goes back to TikTok within four hours; stock levels are kept equal.
//! Whatever can't go on is flagged with a reason and the next command to type.
//!
//! # Rooms
//!
//! | room | what it knows | where to look for |
//! |---|---|---|
//! | [`cli`] | arguments, terminal, exit codes | what a command prints: `cli/commands/`; exit codes: `cli/exit.rs`; which error gets which, and its text: `cli/failure.rs`, for what one command alone can meet its file in `cli/commands/`, for signals `cli/signals.rs`, for a fault of its own `cli/fault.rs` |
//! | [`run`] | one run of a command, whoever asks for it: lock, run row, events, delivery | what a run is made of: `run/mod.rs`; its troubles told once: `run/trouble.rs`; opening the database: `run/surroundings.rs` |
//! | [`web`] | the other front end: HTTP, sessions, views (`mcf serve`) | who may come in: `web/site.rs`, `web/sessions.rs`; which address is which view: `web/routes.rs`; one file a view: `web/views/` |
//! | [`jobs`] | the order of things in a run | one folder for each life: `detection` (search, sweep, cursor), `routing` (batches, last look, `mcf route`), `submission`, `fulfillment`, `cancellation`, `tracking`; whole commands: `poll`, `sync_inventory`, `import_mappings`, `check` (a file for each area: facts, then a pure judgement), `consent` (`mcf auth`); what all of them read first: `tokens`, `stock`, `warehouses`; what a rule returns is done by an `apply`: one for `fulfillment` and `cancellation`, which share their effects (`domain/effect`), and one each beside `routing`, `submission` and `tracking`, whose effects are their own (what a dry run shows, a create, a parcel's number) |
//! | [`domain`] | the rules, pure: judging an order | which orders are ours, and the wait after payment: `eligibility`; what kind an order is: `kind`; addresses: `address` (street lines: `address/street`, how they fit: `address/reflow`); SKUs: `mapping`; its speed by itself: `routing/speed`, for TikTok's deadline: `routing/choice`; what a disabled warehouse keeps back: `routing/warehouses`, what is told of it: `warehouse`; what is decided and what follows until it is sent: `routing`; what a consent page gives, and the scopes that are needed: `consent` |
//! | | its life | states and steps: `state`; why it is flagged, with the closed list of details: `flag`, what is one cause: `flag/cause`, what a person can do, in words: `flag/advice`; what happens next to it, and why it waits: `outlook`, for many at once: `waiting`; how far orders come: `funnel`; every door to a create: `submission/doors`; Amazon's status: `fulfillment/life`; what Amazon left out: `fulfillment/rest`, how it goes once more: `routing/rest`; cancellations: `cancellation`; parcels: `parcel`; their numbers: `tracking`, the table of carriers: `tracking/carrier`, when one or its order is late: `tracking/overdue`; the spans that it counts in, and *near its deadline*, *due soon* and *at risk* told apart: `deadline`, business days: `deadline/calendar`, late dispatch: `deadline/dispatch`; what follows from a rule: `effect` |
//! | | stock and telling | `inventory/holding` (what may be promised), `inventory/plan` (what TikTok shows), `inventory/brake` (what waits for a second reading), `inventory/sold_out` (who can't be served); events, when each is sent and who writes it: `event`; what is told once, and once more when it is over: `told`; who is told of again before a deadline: `reminder`; what quiet hours hold back: `quiet` |
//! | [`tiktok`], [`amazon`] | the vendors' APIs | what an answer means, and what kind of failure it is: `tiktok/codes.rs`, `amazon/meaning.rs`; each call with its rate: `operations.rs`; what a create's answer proves: `amazon/answer.rs`; signature: `tiktok/sign.rs` |
//! | [`transport`] | sending | which failures are tried again, how often, when, with what remedy: `retry`; pacing: `pacing`; what is recorded of a call: `record` |
//! | [`store`] | every SQL statement | schema: `store/migrations/`, how a database is brought to it: `open`, `upgrade`; intents: `intents`, `fulfillment`; what is sealed: `sealed`, how: `vault`; locks: `lock`; PostgreSQL instead of a file: `engine/`, `served`, `lease`; from one into the other: `copy`, `carry` |
//! | [`notify`] | telling the operator's endpoints | signature, Slack form, delivery and its repetition |
//! | [`report`] | what is shown | what needs a person: `attention`; `status`, one order, `journal` (`mcf log`), metrics, Prometheus; the page: `html`, its parts for any front end: `html/` |
//! | [`sandbox`] | stand-ins for both vendors over real HTTP | `mcf demo`, `mcf sandbox`, the tests |
//! | `crash` | points at which a test lets the process die; nothing without the feature `crash-points` | `tests/breaking/` |
//! | [`config`] | settings and where they come from | defaults: `config.example.toml`; refusals: `config/error.rs` |
//! | `docs/` | what the numbers in comments and tests mean (`E62`), and what the vendors' APIs are known to do | `situations.md`, `vendors.md`; `docs_tests` checks that no number lacks its row; alert rules and a dashboard: `prometheus/` |
//! | | what the operator reads after README: from `install.md` to `troubleshooting.md`; what is done to the program to prove it, by name: `proofs.md` | `tests/lifecycle/readme.rs` types what they say |
//!
//! # Who may import whom
//!
//! `map_tests` reads every import and fails on one that is not named here, and on files that import each other in a circle.
//!
//! `main → cli → everything`; `web → run, jobs, report, domain`; `run → jobs, notify, report, store, config, domain, transport`;
//! `jobs → domain, store, tiktok, amazon, notify, config, transport`; `report → domain, store`;
//! `notify → domain, store, transport`; `tiktok, amazon → domain, transport`, never each other; `store → domain, transport` (the
//! records of calls); `transport` and `domain` import nothing above them. [`clock`], [`stop`], [`secret`], [`memory`], [`network`],
//! [`trust`], [`error_chain`] and `draft` are for all. Only `cli` knows clap, indicatif, stdout and stderr; the other front end, [`web`],
//! needs [`run`] and nothing of it. The sandbox imports neither client: it is written from the vendors' documentation, so that a client's mistake
//! shows.
//!
//! Order data flows one way: wire → domain → plan → store → wire.
//!
//! # What must never happen
//!
//! A fulfillment order is created twice (the intent is committed before the first byte of its create leaves, and only
//! [`domain::submission`] opens a door to one); a missing figure becomes a zero; a buyer's address is cut, guessed or printed;
//! one bad order stops the others; a second run of a command changes anything.
//!
//! # Files on disk
//!
//! `mcf.db` (mode 0600) with its `-wal` and `-shm`; `mcf.db.key`, the data key that opens buyer data and tokens in it, unless one is given;
//! `mcf.db.lock` and `mcf.db.<work>.lock`, held while a process opens the file or does that work, the first with the word that there is a database (a lost one is no first start); `mcf.db.before-restore-<time>` and `mcf.db.before-<version>-<time>`, what it was before a restore and before an upgrade; `mcf.db.tokens`, the room for TikTok's next pair while it is asked for, and the sealed pair itself where the database
//! refused it. What is being written is called `.mcf-<random>.unfinished` until it is whole (`draft`): what a killed process left of
//! it goes with the next start. Each of them must be this user's or root's own file, no link, in a folder that is not open to all; only the key may be
//! this user's link to such a place.

pub mod amazon;

pub mod cli;
pub mod clock;
pub mod config;
mod crash;
#[cfg(test)]
mod docs_tests;
pub mod domain;
mod draft;
pub mod error_chain;
pub mod jobs;
#[cfg(test)]
mod map_tests;
pub mod memory;
pub mod network;
pub mod notify;
pub mod report;
pub mod run;
pub mod sandbox;
pub mod secret;
pub mod stop;
pub mod store;
#[cfg(test)]
#[path = "../tests/shared/folder.rs"]
mod test_folder;
#[cfg(test)]
#[path = "../tests/shared/postgres.rs"]
#[expect(dead_code, reason = "other suites use all of it")]
mod test_postgres;
pub mod tiktok;
pub mod transport;
pub mod trust;
pub mod web;
