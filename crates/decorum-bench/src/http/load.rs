//! The load: connections that are kept, each of which asks again as soon as it was answered. It is
//! the same for everything that is measured over HTTP, and shares the machine with it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::engagement::Failed;
use crate::summary::percentile;

/// A connection that is kept.
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self, Failed> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { sender })
    }

    /// Asks, and reads the answer to its end.
    pub(crate) async fn ask(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> Result<(StatusCode, Bytes), Failed> {
        self.sender.ready().await?;
        let answer = self.sender.send_request(request).await?;
        let status = answer.status();
        Ok((status, answer.into_body().collect().await?.to_bytes()))
    }
}

/// `GET path`.
pub(crate) fn get(path: &str) -> Result<Request<Full<Bytes>>, Failed> {
    Ok(Request::get(path).header("host", "127.0.0.1").body(Full::default())?)
}

/// `POST path` with JSON.
pub(crate) fn post(path: &str, json: String) -> Result<Request<Full<Bytes>>, Failed> {
    let request = Request::post(path).header("host", "127.0.0.1");
    Ok(request.header("content-type", "application/json").body(Full::from(json))?)
}

/// How requests were answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) per_second: f64,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    pub(crate) answered: usize,
}

/// One client of the load: request `n` of its own.
pub(crate) trait Asking: Send + Sync + 'static {
    /// Asks whatever it asks, and checks what it is answered.
    fn ask(
        &self,
        connection: &mut Connection,
        client: usize,
        n: u64,
    ) -> impl Future<Output = Result<(), Failed>> + Send;
}

/// Has `clients` ask for so long, and says how they were answered.
pub(crate) async fn drive(
    address: SocketAddr,
    clients: usize,
    lasting: Duration,
    asking: &Arc<impl Asking>,
) -> Result<Load, Failed> {
    let mut connections = Vec::new();
    for _ in 0..clients {
        connections.push(Connection::open(address).await?);
    }
    let started = Instant::now();
    let asked = connections.into_iter().enumerate().map(|(client, mut connection)| {
        let asking = Arc::clone(asking);
        tokio::spawn(async move {
            let mut took = Vec::new();
            for n in 0.. {
                let asked = Instant::now();
                if asked.duration_since(started) >= lasting {
                    break;
                }
                asking.ask(&mut connection, client, n).await?;
                took.push(asked.elapsed());
            }
            Ok::<_, Failed>(took)
        })
    });
    let asked: Vec<_> = asked.collect();
    let mut took = Vec::new();
    for client in asked {
        took.append(&mut client.await??);
    }
    let elapsed = started.elapsed().as_secs_f64();
    took.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "requests of a few seconds")]
    let per_second = took.len() as f64 / elapsed;
    let (p50, p99) = (percentile(&took, 0.5), percentile(&took, 0.99));
    Ok(Load { per_second, p50, p99, answered: took.len() })
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get as route;
    use tokio::net::TcpListener;

    use super::*;

    struct Pages;

    impl Asking for Pages {
        async fn ask(
            &self,
            connection: &mut Connection,
            client: usize,
            n: u64,
        ) -> Result<(), Failed> {
            let (status, answer) = connection.ask(get("/page")?).await?;
            if status == StatusCode::OK && answer == "words" {
                return Ok(());
            }
            Err(format!("client {client} was answered {status} to request {n}").into())
        }
    }

    async fn serving(router: Router) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }

    #[tokio::test]
    async fn every_client_asks_until_the_time_is_over() {
        let address = serving(Router::new().route("/page", route(async || "words"))).await;
        let lasting = Duration::from_millis(100);
        let load = drive(address, 4, lasting, &Arc::new(Pages)).await.expect("answers");
        assert!(load.answered >= 4 && load.per_second > 0.0, "{load:?}");
        assert!(Duration::ZERO < load.p50 && load.p50 <= load.p99, "{load:?}");
    }

    #[tokio::test]
    async fn a_wrong_answer_is_no_measurement() {
        let address = serving(Router::new()).await;
        let lasting = Duration::from_millis(100);
        let failed = drive(address, 1, lasting, &Arc::new(Pages)).await.expect_err("404");
        assert_eq!(failed.to_string(), "client 0 was answered 404 Not Found to request 0");
    }
}
