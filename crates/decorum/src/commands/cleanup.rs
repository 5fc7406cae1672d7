//! `decorum cleanup`: remove what decides nothing any more, in steps, as far as one lets it.

use decorum_core::{Settings, Timestamp, retention};
use decorum_engine::evidence::Evidence;
use decorum_engine::run::Stop;
use decorum_store::{Cleaned, Store};
use serde_json::json;

use super::run::stop_on_signal;
use crate::args::{self, Common};
use crate::console::{self, Lines, complain, count, print, print_json, say};
use crate::exit::{self, Code, Failure};
use crate::place::{self, Access};

/// A cleanup under way.
struct Cleanup<'a> {
    store: &'a dyn Store,
    first: Settings,
    who: String,
    now: Timestamp,
    stop: Stop,
    evidence: Evidence,
}

pub(crate) async fn cleanup(common: &Common, args: &args::Cleanup) -> Result<Code, Failure> {
    let first = place::first_settings()?;
    let access = if args.dry_run { Access::Read } else { Access::Write };
    let store = place::open_store(common, access).await?;
    if !args.dry_run {
        place::clock_is_right(common, store.as_ref()).await?;
    }
    let now = place::now();
    let settings = store.settings(&first).await?.settings;
    let mut cleanup = Cleanup {
        store: store.as_ref(),
        first,
        who: place::who(),
        now,
        stop: stop_on_signal("Ending after this step; run again to go on."),
        evidence: Evidence::of(place::evidence_dir(common)?, args.dry_run),
    };
    // The files first: only the events know which they are.
    if let Some(before) = retention::events_before(&settings, now) {
        cleanup.remove_evidence(before).await?;
    }
    let (done, interrupted) = if args.dry_run {
        (cleanup.step(true).await?, cleanup.stop.is_asked())
    } else {
        cleanup.remove().await?
    };
    let evidence = cleanup.evidence;
    store.close().await?;
    if args.json {
        print_json(&json!({
            "dry_run": args.dry_run,
            "expired_latest": done.expired_latest,
            "events_removed": done.events_removed,
            "evidence_files": evidence.removed(),
            "retention_days": settings.retention_days,
            "interrupted": interrupted,
            "broken": done.broken,
        }))?;
    } else {
        let verb = if args.dry_run { "would be removed" } else { "removed" };
        let files = match evidence.removed() {
            0 => String::new(),
            n => format!(", with {} of evidence", count(n, "file", "files")),
        };
        print(format!("{}{files} {verb}", counted(&done)))?;
        if settings.retention_days.is_none() {
            say("events are kept: `decorum settings set retention_days=N` says for how long");
        }
    }
    for left in evidence.left() {
        say(&left);
    }
    for broken in &done.broken {
        complain(&format!(
            "the log of {} is broken, and no event of it was removed: {}",
            broken.account_id, broken.problem
        ));
    }
    Ok(if interrupted {
        exit::INTERRUPTED
    } else if done.broken.is_empty() {
        exit::DONE
    } else {
        exit::AUDIT_BROKEN
    })
}

impl Cleanup<'_> {
    async fn step(&self, dry_run: bool) -> Result<Cleaned, Failure> {
        Ok(self.store.cleanup(&self.first, &self.who, self.now, dry_run).await?)
    }

    /// Removes, step by step; whether it was interrupted before all was.
    async fn remove(&self) -> Result<(Cleaned, bool), Failure> {
        let mut done = Cleaned { more: true, ..Cleaned::default() };
        let (counter, mut lines) = (console::counter("removed"), Lines::new());
        while done.more && !self.stop.is_asked() {
            let removed = self.step(false).await?;
            done.expired_latest += removed.expired_latest;
            done.events_removed += removed.events_removed;
            (done.more, done.broken) = (removed.more, removed.broken);
            counter.set_position(done.expired_latest + done.events_removed);
            if lines.is_due() {
                say(&format!("{} removed so far", counted(&done)));
            }
        }
        counter.finish_and_clear();
        let interrupted = done.more;
        Ok((done, interrupted))
    }

    /// Removes the pictures and page sources that were kept with events which will go, as far as
    /// they are on this machine.
    async fn remove_evidence(&mut self, before: Timestamp) -> Result<(), Failure> {
        let counter = console::counter("old events looked at");
        let stop = &self.stop;
        let looked_at = |events: usize| {
            counter.inc(events as u64);
            !stop.is_asked()
        };
        self.evidence.remove_before(self.store, before, looked_at).await?;
        counter.finish_and_clear();
        Ok(())
    }
}

fn counted(cleaned: &Cleaned) -> String {
    let n = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    format!(
        "{} and {}",
        count(n(cleaned.expired_latest), "expired row", "expired rows"),
        count(n(cleaned.events_removed), "event past retention", "events past retention")
    )
}
