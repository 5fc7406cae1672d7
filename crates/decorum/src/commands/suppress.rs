//! `decorum suppress`: people who must never be contacted.

use decorum_core::Platform;

use super::check::users;
use crate::args::{Common, Suppress};
use crate::console::{count, say};
use crate::exit::{self, Code, Failure};
use crate::place::{self, Access};

pub(crate) async fn suppress(common: &Common, args: &Suppress) -> Result<Code, Failure> {
    let users = users(&args.users)?;
    let store = place::open_store(common, Access::Write).await?;
    let new = store
        .suppress(Platform::Instagram, &users, args.note.as_deref(), &place::who(), place::now())
        .await?;
    store.close().await?;
    say(&format!(
        "{} added, {} on the list before; nobody on it is engaged, by any account",
        count(new, "person", "people"),
        users.len() - new
    ));
    Ok(exit::DONE)
}
