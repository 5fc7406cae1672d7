//! An alert as it is shown.

use decorum_core::Alert;
use schemars::JsonSchema;
use serde::Serialize;

use super::{AlertWord, Instant, Uuid};

/// What a person has to know.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Alert")]
pub(crate) struct AlertShown {
    /// Its id.
    id: Uuid,
    /// What kind of trouble.
    kind: AlertWord,
    /// The account, phone or task it is about.
    subject: String,
    /// What happened and what to do.
    message: String,
    /// When it was raised.
    raised_at: Instant,
    /// When it was closed.
    closed_at: Option<Instant>,
    /// Who closed it.
    closed_by: Option<String>,
    /// Where a screenshot or page source was kept.
    evidence: Option<String>,
}

impl From<Alert> for AlertShown {
    fn from(alert: Alert) -> Self {
        Self {
            id: Uuid(uuid::Uuid::from_bytes(*alert.id.as_bytes())),
            kind: AlertWord(alert.kind),
            subject: alert.subject,
            message: alert.message,
            raised_at: Instant(alert.raised_at),
            closed_at: alert.closed_at.map(Instant),
            closed_by: alert.closed_by,
            evidence: alert.evidence,
        }
    }
}
