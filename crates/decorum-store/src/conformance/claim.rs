//! Claims: at most one per key, durable, and never twice in a window.

use decorum_core::RefusalReason::{AlreadyEngaged, Claimed};

use super::arrange::{Bench, follow};

pub(crate) async fn one_key_is_granted_once(bench: Bench) {
    let claim = bench.claim(follow("mia")).await;
    assert_eq!(bench.refused(follow("mia")).await, Claimed);
    bench.settle(&claim, follow("mia"), super::arrange::SUCCESS).await;
    assert_eq!(bench.refused(follow("mia")).await, AlreadyEngaged);
    assert_eq!(bench.store.inspect().await.unwrap(), Vec::<String>::new());
}
