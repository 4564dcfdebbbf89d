//! Stand-ins for TikTok Shop and Amazon: real HTTP on loopback, with state, as strict as the vendors.
//!
//! Owns a small world of invented orders, stock and parcels, the checks that the vendors make (signatures, tokens, required fields,
//! states, rates), and a script of faults. `mcf demo`, `mcf sandbox` and the tests use it. It is written from the vendors'
//! documentation and must never import the program's own clients, store or jobs: a mistake that both sides share would stay hidden.
//! It must never listen on anything but loopback, and holds invented data only.
//!
//! The parts: [`World`] is the state and its time; `server` speaks HTTP; `dispatch` has requests answered and spoils answers; `tiktok` and `amazon` are the vendors;
//! [`Faults`] is the fault script, [`Log`] what arrived; `consent` is both consent pages; `control` is the by-hand interface under `/sandbox/` on TikTok's port;
//! [`scenario`] is the demo's shop.

mod calendar;
mod codes;
mod consent;
mod control;
mod dispatch;
mod faults;
mod http;
mod log;
mod operation;
mod page;
mod rates;
mod server;
mod settings;
mod world;

pub mod amazon;
pub mod scenario;
pub mod tiktok;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use thiserror::Error;

pub use codes::Codes;
pub use consent::NewCodes;
pub use faults::{Disturbance, Fault, Faults};
pub use log::{Entry, Log};
pub use operation::{Operation, Vendor};
pub use rates::{RateLimit, Rates};
pub use settings::{CreateMode, Settings, StockShortage};
pub use world::{Witness, World};

/// Where the stand-ins listen, always on 127.0.0.1. Port 0 takes a free one.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ports {
    /// TikTok's API, its token host, and the control interface.
    pub tiktok: u16,
    /// Amazon's API and Login with Amazon.
    pub amazon: u16,
}

/// The sandbox can't start.
#[derive(Debug, Error)]
#[error("the sandbox can't listen on 127.0.0.1")]
pub struct StartError(#[from] std::io::Error);

/// Both stand-ins, running in one thread until this value is dropped.
#[derive(Debug)]
pub struct Sandbox {
    world: Arc<Mutex<World>>,
    tiktok_address: SocketAddr,
    amazon_address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts both stand-ins on free ports.
    ///
    /// # Errors
    /// When no port can be opened or no thread started.
    pub fn start(world: World) -> Result<Self, StartError> {
        Self::start_on(world, Ports::default())
    }

    /// Starts both stand-ins on given ports.
    ///
    /// # Errors
    /// When a port is taken or no thread can be started.
    pub fn start_on(world: World, ports: Ports) -> Result<Self, StartError> {
        let tiktok = server::listen(ports.tiktok)?;
        let amazon = server::listen(ports.amazon)?;
        let (tiktok_address, amazon_address) = (tiktok.local_addr()?, amazon.local_addr()?);
        let world = Arc::new(Mutex::new(world));
        let stop = Arc::new(AtomicBool::new(false));
        let thread = server::spawn([(Vendor::Tiktok, tiktok), (Vendor::Amazon, amazon)], &world, &stop)?;
        Ok(Self {
            world,
            tiktok_address,
            amazon_address,
            stop,
            thread: Some(thread),
        })
    }

    /// Returns the base URL of TikTok's API and of its token host.
    #[must_use]
    pub fn tiktok_url(&self) -> String {
        format!("http://{}", self.tiktok_address)
    }

    /// Returns the base URL of the Selling Partner API and of Login with Amazon.
    #[must_use]
    pub fn amazon_url(&self) -> String {
        format!("http://{}", self.amazon_address)
    }

    /// Opens the world to look at it or to change it. No request is answered while the guard lives.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a copy of what has arrived so far.
    #[must_use]
    pub fn log(&self) -> Log {
        self.world().log.clone()
    }

    /// Returns the text of a `config.toml` that works against this sandbox. It has no `[store]` and no `[retry]`.
    #[must_use]
    pub fn config_toml(&self) -> String {
        let (tiktok_url, amazon_url) = (self.tiktok_url(), self.amazon_url());
        let world = self.world();
        let (shop, account) = (&world.tiktok, &world.amazon);
        format!(
            "[tiktok]\napp_key = {:?}\napp_secret = {:?}\nshop_id = {:?}\naccess_token = {:?}\nrefresh_token = {:?}\n\
             api_url = {tiktok_url:?}\nauth_url = {tiktok_url:?}\n\n\
             [amazon]\nclient_id = {:?}\nclient_secret = {:?}\nrefresh_token = {:?}\nseller_id = {:?}\n\
             marketplace_id = {:?}\nregion = \"na\"\napi_url = {amazon_url:?}\nauth_url = {amazon_url:?}\n",
            shop.app_key,
            shop.app_secret,
            shop.id,
            shop.tokens.access,
            shop.tokens.refresh,
            account.client_id,
            account.client_secret,
            account.refresh_token,
            account.seller_id,
            account.marketplace_id,
        )
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            // The thread has nothing to report; a panic in it has been printed already.
            let _ = thread.join();
        }
    }
}
