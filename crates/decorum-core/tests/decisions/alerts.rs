//! An alert is open until somebody closes it, and then it stays as it was closed.

use decorum_core::{Alert, AlertId, AlertKind};
use uuid::Uuid;

use crate::support::{HOUR, MINUTE, noon};

fn alert() -> Alert {
    Alert {
        id: AlertId::from_uuid(Uuid::from_u128(7)),
        kind: AlertKind::AccountHalted,
        subject: "studio.nord".to_owned(),
        message: "the app asks for a code".to_owned(),
        raised_at: noon(),
        closed_at: None,
        closed_by: None,
        evidence: Some("evidence/7.png".to_owned()),
    }
}

#[test]
fn one_is_open_until_somebody_closes_it() {
    assert!(alert().is_open());
    let closed = alert().closed("nora", noon().plus(HOUR));
    assert!(!closed.is_open());
    let since = Some(noon().plus(HOUR));
    let by = Some("nora".to_owned());
    assert_eq!(closed, Alert { closed_at: since, closed_by: by, ..alert() });
}

#[test]
fn what_is_closed_stays_as_it_is() {
    let closed = alert().closed("nora", noon().plus(MINUTE));
    assert_eq!(closed.clone().closed("piet", noon().plus(HOUR)), closed);
}

#[test]
fn none_is_closed_before_it_was_raised() {
    let mut late = alert();
    late.raised_at = noon().plus(HOUR);
    assert_eq!(late.closed("nora", noon()).closed_at, Some(noon().plus(HOUR)));
}
