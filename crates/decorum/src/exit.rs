//! Exit codes and how errors become them.
//!
//! | code | meaning |
//! | --- | --- |
//! | 0 | done; people refused by dedup are not a failure |
//! | 1 | failed: some engagements could not be done |
//! | 2 | wrong input or usage; nothing was changed |
//! | 3 | `check`: some no |
//! | 4 | `audit verify`, `cleanup`: the log is broken |
//! | 5 | the account rests, or another worker holds it |
//! | 6 | a person is needed |
//! | 7 | store or phone not reachable |
//! | 130 | interrupted, as shells have it; run again to go on |
//! | 141 | nobody read the result to its end, as shells have it |

use std::process::ExitCode;

use decorum_device::DeviceError;
use decorum_engine::evidence::EvidenceError;
use decorum_store::StoreError;

/// One exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Code(u8);

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(code.0)
    }
}

pub(crate) const DONE: Code = Code(0);
pub(crate) const FAILED: Code = Code(1);
pub(crate) const USAGE: Code = Code(2);
pub(crate) const SOME_NO: Code = Code(3);
pub(crate) const AUDIT_BROKEN: Code = Code(4);
pub(crate) const RESTING: Code = Code(5);
pub(crate) const PERSON_NEEDED: Code = Code(6);
pub(crate) const UNREACHABLE: Code = Code(7);
pub(crate) const INTERRUPTED: Code = Code(130);
pub(crate) const UNREAD: Code = Code(141);

/// An error on its way out: what to say, and with which code to end.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: Code,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(USAGE, message)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let code = match error {
            StoreError::BadAddress { .. }
            | StoreError::BadMongoAddress { .. }
            | StoreError::NewerPlace { .. }
            | StoreError::HalfCopied { .. }
            | StoreError::Unusable { .. }
            | StoreError::Foreign { .. }
            | StoreError::Newer { .. }
            | StoreError::Older { .. }
            | StoreError::BadCursor
            | StoreError::TooMany { .. }
            | StoreError::NameTaken(_)
            | StoreError::NoSuchToken(_)
            | StoreError::NoSuchClaim(_)
            | StoreError::NoSuchTask(_)
            | StoreError::NoSuchAlert(_)
            | StoreError::BadTask(_)
            | StoreError::BadDevice(_) => USAGE,
            StoreError::Conflict { .. } => FAILED,
            StoreError::StillHeld { .. } => RESTING,
            StoreError::StillInDoubt(_) => PERSON_NEEDED,
            _ => UNREACHABLE,
        };
        Self::new(code, error.to_string())
    }
}

impl From<EvidenceError> for Failure {
    fn from(error: EvidenceError) -> Self {
        match error {
            EvidenceError::Store(error) => error.into(),
            stuck @ EvidenceError::Stuck { .. } => Self::new(FAILED, stuck.to_string()),
        }
    }
}

impl From<DeviceError> for Failure {
    fn from(error: DeviceError) -> Self {
        Self::new(UNREACHABLE, error.to_string())
    }
}

/// What an error on standard output means. A reader who left early has not seen how it went, so
/// that is not called done.
pub(crate) fn output(error: &std::io::Error) -> Failure {
    if error.kind() == std::io::ErrorKind::BrokenPipe {
        return Failure::new(UNREAD, "");
    }
    Failure::new(FAILED, format!("the result could not be written: {error}"))
}
