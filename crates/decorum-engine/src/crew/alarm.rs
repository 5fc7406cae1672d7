//! What a person must know: to the log, into the store, and out by the webhook.
//!
//! An alert is about one thing (an account, a phone, a task) and is open once: raised again, it is
//! the same alert. It is closed when what it is about is over, by the worker that sees that, or by
//! a person. Raising never fails the work it is about.

use decorum_core::{Alert, AlertId, AlertKind};
use serde_json::json;

use super::Crew;

/// Who closes an alert that is over.
const BY_ITSELF: &str = "worker";

impl Crew {
    /// Raises an alert, if it is not open already.
    pub(super) async fn raise(
        &self,
        kind: AlertKind,
        subject: &str,
        message: &str,
        evidence: Option<String>,
    ) {
        let now = self.guard.clock().now();
        let message: String = message.chars().take(MESSAGE_MAX).collect();
        let alert = Alert {
            id: AlertId::from_uuid(self.guard.entropy().uuid(now)),
            kind,
            subject: subject.to_owned(),
            message,
            raised_at: now,
            closed_at: None,
            closed_by: None,
            evidence,
        };
        match self.guard.store().raise_alert(alert).await {
            Ok((_, false)) => {}
            Ok((alert, true)) => {
                tracing::error!(%kind, subject, message = %alert.message, "a person is needed");
                if let Some(webhook) = &self.webhook {
                    webhook.send(json!({
                        "alert": alert,
                        "worker": self.name,
                    }));
                }
            }
            Err(error) => {
                tracing::error!(%kind, subject, %error, "an alert could not be put into the store");
            }
        }
    }

    /// Closes what is open about this subject, because it is over.
    pub(super) async fn calm(&self, open: &[Alert], kind: AlertKind, subject: &str) {
        let about = |alert: &&Alert| alert.kind == kind && alert.subject == subject;
        for alert in open.iter().filter(about) {
            let now = self.guard.clock().now();
            match self.guard.store().close_alert(alert.id, BY_ITSELF, now).await {
                Ok(_) => tracing::info!(%kind, subject, "an alert is over"),
                Err(error) => tracing::warn!(%kind, subject, %error, "an alert stays open"),
            }
        }
    }
}

/// The longest message, in characters.
const MESSAGE_MAX: usize = 1000;
