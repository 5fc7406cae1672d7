//! The demonstration in plain words.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use decorum_core::{Breaker, Status};
use decorum_engine::automator::Evidence;
use decorum_engine::run::{Ended, Progress, Summary, Tell};
use decorum_sim::Effect;
use decorum_store::{EventFilter, PageRequest, Store};

use super::{Show, actions, readable};
use crate::console::{count, print, say, span};
use crate::exit::Failure;
use crate::place;
use decorum_engine::audit::verify;

pub(super) fn opening(
    shows: &[Show],
    folder: &Path,
    dashboard: Option<&str>,
) -> Result<(), Failure> {
    print(
        "Decorum on simulated phones. Waits are shortened: a first backoff lasts 3 s, not 60 s.",
    )?;
    for show in shows {
        print(format!(
            "\n   {}  {}/sim\n   {} people to {}; {}",
            show.part.account,
            show.phone.url(),
            show.targets.len(),
            actions(show.part.actions),
            show.part.about
        ))?;
    }
    if let Some(url) = dashboard {
        print(format!("\n   the dashboard, to watch: {url}"))?;
    }
    print(format!("\n   everything is kept in {}", readable(folder)))
}

/// Tells what is worth a line: everything but plain successes and skips.
pub(super) struct Teller(&'static str);

impl Teller {
    pub(super) const fn new(account: &'static str) -> Self {
        Self(account)
    }

    fn line(&self, text: &str) {
        say(&format!("   {}: {text}", self.0));
    }
}

impl Tell for Teller {
    fn tell(&self, progress: Progress<'_>) {
        match progress {
            Progress::Attempted { engagement, detail, .. }
                if matches!(engagement.status, Status::Failed | Status::Retry) =>
            {
                let class = engagement.error_class.map_or("", |c| c.as_str());
                let said: Vec<&str> = detail.split_whitespace().collect();
                let said: String = said.join(" ").chars().take(90).collect();
                let (action, name) = (engagement.action, &engagement.target_username);
                self.line(&format!("{action} {name}: {class}: “{said}”"));
            }
            Progress::Waiting { until: Some(until), .. } => {
                let left = span(until.left(place::now()));
                self.line(&format!("rests for {left}; nobody is engaged meanwhile"));
            }
            Progress::Resumed => self.line("the rest is over; one careful try first"),
            Progress::PhoneTrouble { .. } => {
                self.line(
                    "the connection broke in mid-tap; looking at the phone before anything else",
                );
            }
            _ => {}
        }
    }

    fn keep_evidence(&self, _: &str, _: &Evidence) -> Option<String> {
        None
    }
}

pub(super) fn what_happened(summaries: &[Summary]) -> Result<(), Failure> {
    for s in summaries {
        print(format!(
            "   {}, {} planned:",
            s.account_id,
            count(s.planned, "engagement", "engagements")
        ))?;
        for (what, n) in outcomes(s) {
            print(format!("     {n:>4}  {what}"))?;
        }
        if s.left > 0 {
            print(format!("     {:>4}  not begun", s.left))?;
        }
        if let Ended::PersonNeeded { why } = &s.ended {
            print(format!("     ended early, a person is needed: {why}"))?;
        }
    }
    Ok(())
}

/// How many attempts ended how, in words; attempts made good later count where they ended.
fn outcomes(s: &Summary) -> BTreeMap<String, usize> {
    let mut last = BTreeMap::new();
    for e in &s.engagements {
        last.insert((e.target_username.clone(), e.action), e);
    }
    let mut counts = BTreeMap::new();
    for ((_, action), e) in last {
        let why = e.reason.clone().or_else(|| e.error_class.map(|c| c.to_string()));
        let words = match (e.status, why) {
            (Status::Success, None) => format!("{action}: done"),
            (Status::Success, Some(why)) => format!("{action}: done ({why})"),
            (status, why) => format!("{action}: {status} ({})", why.unwrap_or_default()),
        };
        *counts.entry(words).or_default() += 1;
    }
    counts
}

pub(super) fn again(summaries: &[Summary]) -> Result<(), Failure> {
    for s in summaries {
        let reasons: Vec<String> =
            s.refused_by_reason().into_iter().map(|(why, n)| format!("{n} {why}")).collect();
        let done = s.count(Status::Success);
        print(format!(
            "   {}: {done} engaged, {} refused in {} ({}), {} to the phone",
            s.account_id,
            s.refused.len(),
            span_ms(s.elapsed_ms),
            reasons.join(", "),
            count(usize::try_from(s.round_trips).unwrap_or(0), "request", "requests"),
        ))?;
        if let Ended::PersonNeeded { .. } = s.ended {
            print(format!(
                "     {} left: the account stays halted until a person clears it",
                s.left
            ))?;
        }
    }
    Ok(())
}

fn span_ms(ms: u64) -> String {
    if ms < 1000 { format!("{ms} ms") } else { span(Duration::from_millis(ms)) }
}

/// Compares the phones' own ledgers with the log. Whether they agree, and nobody was twice.
pub(super) async fn ledgers(shows: &[Show], store: &dyn Store) -> Result<bool, Failure> {
    let mut agree = true;
    for show in shows {
        let mut effects = BTreeMap::new();
        let mut refused = 0;
        for entry in show.phone.ledger() {
            match entry.effect {
                Effect::Applied | Effect::Requested => {
                    let action = format!("{:?}", entry.action).to_lowercase();
                    *effects.entry((entry.target_username, action)).or_insert(0) += 1;
                }
                Effect::Reverted | Effect::Refused => refused += 1,
            }
        }
        let twice = effects.values().filter(|n| **n > 1).count();
        let recorded = successes(show, store).await?;
        let phone: Vec<_> = effects.keys().cloned().collect();
        let same = recorded == phone;
        agree &= same && twice == 0;
        print(format!(
            "   {}: {} reached people, {refused} refused or taken back; {} engaged twice; the log {}",
            show.part.account,
            count(effects.len(), "act", "acts"),
            if twice == 0 { "nobody".to_owned() } else { format!("{twice} PEOPLE") },
            if same { "says exactly the same" } else { "DISAGREES" }
        ))?;
    }
    Ok(agree)
}

/// Whom the log says this account engaged, and how.
async fn successes(show: &Show, store: &dyn Store) -> Result<Vec<(String, String)>, Failure> {
    let filter = EventFilter {
        account_id: Some(show.account.clone()),
        status: Some(Status::Success),
        ..EventFilter::default()
    };
    let mut page = PageRequest { limit: PageRequest::MAX, ..PageRequest::default() };
    let mut engaged = Vec::new();
    loop {
        let found = store.events(&filter, &page).await?;
        for event in found.items {
            let target = event.target_username.map(|t| t.to_string()).unwrap_or_default();
            engaged.push((target, event.action.to_string()));
        }
        page.after = found.next;
        if page.after.is_none() {
            break;
        }
    }
    engaged.sort();
    engaged.dedup();
    Ok(engaged)
}

/// Says where the log lies and whether it is whole.
pub(super) async fn record(store: &dyn Store, path: &Path) -> Result<bool, Failure> {
    let mut intact = store.inspect().await?.is_empty();
    for view in store.accounts().await? {
        let account = view.account;
        match verify(store, account.clone()).await? {
            Ok(whole) => print(format!(
                "   {}: {} events, chain intact, newest hash {}…",
                account.account_id,
                whole.head.seq,
                whole.head.hash.to_string().get(..16).unwrap_or_default()
            ))?,
            Err(broken) => {
                intact = false;
                print(format!("   {}: BROKEN: {broken}", account.account_id))?;
            }
        }
        if let Breaker::Halted { reason, .. } = account.breaker {
            print(format!("     halted: {reason}; `decorum account clear` after looking"))?;
        }
    }
    let store = format!("--store sqlite:{}", readable(path));
    print(format!("   the log lies in {}; look at it with", readable(path)))?;
    print(format!("     decorum {store} export --format csv"))?;
    print(format!("     decorum {store} audit verify"))?;
    print(format!("     decorum {store} account list"))?;
    Ok(intact)
}
