//! `decorum import`: whom an account engaged before, as other programs or another store
//! remember it.
//!
//! The file is read twice. The first time it is only looked at, to its end: a damaged one is
//! refused before anything is stored, and everybody sees what is in it. The second time it is
//! imported, in steps of which a store records each account's share all or nothing; whatever ends
//! it, the same command goes on, because what is on record is recognized.

mod feed;
mod judge;
mod survey;

use std::collections::HashSet;
use std::fs;
use std::io::{BufRead, IsTerminal};
use std::path::Path;
use std::sync::Arc;

use decorum_core::engage::{Imported, imported_id};
use decorum_core::{AccountId, Settings, Timestamp};
use decorum_engine::entropy::{Entropy, SystemEntropy};
use decorum_import::{Engagement, Item, Kind, Options, Zone};
use decorum_store::{OBSERVE_MAX, Store};
use serde_json::json;

use super::run::signal;
use crate::args::{self, Common};
use crate::console::{self, count, print, print_json, say};
use crate::exit::{self, Code, Failure};
use crate::place::{self, Access};
use feed::Feed;
use judge::{Judge, Verdict};
use survey::Survey;

/// An import under way.
struct Import {
    args: args::Import,
    options: Options,
    store: Arc<dyn Store>,
    settings: Settings,
    /// The accounts that have any history in the store.
    on_record: HashSet<AccountId>,
}

/// What became of engagements, suppressed ones apart.
#[derive(Clone, Copy, Default)]
struct Step {
    /// They are on record now.
    new: usize,
    /// They were before.
    known: usize,
}

pub(crate) async fn import(common: &Common, args: args::Import) -> Result<Code, Failure> {
    refuse_pipe(&args.file)?;
    let options = Options {
        account: args.account.as_deref().map(place::account).transpose()?,
        action: args.action,
        followers: args.followers.into(),
        zone: args.time_zone.clone().unwrap_or_else(Zone::of_this_machine),
        now: place::now(),
    };
    if matches!(args.kind, Kind::Gramaddict | Kind::Instapy) && args.time_zone.is_none() {
        say(&format!("times are read as of {}; --time-zone says otherwise", options.zone.name()));
    }
    let access = if args.dry_run { Access::Read } else { Access::Write };
    let store = place::open_store(common, access).await?;
    let settings = store.settings(&place::first_settings()?).await?.settings;
    let accounts = store.accounts().await?.into_iter().map(|view| view.account);
    let on_record = accounts.filter(|a| a.head.seq > 0).map(|a| a.account_id).collect();
    let import = Import { args, options, store, settings, on_record };

    let survey = import.look().await?;
    let (dry, goes_on) = (import.args.dry_run, !import.args.dry_run && survey.unknown() > 0);
    // Up to here, and while a person is asked, nothing is lost if a signal just ends it.
    let asks = !import.args.yes && std::io::stdin().is_terminal();
    let caught = (goes_on && !asks).then(signal);
    if !import.args.json {
        survey.print()?;
    }
    let code = if !goes_on || (asks && !agreed(&survey)?) {
        import.say_nothing_imported(if dry { "Dry run: " } else { "" }, &survey)?
    } else {
        import.run(&survey, caught.map_or_else(|| Box::pin(signal()), Box::pin)).await?
    };
    import.store.close().await?;
    Ok(code)
}

impl Import {
    fn feed(&self) -> Feed {
        Feed::start(self.args.kind, self.args.file.clone(), self.options.clone())
    }

    /// Reads everything and changes nothing.
    async fn look(&self) -> Result<Survey, Failure> {
        let progress = console::counter("entries read");
        let mut survey = Survey::default();
        let mut feed = self.feed();
        while let Some(items) = feed.next().await {
            progress.inc(items.len() as u64);
            let mut engagements = Vec::new();
            for item in items {
                match item {
                    Item::Engagement(engagement) => engagements.push(*engagement),
                    Item::LeftOut { why, place } => survey.left_out(why, &place),
                    Item::Bad { problem, place } => survey.bad(&place, &problem),
                }
            }
            for (engagement, verdict) in self.judge(engagements).await? {
                survey.add(&engagement, verdict, &self.settings, self.options.now);
            }
        }
        progress.finish_and_clear();
        feed.end().await.map_err(|mut failure| {
            failure.message.push_str("; nothing was imported");
            failure
        })?;
        if !self.args.skip_bad {
            survey.refuse_bad(&self.args.file)?;
        }
        Ok(survey)
    }

    async fn judge(
        &self,
        engagements: Vec<Engagement>,
    ) -> Result<Vec<(Engagement, Verdict)>, Failure> {
        let judge = Judge {
            store: self.store.as_ref(),
            settings: &self.settings,
            on_record: &self.on_record,
            now: self.options.now,
        };
        Ok(judge.all(engagements).await?)
    }

    fn say_nothing_imported(&self, why: &str, survey: &Survey) -> Result<Code, Failure> {
        if self.args.json {
            self.print_json(survey, 0, false)?;
        } else {
            print(format!("{why}nothing was imported"))?;
        }
        Ok(exit::DONE)
    }

