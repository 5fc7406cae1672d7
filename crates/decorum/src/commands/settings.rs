//! `decorum settings`: read or change the one document.

use decorum_core::{Change, SettingsError};

use crate::args::{Common, SettingsAction};
use crate::console::{print, say};
use crate::exit::{self, Code, Failure};
use crate::place::{self, Access};

pub(crate) async fn settings(common: &Common, action: SettingsAction) -> Result<Code, Failure> {
    match action {
        SettingsAction::Get { name } => get(common, name.as_deref()).await,
        SettingsAction::Set { changes } => set(common, &changes).await,
    }
}

async fn get(common: &Common, name: Option<&str>) -> Result<Code, Failure> {
    let guard = place::guard(common, Access::Read).await?;
    let settings = guard.settings().await?;
    let value = match name {
        Some(name) => settings.get(name).map_err(|e| Failure::usage(e.to_string()))?,
        None => settings.to_json(),
    };
    let text = if value.is_object() && name.is_none() {
        serde_json::to_string_pretty(&value).unwrap_or_default()
    } else {
        value.to_string()
    };
    print(text)?;
    Ok(exit::DONE)
}

async fn set(common: &Common, changes: &[String]) -> Result<Code, Failure> {
    let usage = |error: SettingsError| Failure::usage(error.to_string());
    let changes: Vec<Change> =
        changes.iter().map(|text| text.parse()).collect::<Result<_, _>>().map_err(usage)?;
    let store = place::open_store(common, Access::Write).await?;
    let before = store.settings(&place::first_settings()?).await?;
    let mut after = before.settings.clone();
    for Change { name, value } in changes {
        after = after.with(&name, value).map_err(usage)?;
    }
    if after.message_rules != before.settings.message_rules {
        place::kit(common)?
            .classifier
            .try_out(&after.message_rules)
            .map_err(|e| Failure::usage(format!("message_rules: {e}")))?;
    }
    if after == before.settings && before.version > 0 {
        say("nothing changes: the settings are so already");
        return Ok(exit::DONE);
    }
    let now = place::now();
    let stored = store.put_settings(&after, before.version, &place::who(), now).await?;
    store.close().await?;
    say(&format!("settings stored, version {}; they hold from now on", stored.version));
    Ok(exit::DONE)
}
