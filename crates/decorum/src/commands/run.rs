//! `decorum run`: engage a list of people, each once.

use std::io::IsTerminal;

use decorum_core::Status;
use decorum_engine::run::{self, Ended, Plan, Stop, StopSwitch, Summary};

use super::phone::Line;
use super::report::Report;
use crate::args::{Common, Run};
use crate::console::{self, count, instant, print, print_json, say, span};
use crate::exit::{self, Code, Failure};
use crate::list::{self, Duplicates};
use crate::place::{self, Access};

pub(crate) async fn run(common: &Common, args: Run) -> Result<Code, Failure> {
    // Everything a person can get wrong is looked at before anything is opened or changed.
    let account = place::account(&args.account)?;
    let duplicates = if args.skip_duplicates { Duplicates::Skip } else { Duplicates::Refuse };
    let targets = list::read(&args.targets, duplicates)?;
    let mut comments = args.texts;
    if let Some(path) = &args.comments {
        let text = place::read_text(path, "file of comments")?;
        let lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
        comments.extend(lines.map(ToOwned::to_owned));
    }
    let kit = place::kit(common)?;
    let line = Line::new(&args.phone, &kit.profile)?;
    let evidence = place::evidence_dir(common)?;
    let guard = place::guard(common, Access::Write).await?;
    let task = guard.entropy().name(place::now());
    let task = task.parse().map_err(|e: decorum_core::IdError| Failure::usage(e.to_string()))?;
    let plan = Plan::new(account, &args.action, targets, comments, task)
        .map_err(|e| Failure::usage(e.to_string()))?
        .waiting(!args.no_wait)
        .dry(args.dry_run);

    let stop = stop_on_signal("Ending after this engagement; run again to go on.");
    let report = Report::new(plan.size(), evidence, std::io::stderr().is_terminal());
    let summary = run::run(&guard, &line, &kit, &plan, &stop, &report).await;
    report.finish();
    if args.json {
        print_json(&summary)?;
    } else {
        print_summary(&summary)?;
    }
    guard.store().close().await?;
    Ok(code(&summary))
}

/// The first Ctrl-C (or SIGTERM) ends after the current engagement or step, as `told`; the second
/// at once: that is safe too, it only leaves a doubt to be settled by the next run.
pub(crate) fn stop_on_signal(told: &'static str) -> Stop {
    let (switch, stop) = StopSwitch::new();
    tokio::spawn(async move {
        signal().await;
        say(&format!("{told} Once more ends at once."));
        switch.stop();
        signal().await;
        std::process::exit(130);
    });
    stop
}

/// Waits for Ctrl-C or SIGTERM. They are caught from here on, whether it is waited or not.
pub(crate) fn signal() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    async {
        match signals {
            (Ok(mut interrupt), Ok(mut terminate)) => tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            },
            (Ok(mut one), Err(_)) | (Err(_), Ok(mut one)) => drop(one.recv().await),
            // The system catches none, so it ends the process.
            (Err(_), Err(_)) => std::future::pending().await,
        }
    }
}

fn code(summary: &Summary) -> Code {
    match &summary.ended {
        Ended::Done => {
            let trouble = |e: &run::Engagement| {
                matches!(e.status, Status::Failed | Status::Retry)
                    && e.error_class != Some(decorum_core::ErrorClass::TargetUnavailable)
            };
            // The last attempt at each engagement decides; earlier ones were made good.
            let last = |e: &run::Engagement| {
                summary
                    .engagements
                    .iter()
                    .rev()
                    .find(|o| o.target_username == e.target_username && o.action == e.action)
                    .is_some_and(|o| std::ptr::eq(o, e))
            };
            if summary.engagements.iter().filter(|e| trouble(e)).any(last) {
                exit::FAILED
            } else {
                exit::DONE
            }
        }
        Ended::Stopped => exit::INTERRUPTED,
        Ended::Resting { .. } | Ended::Busy { .. } => exit::RESTING,
        Ended::PersonNeeded { .. } => exit::PERSON_NEEDED,
        Ended::PhoneFailed { .. } | Ended::StoreFailed { .. } => exit::UNREACHABLE,
    }
}

fn print_summary(s: &Summary) -> Result<(), Failure> {
    print(tally(s))?;
    let mut notes = Vec::new();
    if s.reconciled > 0 {
        let n = count(s.reconciled, "engagement", "engagements");
        notes.push(format!("{n} of an earlier run settled by looking at the phone"));
    }
    if s.in_doubt > 0 {
        let n = count(s.in_doubt, "engagement is", "engagements are");
        notes.push(format!("{n} in doubt; the next run looks at the phone first"));
    }
    if s.spooled > 0 {
        let n = count(s.spooled, "outcome waits", "outcomes wait");
        notes.push(format!("{n} for the store in the spool; the next run delivers first"));
    }
    if !s.round_trips_max.is_empty() {
        let trips = s.round_trips_max.iter().map(|(action, n)| format!("{n} for a {action}"));
        let trips: Vec<String> = trips.collect();
        notes.push(format!("requests to the phone: at most {}", trips.join(", ")));
    }
    notes.push(format!("took {}", span(std::time::Duration::from_millis(s.elapsed_ms))));
    print(format!("  {}", notes.join("; ")))?;
    match &s.ended {
        Ended::Done => {}
        Ended::Stopped => print("  Interrupted; run the same command again to go on.")?,
        Ended::Resting { reason, until } => {
            let until = until.map_or_else(String::new, |t| format!(" until {}", instant(t)));
            console::complain(&format!("{} {}{until}", s.account_id, reason.explained()));
        }
        Ended::Busy { what, until } => console::complain(&format!(
            "{what} is held by another worker (its lease ends {} unless renewed)",
            instant(*until)
        )),
        Ended::PersonNeeded { why } => console::complain(&format!("a person is needed: {why}")),
        Ended::PhoneFailed { why } | Ended::StoreFailed { why } => console::complain(why),
    }
    Ok(())
}

/// How many ended how, in one line.
fn tally(s: &Summary) -> String {
    let did = if s.dry_run { "would be engaged" } else { "engaged" };
    let mut parts = vec![format!("{} of {} {did}", s.count(Status::Success), s.planned)];
    for (status, what) in
        [(Status::Skipped, "skipped"), (Status::Failed, "failed"), (Status::Retry, "given up")]
    {
        if s.count(status) > 0 {
            parts.push(format!("{} {what}", s.count(status)));
        }
    }
    let refused: Vec<String> =
        s.refused_by_reason().iter().map(|(why, n)| format!("{n} {why}")).collect();
    if !refused.is_empty() {
        parts.push(format!("{} refused ({})", s.refused.len(), refused.join(", ")));
    }
    if s.left > 0 {
        parts.push(format!("{} left", s.left));
    }
    format!("{}: {}", s.account_id, parts.join(", "))
}
