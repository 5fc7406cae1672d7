//! For whom the app acts, as far as it is known.
//!
//! A page that asks for a person says nothing about whom it asks for, and nothing else can be opened
//! then. So it is kept in mind what the app showed before: whoever was last seen in front is who is
//! asked for. The one idea is not to guess: between two accounts, nobody is in front.

use std::sync::{Arc, Mutex, PoisonError};

use decorum_core::AccountId;

/// Shared by all who drive a phone one after the other under one lease.
#[derive(Clone, Debug, Default)]
pub struct Front(Arc<Mutex<Option<String>>>);

impl Front {
    /// Nobody has looked, and nobody has said.
    pub fn unknown() -> Self {
        Self::default()
    }

    /// This account is believed to be in front.
    pub fn of(account: &AccountId) -> Self {
        let front = Self::unknown();
        front.seen(account.as_str());
        front
    }

    /// Who is in front; `None`: it cannot be told.
    pub fn account(&self) -> Option<AccountId> {
        self.name().and_then(|name| name.parse().ok())
    }

    /// Who is in front, as the app writes it.
    pub(super) fn name(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The app has shown that it acts for this account.
    pub(super) fn seen(&self, account: &str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(account.to_owned());
    }

    /// From now on it may be somebody else.
    pub(super) fn lost(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
