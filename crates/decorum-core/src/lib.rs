//! The pure decisions of Decorum: may we, what now, what did the app say, is the log whole.
//!
//! No function here does IO, reads a clock or draws a random number: instants, jitter, ids and
//! salts come in as arguments. So every decision can be replayed, and tested by the million.
//!
//! Reading order: [`words`] and [`outcome`] name things; [`policy`], [`breaker`], [`budget`] and
//! [`ramp`] each decide one thing; [`engage`] puts them together; [`chain`] makes the result evidence;
//! [`retention`] and [`erasure`] say what of it may go; [`task`] says what is to be done next, and
//! where.

pub mod account;
pub mod alert;
pub mod breaker;
pub mod budget;
pub mod chain;
pub mod claim;
pub mod classify;
pub mod device;
pub mod engage;
pub mod erasure;
pub mod event;
pub mod ids;
pub mod lease;
pub mod metadata;
pub mod outcome;
pub mod policy;
pub mod ramp;
pub mod refusal;
pub mod retention;
pub mod settings;
pub mod task;
pub mod timestamp;
pub mod username;
pub mod words;

pub use account::{Account, AccountError};
pub use alert::{Alert, AlertKind};
pub use breaker::{Breaker, HaltReason, Jitter, Signal};
pub use budget::{Usage, Window};
pub use chain::{Checkpoint, Digest, Head, Salt};
pub use claim::{Claim, Hold, Last, Latest};
pub use device::{DeviceRecord, DeviceState, InFront};
pub use engage::{ClaimRequest, Finding, Imported, Observation, Report, Seen};
pub use erasure::SuppressionKey;
pub use event::{Event, Key, Stamp};
pub use ids::{AlertId, ClaimId, DeviceId, EventId, Fence, Holder, IdError, SessionId, TaskId};
pub use lease::{Held, Lease};
pub use metadata::{Metadata, MetadataError};
pub use outcome::{Outcome, OutcomeError, Skip};
pub use ramp::Ramp;
pub use refusal::{Refusal, RefusalReason};
pub use retention::Swept;
pub use settings::{
    Budgets, Cap, Change, DedupScope, MessageRule, QuietHours, Settings, SettingsError,
};
pub use task::{
    Candidate, CandidateState, Crawl, FilterReason, Filters, Hashtag, NewCandidate, ProfileFacts,
    Progress, Schedule, Source, SpecError, Task, TaskChange, TaskError, TaskKind, TaskSpec,
    TaskState, TaskStateName, WaitReason, Wish,
};
pub use timestamp::{Timestamp, TimestampError};
pub use username::{AccountId, NameError, Username};
pub use words::{Action, ErrorClass, Platform, Role, Status, WordError};
