//! Listening, TLS, and the end: connections are bounded in number and patience, and what is under
//! way when the server ends is finished.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::header::ACCEPT_ENCODING;
use axum::routing::future::RouteFuture;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tower_http::compression::CompressionLayer;
use tower_service::Service as _;

use crate::error::ServeError;
use crate::gate::Peer;
use crate::options::Tls;
use crate::patience::Patience;

/// Connections at the same time; more wait to be accepted.
const CONNECTIONS: usize = 24_000;

/// How long a client may take for the head of its request, and for a TLS handshake.
const HEAD: Duration = Duration::from_secs(15);

/// How long a client may read nothing while something waits for it.
const STALL: Duration = Duration::from_secs(30);

/// How long what is under way may take once the server ends.
const LAST: Duration = Duration::from_secs(20);

/// Bytes kept for a connection's head, and read ahead of a body.
const BUFFER: usize = 32 * 1024;

/// Reads certificate and key.
pub(crate) fn acceptor(tls: &Tls) -> Result<TlsAcceptor, ServeError> {
    let unusable = |file: &std::path::Path, problem: String| ServeError::Tls {
        file: file.to_owned(),
        problem,
    };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(&tls.certificate)
        .and_then(Iterator::collect)
        .map_err(|e| unusable(&tls.certificate, e.to_string()));
    let key = PrivateKeyDer::from_pem_file(&tls.key).map_err(|e| unusable(&tls.key, e.to_string()));
    let (chain, key) = (chain?, key?);
    let provider = Arc::new(ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|e| unusable(&tls.certificate, e.to_string()))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// The same routes twice: a client that reads nothing compressed need not pass what compresses.
#[derive(Clone)]
struct Routers {
    plain: Router,
    compressing: Router,
}

impl Routers {
    fn new(plain: Router) -> Self {
        Self { compressing: plain.clone().layer(CompressionLayer::new()), plain }
    }

    fn answer(&self, request: hyper::Request<Incoming>) -> RouteFuture<Infallible> {
        let compressing = request.headers().contains_key(ACCEPT_ENCODING);
        let mut router = if compressing { &self.compressing } else { &self.plain }.clone();
        router.call(request)
    }
}

/// Serves until `stop`, then finishes what is under way.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    stop: impl Future<Output = ()>,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let router = Routers::new(router);
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, &places) => accepted,
        };
        let Some((stream, peer, place)) = accepted else { continue };
        let (router, watcher, tls) = (router.clone(), graceful.watcher(), tls.clone());
        tokio::spawn(async move {
            // It only delays small answers otherwise; without it they are merely slower.
            stream.set_nodelay(true).ok();
            match tls {
                None => connection(stream, peer, router, watcher).await,
                Some(tls) => match tokio::time::timeout(HEAD, tls.accept(stream)).await {
                    Ok(Ok(stream)) => connection(stream, peer, router, watcher).await,
                    Ok(Err(error)) => tracing::debug!(%peer, %error, "no TLS"),
                    Err(_) => tracing::debug!(%peer, "no TLS in time"),
                },
            }
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(LAST, graceful.shutdown()).await.is_err() {
        tracing::warn!("some connections did not end in time; they are cut");
    }
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, place)),
        Err(error) => {
            // Out of file descriptors, mostly: others must end first.
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(Duration::from_millis(100)).await;
            None
        }
    }
}

async fn connection<I>(stream: I, peer: SocketAddr, router: Routers, watcher: Watcher)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer.ip()));
        router.answer(request)
    });
    let io = TokioIo::new(Patience::new(stream, STALL));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(BUFFER)
        // Answers are small: copying one behind its head costs less than sending two pieces.
        .writev(false)
        .serve_connection(io, service);
    if let Err(error) = watcher.watch(served).await {
        tracing::debug!(%peer, %error, "a connection broke off");
    }
}
