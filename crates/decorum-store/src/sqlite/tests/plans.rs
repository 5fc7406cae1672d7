//! The cost of a page depends neither on how deep it lies nor on how long the log is.

use std::collections::HashMap;

use decorum_core::{AccountId, Action, ErrorClass, Status, TaskStateName};
use rusqlite::Connection;

use crate::conformance::arrange::{NOON, name};
use crate::sqlite::log::Query;
use crate::sqlite::rows::event::COLUMNS;
use crate::sqlite::rows::{alert, candidate, task};
use crate::sqlite::schema;
use crate::strands::Way;
use crate::{EventFilter, Order, TaskCursor, TaskFilter};

fn every_filter() -> impl Iterator<Item = EventFilter> {
    (0..512_u32).map(|mask| {
        let on = |bit: u32| mask & (1 << bit) != 0;
        EventFilter {
            account_id: on(0).then(|| name("anna")),
            target_username: on(1).then(|| name("mia")),
            action: on(2).then_some(Action::Follow),
            status: on(3).then_some(Status::Failed),
            error_class: on(4).then_some(ErrorClass::Network),
            task_id: on(5).then(|| name("spring")),
            device_id: on(6).then(|| name("phone-1")),
            from: on(7).then_some(NOON),
            to: on(8).then_some(NOON),
        }
    })
}

fn plan_of(conn: &Connection, sql: &str) -> String {
    let sql = format!("EXPLAIN QUERY PLAN {sql}");
    let mut statement = conn.prepare(&sql).unwrap();
    for n in 1..=statement.parameter_count() {
        statement.raw_bind_parameter(n, 1).unwrap();
    }
    let mut rows = statement.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        steps.push(row.get::<_, String>("detail").unwrap());
    }
    steps.join("; ")
}

/// What is asked of the file for a page.
fn queries(filter: &EventFilter) -> Vec<(Query, &'static str)> {
    let Way { index, kinds } = Way::of(filter);
    let strand = |kind| (Query::strand(filter, index, kind), "ts, row");
    match kinds {
        None => vec![(Query::matching(filter, index), COLUMNS)],
        Some(kinds) => kinds.each().map(strand).collect(),
    }
}

#[test]
fn every_page_is_read_in_the_order_of_an_index() {
    let conn = Connection::open_in_memory().unwrap();
    schema::create(&conn).unwrap();
    let mut plans = HashMap::new();
    for filter in every_filter() {
        let restricted = filter != EventFilter::default();
        for order in [Order::Newest, Order::Oldest] {
            for deep in [false, true] {
                for (mut query, columns) in queries(&filter) {
                    if deep {
                        query.after(order, (1, 1));
                    }
                    let sql = query.sql(columns, order);
                    let plan = plans.entry(sql).or_insert_with_key(|sql| plan_of(&conn, sql));
                    assert!(!plan.contains("TEMP B-TREE"), "sorts: {plan} for {filter:?}");
                    assert!(plan.contains(" INDEX events_"), "reads all: {plan} for {filter:?}");
                    if restricted || deep {
                        assert!(plan.starts_with("SEARCH"), "{plan} for {filter:?}");
                    }
                }
            }
        }
    }
}

/// A strand has nothing in it that the page has not, and the row itself is not read.
#[test]
fn every_strand_is_a_part_of_its_index() {
    let conn = Connection::open_in_memory().unwrap();
    schema::create(&conn).unwrap();
    for filter in every_filter().filter(|filter| Way::of(filter).kinds.is_some()) {
        for (query, columns) in queries(&filter) {
            let sql = query.sql(columns, Order::Newest);
            let plan = plan_of(&conn, &sql);
            let Some((_, bounds)) = plan.split_once("USING COVERING INDEX") else {
                panic!("reads rows: {plan} for {filter:?}");
            };
            let restricted = ["account_id", "device_id"]
                .into_iter()
                .zip([filter.account_id.is_some(), filter.device_id.is_some()])
                .filter_map(|(column, on)| on.then_some(column))
                .chain(["action", "status", "error_class"]);
            for column in restricted {
                assert!(bounds.contains(&format!("{column}=?")), "{plan}: {column} reads over");
            }
        }
    }
}

#[test]
fn open_tasks_and_open_people_are_found_without_reading_the_others() {
    let conn = Connection::open_in_memory().unwrap();
    schema::create(&conn).unwrap();
    let cursor = || TaskCursor { created_at: NOON, id: name("spring") };
    let (anna, queued) = (Some(name("anna")), vec![TaskStateName::Queued]);
    let of = |account_id: &Option<AccountId>, states: &[TaskStateName]| TaskFilter {
        account_id: account_id.clone(),
        states: states.to_vec(),
        kind: None,
    };
    let pages = [
        (of(&None, &[]), "tasks_newest"),
        (of(&None, &queued), "tasks_open"),
        (of(&anna, &[]), "tasks_account"),
        (of(&anna, &queued), "tasks_account"),
    ];
    let mut queries = vec![
        (task::OPEN.to_owned(), "tasks_open"),
        (candidate::page_sql(true), "candidates_open"),
        (candidate::page_sql(false), "PRIMARY KEY"),
        (alert::page_sql(true, None).0, "alerts_open_newest"),
        (alert::page_sql(false, None).0, "alerts_newest"),
        (task::ENDED_SINCE.to_owned(), "tasks_ended"),
        (alert::CLOSED_SINCE.to_owned(), "alerts_closed"),
    ];
    for (filter, index) in &pages {
        queries.push((task::page_sql(filter, None).0, index));
        queries.push((task::page_sql(filter, Some(&cursor())).0, index));
    }
    for (sql, index) in queries {
        let plan = plan_of(&conn, &sql);
        assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{plan}: {sql}");
        assert!(!plan.contains("SCAN task_candidates"), "{plan}: {sql}");
    }
}
