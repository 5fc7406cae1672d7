//! A pool: one line for each person followed. Three layouts in the course of time:
//!
//! ```text
//! username,
//! 2018-05-01 10:30 ~ username,
//! 2018-05-01 10:30 ~ username ~ 1234567,
//! ```
//!
//! `NAME_followedPool.csv` loses a person who is unfollowed; `NAME_record_all_followed.csv`
//! never does.

use std::io::{BufRead, BufReader, Read};

use decorum_core::{AccountId, Action, Metadata};

use super::InPools;
use crate::sink::{DONE, Found, Halt, InFile, Sink};
use crate::time::local_time;
use crate::{ImportError, LeftOut, Spot};

/// The longest line: a hundred times a real one.
const LINE_MAX: u64 = 8 * 1024;

/// The account in the name of a pool.
pub(super) fn account_of(file: &str) -> Option<AccountId> {
    let name = file
        .strip_suffix("_followedPool.csv")
        .or_else(|| file.strip_suffix("_record_all_followed.csv"))?;
    name.parse().ok()
}

pub(super) fn read(
    file: &InFile,
    bytes: impl Read,
    account: &AccountId,
    in_pools: &mut InPools,
    sink: &mut Sink<'_>,
) -> Result<(), Halt> {
    let other = sink.options.account.as_ref().is_some_and(|only| only != account);
    let mut bytes = BufReader::new(bytes);
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let read = bytes.by_ref().take(LINE_MAX).read_until(b'\n', &mut line);
        read.map_err(|e| ImportError::Unreadable { file: file.name().to_owned(), problem: e })?;
        if line.is_empty() {
            break;
        }
        let place = file.at(Spot::Line(number));
        let damaged = |problem: &str| ImportError::damaged(place.clone(), problem);
        if line.len() as u64 == LINE_MAX {
            return Err(damaged("the line is longer than any of a pool").into());
        }
        let text = std::str::from_utf8(&line).map_err(|_| damaged("it is no text in UTF-8"))?;
        let whole = text.ends_with('\n');
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() {
            continue;
        }
        // Half a name may be the name of somebody else.
        if !whole && !text.ends_with(',') {
            return Err(damaged("the file ends in the middle of the line").into());
        }
        let parts: Vec<&str> = text.trim_end_matches(',').split('~').map(str::trim).collect();
        let (time, name) = match parts.as_slice() {
            [name] => (None, *name),
            [time, name] | [time, name, _] => (Some(*time), *name),
            _ => return Err(damaged("more than a time, a name and a number").into()),
        };
        if name.contains(',') || name.is_empty() {
            return Err(damaged("it is no line of a pool (TIME ~ NAME ~ NUMBER,)").into());
        }
        if other {
            sink.left_out(LeftOut::OtherAccount, place)?;
            continue;
        }
        let happened_at =
            time.and_then(|time| local_time(time, &sink.options.zone)).map(Into::into);
        if let (Some(time), None) = (time, happened_at) {
            let shown: String = time.chars().take(60).collect();
            sink.bad(format!("`{shown}` is not a time"), place)?;
            continue;
        }
        let found = Found {
            account_id: account.clone(),
            names: &[name],
            action: Action::Follow,
            outcome: DONE,
            reason: None,
            happened_at,
            metadata: Metadata::default(),
        };
        if let Some(name) = sink.found(found, place)? {
            in_pools.insert((account.clone(), name));
        }
    }
    Ok(())
}
