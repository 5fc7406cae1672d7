//! `decorum export`: the log, as CSV, JSON or JSON lines, page by page in constant memory.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use decorum_core::Event;
use decorum_store::{EventFilter, Order, PageRequest};

use crate::args::{Common, Export, Format};
use crate::console::{count, say};
use crate::exit::{self, Code, Failure};
use crate::{args, place};
use place::Access;

/// The columns of a CSV, named as the fields of an event.
const COLUMNS: [&str; 19] = [
    "id",
    "seq",
    "platform",
    "account_id",
    "target_username",
    "target_ref",
    "action",
    "status",
    "reason",
    "error_class",
    "task_id",
    "device_id",
    "session_id",
    "claim_id",
    "latency_ms",
    "ts",
    "metadata",
    "prev_hash",
    "hash",
];

pub(crate) async fn export(common: &Common, args: Export) -> Result<Code, Failure> {
    let filter = filter(&args)?;
    let store = place::open_store(common, Access::Read).await?;
    if let Some(path) = &args.output
        && is_store(common, path)?
    {
        return Err(Failure::usage(format!(
            "{} is the store itself; choose another file with -o",
            path.display()
        )));
    }
    let out: Box<dyn Write> =
        match &args.output {
            Some(path) => Box::new(File::create(path).map_err(|e| {
                Failure::usage(format!("{} cannot be written: {e}", path.display()))
            })?),
            None => Box::new(std::io::stdout().lock()),
        };
    let mut sheet = Sheet::begin(args.format, out)?;
    let order = match args.order {
        args::Order::Newest => Order::Newest,
        args::Order::Oldest => Order::Oldest,
    };
    let mut page = PageRequest { after: None, limit: PageRequest::MAX, order };
    let mut written = 0;
    loop {
        let found = store.events(&filter, &page).await?;
        for event in &found.items {
            sheet.write(event)?;
        }
        written += found.items.len();
        page.after = found.next;
        if page.after.is_none() {
            break;
        }
    }
    sheet.end()?;
    if let Some(path) = &args.output {
        say(&format!("{} written to {}", count(written, "event", "events"), path.display()));
    }
    Ok(exit::DONE)
}

/// Whether writing to `path` would overwrite the log that is being written out.
fn is_store(common: &Common, path: &Path) -> Result<bool, Failure> {
    let address = place::store_address(common)?;
    let store = address.strip_prefix("sqlite:").map(Path::new);
    let same = |a: &Path, b: &Path| {
        a.canonicalize().ok().is_some_and(|a| b.canonicalize().ok() == Some(a))
    };
    Ok(store.is_some_and(|store| same(store, path)))
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

enum Sheet {
    Csv(Box<csv::Writer<Box<dyn Write>>>),
    Lines(BufWriter<Box<dyn Write>>),
    Json { out: BufWriter<Box<dyn Write>>, first: bool },
}

fn broken(error: csv::Error) -> Failure {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => exit::output(&error),
        other => Failure::new(exit::FAILED, format!("the result has no CSV form: {other:?}")),
    }
}

impl Sheet {
    fn begin(format: Format, out: Box<dyn Write>) -> Result<Self, Failure> {
        Ok(match format {
            Format::Csv => {
                let mut writer = csv::Writer::from_writer(out);
                writer.write_record(COLUMNS).map_err(broken)?;
                Self::Csv(Box::new(writer))
            }
            Format::Jsonl => Self::Lines(BufWriter::new(out)),
            Format::Json => {
                let mut out = BufWriter::new(out);
                out.write_all(b"[").map_err(|e| exit::output(&e))?;
                Self::Json { out, first: true }
            }
        })
    }

    fn write(&mut self, event: &Event) -> Result<(), Failure> {
        match self {
            Self::Csv(writer) => writer.write_record(row(event)).map_err(broken),
            Self::Lines(out) => {
                let line = json(event)?;
                writeln!(out, "{line}").map_err(|e| exit::output(&e))
            }
            Self::Json { out, first } => {
                let comma = if std::mem::take(first) { "\n" } else { ",\n" };
                let line = json(event)?;
                write!(out, "{comma}{line}").map_err(|e| exit::output(&e))
            }
        }
    }

    fn end(self) -> Result<(), Failure> {
        match self {
            Self::Csv(mut writer) => writer.flush(),
            Self::Lines(mut out) => out.flush(),
            Self::Json { mut out, .. } => out.write_all(b"\n]\n").and_then(|()| out.flush()),
        }
        .map_err(|e| exit::output(&e))
    }
}

fn json(event: &Event) -> Result<String, Failure> {
    serde_json::to_string(event).map_err(|e| {
        Failure::new(exit::FAILED, format!("event {} has no JSON form: {e}", event.id))
    })
}

fn row(event: &Event) -> [String; 19] {
    let text = |t: Option<&dyn std::fmt::Display>| t.map(ToString::to_string).unwrap_or_default();
    macro_rules! maybe {
        ($field:expr) => {
            text($field.as_ref().map(|t| t as &dyn std::fmt::Display))
        };
    }
    [
        event.id.to_string(),
        event.seq.to_string(),
        event.platform.to_string(),
        event.account_id.to_string(),
        maybe!(event.target_username),
        event.target_ref.to_string(),
        event.action.to_string(),
        event.status.to_string(),
        safe(maybe!(event.reason)),
        maybe!(event.error_class),
        safe(maybe!(event.task_id)),
        safe(maybe!(event.device_id)),
        safe(maybe!(event.session_id)),
        maybe!(event.claim_id),
        maybe!(event.latency_ms),
        event.ts.to_string(),
        event.metadata.to_string(),
        event.prev_hash.to_string(),
        event.hash.to_string(),
    ]
}

/// A text that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, "CSV
/// injection"). Only texts that others choose can begin so; names and hashes cannot.
fn safe(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}