    /// Reads everything again and imports it, until it is `interrupted`.
    async fn run(
        &self,
        survey: &Survey,
        mut interrupted: impl Future<Output = ()> + Unpin,
    ) -> Result<Code, Failure> {
        let progress = console::bar(survey.total() as u64, "engagements");
        // The file may have changed since it was looked at, so it is counted anew.
        let mut done = Step::default();
        let mut feed = self.feed();
        loop {
            let step = tokio::select! {
                // First, or whoever interrupts would wait for a step by chance.
                biased;
                () = &mut interrupted => {
                    progress.finish_and_clear();
                    say(&format!(
                        "Interrupted: {} imported; run the same command again to go on.",
                        count(done.new, "engagement", "engagements")
                    ));
                    if self.args.json {
                        self.print_json(survey, done.new, true)?;
                    }
                    return Ok(exit::INTERRUPTED);
                }
                items = feed.next() => match items {
                    Some(items) => self.step(items).await,
                    None => break,
                },
            };
            let step = step.map_err(|failure| so_far(failure, done.new))?;
            done.new += step.new;
            done.known += step.known;
            progress.inc(step.new as u64 + step.known as u64);
        }
        progress.finish_and_clear();
        feed.end().await.map_err(|failure| so_far(changed(failure.message), done.new))?;
        if self.args.json {
            self.print_json(survey, done.new, false)?;
        } else {
            let new = count(done.new, "engagement", "engagements");
            print(format!("{new} imported, {} known already", done.known))?;
        }
        Ok(exit::DONE)
    }

    /// Imports what is new of one step.
    async fn step(&self, items: Vec<Item>) -> Result<Step, Failure> {
        let mut engagements = Vec::with_capacity(items.len());
        for item in items {
            match item {
                Item::Engagement(engagement) => engagements.push(*engagement),
                Item::LeftOut { .. } => {}
                Item::Bad { .. } if self.args.skip_bad => {}
                Item::Bad { problem, place } => {
                    return Err(changed(format!("{place}: {problem}")));
                }
            }
        }
        let mut judged = self.judge(engagements).await?;
        judged.retain(|(_, verdict)| *verdict != Verdict::Suppressed);
        let seen = judged.len();
        let new = judged.into_iter().filter(|(_, verdict)| *verdict == Verdict::New);
        let history: Vec<_> = new.map(|(engagement, _)| self.imported(&engagement)).collect();
        debug_assert!(history.len() <= OBSERVE_MAX);
        let new = self.store.import(&self.settings, history).await?;
        Ok(Step { new, known: seen.saturating_sub(new) })
    }

    fn imported(&self, engagement: &Engagement) -> Imported {
        let key = judge::key(engagement);
        let now = self.options.now;
        let entropy: &dyn Entropy = &SystemEntropy;
        let mut stamp = entropy.stamp(now);
        stamp.event_id = imported_id(&key, engagement.happened_at);
        Imported {
            key,
            outcome: engagement.outcome,
            reason: engagement.reason.map(ToOwned::to_owned),
            // Without a time it may have been a moment ago.
            happened_at: engagement.happened_at.unwrap_or(now),
            metadata: judge::metadata(engagement, self.args.kind),
            stamp,
        }
    }

    fn print_json(
        &self,
        survey: &Survey,
        imported: usize,
        interrupted: bool,
    ) -> Result<(), Failure> {
        let mut summary = survey.json();
        summary["kind"] = json!(self.args.kind.as_str());
        summary["dry_run"] = json!(self.args.dry_run);
        summary["imported"] = json!(imported);
        summary["interrupted"] = json!(interrupted);
        print_json(&summary)
    }
}

/// What is gone once it was read cannot be read twice.
fn refuse_pipe(path: &Path) -> Result<(), Failure> {
    // Why it cannot be read is said by whoever tries to.
    if fs::metadata(path).is_ok_and(|meta| !meta.is_file() && !meta.is_dir()) {
        return Err(Failure::usage(format!(
            "{} is a pipe or a device, and an import reads its file twice; write it to a file \
             first",
            path.display()
        )));
    }
    Ok(())
}

/// Asks a person.
fn agreed(survey: &Survey) -> Result<bool, Failure> {
    let what = count(survey.unknown(), "engagement", "engagements");
    console::ask(&format!("Put {what} on record? It cannot be undone. [y/N] "));
    let mut answer = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|e| Failure::usage(format!("the answer cannot be read: {e}; use --yes")))?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// A file that was whole when it was looked at, and is not any more.
fn changed(problem: impl std::fmt::Display) -> Failure {
    Failure::new(exit::FAILED, format!("{problem}; the file has changed since it was looked at"))
}

/// The failure, with what is on record in spite of it; so it is none of those that change nothing.
fn so_far(mut failure: Failure, imported: usize) -> Failure {
    if failure.code == exit::USAGE {
        failure.code = exit::FAILED;
    }
    if imported > 0 {
        let n = count(imported, "engagement was", "engagements were");
        failure.message =
            format!("{}; {n} imported before that, and the same command goes on", failure.message);
    }
    failure
}

/// When an engagement happened, as far as it can have happened by now.
fn at(engagement: &Engagement, now: Timestamp) -> Timestamp {
    engagement.happened_at.map_or(now, |at| at.min(now))
}
