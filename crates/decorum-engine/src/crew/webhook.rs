//! Telling a program of the operator's that a person is needed.
//!
//! Alerts wait in a short queue and are posted one after the other, each a few times. Nothing waits
//! for them: an alert is in the store and in the log before it comes here, so one that cannot be
//! delivered is not lost, only late.

use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc;

/// Alerts that may wait to be delivered; what comes on top of that is only in the store.
const QUEUE: usize = 256;
/// How long one delivery may take.
const WITHIN: Duration = Duration::from_secs(10);
/// Pauses before each further try.
const PAUSES: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(25),
    Duration::from_mins(2),
];

/// Why there is no webhook.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// The address is none.
    #[error(
        "the webhook `{address}` is not the URL of a server; give one such as https://alerts.example/decorum"
    )]
    Address {
        /// As it was given, without what may be secret in it.
        address: String,
    },
    /// No client could be made.
    #[error("the webhook cannot be used: {0}")]
    Client(#[from] reqwest::Error),
}

/// The way out.
#[derive(Clone, Debug)]
pub struct Webhook {
    queue: mpsc::Sender<Value>,
}

impl Webhook {
    /// Starts delivering to `address`.
    ///
    /// # Errors
    /// When `address` is no http or https URL.
    pub fn to(address: &str) -> Result<Self, WebhookError> {
        let shown = || WebhookError::Address { address: plain(address) };
        let url: reqwest::Url = address.parse().map_err(|_| shown())?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(shown());
        }
        let client = reqwest::Client::builder()
            .timeout(WITHIN)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let (queue, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(deliver(client, url, waiting));
        Ok(Self { queue })
    }

    /// Hands over an alert. Never waits.
    pub fn send(&self, alert: Value) {
        if self.queue.try_send(alert).is_err() {
            tracing::warn!("too many alerts wait for the webhook; this one is in the store only");
        }
    }
}

async fn deliver(client: reqwest::Client, url: reqwest::Url, mut waiting: mpsc::Receiver<Value>) {
    while let Some(alert) = waiting.recv().await {
        let mut pauses = PAUSES.iter();
        loop {
            let answer = client.post(url.clone()).json(&alert).send().await;
            let problem = match answer.and_then(reqwest::Response::error_for_status) {
                Ok(_) => break,
                // The address may carry a secret; what is said does not.
                Err(error) => error.without_url().to_string(),
            };
            let Some(pause) = pauses.next() else {
                tracing::error!(%problem, "the webhook did not take an alert; it is in the store");
                break;
            };
            tracing::warn!(%problem, "the webhook did not take an alert; trying again");
            tokio::time::sleep(*pause).await;
        }
    }
}

/// The address up to where a secret may begin.
fn plain(address: &str) -> String {
    let end = address.find(['?', '#', '@']).unwrap_or(address.len());
    address.chars().take(address.get(..end).map_or(0, |a| a.chars().count()).min(60)).collect()
}
