//! `accounts` and `account_errors`.

use decorum_core::{
    Account, AccountError, AccountId, Checkpoint, Fence, Head, Platform, Swept, Usage,
};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::cell::{self, Cell, cell};
use super::sealed::sealed;
use crate::AccountView;
use crate::sqlite::fault::{Fault, Outcome};

sealed!(
    ACCOUNTS,
    "accounts",
    ["platform", "account_id"],
    ["breaker", "usage", "last_act", "newest_event", "head_seq", "head_hash"],
    later
        ["checkpoint_seq", "checkpoint_hash", "checkpoint_ts", "swept_success", "swept_fence"]
);

sealed!(
    ERRORS,
    "account_errors",
    ["platform", "account_id", "n"],
    ["ts", "error_class", "detail", "event_id"]
);

/// A statement that reads whole rows; made by the compiler, as one is used all the time.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT platform, account_id, breaker, usage, last_act, newest_event, head_seq, ",
            "head_hash, checkpoint_seq, checkpoint_hash, checkpoint_ts, swept_success, ",
            "swept_fence FROM accounts ",
            $rest
        )
    };
}

fn read(row: &Row<'_>) -> Outcome<Account> {
    let account_id: AccountId = cell(row, 1)?.exact()?;
    let rest = || {
        Ok(Account {
            platform: cell(row, 0)?.exact()?,
            account_id: account_id.clone(),
            breaker: cell(row, 2)?.json()?,
            usage: cell(row, 3)?.json()?,
            last_act: cell(row, 4)?.present().map(Cell::instant).transpose()?,
            newest_event: cell(row, 5)?.present().map(Cell::instant).transpose()?,
            head: Head { seq: cell(row, 6)?.count()?, hash: cell(row, 7)?.digest()? },
            checkpoint: read_checkpoint(row)?,
            swept: Swept {
                success: cell(row, 11)?.present().map(Cell::instant).transpose()?,
                fence: Fence::new(cell(row, 12)?.present().map_or(Ok(0), Cell::count)?),
            },
        })
    };
    rest().map_err(|fault: Fault| fault.of(format_args!("account {account_id}")))
}

fn read_checkpoint(row: &Row<'_>) -> Outcome<Option<Checkpoint>> {
    let Some(seq) = cell(row, 8)?.present() else { return Ok(None) };
    let head = Head { seq: seq.count()?, hash: cell(row, 9)?.digest()? };
    Ok(Some(Checkpoint { head, ts: cell(row, 10)?.instant()? }))
}

/// The account, if it was ever heard of.
pub(in crate::sqlite) fn find(
    conn: &Connection,
    platform: Platform,
    account: &AccountId,
) -> Outcome<Option<Account>> {
    let select = select!("WHERE platform = ?1 AND account_id = ?2");
    let mut statement = conn.prepare_cached(select)?;
    let found =
        statement.query_row(params![platform.as_str(), account.as_str()], |row| Ok(read(row)));
    found.optional()?.transpose()
}

/// The account, fresh if it was never heard of.
pub(in crate::sqlite) fn load(
    conn: &Connection,
    platform: Platform,
    account: &AccountId,
) -> Outcome<Account> {
    let found = find(conn, platform, account)?;
    Ok(found.unwrap_or_else(|| Account::new(platform, account.clone())))
}

/// What all accounts together have done in the last day.
pub(in crate::sqlite) fn usage_of_all(conn: &Connection, platform: Platform) -> Outcome<Usage> {
    let mut statement = conn.prepare_cached("SELECT usage FROM accounts WHERE platform = ?1")?;
    let mut rows = statement.query(params![platform.as_str()])?;
    let mut together = Usage::default();
    while let Some(row) = rows.next()? {
        together.add_all(&cell(row, 0)?.json()?);
    }
    Ok(together)
}

/// Every account, by name.
pub(in crate::sqlite) fn all(conn: &Connection) -> Outcome<Vec<Account>> {
    let mut statement = conn.prepare_cached(select!("ORDER BY account_id, platform"))?;
    let mut rows = statement.query([])?;
    let mut accounts = Vec::new();
    while let Some(row) = rows.next()? {
        accounts.push(read(row)?);
    }
    Ok(accounts)
}

