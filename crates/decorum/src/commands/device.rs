//! `decorum device`: the phones that workers use.

use std::sync::Arc;
use std::time::Duration;

use decorum_core::{AccountId, DeviceId, DeviceRecord, DeviceState};
use decorum_engine::crew::{
    Lines, Looked, Rung, Tested, VisitError, Visits, WebDriverLines, evidence, phone_name,
};
use decorum_store::{Store, StoreError};
use serde_json::json;

use crate::args::{Common, DeviceAction, DeviceAdd};
use crate::console::{instant, print, print_json, say};
use crate::exit::{self, Code, Failure};
use crate::place::{self, Access};

/// How long a phone may take to answer.
const WITHIN: Duration = Duration::from_secs(15);

pub(crate) async fn device(common: &Common, action: DeviceAction) -> Result<Code, Failure> {
    match action {
        DeviceAction::Add(args) => add(common, args).await,
        DeviceAction::List { json } => list(common, json).await,
        DeviceAction::Remove { id } => {
            let id = named(&id)?;
            let store = place::open_store(common, Access::Write).await?;
            let was_there = store.remove_device(&id, &place::who(), place::now()).await?;
            store.close().await?;
            if !was_there {
                return Err(unknown(&id));
            }
            say(&format!("{id} is not used any more"));
            Ok(exit::DONE)
        }
        DeviceAction::Check { id, json } => check(common, id.as_deref(), json).await,
        DeviceAction::Enable { id } => {
            let phone = change(common, &id, |phone| match phone.state {
                DeviceState::Disabled => DeviceRecord { state: DeviceState::Unknown, ..phone },
                _ => phone,
            });
            say(&format!("workers use {} again", phone.await?.device_id));
            Ok(exit::DONE)
        }
        DeviceAction::Disable { id } => {
            let phone =
                change(common, &id, |phone| DeviceRecord { state: DeviceState::Disabled, ..phone });
            say(&format!(
                "{} is out of use; `decorum device enable` brings it back",
                phone.await?.device_id
            ));
            Ok(exit::DONE)
        }
        DeviceAction::Screenshot { id } => screenshot(common, &id).await,
        DeviceAction::Test { id, json } => test(common, &id, json).await,
    }
}

fn named(id: &str) -> Result<DeviceId, Failure> {
    id.parse().map_err(|e: decorum_core::IdError| Failure::usage(e.to_string()))
}

fn unknown(id: &DeviceId) -> Failure {
    Failure::usage(format!("there is no phone `{id}`; see `decorum device list`"))
}

async fn find(store: &dyn Store, id: &DeviceId) -> Result<DeviceRecord, Failure> {
    store.device(id).await?.ok_or_else(|| unknown(id))
}

/// Changes a phone's entry, however often somebody else does meanwhile.
async fn change(
    common: &Common,
    id: &str,
    change: impl Fn(DeviceRecord) -> DeviceRecord + Send,
) -> Result<DeviceRecord, Failure> {
    let id = named(id)?;
    let store = place::open_store(common, Access::Write).await?;
    let changed = loop {
        let phone = find(store.as_ref(), &id).await?;
        let rev = phone.rev;
        let next = change(phone);
        match store.put_device(&next, rev, Some(&place::who()), place::now()).await {
            Err(StoreError::Conflict { .. }) => {}
            answer => break answer?,
        }
    };
    store.close().await?;
    Ok(changed)
}

async fn add(common: &Common, args: DeviceAdd) -> Result<Code, Failure> {
    let accounts =
        args.accounts.iter().map(|name| place::account(name)).collect::<Result<Vec<_>, _>>()?;
    let options = place::device_options(&place::profile(common)?, args.capabilities.as_deref())?;
    let from_file = ["appium:udid", "udid"]
        .iter()
        .find_map(|key| options.capabilities.get(*key)?.as_str().map(ToOwned::to_owned));
    let udid = args.udid.or(from_file);
    let name = phone_name(&args.url, udid.as_deref());
    let id: DeviceId = name.parse().map_err(|_| {
        Failure::usage(format!(
            "`{}` is not the URL of a phone, such as http://127.0.0.1:8100",
            args.url
        ))
    })?;
    let phone = DeviceRecord {
        udid,
        capabilities: options.capabilities,
        ..DeviceRecord::new(id.clone(), args.url, accounts)
    };
    phone.check().map_err(|e| Failure::usage(e.to_string()))?;
    let store = place::open_store(common, Access::Write).await?;
    let (added, new) = loop {
        let before = store.device(&id).await?;
        let rev = before.as_ref().map_or(0, |before| before.rev);
        let next = match before {
            None => phone.clone(),
            // What a worker knows of it stays.
            Some(DeviceRecord { state, checked_at, described, front, .. }) => {
                DeviceRecord { state, checked_at, described, front, ..phone.clone() }
            }
        };
        match store.put_device(&next, rev, Some(&place::who()), place::now()).await {
            Err(StoreError::Conflict { .. }) => {}
            answer => break (answer?, rev == 0),
        }
    };
    store.close().await?;
    if args.json {
        print_json(&added)?;
    } else {
        let done = if new { "added" } else { "changed" };
        let accounts: Vec<&str> = added.account_ids.iter().map(AccountId::as_str).collect();
        print(format!("{done} {} with {}", added.device_id, accounts.join(", ")))?;
    }
    Ok(exit::DONE)
}

