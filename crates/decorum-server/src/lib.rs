//! The HTTP API: what a program in any language, or a dashboard, can ask of Decorum.
//!
//! Nothing is decided here: a handler reads a request strictly, asks the guard or the store, and
//! writes the answer. `operation.rs` is the list everything else is made of: the router, the gate
//! and the OpenAPI document.

mod around;
mod body;
mod counts;
mod dashboard;
mod docs;
mod error;
mod feed;
mod gate;
mod openapi;
mod operation;
mod options;
mod params;
mod patience;
mod problem;
mod routes;
mod serve;
mod state;
mod wire;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::routing::MethodRouter;
use decorum_engine::guard::Guard;
use decorum_engine::lexicon::Lexicon;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::gate::Sign;
use crate::state::{Shared, State};

pub use body::{BodyReader, BodyRefused};
pub use error::ServeError;
pub use gate::token;
pub use options::{Options, Tls};

/// A server that listens already, and answers nothing yet.
pub struct Server {
    shared: Shared,
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
    ending: watch::Sender<bool>,
}

impl Server {
    /// Listens.
    ///
    /// # Errors
    /// An address that cannot be listened on, or that others can reach while there is no token; a
    /// certificate that cannot be used.
    pub async fn bind(
        guard: Guard,
        lexicon: Arc<Lexicon>,
        options: Options,
    ) -> Result<Self, ServeError> {
        let tls = options.tls.as_ref().map(serve::acceptor).transpose()?;
        let address = options.listen;
        if !options.is_open()
            && guard.store().tokens().await?.iter().all(|t| t.revoked_at.is_some())
        {
            return Err(ServeError::NoTokens { address });
        }
        let unusable = |problem| ServeError::Listen { address, problem };
        let listener = TcpListener::bind(address).await.map_err(unusable)?;
        let address = listener.local_addr().map_err(unusable)?;
        let (ending, is_ending) = watch::channel(false);
        let shared = Arc::new(State::new(guard, lexicon, options, is_ending));
        Ok(Self { shared, listener, address, tls, ending })
    }

    /// Where it is to be found.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Whether everybody who reaches it is let in.
    pub fn is_open(&self) -> bool {
        self.shared.options.is_open()
    }

    /// Answers until `stop`, then finishes what is under way.
    pub async fn run(self, stop: impl Future<Output = ()> + Send) {
        let Self { shared, listener, tls, ending, .. } = self;
        let follower = {
            let shared = Arc::clone(&shared);
            tokio::spawn(async move {
                let ending = shared.ending.clone();
                shared.feed.poll(shared.store(), || shared.now(), ending).await;
            })
        };
        let stop = async move {
            stop.await;
            // Streams end by themselves then; nobody else listens, or all have.
            ending.send(true).ok();
        };
        serve::serve(listener, tls, router(&shared), stop).await;
        if follower.await.is_err() {
            tracing::error!("the one who follows the log broke off");
        }
    }
}

/// Every operation behind its gate.
fn router(shared: &Shared) -> Router {
    let mut paths: std::collections::BTreeMap<&'static str, Vec<operation::Operation>> =
        std::collections::BTreeMap::new();
    for operation in routes::all() {
        paths.entry(operation.path).or_default().push(operation);
    }
    let mut router = Router::new();
    for (path, operations) in paths {
        let mut methods: Vec<_> = operations.iter().map(|o| o.method.to_string()).collect();
        if methods.iter().any(|m| m == "GET") {
            methods.push("HEAD".to_owned());
        }
        let methods: Arc<str> = methods.join(", ").into();
        let mut route = MethodRouter::new();
        for operation in operations {
            let sign = Arc::new(Sign::of(&operation, shared));
            route = route.merge((operation.route)(sign));
        }
        let others = {
            let shared = Arc::clone(shared);
            move |request: Request| {
                let (shared, methods) = (Arc::clone(&shared), Arc::clone(&methods));
                async move {
                    let answer = async |_| around::other_method(&methods);
                    around::around(&shared, path, request, answer).await
                }
            }
        };
        router = router.route(path, route.fallback(others));
    }
    let shared = Arc::clone(shared);
    router.fallback(move |request: Request| {
        let shared = Arc::clone(&shared);
        async move {
            let answer = async |request| dashboard::page(&shared, &request);
            around::around(&shared, around::NO_ROUTE, request, answer).await
        }
    })
}
