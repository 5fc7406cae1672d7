//! Phones: added, changed and removed by people, kept up to date by workers.

use decorum_core::{DeviceRecord, DeviceState};

use super::arrange::{Bench, at_once, name};
use crate::StoreError;

fn phone(id: &str) -> DeviceRecord {
    let accounts = vec![name("anna"), name("bert")];
    let mut phone =
        DeviceRecord::new(name(id), "http://eva:secret@10.0.0.7:4723".to_owned(), accounts);
    phone.capabilities.insert("appium:udid".to_owned(), serde_json::json!("00008030-1"));
    phone
}

async fn put(
    bench: &Bench,
    phone: &DeviceRecord,
    by: Option<&str>,
) -> Result<DeviceRecord, StoreError> {
    bench.store.put_device(phone, phone.rev, by, bench.now).await
}

pub(crate) async fn a_phone_is_kept_as_it_was_added(bench: Bench) {
    let added = put(&bench, &phone("phone-1"), Some("eva")).await.unwrap();
    assert_eq!(added, DeviceRecord { rev: 1, ..phone("phone-1") });
    put(&bench, &phone("phone-0"), Some("eva")).await.unwrap();
    let next = bench.another("worker-2");
    assert_eq!(next.store.device(&name("phone-1")).await.unwrap(), Some(added));
    assert_eq!(next.store.device(&name("phone-9")).await.unwrap(), None);
    let all = next.store.devices().await.unwrap();
    assert_eq!(
        all.iter().map(|it| it.device_id.as_str()).collect::<Vec<_>>(),
        ["phone-0", "phone-1"]
    );
    bench.assert_intact().await;
}

pub(crate) async fn a_change_of_a_phone_needs_the_rev_it_was_based_on(bench: Bench) {
    let added = put(&bench, &phone("phone-1"), Some("eva")).await.unwrap();
    let again = put(&bench, &phone("phone-1"), Some("eva")).await;
    assert!(matches!(again, Err(StoreError::Conflict { expected: 0, found: 1, .. })), "{again:?}");
    let ready = put(&bench, &added.clone().answered(None, bench.now), None).await.unwrap();
    assert_eq!((ready.rev, &ready.state), (2, &DeviceState::Ready));
    let stale = put(&bench, &added.failed("no answer", bench.now), None).await;
    assert!(matches!(stale, Err(StoreError::Conflict { .. })), "{stale:?}");
    let crowd = bench.clone();
    let won = at_once(6, move |n| {
        let (bench, ready) = (crowd.another("worker-2"), ready.clone());
        async move {
            put(&bench, &ready.failed(&format!("no answer {n}"), bench.now), None).await.is_ok()
        }
    })
    .await;
    assert_eq!(won.iter().filter(|won| **won).count(), 1);
}

pub(crate) async fn what_people_do_to_phones_is_noted_without_passwords(bench: Bench) {
    let added = put(&bench, &phone("phone-1"), Some("eva")).await.unwrap();
    let changed = DeviceRecord { account_ids: Vec::new(), ..added };
    let changed = put(&bench, &changed, Some("eva")).await.unwrap();
    put(&bench, &changed.answered(None, bench.now), None).await.unwrap();
    assert!(bench.store.remove_device(&name("phone-1"), "eva", bench.now).await.unwrap());
    assert!(!bench.store.remove_device(&name("phone-1"), "eva", bench.now).await.unwrap());
    let log = bench.store.admin_log(10).await.unwrap();
    let what: Vec<_> = log.iter().rev().map(|entry| entry.what.as_str()).collect();
    assert_eq!(what, ["device.added", "device.changed", "device.removed"]);
    assert!(!format!("{log:?}").contains("secret"), "{log:?}");
}

pub(crate) async fn a_phone_that_was_removed_can_be_added_again(bench: Bench) {
    put(&bench, &phone("phone-1"), Some("eva")).await.unwrap();
    bench.store.remove_device(&name("phone-1"), "eva", bench.now).await.unwrap();
    assert_eq!(bench.store.devices().await.unwrap(), []);
    assert_eq!(bench.store.device(&name("phone-1")).await.unwrap(), None);
    let gone = DeviceRecord { rev: 1, ..phone("phone-1") };
    let asked = put(&bench, &gone, None).await;
    assert!(
        matches!(asked, Err(StoreError::Conflict { .. })),
        "a worker brings none back: {asked:?}"
    );
    assert_eq!(put(&bench, &phone("phone-1"), Some("eva")).await.unwrap().rev, 1);
}

pub(crate) async fn a_phone_that_cannot_work_is_refused(bench: Bench) {
    let bad = DeviceRecord { url: "10.0.0.7".to_owned(), ..phone("phone-1") };
    let asked = put(&bench, &bad, Some("eva")).await;
    assert!(matches!(&asked, Err(StoreError::BadDevice(e)) if e.field == "url"), "{asked:?}");
    assert_eq!(bench.store.devices().await.unwrap(), []);
}
