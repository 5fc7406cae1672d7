//! `decorum target`: what is known of people, and erasing it.

use decorum_core::erasure::pseudonym;
use decorum_store::{PageRequest, Suppressed, Suppression};
use serde_json::json;

use super::forget::erase;
use crate::args::{Common, TargetAction};
use crate::console::{instant, print, print_json, say};
use crate::exit::{self, Code, Failure};
use crate::place::{self, Access};

pub(crate) async fn target(common: &Common, action: TargetAction) -> Result<Code, Failure> {
    match action {
        TargetAction::Forget { user, json } => erase(common, &user, json).await,
        TargetAction::Suppressed { json } => suppressed(common, json).await,
    }
}

async fn suppressed(common: &Common, as_json: bool) -> Result<Code, Failure> {
    let store = place::open_store(common, Access::Read).await?;
    let (mut after, mut nobody) = (None, true);
    loop {
        let page = store.suppressions(after.as_ref(), PageRequest::MAX).await?;
        let Some(last) = page.last() else { break };
        (after, nobody) = (Some(last.who.clone()), false);
        for entry in &page {
            show(entry, as_json)?;
        }
    }
    if nobody {
        say("nobody is on the list; `decorum suppress USER...` adds people");
    }
    Ok(exit::DONE)
}

fn show(entry: &Suppression, as_json: bool) -> Result<(), Failure> {
    let Suppression { who, note, added_by, added_at, .. } = entry;
    if as_json {
        let (name, hash) = match who {
            Suppressed::Named(name) => (Some(name), None),
            Suppressed::Erased(hash) => (None, Some(hash)),
        };
        return print_json(&json!({
            "target_username": name, "target_hash": hash, "note": note, "added_by": added_by,
            "added_at": added_at,
        }));
    }
    let who = match who {
        Suppressed::Named(name) => name.to_string(),
        Suppressed::Erased(hash) => format!("erased #{}", pseudonym(hash)),
    };
    let why = note.as_deref().map(|note| format!(": {note}")).unwrap_or_default();
    print(format!("{who:<32} since {} by {added_by}{why}", instant(*added_at)))
}
