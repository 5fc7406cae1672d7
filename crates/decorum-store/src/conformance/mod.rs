//! One suite that every keeper passes, written against the contract only.
//!
//! One file per capability. A keeper gives [`cases!`] a function that makes an empty store; the
//! macro turns every case into a test of its own, so that a failure names the promise broken.

pub(crate) mod arrange;
pub(crate) mod claim;

/// One `#[tokio::test]` per case, each on a store of its own made by `$empty_store`, a function
/// from nothing to `(Arc<dyn Store>, impl Sized)`; the second part is kept until the case ends.
macro_rules! cases {
    ($empty_store:path: $($capability:ident { $($case:ident),+ $(,)? })+) => {
        $(mod $capability {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $case() {
                let (store, _kept) = $empty_store();
                let bench = $crate::conformance::arrange::Bench::new(store);
                $crate::conformance::$capability::$case(bench).await;
            })+
        })+
    };
}
pub(crate) use cases;

/// All cases there are, for the keeper whose empty stores `$empty_store` makes.
macro_rules! every_case {
    ($empty_store:path) => {
        $crate::conformance::cases! { $empty_store:
            claim { one_key_is_granted_once }
        }
    };
}
pub(crate) use every_case;
