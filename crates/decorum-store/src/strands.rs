//! Which index a page of the log is read from: shared by the keepers, decided here and not by a
//! planner, which has no statistics and must not surprise anybody at a million events.
//!
//! The cost of a page shall depend neither on how deep it lies, nor on how long the log is, nor on
//! how rare what it asks for is. A person and a task have few events: theirs are read over. What
//! else can be asked for are account and phone, and what kind of event it was: action, status and
//! class, which have few values. Within one account, phone and kind events stand in the order of
//! time; such a row of them is a *strand*. A page is merged from the strands that fit: one is as
//! quickly found in a long log as in a short one, and an empty one costs no more than a look.

use decorum_core::{Action, ErrorClass, Status};

use crate::EventFilter;

/// An index of events. All end in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Index {
    /// By account, person and action.
    Key,
    /// By person.
    Target,
    /// By task.
    Task,
    /// By time alone.
    Ts,
    /// By account.
    Account,
    /// By phone.
    Device,
    /// By status.
    Status,
    /// By class.
    Class,
    /// By kind.
    Kind,
    /// By account and kind.
    AccountKind,
    /// By phone and kind.
    DeviceKind,
    /// By account, phone and kind.
    AccountDeviceKind,
}

impl Index {
    /// What it is called in a store.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Key => "events_key",
            Self::Target => "events_target",
            Self::Task => "events_task",
            Self::Ts => "events_ts",
            Self::Account => "events_account",
            Self::Device => "events_device",
            Self::Status => "events_status",
            Self::Class => "events_class",
            Self::Kind => "events_kind",
            Self::AccountKind => "events_account_kind",
            Self::DeviceKind => "events_device_kind",
            Self::AccountDeviceKind => "events_account_device_kind",
        }
    }
}

/// Kinds of events: every combination of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kinds {
    pub(crate) actions: Vec<Action>,
    pub(crate) statuses: Vec<Status>,
    pub(crate) classes: Vec<Option<ErrorClass>>,
}

impl Kinds {
    fn of(filter: &EventFilter) -> Self {
        let classes = || ErrorClass::ALL.iter().copied().map(Some).chain([None]).collect();
        Self {
            actions: filter.action.map_or_else(|| Action::ALL.to_vec(), |one| vec![one]),
            statuses: filter.status.map_or_else(|| Status::ALL.to_vec(), |one| vec![one]),
            classes: filter.error_class.map_or_else(classes, |one| vec![Some(one)]),
        }
    }

    /// Each of them.
    pub(crate) fn each(&self) -> impl Iterator<Item = (Action, Status, Option<ErrorClass>)> {
        self.actions.iter().flat_map(move |action| {
            self.statuses.iter().flat_map(move |status| {
                self.classes.iter().map(move |class| (*action, *status, *class))
            })
        })
    }

    /// The same in portions of at most `most`, as far as parting the actions goes.
    pub(crate) fn portions(self, most: usize) -> Vec<Self> {
        let each = self.statuses.len() * self.classes.len();
        let together = (most / each.max(1)).max(1);
        let portion = |actions: &[Action]| Self { actions: actions.to_vec(), ..self.clone() };
        self.actions.chunks(together).map(portion).collect()
    }
}

/// How a page is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    /// Where it is read.
    pub(crate) index: Index,
    /// If it is merged from strands: of which kinds.
    pub(crate) kinds: Option<Kinds>,
}

impl Way {
    pub(crate) fn of(filter: &EventFilter) -> Self {
        let straight = |index| Self { index, kinds: None };
        let EventFilter {
            account_id: account,
            target_username: target,
            action,
            status,
            error_class: class,
            task_id: task,
            device_id: device,
            from: _,
            to: _,
        } = filter;
        if target.is_some() {
            let whole = account.is_some() && action.is_some();
            return straight(if whole { Index::Key } else { Index::Target });
        }
        if task.is_some() {
            return straight(Index::Task);
        }
        let merged = |index| Self { index, kinds: Some(Kinds::of(filter)) };
        match (account, device, (action, status, class)) {
            (None, None, (None, None, None)) => straight(Index::Ts),
            (None, None, (None, Some(_), None)) => straight(Index::Status),
            (None, None, (None, None, Some(_))) => straight(Index::Class),
            (Some(_), None, (None, None, None)) => straight(Index::Account),
            (None, Some(_), (None, None, None)) => straight(Index::Device),
            (None, None, _) => merged(Index::Kind),
            (Some(_), None, _) => merged(Index::AccountKind),
            (None, Some(_), _) => merged(Index::DeviceKind),
            (Some(_), Some(_), _) => merged(Index::AccountDeviceKind),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Kinds, Way};
    use crate::EventFilter;

    #[test]
    fn portions_hold_each_kind_once() {
        let all = Kinds::of(&EventFilter::default());
        let portions = all.clone().portions(200);
        assert!(portions.len() > 1);
        assert!(portions.iter().all(|portion| portion.each().count() <= 200));
        let parted: Vec<_> = portions.iter().flat_map(Kinds::each).collect();
        assert_eq!(parted, all.each().collect::<Vec<_>>());
    }

    #[test]
    fn a_person_is_looked_for_by_their_name_whatever_else_is_asked() {
        let name = || "mia".parse().ok();
        let about = EventFilter { target_username: name(), ..EventFilter::default() };
        let device_id = "phone-1".parse().ok();
        let rare = EventFilter { device_id, ..about.clone() };
        assert_eq!(Way::of(&rare), Way::of(&about));
    }
}
