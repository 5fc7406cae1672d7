//! What a page of the log costs, in a long log beside a short one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use decorum_core::{Action, ErrorClass, Status};
use decorum_store::{EventFilter, Order, PageRequest, Store};

use crate::book::{Figure, Goal, Line, Row, Section, Unit, whole};
use crate::engagement::Failed;
use crate::fill;
use crate::scale::Scale;
use crate::summary::Summary;

/// Pages of one sample, fewer if they take longer than this.
const EACH: u32 = 10;
const LONGEST: Duration = Duration::from_millis(50);
const LIMIT: usize = 100;

/// Kinds that are drawn: all of them would be a thicket.
const DRAWN: [&str; 5] = [
    "first page, newest first",
    "nine tenths down, newest first",
    "of an account",
    "about a person",
    "of an account, with a status",
];

/// Measures every kind of page in ever longer logs, each beside the shortest.
pub(crate) fn sqlite(scale: &Scale) -> Result<Vec<Section>, Failed> {
    let Some((&short, longer)) = scale.events.split_first() else { return Ok(Vec::new()) };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build()?;
    runtime.block_on(async {
        let (small, _) = fill::sqlite(short).await?;
        let mut sections = Vec::new();
        let mut lines: Vec<Line> = Vec::new();
        for &long in longer {
            let (big, _) = fill::sqlite(long).await?;
            let (section, medians) =
                compare(scale, "SQLite", (&small, short), (&big, long)).await?;
            big.close().await?;
            sections.push(section);
            for (what, here, there) in medians.into_iter().filter(|m| DRAWN.contains(&m.0)) {
                #[expect(clippy::cast_precision_loss, reason = "events of a log")]
                let (short, long) = (short as f64, long as f64);
                match lines.iter_mut().find(|line| line.name == what) {
                    Some(line) => line.points.push((long, there)),
                    None => lines.push(Line {
                        name: what.to_owned(),
                        points: vec![(short, here), (long, there)],
                    }),
                }
            }
        }
        small.close().await?;
        if let Some(last) = sections.last_mut() {
            last.draw(Figure::Lines {
                id: "pages".to_owned(),
                title: "A page of 100 events, by the length of the log".to_owned(),
                size: "events".to_owned(),
                unit: Unit::Millis,
                lines,
            });
        }
        Ok(sections)
    })
}

