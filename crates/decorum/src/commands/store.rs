//! `decorum store copy`: move to another store, such as from one machine to a fleet.

use decorum_store::{CopyError, Progress, Stage, copy, open_for_copy, sqlite_path};
use indicatif::ProgressBar;

use crate::args::StoreAction;
use crate::console::{self, Lines, count, print, print_json, say};
use crate::exit::{self, Code, Failure};

pub(crate) async fn store(action: StoreAction) -> Result<Code, Failure> {
    let StoreAction::Copy { from, to, json } = action;
    // A misspelt source must not become an empty store.
    if sqlite_path(&from)?.is_some_and(|path| !path.exists()) {
        return Err(Failure::usage(format!("{from} is not there; there is nothing to copy")));
    }
    let source = open_for_copy(&from).await?;
    let target = open_for_copy(&to).await?;
    let mut shown = Shown::new();
    let copied = copy(source.clone(), target.clone(), &mut |progress| shown.at(progress)).await;
    shown.bar.finish_and_clear();
    let copied = copied.map_err(|error| match error {
        CopyError::Store(error) => error.into(),
        CopyError::Differs { .. } => Failure::new(exit::FAILED, error.to_string()),
        CopyError::Damaged { .. } => Failure::new(exit::AUDIT_BROKEN, error.to_string()),
        other => Failure::usage(other.to_string()),
    })?;
    source.close().await?;
    target.close().await?;
    if json {
        print_json(&serde_json::json!(copied))?;
        return Ok(exit::DONE);
    }
    let n = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    print(format!(
        "copied and compared: {}, {}, {}, {}",
        count(n(copied.accounts), "account", "accounts"),
        count(n(copied.events), "event", "events"),
        count(n(copied.rows), "dedup row", "dedup rows"),
        count(n(copied.suppressions), "suppressed person", "suppressed people"),
    ))?;
    if copied.tasks > 0 {
        say(&format!("{} with all their people", count(n(copied.tasks), "task", "tasks")));
    }
    if copied.resumed > 0 {
        say(&format!("{} of the events were there from an earlier attempt", copied.resumed));
    }
    say(&format!("use it with --store {}; let nothing use the old one any more", target.address()));
    Ok(exit::DONE)
}

/// A bar on a terminal, now and then a line elsewhere.
struct Shown {
    bar: ProgressBar,
    lines: Lines,
}

impl Shown {
    fn new() -> Self {
        Self { bar: console::bar(0, "events"), lines: Lines::new() }
    }

    fn at(&mut self, progress: Progress) {
        let doing = match progress.stage {
            Stage::Copying => "copying",
            Stage::Verifying => "comparing",
        };
        self.bar.set_length(progress.total);
        self.bar.set_position(progress.done);
        self.bar.set_message(doing);
        if self.lines.is_due() {
            say(&format!("{doing}: {} of {} events", progress.done, progress.total));
        }
    }
}
