//! Speaks HTTP/1.1 on loopback: one thread, one single-threaded runtime, sync handlers under the world's lock.
//!
//! Faults that concern the connection are made here: an error from the service closes it without an answer, an error from the body
//! closes it in the middle.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Bytes, Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::time::Sleep;

use super::dispatch::Delivery;
use super::http::{Reply, Request};
use super::{StartError, Vendor, World};

const REQUEST_BYTES_MAX: usize = 4 * 1024 * 1024;
const PIECE_BYTES: usize = 8;
const HEARTBEAT: Duration = Duration::from_millis(10);
/// Long enough for what was written to leave before the connection breaks.
const FLUSH_MS: u64 = 10;

type SharedWorld = Arc<Mutex<World>>;

pub(super) fn listen(port: u16) -> Result<TcpListener, StartError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

pub(super) fn spawn(
    listeners: [(Vendor, TcpListener); 2],
    world: &SharedWorld,
    stop: &Arc<AtomicBool>,
) -> Result<JoinHandle<()>, StartError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (world, stop) = (Arc::clone(world), Arc::clone(stop));
    let guard = runtime.enter();
    for (vendor, listener) in listeners {
        runtime.spawn(accept(
            vendor,
            tokio::net::TcpListener::from_std(listener)?,
            Arc::clone(&world),
        ));
    }
    drop(guard);
    let thread = std::thread::Builder::new().name("sandbox".into());
    Ok(thread.spawn(move || runtime.block_on(keep_time(&world, &stop)))?)
}

/// Lets the world move on by itself where it is set so, until the sandbox is dropped.
async fn keep_time(world: &SharedWorld, stop: &AtomicBool) {
    let mut advanced_at = Instant::now();
    while !stop.load(Ordering::Acquire) {
        tokio::time::sleep(HEARTBEAT).await;
        let mut world = lock(world);
        if world
            .settings
            .advance_every
            .is_some_and(|every| advanced_at.elapsed() >= every)
        {
            world.advance();
            advanced_at = Instant::now();
        }
    }
}

async fn accept(vendor: Vendor, listener: tokio::net::TcpListener, world: SharedWorld) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let world = Arc::clone(&world);
        let service = service_fn(move |request| serve(vendor, Arc::clone(&world), request));
        tokio::spawn(async move {
            // A broken connection is the client's business, or a fault that was asked for.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// The connection is to be closed without an answer.
fn closed() -> io::Error {
    io::Error::from(io::ErrorKind::ConnectionAborted)
}

async fn serve(
    vendor: Vendor,
    world: SharedWorld,
    incoming: hyper::Request<Incoming>,
) -> Result<Response<PacedBody>, io::Error> {
    let (head, body) = incoming.into_parts();
    let mut request = take_apart(&head);
    match Limited::new(body, REQUEST_BYTES_MAX).collect().await {
        Ok(body) => request.body = body.to_bytes().to_vec(),
        Err(_) => {
            lock(&world).note_truncated(vendor, &request);
            return Err(closed());
        }
    }
    let (reply, delivery) = lock(&world).answer(vendor, &request);
    match delivery {
        Delivery::Dropped => return Err(closed()),
        Delivery::Stalled { pause_ms } => tokio::time::sleep(Duration::from_millis(pause_ms)).await,
        Delivery::Whole | Delivery::Cut | Delivery::Trickled { .. } => (),
    }
    Ok(response(reply, &delivery))
}

fn lock(world: &Mutex<World>) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

fn take_apart(head: &hyper::http::request::Parts) -> Request {
    let headers = head
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    Request::new(
        head.method.as_str(),
        head.uri.path(),
        head.uri.query().unwrap_or_default(),
        headers.collect(),
        Vec::new(),
    )
}

fn response(reply: Reply, delivery: &Delivery) -> Response<PacedBody> {
    let length = reply.body.len();
    let mut response = Response::new(PacedBody::new(reply.body, delivery));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let content = [
        ("content-type".to_owned(), reply.content_type.to_owned()),
        ("content-length".to_owned(), length.to_string()),
    ];
    for (name, value) in content.into_iter().chain(reply.headers) {
        let name = hyper::header::HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, value.parse()) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// A body that can come slowly or break off.
struct PacedBody {
    pieces: VecDeque<Bytes>,
    pause: Duration,
    sleep: Option<Pin<Box<Sleep>>>,
    breaks_off: bool,
}

impl PacedBody {
    fn new(body: Vec<u8>, delivery: &Delivery) -> Self {
        let body = Bytes::from(body);
        let (pieces, pause) = match delivery {
            Delivery::Whole | Delivery::Dropped | Delivery::Stalled { .. } => (VecDeque::from([body]), 0),
            Delivery::Cut => (VecDeque::from([body.slice(..body.len() / 2)]), FLUSH_MS),
            Delivery::Trickled { pause_ms } => (
                body.chunks(PIECE_BYTES).map(Bytes::copy_from_slice).collect(),
                *pause_ms,
            ),
        };
        Self {
            pieces,
            pause: Duration::from_millis(pause),
            sleep: None,
            breaks_off: *delivery == Delivery::Cut,
        }
    }
}

impl Body for PacedBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if !self.pause.is_zero() && (self.breaks_off || !self.pieces.is_empty()) {
            let pause = self.pause;
            let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(pause)));
            if sleep.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            self.sleep = None;
        }
        match self.pieces.pop_front() {
            Some(piece) => Poll::Ready(Some(Ok(Frame::data(piece)))),
            None if self.breaks_off => Poll::Ready(Some(Err(closed()))),
            None => Poll::Ready(None),
        }
    }
}