/// Writes the account.
pub(in crate::sqlite) fn save(conn: &Connection, account: &Account) -> Outcome<()> {
    ACCOUNTS.put(
        conn,
        &[
            cell::text(account.platform.as_str()),
            cell::text(account.account_id.as_str()),
            cell::json(&account.breaker)?,
            cell::json(&account.usage)?,
            cell::maybe(account.last_act, cell::instant),
            cell::maybe(account.newest_event, cell::instant),
            cell::count(account.head.seq),
            cell::blob(account.head.hash.as_bytes()),
            cell::maybe(account.checkpoint, |c| cell::count(c.head.seq)),
            cell::maybe(account.checkpoint, |c| cell::blob(c.head.hash.as_bytes())),
            cell::maybe(account.checkpoint, |c| cell::instant(c.ts)),
            cell::maybe(account.swept.success, cell::instant),
            cell::maybe((!account.swept.is_nothing()).then_some(account.swept.fence), |f| {
                cell::count(f.get())
            }),
        ],
    )
}

/// Adds to the account's error history, and lets go of what is too old. The account is stored.
pub(in crate::sqlite) fn add_error(
    conn: &Connection,
    platform: Platform,
    account: &AccountId,
    error: &AccountError,
) -> Outcome<()> {
    let newest = "SELECT max(n) FROM account_errors WHERE platform = ?1 AND account_id = ?2";
    let of = params![platform.as_str(), account.as_str()];
    let newest: Option<i64> = conn.prepare_cached(newest)?.query_row(of, |row| row.get(0))?;
    let n = newest.unwrap_or(0) + 1;
    put_error(conn, (platform, account), n, error)?;
    let forget =
        "DELETE FROM account_errors WHERE platform = ?1 AND account_id = ?2 AND n <= ?3 - ?4";
    let kept = i64::try_from(AccountView::ERRORS_KEPT).unwrap_or(i64::MAX);
    conn.prepare_cached(forget)?.execute(params![platform.as_str(), account.as_str(), n, kept])?;
    Ok(())
}

/// Writes an entry of the account's error history under its number.
pub(in crate::sqlite) fn put_error(
    conn: &Connection,
    (platform, account): (Platform, &AccountId),
    n: i64,
    error: &AccountError,
) -> Outcome<()> {
    ERRORS.put(
        conn,
        &[
            cell::text(platform.as_str()),
            cell::text(account.as_str()),
            n.into(),
            cell::instant(error.ts),
            cell::text(error.error_class.as_str()),
            cell::text(error.detail.as_str()),
            cell::maybe(error.event_id, cell::shown),
        ],
    )
}

/// The account's error history, newest first.
pub(in crate::sqlite) fn errors(
    conn: &Connection,
    platform: Platform,
    account: &AccountId,
) -> Outcome<Vec<AccountError>> {
    let numbered = numbered_errors(conn, platform, account)?;
    Ok(numbered.into_iter().map(|(_, error)| error).collect())
}

/// The same, each with the number it is kept under.
pub(in crate::sqlite) fn numbered_errors(
    conn: &Connection,
    platform: Platform,
    account: &AccountId,
) -> Outcome<Vec<(i64, AccountError)>> {
    let sql = "SELECT ts, error_class, detail, event_id, n FROM account_errors
               WHERE platform = ?1 AND account_id = ?2 ORDER BY n DESC";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params![platform.as_str(), account.as_str()])?;
    let mut errors = Vec::new();
    while let Some(row) = rows.next()? {
        let error = || {
            let error = AccountError {
                ts: cell(row, 0)?.instant()?,
                error_class: cell(row, 1)?.exact()?,
                detail: cell(row, 2)?.text()?.to_owned(),
                event_id: cell(row, 3)?.present().map(Cell::exact).transpose()?,
            };
            Ok((cell(row, 4)?.integer()?, error))
        };
        errors.push(error().map_err(|fault: Fault| {
            fault.of(format_args!("the error history (account_errors) of account {account}"))
        })?);
    }
    Ok(errors)
}
