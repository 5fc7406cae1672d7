//! What a run is asked to do.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use decorum_core::classify::RuleError;
use decorum_core::{AccountId, Action, Filters, TaskId, Username};
use decorum_device::AppProfile;
use tokio::sync::watch;

use crate::automator::Front;
use crate::lease::Hold;
use crate::lexicon::Lexicon;

/// The longest comment the platform takes, in characters.
const COMMENT_MAX: usize = 2200;

/// Whom, by whom, how. Built by [`Plan::new`], which refuses what cannot work.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(crate) account: AccountId,
    pub(crate) actions: Vec<Action>,
    pub(crate) targets: Vec<Username>,
    pub(crate) comments: Vec<String>,
    pub(crate) task_id: TaskId,
    pub(crate) wait: bool,
    pub(crate) dry_run: bool,
    pub(crate) switch: bool,
    pub(crate) filters: Filters,
    pub(crate) front: Front,
    pub(crate) loan: Option<Loan>,
    pub(crate) pictures: Option<Duration>,
}

/// Leases that whoever starts a run holds already, and keeps when it is over.
#[derive(Clone, Debug)]
pub struct Loan {
    /// On the account.
    pub account: Arc<Hold>,
    /// On the phone.
    pub phone: Arc<Hold>,
}

/// Why a plan cannot work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Nobody to engage.
    #[error("the list of people is empty; give at least one username")]
    NoTargets,
    /// Nothing to do.
    #[error("no action is given; give at least one of follow, like, comment, view")]
    NoActions,
    /// A comment needs words, and they come from a person.
    #[error("`comment` needs at least one text; give one with --comment TEXT or --comments FILE")]
    NoComments,
    /// A text that cannot be posted.
    #[error("the comment `{start}…` has {len} characters; at most {COMMENT_MAX} are possible")]
    CommentTooLong {
        /// How it begins.
        start: String,
        /// Its length.
        len: usize,
    },
    /// A text that is empty, or with keys in it: typed, a line break could send it too early.
    #[error(
        "the comment `{start}` is empty or has a line break or control character; write it in one line"
    )]
    CommentUnusable {
        /// How it begins.
        start: String,
    },
    /// The account is on its own list.
    #[error("{0} is on its own list of people; take it off")]
    Self_(AccountId),
}

impl Plan {
    /// A plan to engage each of `targets`, in order, by each of `actions`. Repeated names count
    /// once.
    ///
    /// # Errors
    /// What cannot work about it.
    pub fn new(
        account: AccountId,
        actions: &[Action],
        targets: Vec<Username>,
        comments: Vec<String>,
        task_id: TaskId,
    ) -> Result<Self, PlanError> {
        let targets = distinct(targets);
        let actions = distinct(actions.to_vec());
        if targets.is_empty() {
            return Err(PlanError::NoTargets);
        }
        if actions.is_empty() {
            return Err(PlanError::NoActions);
        }
        if actions.contains(&Action::Comment) && comments.is_empty() {
            return Err(PlanError::NoComments);
        }
        let unusable = |c: &&String| c.trim().is_empty() || c.contains(char::is_control);
        if let Some(comment) = comments.iter().find(unusable) {
            let start = comment.chars().take(24).collect::<String>().escape_debug().to_string();
            return Err(PlanError::CommentUnusable { start });
        }
        let too_long = |c: &&String| c.chars().count() > COMMENT_MAX;
        if let Some(comment) = comments.iter().find(too_long) {
            let start = comment.chars().take(24).collect();
            return Err(PlanError::CommentTooLong { start, len: comment.chars().count() });
        }
        if targets.iter().any(|t| t.as_str() == account.as_str()) {
            return Err(PlanError::Self_(account));
        }
        Ok(Self {
            front: Front::of(&account),
            account,
            actions,
            targets,
            comments,
            task_id,
            wait: true,
            dry_run: false,
            switch: false,
            filters: Filters::default(),
            loan: None,
            pictures: None,
        })
    }

    /// Whether to wait out a rest of the account, or to end instead.
    #[must_use]
    pub const fn waiting(mut self, wait: bool) -> Self {
        self.wait = wait;
        self
    }

    /// Whether to read and decide only, and never to act.
    #[must_use]
    pub const fn dry(mut self, dry_run: bool) -> Self {
        self.dry_run = dry_run;
        self
    }

    /// Whether to bring the account to the front, where the app acts for another one that is logged
    /// in on the phone, instead of leaving that to a person.
    #[must_use]
    pub const fn switching(mut self, switch: bool) -> Self {
        self.switch = switch;
        self
    }

    /// With what is known of who is in front on the phone. Unless this is said, the account of the plan
    /// is taken to be: whoever names a phone for an account says so.
    #[must_use]
    pub fn fronted(mut self, front: Front) -> Self {
        self.front = front;
        self
    }

    /// Leaving out people by what their page shows. They are skipped, with a reason that begins with
    /// `filtered_`.
    #[must_use]
    pub fn filtering(mut self, filters: Filters) -> Self {
        self.filters = filters;
        self
    }

    /// Under these leases, instead of leases of its own. They must be for the plan's account and
    /// the phone it is run on.
    #[must_use]
    pub fn lent(mut self, loan: Loan) -> Self {
        self.loan = Some(loan);
        self
    }

    /// With a picture of the phone after an engagement, at most so often ([`crate::run::Tell::keep_picture`]).
    #[must_use]
    pub const fn picturing(mut self, every: Option<Duration>) -> Self {
        self.pictures = every;
        self
    }

    /// Engagements the plan comes to.
    pub const fn size(&self) -> usize {
        self.targets.len() * self.actions.len()
    }
}

fn distinct<T: Clone + Eq + std::hash::Hash>(items: Vec<T>) -> Vec<T> {
    let mut seen = HashSet::with_capacity(items.len());
    items.into_iter().filter(|item| seen.insert(item.clone())).collect()
}

/// What an automator needs to know of the app.
#[derive(Clone)]
pub struct Kit {
    /// How it looks.
    pub profile: Arc<AppProfile>,
    /// What its words mean.
    pub classifier: Arc<Lexicon>,
}

impl Kit {
    /// For the app that `profile` describes.
    ///
    /// # Errors
    /// When a message of the profile is no rule, or gives a phrase a second meaning.
    pub fn of(profile: AppProfile) -> Result<Self, RuleError> {
        let classifier = Arc::new(Lexicon::of(&profile)?);
        Ok(Self { profile: Arc::new(profile), classifier })
    }
}

/// Asks a run to end after the current engagement.
#[derive(Debug)]
pub struct StopSwitch(watch::Sender<bool>);

impl StopSwitch {
    /// A switch and the side that listens to it.
    pub fn new() -> (Self, Stop) {
        let (sender, receiver) = watch::channel(false);
        (Self(sender), Stop(receiver))
    }

    /// Asks. Asking twice is asking once.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

/// The side of a run that listens.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Whether the run was asked to end.
    pub fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is; never returns if the switch is gone without having been used.
    pub async fn asked(&self) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(|asked| *asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
