//! What can go wrong with a store, as types a caller can act on.

use std::path::PathBuf;

use decorum_core::{
    AccountId, AlertId, ClaimId, Fence, Holder, SpecError, TaskError, TaskId, Timestamp,
};

/// Trouble with a store. Unless it is [`StoreError::Unknown`], nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store's address cannot be understood.
    #[error("`{given}` is not a store; use sqlite:PATH or mongodb://HOST/DATABASE")]
    BadAddress {
        /// What was given.
        given: String,
    },
    /// A MongoDB address that the driver does not understand.
    #[error(
        "`{given}` is not a MongoDB address: {problem}; use mongodb://HOST[:PORT][,…]/DATABASE"
    )]
    BadMongoAddress {
        /// What was given, without what may be a password.
        given: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The store's address is understood, but cannot be used.
    #[error("`{given}` cannot be used: {problem}")]
    Unusable {
        /// What was given, without any password.
        given: String,
        /// Why not, and what to use instead.
        problem: &'static str,
    },
    /// The file belongs to another program.
    #[error("{} is not a Decorum database ({found}); choose another path with --store", path.display())]
    Foreign {
        /// Which file.
        path: PathBuf,
        /// What it is instead.
        found: String,
    },
    /// Written by a newer Decorum.
    #[error(
        "{} was written by a newer Decorum (layout {found}, this program knows up to {known}); \
         update Decorum", path.display()
    )]
    Newer {
        /// Which file.
        path: PathBuf,
        /// Its layout.
        found: u32,
        /// The newest layout known here.
        known: u32,
    },
    /// A database written by a newer Decorum.
    #[error(
        "{place} was written by a newer Decorum (layout {found}, this program knows up to {known}); \
         update Decorum"
    )]
    NewerPlace {
        /// Which store.
        place: String,
        /// Its layout.
        found: u32,
        /// The newest layout known here.
        known: u32,
    },
    /// Written by an older Decorum, and cannot be brought up to date.
    #[error(
        "{} was written by an older Decorum (layout {found}, this program reads layout {needed}) \
         and cannot be brought up to date where nothing may be written; copy it to a writable place",
        path.display()
    )]
    Older {
        /// Which file.
        path: PathBuf,
        /// Its layout.
        found: u32,
        /// The layout this program reads.
        needed: u32,
    },
    /// Into which another store is being copied.
    #[error(
        "{place} is an unfinished copy of {from}; go on with `decorum store copy {from} {place}`, \
         it can be used after that"
    )]
    HalfCopied {
        /// Which store.
        place: String,
        /// What is copied into it.
        from: String,
    },
    /// Another copy into the same store was begun since.
    #[error("another copy into {place} was begun meanwhile; this one ends, let the other go on")]
    TakenOver {
        /// Which store.
        place: String,
    },
    /// May be read but not written.
    #[error("{place} is read-only; make it writable for this user, or choose another with --store")]
    ReadOnly {
        /// Which store.
        place: String,
    },
    /// The servers do not let us in, or do not let us do what must be done.
    #[error(
        "{place} refuses: {problem}. Check user, password and authSource in the address; the user \
         needs the role `readWrite` on the database"
    )]
    Denied {
        /// Which store.
        place: String,
        /// What the server said.
        problem: String,
    },
    /// No room left.
    #[error(
        "{place} cannot grow: the disk is full. Nobody is engaged until there is room; \
             nothing recorded so far is lost"
    )]
    Full {
        /// Which store.
        place: String,
    },
    /// The content is damaged.
    #[error(
        "{place} is damaged: {problem}. Restore it from a copy; `decorum audit verify` says \
             what is affected"
    )]
    Damaged {
        /// Which store.
        place: String,
        /// What was found.
        problem: String,
    },
    /// Somebody else keeps it busy, longer than we wait.
    #[error("{place} stayed locked by another program for {waited_seconds} s; try again")]
    Busy {
        /// Which store.
        place: String,
        /// How long we waited.
        waited_seconds: u64,
    },
    /// It cannot be reached or opened.
    #[error("{place} cannot be reached: {problem}")]
    Unreachable {
        /// Which store.
        place: String,
        /// What happened.
        problem: String,
    },
    /// It broke off while changing something, and nobody can tell whether it was changed.
    #[error("{place} broke off; whether the change was made is not known: {problem}")]
    Unknown {
        /// Which store.
        place: String,
        /// What happened.
        problem: String,
    },
    /// Somebody else changed it first.
    #[error(
        "the {what} were changed by somebody else meanwhile (version {found}, not {expected}); \
             read them again"
    )]
    Conflict {
        /// What.
        what: &'static str,
        /// The version the caller had read.
        expected: u64,
        /// The version that is there.
        found: u64,
    },
    /// A claim nobody made.
    #[error("there is no claim {0}; claims are made with `POST /api/claims` or by a run")]
    NoSuchClaim(ClaimId),
    /// A claim that is about something else than the caller thinks.
    #[error(
        "claim {0} is about another person, account or action; every wish to engage needs an \
             id of its own"
    )]
    OtherClaim(ClaimId),
    /// A claim whose holder is still at it.
    #[error("claim {claim} is held by {holder} until {until}; it can be reconciled after that")]
    StillHeld {
        /// The claim.
        claim: ClaimId,
        /// Who acts.
        holder: Holder,
        /// Until when nobody else can settle it.
        until: Timestamp,
    },
    /// A claim that may have taken effect, and nobody has looked yet.
    #[error(
        "claim {0} on this person is in doubt: nobody knows yet whether it took effect. Let a run \
             look at the phone, or settle it, and ask again"
    )]
    StillInDoubt(ClaimId),
    /// A lease nobody ever took.
    #[error("there is no lease `{0}`; take it before extending it")]
    NoSuchLease(String),
    /// A token's name that is, or was, somebody else's.
    #[error("there is or was a token named `{0}`, and names are given out once; choose another")]
    NameTaken(String),
    /// A token nobody made.
    #[error("there is no token named `{0}`; `decorum token list` names all")]
    NoSuchToken(String),
    /// A task nobody submitted, or that was cleaned up since.
    #[error("there is no task `{0}`")]
    NoSuchTask(TaskId),
    /// A task that cannot work.
    #[error("the task cannot work: {0}")]
    BadTask(SpecError),
    /// A change that is not possible in the state the task is in.
    #[error("{0}")]
    TaskState(TaskError),
    /// A second task of an account was to be started.
    #[error("another task of account {account} is running; one at a time")]
    AlreadyRunning {
        /// Whose.
        account: AccountId,
    },
    /// A phone that cannot work.
    #[error("the phone cannot work: {0}")]
    BadDevice(SpecError),
    /// A worker that is not the task's any more.
    #[error(
        "task {task} passed to another worker (fence {newest}, not {given}); stop working on it"
    )]
    StaleFence {
        /// Which task.
        task: TaskId,
        /// The fence the worker came with.
        given: Fence,
        /// The task's.
        newest: Fence,
    },
    /// An alert nobody raised.
    #[error("there is no alert {0}")]
    NoSuchAlert(AlertId),
    /// The cursor is not one this store gave out for this query.
    #[error("the cursor is not one of this list; start again without it")]
    BadCursor,
    /// More at once than is allowed.
    #[error("{given} {what} at once; at most {max} are possible")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many.
        given: usize,
        /// How many are possible.
        max: usize,
    },
}

impl From<TaskError> for StoreError {
    fn from(error: TaskError) -> Self {
        match error {
            TaskError::Overtaken { task, given, newest } => {
                Self::StaleFence { task, given, newest }
            }
            other @ TaskError::NotNow { .. } => Self::TaskState(other),
        }
    }
}
