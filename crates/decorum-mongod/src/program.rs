//! Where the server program is.

use std::env;
use std::path::{Path, PathBuf};

use crate::Error;

/// The one that `DECORUM_MONGOD` names, otherwise the one that `scripts/ensure mongod` put into
/// the tools folder.
pub(crate) fn find() -> Result<PathBuf, Error> {
    let path = match env::var_os("DECORUM_MONGOD") {
        Some(named) if !named.is_empty() => named.into(),
        _ => tools().join("mongodb/bin/mongod"),
    };
    if path.is_file() { Ok(path) } else { Err(Error::NoProgram { path }) }
}

fn tools() -> PathBuf {
    match env::var_os("DECORUM_TOOLS_DIR") {
        Some(named) if !named.is_empty() => named.into(),
        _ => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools"),
    }
}
