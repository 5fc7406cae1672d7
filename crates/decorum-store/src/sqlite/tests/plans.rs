//! The cost of a page depends neither on how deep it lies nor on how long the log is.

use decorum_core::{Action, ErrorClass, Status};
use rusqlite::Connection;

use crate::conformance::arrange::{NOON, name};
use crate::sqlite::log::Query;
use crate::sqlite::schema;
use crate::{EventFilter, Order};

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

fn plan(conn: &Connection, query: &Query, order: Order) -> String {
    let sql = format!("EXPLAIN QUERY PLAN {}", query.sql(order));
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

#[test]
fn every_page_is_read_in_the_order_of_an_index() {
    let conn = Connection::open_in_memory().unwrap();
    schema::create(&conn).unwrap();
    for filter in every_filter() {
        let restricted = filter != EventFilter::default();
        for order in [Order::Newest, Order::Oldest] {
            for deep in [false, true] {
                let mut query = Query::matching(&filter);
                if deep {
                    query.after(order, 1, 1);
                }
                let plan = plan(&conn, &query, order);
                assert!(!plan.contains("TEMP B-TREE"), "sorts: {plan} for {filter:?}");
                assert!(plan.contains("USING INDEX events_"), "reads all: {plan} for {filter:?}");
                if restricted || deep {
                    assert!(plan.starts_with("SEARCH"), "{plan} for {filter:?}");
                }
            }
        }
    }
}