/// Every kind of page in a log of `long` events beside one of `short`, and the medians of each in
/// milliseconds, the short log's first.
pub(crate) async fn compare(
    scale: &Scale,
    keeper: &str,
    (small, short): (&Arc<dyn Store>, u64),
    (big, long): (&Arc<dyn Store>, u64),
) -> Result<(Section, Vec<(&'static str, f64, f64)>), Failed> {
    let (short_shown, long_shown) = (whole(short), whole(long));
    let mut section = Section::new(
        format!("A page of {LIMIT} events out of {long_shown} ({keeper})"),
        format!(
            "Every kind of page that can be asked for, by the store's own interface. The reference \
             is the same page out of {short_shown} events: cost must grow with the page, not with \
             the log. Both logs have about as many events for each person, task and hour; where the \
             short one has fewer than {LIMIT} to show, no more is asked of the long one."
        ),
    );
    let mut medians = Vec::new();
    for ((what, mut here), (_, mut there)) in kinds(short)?.into_iter().zip(kinds(long)?) {
        let shown = here.shown(small).await?.min(there.shown(big).await?).max(1);
        (here.request.limit, there.request.limit) = (shown, shown);
        let (mut ours, mut reference) = (Vec::new(), Vec::new());
        for _ in 0..scale.samples(15) {
            reference.push(page(small, &here).await?);
            ours.push(page(big, &there).await?);
        }
        let median = |all: &[Duration]| Summary::of(&Unit::Millis.all(all)).median;
        medians.push((what, median(&reference), median(&ours)));
        let row = Row::timed(what, Unit::Millis, &ours).beside_timed(&reference);
        section.add(row.goal(Goal::RatioAtMost(2.0)));
    }
    Ok((section, medians))
}

/// A page to ask for.
struct Kind {
    filter: EventFilter,
    request: PageRequest,
    /// Whether there is anything to find.
    found: bool,
}

impl Kind {
    /// Events on the page.
    async fn shown(&self, store: &Arc<dyn Store>) -> Result<usize, Failed> {
        Ok(store.events(&self.filter, &self.request).await?.items.len())
    }
}

async fn page(store: &Arc<dyn Store>, kind: &Kind) -> Result<Duration, Failed> {
    let started = Instant::now();
    let mut pages = 0;
    while pages < EACH && (pages == 0 || started.elapsed() < LONGEST) {
        let page = store.events(&kind.filter, &kind.request).await?;
        if page.items.is_empty() == kind.found {
            return Err(format!("{:?} finds {} events", kind.filter, page.items.len()).into());
        }
        pages += 1;
    }
    Ok(started.elapsed() / pages)
}

/// Every kind of page in a log of so many events.
fn kinds(events: u64) -> Result<Vec<(&'static str, Kind)>, Failed> {
    let deep = events / 10 * 9;
    // Somebody, and what happened to them, in the middle of the log.
    let middle = events / 2;
    let (account, target) = (fill::account(middle), fill::target(middle));
    let (account, other) =
        (Some(account.parse()?), Some(fill::phone(number(&account)? + 1).parse()?));
    let phone = Some(fill::phone(number(&fill::account(middle))?).parse()?);
    let all = EventFilter::default;
    let after = |n: u64, order| {
        let request = PageRequest { after: Some(fill::cursor(n)), limit: LIMIT, order };
        Kind { filter: all(), request, found: true }
    };
    let first = |filter| {
        let request = PageRequest { after: None, limit: LIMIT, order: Order::Newest };
        Kind { filter, request, found: true }
    };
    let oldest = |mut kind: Kind| {
        kind.request.order = Order::Oldest;
        kind
    };
    let from_the_middle = |mut kind: Kind| {
        kind.request.after = Some(fill::cursor(middle));
        kind
    };
    let mut kinds = vec![
        ("first page, newest first", first(all())),
        ("first page, oldest first", oldest(first(all()))),
        ("nine tenths down, newest first", after(events - deep, Order::Newest)),
        ("nine tenths down, oldest first", after(deep, Order::Oldest)),
        ("of an account", first(EventFilter { account_id: account.clone(), ..all() })),
        (
            "of an account, oldest first",
            oldest(first(EventFilter { account_id: account.clone(), ..all() })),
        ),
        (
            "of an account, from the middle on",
            from_the_middle(first(EventFilter { account_id: account.clone(), ..all() })),
        ),
        ("about a person", first(EventFilter { target_username: Some(target.parse()?), ..all() })),
        (
            "about a person, of an account",
            first(EventFilter {
                account_id: account.clone(),
                target_username: Some(target.parse()?),
                ..all()
            }),
        ),
        ("of an action", first(EventFilter { action: Some(Action::Comment), ..all() })),
        ("with a status", first(EventFilter { status: Some(Status::Failed), ..all() })),
        (
            "with a kind of trouble",
            first(EventFilter { error_class: Some(ErrorClass::TargetUnavailable), ..all() }),
        ),
        ("of a task", first(EventFilter { task_id: Some(fill::task(middle).parse()?), ..all() })),
        ("on a phone", first(EventFilter { device_id: phone.clone(), ..all() })),
        (
            "of one hour in the middle",
            first(EventFilter {
                from: Some(fill::instant(middle)),
                to: Some(fill::instant(middle).plus(Duration::from_hours(1))),
                ..all()
            }),
        ),
        (
            "of an account, with a status",
            first(EventFilter {
                account_id: account.clone(),
                status: Some(Status::Success),
                ..all()
            }),
        ),
        (
            "of an account, an action, a trouble, oldest first",
            oldest(first(EventFilter {
                account_id: account.clone(),
                action: Some(Action::Comment),
                error_class: Some(ErrorClass::Network),
                ..all()
            })),
        ),
        (
            "on a phone, of an action, with a status",
            first(EventFilter {
                device_id: phone,
                action: Some(Action::View),
                status: Some(Status::Skipped),
                ..all()
            }),
        ),
    ];
    let nothing = EventFilter { account_id: account, device_id: other, ..all() };
    kinds.push(("of an account on a phone it never had (nothing)", {
        Kind { found: false, ..first(nothing) }
    }));
    Ok(kinds)
}

/// The number in the name of an account.
fn number(account: &str) -> Result<u64, Failed> {
    Ok(account.trim_start_matches("account").parse()?)
}
