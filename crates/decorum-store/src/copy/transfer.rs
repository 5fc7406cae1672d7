//! What a keeper offers beyond [`Store`] so that it can be copied, and copied into.

use async_trait::async_trait;
use decorum_core::{AccountId, Key, Latest, Lease, SuppressionKey, Task, TaskId};

use super::{Mark, Record};
use crate::{Counts, SettingsVersion, Store, StoreError};

/// A store that can be copied. Lists come in one order, the same in every keeper, a page at a time.
#[async_trait]
pub trait Transfer: Store {
    /// What to type to open it again, without any password.
    fn address(&self) -> String;

    /// The mark of an unfinished copy, if this is one.
    async fn mark(&self) -> Result<Option<Mark>, StoreError>;

    /// Marks this store as an unfinished copy, taking over from any other attempt.
    async fn set_mark(&self, mark: &Mark) -> Result<(), StoreError>;

    /// Takes the mark off, if it still is this one.
    ///
    /// # Errors
    /// [`StoreError::TakenOver`] if it is not.
    async fn unmark(&self, mark: &Mark) -> Result<(), StoreError>;

    /// Whether nothing was ever stored here.
    async fn is_empty(&self) -> Result<bool, StoreError>;

    /// Number of the account's newest event that is here, 0 if there is none.
    async fn newest_event(&self, account: &AccountId) -> Result<u64, StoreError>;

    /// The settings, if somebody stored any.
    async fn stored_settings(&self) -> Result<Option<SettingsVersion>, StoreError>;

    /// What tells erased people on the suppression list, if anybody was ever erased.
    async fn suppression_key(&self) -> Result<Option<SuppressionKey>, StoreError>;

    /// The account's dedup rows by person and action.
    async fn rows(
        &self,
        account: &AccountId,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<(Key, Latest)>, StoreError>;

    /// What is counted of an account.
    async fn counts(&self, account: &AccountId) -> Result<Counts, StoreError>;

    /// All leases, by name.
    async fn leases(&self) -> Result<Vec<Lease>, StoreError>;

    /// Tasks by id, after this one.
    async fn tasks_by_id(
        &self,
        after: Option<&TaskId>,
        limit: usize,
    ) -> Result<Vec<Task>, StoreError>;

    /// Stores records as they are, over what is there.
    ///
    /// # Errors
    /// [`StoreError::TakenOver`] if the store's mark is not this one.
    async fn take_in(&self, mark: &Mark, records: Vec<Record>) -> Result<(), StoreError>;

    /// Removes the account's events up to this number.
    ///
    /// # Errors
    /// [`StoreError::TakenOver`] if the store's mark is not this one.
    async fn remove_events(
        &self,
        mark: &Mark,
        account: &AccountId,
        through: u64,
    ) -> Result<(), StoreError>;

    /// Removes everything but accounts, events and the mark.
    ///
    /// # Errors
    /// [`StoreError::TakenOver`] if the store's mark is not this one.
    async fn clear_all_but_events(&self, mark: &Mark) -> Result<(), StoreError>;
}
