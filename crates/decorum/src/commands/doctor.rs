//! `decorum doctor`: is everything in place, and if not, what to do.

use std::sync::Arc;

use decorum_core::Settings;
use decorum_device::AppProfile;
use decorum_engine::clock::Watch;
use decorum_engine::crew::{Verdict, climb};
use decorum_engine::machine::Machine;
use decorum_engine::run::Kit;
use serde::Serialize;

use super::phone::Line;
use crate::args::{Common, Doctor};
use crate::console::{count, instant, print, print_json};
use crate::exit::{self, Code, Failure};
use crate::place::{self, Access};

/// One thing looked at.
#[derive(Serialize)]
struct Finding {
    what: &'static str,
    ok: bool,
    said: String,
    #[serde(skip)]
    code: Code,
}

struct Findings(Vec<Finding>);

impl Findings {
    fn good(&mut self, what: &'static str, said: impl Into<String>) {
        self.0.push(Finding { what, ok: true, said: said.into(), code: exit::DONE });
    }

    fn bad(&mut self, what: &'static str, code: Code, said: impl Into<String>) {
        self.0.push(Finding { what, ok: false, said: said.into(), code });
    }
}

pub(crate) async fn doctor(common: &Common, args: &Doctor) -> Result<Code, Failure> {
    let mut findings = Findings(Vec::new());
    let profile = look_at_configuration(common, &mut findings);
    look_at_store(common, args, &mut findings).await;
    match (&args.phone.device, profile) {
        (Some(_), Some(profile)) => look_at_phone(args, &profile, &mut findings).await,
        (None, _) => findings.good("phone", "not looked at; add --device URL to include it"),
        (Some(_), None) => {}
    }
    let code = findings.0.iter().find(|f| !f.ok).map_or(exit::DONE, |f| f.code);
    if args.json {
        print_json(&serde_json::json!({ "ok": code == exit::DONE, "findings": findings.0 }))?;
    } else {
        for finding in &findings.0 {
            let mark = if finding.ok { "ok  " } else { "FAIL" };
            print(format!("{mark} {:<13} {}", finding.what, finding.said))?;
        }
    }
    Ok(code)
}

fn look_at_configuration(common: &Common, findings: &mut Findings) -> Option<AppProfile> {
    match place::first_settings() {
        Ok(_) => findings.good("environment", "the variables that are set hold possible values"),
        Err(e) => findings.bad("environment", exit::USAGE, e.message),
    }
    match place::kit(common) {
        Ok(Kit { profile, .. }) => {
            let languages: Vec<&str> = profile.languages().collect();
            findings.good(
                "app profile",
                format!("{}, languages {}", profile.app_name(), languages.join(", ")),
            );
            Some(AppProfile::clone(&profile))
        }
        Err(e) => {
            findings.bad("app profile", exit::USAGE, e.message);
            None
        }
    }
}

/// What this machine keeps beside the store.
async fn look_at_machine(machine: &Machine, confirm: bool, findings: &mut Findings) {
    let watch = Watch::new(Arc::clone(&machine.clock), Arc::clone(&machine.anchor));
    let confirmed = if confirm { watch.confirm().map_err(|e| e.to_string()) } else { Ok(()) };
    match (confirmed, watch.trouble()) {
        (Err(why), _) => findings.bad("clock", exit::UNREACHABLE, why),
        (Ok(()), None) if confirm => findings.good("clock", "taken as right from now on"),
        (Ok(()), None) => findings.good("clock", "not set while this machine ran"),
        (Ok(()), Some(trouble)) => {
            findings.bad("clock", exit::PERSON_NEEDED, trouble.to_string());
        }
    }
    match machine.spool.waiting().await {
        Ok(waiting) if waiting.is_empty() => findings.good("spool", "empty"),
        Ok(waiting) => findings.good(
            "spool",
            format!(
                "{} for the store; the next run delivers first",
                count(waiting.len(), "outcome waits", "outcomes wait")
            ),
        ),
        Err(e) => findings.bad("spool", exit::UNREACHABLE, e.to_string()),
    }
}

async fn look_at_store(common: &Common, args: &Doctor, findings: &mut Findings) {
    let store = match place::open_store(common, Access::Write).await {
        Ok(store) => store,
        Err(e) => return findings.bad("store", e.code, e.message),
    };
    match store.identity().await {
        Ok(identity) => findings.good(
            "store",
            format!(
                "{} at {}, layout {}; {}",
                identity.kind,
                identity.place,
                identity.schema,
                identity.notes.join("; ")
            ),
        ),
        Err(e) => findings.bad("store", exit::UNREACHABLE, e.to_string()),
    }
    match place::machine(common, store.as_ref()).await {
        Ok(machine) => look_at_machine(&machine, args.confirm_clock, findings).await,
        Err(e) => findings.bad("clock", e.code, e.message),
    }
    match store.inspect().await {
        Ok(found) if found.is_empty() => findings.good("content", "no damage found"),
        Ok(found) => findings.bad("content", exit::AUDIT_BROKEN, found.join("; ")),
        Err(e) => findings.bad("content", exit::UNREACHABLE, e.to_string()),
    }
    match store.settings(&place::first_settings().unwrap_or_default()).await {
        Ok(found) if found.version == 0 => {
            let same = found.settings == Settings::default();
            let from =
                if same { "the defaults" } else { "the defaults, changed by the environment" };
            findings.good("settings", format!("{from}; nobody has changed them yet"));
        }
        Ok(found) => findings.good("settings", format!("version {}", found.version)),
        Err(e) => findings.bad("settings", exit::UNREACHABLE, e.to_string()),
    }
    match store.accounts().await {
        Ok(accounts) => {
            let now = place::now();
            let newest = accounts.iter().filter_map(|v| v.account.newest_event).max();
            match newest {
                Some(newest) if now < newest => findings.bad(
                    "time",
                    exit::PERSON_NEEDED,
                    format!(
                        "it says {}, but the newest event is of {}: the clock was set back; \
                         correct it (waits are kept by the newest event meanwhile)",
                        instant(now),
                        instant(newest)
                    ),
                ),
                _ => findings.good("time", format!("{} (UTC)", instant(now))),
            }
            let halted: Vec<&str> = accounts
                .iter()
                .filter(|v| v.account.breaker.name(now) == "halted")
                .map(|v| v.account.account_id.as_str())
                .collect();
            if halted.is_empty() {
                let n = count(accounts.len(), "account", "accounts");
                findings.good("accounts", format!("{n} known, none halted"));
            } else {
                findings.bad(
                    "accounts",
                    exit::PERSON_NEEDED,
                    format!(
                        "halted: {}; see `decorum account list`, and clear them after looking",
                        halted.join(", ")
                    ),
                );
            }
        }
        Err(e) => findings.bad("accounts", exit::UNREACHABLE, e.to_string()),
    }
    if let Err(e) = store.close().await {
        findings.bad("store", exit::UNREACHABLE, e.to_string());
    }
}

async fn look_at_phone(args: &Doctor, profile: &AppProfile, findings: &mut Findings) {
    let line = match Line::new(&args.phone, profile) {
        Ok(line) => line.at_once(),
        Err(e) => return findings.bad("phone", e.code, e.message),
    };
    for rung in climb(&line, profile).await {
        let step = rung.step.as_str();
        match rung.verdict {
            Verdict::Holds => findings.good(step, rung.said),
            Verdict::Broken => findings.bad(step, exit::UNREACHABLE, rung.said),
            Verdict::PersonNeeded => findings.bad(step, exit::PERSON_NEEDED, rung.said),
        }
    }
}
