//! Where the readers put what they find, and the checks that are the same for all of them.

use std::ops::ControlFlow;
use std::sync::Arc;

use decorum_core::{AccountId, Action, Metadata, Outcome, Username};

use crate::time::{LAUNCH, Moment};
use crate::{Engagement, ImportError, Item, LeftOut, Options, Place, Spot};

/// Why reading ends before the end.
#[derive(Debug)]
pub(crate) enum Halt {
    /// The caller has enough.
    Stopped,
    /// The file is not to be believed.
    Failed(ImportError),
}

impl From<ImportError> for Halt {
    fn from(error: ImportError) -> Self {
        Self::Failed(error)
    }
}

impl Halt {
    pub(crate) fn into_result(ended: Result<(), Self>) -> Result<(), ImportError> {
        match ended {
            Ok(()) | Err(Self::Stopped) => Ok(()),
            Err(Self::Failed(error)) => Err(error),
        }
    }
}

/// An engagement before its name and time have been looked at.
pub(crate) struct Found<'n> {
    pub(crate) account_id: AccountId,
    /// What may be the name; the first that can be one is.
    pub(crate) names: &'n [&'n str],
    pub(crate) action: Action,
    pub(crate) outcome: Outcome,
    pub(crate) reason: Option<&'static str>,
    pub(crate) happened_at: Option<Moment>,
    pub(crate) metadata: Metadata,
}

/// See the module's documentation.
pub(crate) struct Sink<'a> {
    pub(crate) options: &'a Options,
    each: &'a mut dyn FnMut(Item) -> ControlFlow<()>,
}

impl<'a> Sink<'a> {
    pub(crate) fn new(
        options: &'a Options,
        each: &'a mut dyn FnMut(Item) -> ControlFlow<()>,
    ) -> Self {
        Self { options, each }
    }

    fn put(&mut self, item: Item) -> Result<(), Halt> {
        match (self.each)(item) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Halt::Stopped),
        }
    }

    pub(crate) fn left_out(&mut self, why: LeftOut, place: Place) -> Result<(), Halt> {
        self.put(Item::LeftOut { why, place })
    }

    pub(crate) fn bad(&mut self, problem: impl Into<String>, place: Place) -> Result<(), Halt> {
        self.put(Item::Bad { problem: problem.into(), place })
    }

    /// An engagement, if its name and its time are possible. Names whom, if they are.
    pub(crate) fn found(
        &mut self,
        found: Found<'_>,
        place: Place,
    ) -> Result<Option<Username>, Halt> {
        let named: Vec<&str> =
            found.names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()).collect();
        let Some(first) = named.first() else {
            self.left_out(LeftOut::NobodyNamed, place)?;
            return Ok(None);
        };
        let name = named.iter().find_map(|name| name.parse::<Username>().ok());
        let target_username = match name.map_or_else(|| first.parse::<Username>(), Ok) {
            Ok(name) => name,
            Err(error) => {
                self.bad(error.to_string(), place)?;
                return Ok(None);
            }
        };
        if target_username.as_str() == found.account_id.as_str() {
            self.left_out(LeftOut::Oneself, place)?;
            return Ok(None);
        }
        if let Some(moment) = found.happened_at
            && moment.at < LAUNCH
        {
            let at = moment.at;
            self.bad(format!("{at} is before Instagram was launched; is it a bad date?"), place)?;
            return Ok(None);
        }
        if let Some(moment) = found.happened_at
            && moment.earliest > self.options.now
        {
            let (at, now) = (moment.at, self.options.now);
            self.bad(format!("{at} is yet to come; it is {now} now"), place)?;
            return Ok(None);
        }
        self.put(Item::Engagement(Box::new(Engagement {
            account_id: found.account_id,
            target_username: target_username.clone(),
            action: found.action,
            outcome: found.outcome,
            reason: found.reason,
            happened_at: found.happened_at.map(|moment| moment.at),
            metadata: found.metadata,
            place,
        })))?;
        Ok(Some(target_username))
    }

    /// The account that a file or a folder names, or that was given.
    pub(crate) fn account(
        &self,
        file: &str,
        named: Option<AccountId>,
    ) -> Result<AccountId, ImportError> {
        match (named, &self.options.account) {
            (Some(found), Some(given)) if found != *given => Err(ImportError::OtherAccount {
                file: file.to_owned(),
                found,
                given: given.clone(),
            }),
            (Some(found), _) => Ok(found),
            (None, Some(given)) => Ok(given.clone()),
            (None, None) => Err(ImportError::NoAccount { file: file.to_owned() }),
        }
    }
}

/// A success that somebody remembers.
pub(crate) const DONE: Outcome = Outcome::Success { presumed: false };

/// Places in one file.
#[derive(Clone, Debug)]
pub(crate) struct InFile(pub(crate) Arc<str>);

impl InFile {
    pub(crate) fn new(name: &str) -> Self {
        Self(name.into())
    }

    pub(crate) fn at(&self, spot: Spot) -> Place {
        Place { file: Arc::clone(&self.0), spot }
    }

    pub(crate) fn whole(&self) -> Place {
        self.at(Spot::Whole)
    }

    pub(crate) fn name(&self) -> &str {
        &self.0
    }
}
