//! The log, asked a page at a time.

use std::collections::HashSet;

use decorum_core::{Action, ErrorClass, Event, Seen, Status};

use super::arrange::{Bench, NETWORK, PRIVATE, SECOND, SUCCESS, event_id, follow, key, name};
use crate::{Cursor, EventFilter, Order, PageRequest, StoreError};

/// A log with some of everything, several events to the millisecond.
async fn fill(bench: &mut Bench) {
    let outcomes = [SUCCESS, NETWORK, PRIVATE];
    let mut batch = Vec::new();
    for n in 0..240_usize {
        let account = ["anna", "bert", "cleo"][n % 3];
        let action = Action::ALL[n % 4];
        let seen = Seen::Outcome(outcomes[n % outcomes.len()]);
        let mut seen = bench.seen(key(account, &format!("mia_{}", n % 7), action), seen);
        seen.task_id = Some(name(&format!("task-{}", n % 5))).filter(|_| n % 2 == 0);
        seen.device_id = Some(name(&format!("phone-{}", n % 2)));
        batch.push(seen);
        if n % 10 == 9 {
            bench.wait(SECOND);
        }
    }
    bench.store.observe(&bench.settings, batch).await.unwrap();
}

fn matches(filter: &EventFilter, event: &Event) -> bool {
    fn same<T: PartialEq>(wanted: Option<&T>, found: Option<&T>) -> bool {
        wanted.is_none() || wanted == found
    }
    same(filter.account_id.as_ref(), Some(&event.account_id))
        && same(filter.target_username.as_ref(), event.target_username.as_ref())
        && same(filter.action.as_ref(), Some(&event.action))
        && same(filter.status.as_ref(), Some(&event.status))
        && same(filter.error_class.as_ref(), event.error_class.as_ref())
        && same(filter.task_id.as_ref(), event.task_id.as_ref())
        && same(filter.device_id.as_ref(), event.device_id.as_ref())
        && filter.from.is_none_or(|from| event.ts >= from)
        && filter.to.is_none_or(|to| event.ts < to)
}

pub(crate) async fn every_filter_returns_what_matches(mut bench: Bench) {
    let (from, to) = (bench.now.plus(SECOND * 5), bench.now.plus(SECOND * 20));
    fill(&mut bench).await;
    let whole = bench.log().await;
    assert_eq!(whole.len(), 240);
    // Every combination of restricting and not restricting each of the nine fields.
    for mask in 0..512_u32 {
        let on = |bit: u32| mask & (1 << bit) != 0;
        let filter = EventFilter {
            account_id: on(0).then(|| name("bert")),
            target_username: on(1).then(|| name("mia_4")),
            action: on(2).then_some(Action::Like),
            status: on(3).then_some(Status::Failed),
            error_class: on(4).then_some(ErrorClass::Network),
            task_id: on(5).then(|| name("task-0")),
            device_id: on(6).then(|| name("phone-0")),
            from: on(7).then_some(from),
            to: on(8).then_some(to),
        };
        let expected: HashSet<_> =
            whole.iter().filter(|event| matches(&filter, event)).map(|event| event.id).collect();
        let page = PageRequest { after: None, limit: 1000, order: Order::Newest };
        let found = bench.store.events(&filter, &page).await.unwrap().items;
        let ids: HashSet<_> = found.iter().map(|event| event.id).collect();
        assert_eq!((found.len(), &ids), (expected.len(), &expected), "{filter:?}");
        assert!(found.is_sorted_by(|a, b| a.ts >= b.ts), "{filter:?}");
    }
}

pub(crate) async fn pages_have_no_gaps_and_no_repeats(mut bench: Bench) {
    fill(&mut bench).await;
    let filters = [
        EventFilter::default(),
        EventFilter { account_id: Some(name("anna")), ..EventFilter::default() },
        EventFilter { status: Some(Status::Failed), ..EventFilter::default() },
        EventFilter { target_username: Some(name("mia_3")), ..EventFilter::default() },
        EventFilter { task_id: Some(name("task-2")), ..EventFilter::default() },
        EventFilter { error_class: Some(ErrorClass::Network), ..EventFilter::default() },
    ];
    for filter in &filters {
        let whole = bench.all(filter, Order::Oldest, 1000).await;
        assert!(whole.is_sorted_by(|a, b| a.ts <= b.ts));
        for limit in [1, 7, 10, 239, 240] {
            assert_eq!(bench.all(filter, Order::Oldest, limit).await, whole, "{limit} {filter:?}");
            let mut newest = bench.all(filter, Order::Newest, limit).await;
            newest.reverse();
            assert_eq!(newest, whole, "{limit} {filter:?}");
        }
    }
}

pub(crate) async fn paging_is_steady_while_others_append(mut bench: Bench) {
    fill(&mut bench).await;
    let before: Vec<_> = bench.log().await.into_iter().map(|event| event.id).collect();
    let other = bench.another("worker-2");
    let appending = tokio::spawn(async move {
        for n in 0..300 {
            other.refuse(&format!("noa_{n}")).await;
        }
    });
    for order in [Order::Newest, Order::Oldest] {
        let seen = bench.all(&EventFilter::default(), order, 3).await;
        let ids: HashSet<_> = seen.iter().map(|event| event.id).collect();
        assert_eq!(ids.len(), seen.len(), "no repeats");
        assert!(before.iter().all(|id| ids.contains(id)), "no gaps");
    }
    appending.await.unwrap();
}

pub(crate) async fn from_is_inclusive_and_to_is_not(mut bench: Bench) {
    let first = bench.engage(follow("mia")).await;
    bench.wait(SECOND);
    let second = bench.engage(follow("noa")).await;
    let filter =
        EventFilter { from: Some(first.ts), to: Some(second.ts), ..EventFilter::default() };
    assert_eq!(bench.all(&filter, Order::Newest, 10).await, [first]);
    let filter = EventFilter { from: Some(second.ts), ..EventFilter::default() };
    assert_eq!(bench.all(&filter, Order::Newest, 10).await, [second]);
}

pub(crate) async fn a_cursor_from_elsewhere_is_refused(bench: Bench) {
    let event = bench.engage(follow("mia")).await;
    let foreign = [
        Cursor { ts: bench.now, id: event_id() },
        Cursor { ts: event.ts.plus(SECOND), id: event.id },
    ];
    for cursor in foreign {
        let page = PageRequest { after: Some(cursor), ..PageRequest::default() };
        let answer = bench.store.events(&EventFilter::default(), &page).await;
        assert!(matches!(answer, Err(StoreError::BadCursor)), "{answer:?}");
    }
}

pub(crate) async fn a_page_has_a_largest_size(bench: Bench) {
    let page = PageRequest { limit: PageRequest::MAX + 1, ..PageRequest::default() };
    let answer = bench.store.events(&EventFilter::default(), &page).await;
    assert!(matches!(answer, Err(StoreError::TooMany { max: PageRequest::MAX, .. })));
}
