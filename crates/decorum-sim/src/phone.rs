//! A phone that listens: sockets, connections, start and stop.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tower_service::Service;

use crate::error::Dropped;
use crate::ledger::{LedgerEntry, LedgerError};
use crate::machine::Machine;
use crate::people::{self, Listed};
use crate::routes;
use crate::scenario::{Fault, Scenario, ScenarioError};

/// How long a stopping phone waits for answers that are under way.
const GRACE: Duration = Duration::from_secs(5);

/// How long a server that crashed is away, unless the scenario says otherwise.
const DOWN: Duration = Duration::from_secs(2);

/// Connections at a time.
const MOST_CONNECTIONS: usize = 512;

/// Why a phone did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The scenario makes no sense.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// The ledger file cannot be used.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
}

/// A running phone. It stops when it is told to, or when it is dropped.
#[derive(Debug)]
pub struct Phone {
    address: SocketAddr,
    shared: Shared,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
}

/// What all requests share.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    machine: Arc<Mutex<Machine>>,
    /// A phone does one thing at a time; requests queue in order of arrival.
    pub(crate) turn: Arc<tokio::sync::Mutex<()>>,
    /// Told to stop, over `/wda/shutdown`.
    pub(crate) stop: watch::Sender<bool>,
    /// Told to be away for so long, as a server that crashed and is started again.
    down: watch::Sender<Duration>,
}

impl Shared {
    pub(crate) fn machine(&self) -> MutexGuard<'_, Machine> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The server dies with its sessions. The app stays as it is.
    pub(crate) fn go_down(&self, crash: &Fault) {
        self.machine().sessions.close_all();
        self.down.send_replace(crash.down_ms.map_or(DOWN, Duration::from_millis));
    }
}

impl Phone {
    /// Starts a phone. Port 0 takes any free port; [`Phone::url`] tells which.
    ///
    /// # Errors
    ///
    /// [`StartError`] when the scenario makes no sense, the ledger file cannot be used or the
    /// address cannot be listened on.
    pub async fn start(mut scenario: Scenario, listen: SocketAddr) -> Result<Self, StartError> {
        scenario.normalize();
        scenario.check()?;
        let machine = Machine::new(scenario)?;
        let fail = |source| StartError::Listen { address: listen, source };
        let listener = TcpListener::bind(listen).await.map_err(fail)?;
        let address = listener.local_addr().map_err(fail)?;
        let (stop, stopped) = watch::channel(false);
        let (down, downs) = watch::channel(Duration::ZERO);
        let shared = Shared {
            machine: Arc::new(Mutex::new(machine)),
            turn: Arc::default(),
            stop: stop.clone(),
            down,
        };
        let router = routes::router(shared.clone());
        let server = tokio::spawn(serve(listener, address, router, stopped, downs));
        tracing::info!(%address, "simulated phone is up");
        Ok(Self { address, shared, stop, server })
    }

    /// Where the phone listens, for example `http://127.0.0.1:8100`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Everything that happened to people, in order.
    pub fn ledger(&self) -> Vec<LedgerEntry> {
        self.shared.machine().effects.ledger.entries().to_vec()
    }

    /// Everybody in a list of the phone's world, in the list's own order: what somebody who reads
    /// all of it should have found. `of` is a username or, for [`Listed::Tag`], a hashtag. People
    /// who come while it is read are not in it.
    pub fn listed(&self, list: Listed, of: &str) -> Vec<String> {
        people::everybody(&self.shared.machine().scenario, list, of)
    }

    /// Waits until somebody shuts the phone down over HTTP (`/wda/shutdown`).
    pub async fn stopped(&self) {
        told(&mut self.stop.subscribe()).await;
    }

    /// Stops listening, lets answers that are under way finish, closes everything.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        if let Err(error) = (&mut self.server).await {
            tracing::warn!(%error, "simulated phone did not stop in order");
        }
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

/// Waits for the word to stop. A sender that is gone is a stop as well.
async fn told(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stop| *stop).await;
}

async fn serve(
    mut listener: TcpListener,
    address: SocketAddr,
    router: Router,
    mut stopped: watch::Receiver<bool>,
    mut downs: watch::Receiver<Duration>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = told(&mut stopped) => break,
            Ok(()) = downs.changed() => {
                let away = *downs.borrow_and_update();
                drop(listener);
                connections.shutdown().await;
                tokio::select! {
                    () = told(&mut stopped) => return,
                    () = tokio::time::sleep(away) => {}
                }
                match TcpListener::bind(address).await {
                    Ok(again) => listener = again,
                    Err(error) => {
                        tracing::warn!(%error, "cannot listen again");
                        return;
                    }
                }
            },
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) if connections.len() < MOST_CONNECTIONS => {
                    connections.spawn(connection(stream, router.clone(), stopped.clone()));
                }
                Ok(_) => tracing::warn!("too many connections"),
                Err(error) => {
                    tracing::warn!(%error, "cannot accept");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    let finish = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, finish).await.is_err() {
        connections.shutdown().await;
    }
}

/// A response that is never sent: the connection closes instead.
#[derive(Debug, thiserror::Error)]
#[error("the connection is closed on purpose")]
struct Closed;

async fn connection(stream: TcpStream, router: Router, mut stopped: watch::Receiver<bool>) {
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let answer = router.clone().call(request.map(Body::new));
        async move {
            let response: Response<Body> =
                answer.await.map_err(|never: Infallible| match never {})?;
            if response.extensions().get::<Dropped>().is_some() {
                Err(Closed)
            } else {
                Ok(response)
            }
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_mins(1))
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = told(&mut stopped) => {
            connection.as_mut().graceful_shutdown();
            connection.as_mut().await
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, "connection ended");
    }
}