async fn list(common: &Common, as_json: bool) -> Result<Code, Failure> {
    let store = place::open_store(common, Access::Read).await?;
    let phones = store.devices().await?;
    if as_json {
        print_json(&json!({ "items": phones }))?;
        return Ok(exit::DONE);
    }
    if phones.is_empty() {
        say("no phone is known; add one with `decorum device add URL --account ACCOUNT`");
    }
    for phone in &phones {
        line(phone)?;
    }
    Ok(exit::DONE)
}

fn line(phone: &DeviceRecord) -> Result<(), Failure> {
    let accounts: Vec<&str> = phone.account_ids.iter().map(AccountId::as_str).collect();
    let more = match &phone.state {
        DeviceState::Busy { task } => format!(" with task {task}"),
        DeviceState::Unreachable { since, why, failures } => {
            format!(" since {} ({failures} in a row): {why}", instant(*since))
        }
        _ => String::new(),
    };
    let described = phone.described.as_deref().unwrap_or("not asked yet");
    print(format!("{:<24} {}{more}", phone.device_id, phone.state.name()))?;
    print(format!("    {}; {described}", accounts.join(", ")))
}

async fn check(common: &Common, id: Option<&str>, as_json: bool) -> Result<Code, Failure> {
    let lines = WebDriverLines::new(&place::profile(common)?);
    let store = place::open_store(common, Access::Write).await?;
    let phones = match id {
        Some(id) => vec![find(store.as_ref(), &named(id)?).await?],
        None => store.devices().await?,
    };
    let mut code = exit::DONE;
    let mut asked = Vec::with_capacity(phones.len());
    for phone in phones {
        let answer = tokio::time::timeout(WITHIN, lines.line(&phone).dial()).await;
        let now = place::now();
        let rev = phone.rev;
        let next = match answer {
            Ok(Ok(device)) => phone.answered(Some(device.describe()), now),
            Ok(Err(error)) => phone.failed(&error.to_string(), now),
            Err(_) => phone.failed(&format!("no answer within {} s", WITHIN.as_secs()), now),
        };
        if matches!(next.state, DeviceState::Unreachable { .. }) {
            code = exit::UNREACHABLE;
        }
        asked.push(match store.put_device(&next, rev, None, now).await {
            // A worker noted something newer meanwhile.
            Err(StoreError::Conflict { .. }) => next,
            answer => answer?,
        });
    }
    store.close().await?;
    if as_json {
        print_json(&json!({ "items": asked }))?;
        return Ok(code);
    }
    for phone in &asked {
        line(phone)?;
    }
    Ok(code)
}

/// Visits to the phones of the registry.
fn visits(common: &Common) -> Result<Visits, Failure> {
    let profile = place::profile(common)?;
    let lines = Arc::new(WebDriverLines::new(&profile));
    Ok(Visits::new(lines, Arc::new(profile), place::evidence_dir(common)?))
}

fn failed(error: VisitError) -> Failure {
    match error {
        VisitError::Store(error) => error.into(),
        VisitError::Folder(_) => Failure::new(exit::FAILED, error.to_string()),
        VisitError::Phone(_) | VisitError::TooLong => {
            Failure::new(exit::UNREACHABLE, error.to_string())
        }
    }
}

/// Takes a picture of a phone that no worker uses, and prints where it is.
async fn screenshot(common: &Common, id: &str) -> Result<Code, Failure> {
    let id = named(id)?;
    let visits = visits(common)?;
    let guard = place::guard(common, Access::Write).await?;
    let phone = find(guard.store().as_ref(), &id).await?;
    let looked = visits.look(&guard, &phone).await.map_err(failed)?;
    guard.store().close().await?;
    let path = evidence::screenshot_path(&place::evidence_dir(common)?, &id);
    match looked {
        Looked::Fresh => {
            print(path.display())?;
            Ok(exit::DONE)
        }
        Looked::Held(until) => Err(Failure::new(
            exit::RESTING,
            format!(
                "a worker uses {id} now (its lease ends {} unless renewed); its last screenshot \
                 is {}",
                instant(until),
                path.display()
            ),
        )),
    }
}

/// Says which rung of the ladder breaks.
async fn test(common: &Common, id: &str, as_json: bool) -> Result<Code, Failure> {
    let id = named(id)?;
    let visits = visits(common)?;
    let guard = place::guard(common, Access::Write).await?;
    let phone = find(guard.store().as_ref(), &id).await?;
    let Tested { rungs, held_until } = visits.test(&guard, &phone).await.map_err(failed)?;
    guard.store().close().await?;
    let ok = rungs.iter().all(Rung::holds);
    if as_json {
        print_json(&json!({ "ok": ok, "rungs": rungs, "held_until": held_until }))?;
    } else {
        for rung in &rungs {
            let mark = if rung.holds() { "ok  " } else { "FAIL" };
            print(format!("{mark} {:<8} {}", rung.step, rung.said))?;
        }
        if let Some(until) = held_until {
            say(&format!(
                "a worker uses {id} now (its lease ends {} unless renewed), so only its server was \
                 asked",
                instant(until)
            ));
        }
    }
    Ok(if ok { exit::DONE } else { exit::UNREACHABLE })
}
