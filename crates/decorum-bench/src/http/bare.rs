//! The reference: a handler of axum's that answers the same JSON and does nothing else. It runs as a
//! process of its own, as the server does.

#![expect(clippy::print_stdout, reason = "whoever started it has to know where it listens")]

use axum::routing::get;
use axum::serve::ListenerExt as _;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use crate::engagement::Failed;

/// What `/api/check` answers.
#[derive(Clone, Serialize, Deserialize)]
struct Answer {
    engage: bool,
    reason: Option<String>,
    retry_at: Option<String>,
}

/// Serves until it is killed.
pub(crate) fn serve(answer: &str) -> Result<(), Failed> {
    let answer: Answer = serde_json::from_str(answer)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("http://{}", listener.local_addr()?);
        let answering = move || std::future::ready(Json(answer.clone()));
        let router = Router::new().route("/api/check", get(answering));
        // As our own server does.
        let listener = listener.tap_io(|stream| {
            stream.set_nodelay(true).ok();
        });
        axum::serve(listener, router).await?;
        Ok(())
    })
}
