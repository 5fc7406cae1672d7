//! `decorum export`: the log, as CSV, JSON or JSON lines, page by page in constant memory.
//!
//! What was interrupted is gone on with: `--after` names the last event that somebody has, and
//! `--resume` finds it in the file.

mod output;

use std::path::Path;

use decorum_core::{Event, Timestamp};
use decorum_sheet::Encoder;
use decorum_sheet::resume::Mark;
use decorum_store::{Cursor, EventFilter, EventPage, Order, PageRequest, Store, sqlite_path};

use super::run::signal;
use crate::args::{self, Common, Export};
use crate::console::{self, count, say};
use crate::exit::{self, Code, Failure};
use crate::place::{self, Access};
use output::Output;

pub(crate) async fn export(common: &Common, args: Export) -> Result<Code, Failure> {
    let filter = filter(&args)?;
    let store = place::open_store(common, Access::Read).await?;
    if let Some(path) = &args.output
        && output::is_of_store(path, sqlite_path(&place::store_address(common)?)?.as_deref())
    {
        return Err(Failure::usage(format!(
            "{} belongs to the store itself; choose another file with -o",
            path.display()
        )));
    }
    let order = match args.order {
        args::Order::Newest => Order::Newest,
        args::Order::Oldest => Order::Oldest,
    };
    let mut page = PageRequest { after: args.after, limit: PageRequest::MAX, order };
    let (encoder, output) = match &args.output {
        Some(path) if args.resume && path.exists() => {
            let (file, written) = output::reopen(path, args.format)?;
            if let Some(last) = written.last {
                let first = written.first.unwrap_or(last);
                page.after = Some(find(store.as_ref(), &filter, (first, last), order, path).await?);
            }
            let encoder = written.encoder();
            (encoder, Output::cut(file, path, written.keep)?)
        }
        Some(path) => (Encoder::new(args.format), Output::create(path)?),
        None => (Encoder::new(args.format), Output::stdout()),
    };
    let mut writing = Writing { encoder, output, written: 0, last: page.after };
    let ended = writing.write(store.as_ref(), &filter, page).await;
    writing.tell(ended, &args)
}

/// An export under way.
struct Writing {
    encoder: Encoder,
    output: Output,
    written: usize,
    /// The last event written, or the one that was gone on after.
    last: Option<Cursor>,
}

/// How an export came to its end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    Done,
    Interrupted,
}

impl Writing {
    async fn write(
        &mut self,
        store: &dyn Store,
        filter: &EventFilter,
        mut page: PageRequest,
    ) -> Result<Ended, Failure> {
        let progress = console::counter("events");
        let to_file = self.output.path().is_some();
        let mut interrupted = std::pin::pin!(async { signal().await });
        let mut bytes = Vec::new();
        self.encoder.begin(&mut bytes).map_err(form)?;
        let mut found = EventPage { items: Vec::new(), next: page.after };
        let mut more = true;
        while more {
            // The next page is read while this one is written.
            let both = async {
                tokio::join!(
                    biased;
                    store.events(filter, &page),
                    async { self.put(&found.items, &mut bytes) },
                )
            };
            let (next, put) = tokio::select! {
                biased;
                // To standard output the signal does what it does to any program in a pipe: it is
                // not even caught.
                () = &mut interrupted, if to_file => {
                    self.output.write(&bytes)?;
                    self.output.finish()?;
                    return Ok(Ended::Interrupted);
                }
                both = both => both,
            };
            put?;
            progress.inc(found.items.len() as u64);
            found = next?;
            page.after = found.next;
            more = page.after.is_some();
        }
        self.put(&found.items, &mut bytes)?;
        self.encoder.clone().end(&mut bytes).map_err(form)?;
        self.output.write(&bytes)?;
        self.output.finish()?;
        progress.finish_and_clear();
        Ok(Ended::Done)
    }

    /// Writes these events, and before them what is in `bytes`, which is empty then.
    fn put(&mut self, events: &[Event], bytes: &mut Vec<u8>) -> Result<(), Failure> {
        for event in events {
            self.encoder.event(event, bytes).map_err(form)?;
        }
        self.output.write(bytes)?;
        bytes.clear();
        self.written += events.len();
        if let Some(event) = events.last() {
            self.last = Some(Cursor { ts: event.ts, id: event.id });
        }
        Ok(())
    }

