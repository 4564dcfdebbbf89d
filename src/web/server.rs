//! Speaks HTTP/1.1: one thread for the connections, and one at a time for looking at the database, so that however many browsers are open,
//! a run beside them has the machine to itself. Every wait has an end.

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full, Limited};
use hyper::Response;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use thiserror::Error;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use url::Url;

use super::answer::Answer;
use super::application::Application;
use super::asked::{Asked, Method};
use super::routes;
use super::sessions::Sessions;
use super::site::Site;
use crate::run::Console;
use crate::stop::Stop;

/// How long the wish to stop may go unseen.
const HEARTBEAT: Duration = Duration::from_millis(50);
/// How long a request may take to say what it wants, and then what it brings.
const HEAD_TIME_MAX: Duration = Duration::from_secs(10);
const BODY_TIME_MAX: Duration = Duration::from_secs(10);
/// How long a connection may live, whatever it does.
const CONNECTION_TIME_MAX: Duration = Duration::from_secs(600);
const HEAD_BYTES_MAX: usize = 32 * 1024;
const BODY_BYTES_MAX: usize = 256 * 1024;
const CONNECTIONS_MAX: usize = 128;
/// How long what is in hand may still take after the wish to stop.
const LAST_ANSWERS: Duration = Duration::from_secs(10);

/// Why the page can't be served.
#[derive(Debug, Error)]
pub enum Failure {
    /// Nobody else may be let in without saying under which address.
    #[error("{0} is no loopback address, and [serve] public_url does not say where the page is shown")]
    NotLoopback(SocketAddr),
    /// The port is taken, or may not be used.
    #[error("can't listen at {address}")]
    Taken {
        /// Where.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The machine gives no thread or no random numbers.
    #[error("the page can't be served")]
    Machine(#[source] io::Error),
}

/// What a page is served with.
pub struct Setup {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where a proxy shows it.
    pub public_url: Option<Url>,
    /// The database, by which browsers tell shops apart.
    pub database: std::path::PathBuf,
    /// What is looked at.
    pub console: Console,
    /// Writes the commands that a text names as they are to be typed.
    pub commands: fn(&str) -> String,
    /// Hears the next link when one is used.
    pub announce: Box<dyn Fn(&str) + Send + Sync>,
}

/// A page that listens.
pub struct Server {
    listener: TcpListener,
    application: Application,
}

impl Server {
    /// Takes the address.
    ///
    /// # Errors
    /// When it is taken, or is no loopback address and nothing says where the page is shown.
    pub fn bind(setup: Setup) -> Result<Self, Failure> {
        if !setup.listen.ip().to_canonical().is_loopback() && setup.public_url.is_none() {
            return Err(Failure::NotLoopback(setup.listen));
        }
        let taken = |source| Failure::Taken {
            address: setup.listen,
            source,
        };
        let listener = TcpListener::bind(setup.listen).map_err(taken)?;
        listener.set_nonblocking(true).map_err(taken)?;
        let address = listener.local_addr().map_err(taken)?;
        let site = Site::new(address, setup.public_url.as_ref(), &setup.database);
        let application = Application {
            console: setup.console,
            site,
            sessions: Sessions::default(),
            commands: setup.commands,
            announce: setup.announce,
        };
        Ok(Self { listener, application })
    }

    /// Returns where the page is shown.
    #[must_use]
    pub fn home(&self) -> &str {
        self.application.site.home()
    }

    /// Makes the link that lets one browser in.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn link(&self) -> Result<String, Failure> {
        let none = || Failure::Machine(io::Error::other("no random numbers"));
        self.application.link().ok_or_else(none)
    }

    /// Serves until it is asked to stop; what is in hand then is finished.
    ///
    /// # Errors
    /// When the machine gives no thread.
    pub fn serve(self, stop: &Stop) -> Result<(), Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(Failure::Machine)?;
        let served = runtime.block_on(listen(self, stop));
        runtime.shutdown_timeout(Duration::ZERO);
        served
    }
}

