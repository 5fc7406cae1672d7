//! The servers that all tests of a run share.

use std::env;
use std::fmt;

use crate::in_database;

/// Which of the shared servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Without replication.
    Standalone,
    /// Three nodes.
    ReplicaSet,
}

impl Kind {
    /// What `mongod-for-tests` calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standalone => "standalone",
            Self::ReplicaSet => "replica-set",
        }
    }

    /// The environment variable that has its address.
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Standalone => "DECORUM_TEST_MONGODB",
            Self::ReplicaSet => "DECORUM_TEST_MONGODB_REPLICA_SET",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where the shared server is, without a database.
///
/// # Panics
/// When nobody started one: a test that needs a server does not pass without it.
#[expect(clippy::panic, reason = "called by tests alone; they fail with what to do")]
pub fn test_uri(kind: Kind) -> String {
    let variable = kind.variable();
    match env::var(variable) {
        Ok(uri) if !uri.is_empty() => uri,
        _ => panic!(
            "this test needs a MongoDB server ({kind}), and {variable} names none: \
             `make test ARGS=rust` starts one, and so does \
             `scripts/with-mongod cargo nextest run ...`"
        ),
    }
}

/// A database on the shared server that nobody else uses.
///
/// # Panics
/// As [`test_uri`].
pub fn test_database(kind: Kind) -> String {
    in_database(&test_uri(kind), &format!("test-{:016x}", fastrand::u64(..)))
}