    /// Says what was written and how to go on.
    fn tell(self, ended: Result<Ended, Failure>, args: &Export) -> Result<Code, Failure> {
        let events = count(self.written, "event", "events");
        let place = self.output.path().map(|path| path.display().to_string());
        let go_on = match (&place, self.last) {
            (Some(_), _) => Some("the same command with --resume goes on".to_owned()),
            (None, Some(last)) => Some(format!("--after {last} goes on")),
            (None, None) => None,
        };
        let ended = match ended {
            Ok(ended) => ended,
            Err(mut failure) => {
                if let Some(go_on) =
                    go_on.filter(|_| self.written > 0 && !failure.message.is_empty())
                {
                    failure.message = format!("{}; {events} written, {go_on}", failure.message);
                }
                return Err(failure);
            }
        };
        if ended == Ended::Interrupted {
            say(&format!(
                "Interrupted: {events} written to {}; {}",
                place.unwrap_or_default(),
                go_on.unwrap_or_default()
            ));
            return Ok(exit::INTERRUPTED);
        }
        if let Some(place) = place {
            say(&format!("{events} written to {place}"));
        }
        if let Some(last) = self.last
            && args.order == args::Order::Oldest
        {
            say(&format!("continue later with --after {last}"));
        }
        Ok(exit::DONE)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn form(error: std::io::Error) -> Failure {
    Failure::new(exit::FAILED, format!("an event has no such form: {error}"))
}

/// The place of the file's last event in the log, under the same filter and in the same order as
/// the file was written.
async fn find(
    store: &dyn Store,
    filter: &EventFilter,
    (first, last): (Mark, Mark),
    order: Order,
    path: &Path,
) -> Result<Cursor, Failure> {
    let other_way = || {
        let other = match order {
            Order::Oldest => "newest",
            Order::Newest => "oldest",
        };
        Failure::usage(format!(
            "{} was written {other} first; go on with --order {other}",
            path.display()
        ))
    };
    if (order == Order::Oldest && first.ts > last.ts)
        || (order == Order::Newest && first.ts < last.ts)
    {
        return Err(other_way());
    }
    let next = Timestamp::from_millis(last.ts.as_millis() + 1);
    let moment = EventFilter {
        from: filter.from.max(Some(last.ts)),
        to: Some(filter.to.map_or(next, |to| to.min(next))),
        ..filter.clone()
    };
    let mut page = PageRequest { after: None, limit: PageRequest::MAX, order };
    // What comes first among events of one instant, only the store can tell.
    let mut first_was_before = first.ts != last.ts;
    loop {
        let found = store.events(&moment, &page).await?;
        for event in &found.items {
            first_was_before |= event.id == first.id;
            if event.id == last.id {
                let cursor = Cursor { ts: last.ts, id: last.id };
                return if first_was_before { Ok(cursor) } else { Err(other_way()) };
            }
        }
        page.after = found.next;
        if page.after.is_none() {
            return Err(Failure::usage(format!(
                "the last event of {} ({}) is not in this log, or not with these filters; go on \
                 with the store and the filters it was written with",
                path.display(),
                last.id
            )));
        }
    }
}

fn filter(args: &Export) -> Result<EventFilter, Failure> {
    fn maybe<T: std::str::FromStr>(text: Option<&String>) -> Result<Option<T>, Failure>
    where
        T::Err: std::fmt::Display,
    {
        text.map(|t| t.parse().map_err(|e: T::Err| Failure::usage(e.to_string()))).transpose()
    }
    Ok(EventFilter {
        account_id: maybe(args.account_id.as_ref())?,
        target_username: maybe(args.target_username.as_ref())?,
        action: args.action,
        status: args.status,
        error_class: args.error_class,
        task_id: maybe(args.task_id.as_ref())?,
        device_id: maybe(args.device_id.as_ref())?,
        from: args.from,
        to: args.to,
    })
}
