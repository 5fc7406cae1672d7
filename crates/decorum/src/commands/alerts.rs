//! `decorum alerts`: what a person has to see to.

use decorum_core::AlertId;
use serde_json::json;

use crate::args::{AlertsAction, Common};
use crate::console::{instant, print, print_json, say};
use crate::exit::{self, Code, Failure};
use crate::place::{self, Access};

/// Alerts shown at most.
const SHOWN: usize = 1000;

pub(crate) async fn alerts(common: &Common, action: AlertsAction) -> Result<Code, Failure> {
    match action {
        AlertsAction::List { all, json } => list(common, all, json).await,
        AlertsAction::Close { id } => {
            let id: AlertId = id.parse().map_err(|_| {
                Failure::usage(format!(
                    "`{id}` is not the id of an alert; see `decorum alerts list`"
                ))
            })?;
            let store = place::open_store(common, Access::Write).await?;
            let alert = store.close_alert(id, &place::who(), place::now()).await?;
            store.close().await?;
            say(&format!("closed: {} {}", alert.kind, alert.subject));
            Ok(exit::DONE)
        }
    }
}

async fn list(common: &Common, all: bool, as_json: bool) -> Result<Code, Failure> {
    let store = place::open_store(common, Access::Read).await?;
    let page = store.alerts(!all, None, SHOWN).await?;
    if as_json {
        print_json(&json!({ "items": page.items }))?;
        return Ok(exit::DONE);
    }
    if page.items.is_empty() {
        say("nothing waits for a person");
    }
    for alert in &page.items {
        let closed = match (&alert.closed_at, &alert.closed_by) {
            (Some(at), Some(who)) => format!("  closed {} by {who}", instant(*at)),
            _ => String::new(),
        };
        print(format!(
            "{}  {}  {} {}{closed}",
            alert.id,
            instant(alert.raised_at),
            alert.kind,
            alert.subject
        ))?;
        print(format!("    {}", alert.message))?;
        if let Some(evidence) = &alert.evidence {
            print(format!("    see {evidence}"))?;
        }
    }
    Ok(exit::DONE)
}