/// The application as it is served: who looks and who changes take turns apart, so that nobody waits to look for a vendor's answer.
struct Service {
    application: Application,
    looks: Semaphore,
    hands: Semaphore,
    in_hand: Arc<AtomicUsize>,
}

/// A request that is in hand until this is dropped.
struct InHand(Arc<AtomicUsize>);

impl InHand {
    fn of(service: &Service) -> Self {
        service.in_hand.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(&service.in_hand))
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

async fn listen(server: Server, stop: &Stop) -> Result<(), Failure> {
    let listener = tokio::net::TcpListener::from_std(server.listener).map_err(Failure::Machine)?;
    let service = Arc::new(Service {
        application: server.application,
        looks: Semaphore::new(1),
        hands: Semaphore::new(1),
        in_hand: Arc::default(),
    });
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    while !stop.is_asked() {
        let Ok(Ok(place)) = timeout(HEARTBEAT, Arc::clone(&room).acquire_owned()).await else {
            continue;
        };
        match timeout(HEARTBEAT, listener.accept()).await {
            Ok(Ok((stream, _))) => {
                let service = Arc::clone(&service);
                tokio::spawn(async move {
                    let _place = place;
                    attend(service, stream).await;
                });
            }
            // Too many open files, or a browser that went away: the next one comes all the same.
            Ok(Err(_)) => sleep(HEARTBEAT).await,
            Err(_) => {}
        }
    }
    drop(listener);
    let until = Instant::now() + LAST_ANSWERS;
    while service.in_hand.load(Ordering::Acquire) > 0 && Instant::now() < until {
        sleep(HEARTBEAT).await;
    }
    Ok(())
}

/// One connection brings one request: a browser that says nothing keeps nobody out for long, and one that has said all is still answered.
async fn attend(service: Arc<Service>, stream: tokio::net::TcpStream) {
    let local = stream.local_addr().ok();
    let service = service_fn(move |request| answer(Arc::clone(&service), local, request));
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        .keep_alive(false)
        .half_close(true);
    // A broken connection is the browser's business.
    let _ = timeout(
        CONNECTION_TIME_MAX,
        http.serve_connection(TokioIo::new(stream), service),
    )
    .await;
}

async fn answer(
    service: Arc<Service>,
    local: Option<SocketAddr>,
    request: hyper::Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let _in_hand = InHand::of(&service);
    let (head, body) = request.into_parts();
    let asked = Asked::of(&head, local);
    let answer = match routes::admit(&service.application, &asked) {
        Err(refused) => refused,
        Ok(_) if asked.method == Method::Post => match read(body).await {
            Ok(body) => inside(&service, asked.with_form(&body)).await,
            Err(refused) => refused,
        },
        Ok(_) => inside(&service, asked).await,
    };
    Ok(answer.sent())
}

async fn read(body: Incoming) -> Result<Bytes, Answer> {
    match timeout(BODY_TIME_MAX, Limited::new(body, BODY_BYTES_MAX).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(_)) => Err(Answer::line(413, "the request is too large, or broke off")),
        Err(_) => Err(Answer::line(408, "the request took too long")),
    }
}

/// Works in another thread: the connections go on meanwhile.
async fn inside(service: &Arc<Service>, asked: Asked) -> Answer {
    let turns = match asked.method {
        Method::Post => &service.hands,
        Method::Get | Method::Head | Method::Other => &service.looks,
    };
    let _turn = turns.acquire().await;
    let (service, in_hand) = (Arc::clone(service), InHand::of(service));
    let work = move || {
        let _in_hand = in_hand;
        routes::answer(&service.application, &asked)
    };
    // It goes on though the browser goes away: what is begun is finished.
    let answered = tokio::task::spawn_blocking(work).await;
    answered.unwrap_or_else(|_| Answer::line(500, "something unexpected; the log of mcf serve says what"))
}
