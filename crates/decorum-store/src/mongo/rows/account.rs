//! `accounts`: one document per acting account, and what its newest step still has to write.
//!
//! Behind the seal stand `rev`, the number of the account's newest step, and `pending`, what that
//! step writes elsewhere; see [`crate::mongo::step`].

use decorum_core::{Account, AccountError, AccountId, Checkpoint, Fence, Head, Platform, Swept};
use mongodb::bson::Document;

use crate::mongo::fault::Outcome;
use crate::mongo::fields::{self, Field, Fields, Writing};
use crate::mongo::pending::Pending;
use crate::mongo::seal::sealed;

/// An account as it is stored.
#[derive(Clone, Debug)]
pub(in crate::mongo) struct Stored {
    pub(in crate::mongo) account: Account,
    /// How many errors it had so far; the newest hundred are kept.
    pub(in crate::mongo) errors: u64,
    /// Number of its newest step.
    pub(in crate::mongo) rev: i64,
    /// What that step, or an older one, writes elsewhere.
    pub(in crate::mongo) pending: Option<Pending>,
}

/// The `_id` of an account.
pub(in crate::mongo) fn id(platform: Platform, account: &AccountId) -> String {
    format!("{platform}/{account}")
}

impl Stored {
    /// An account nobody has heard of before.
    pub(in crate::mongo) fn fresh(platform: Platform, account: AccountId) -> Self {
        Self { account: Account::new(platform, account), errors: 0, rev: 0, pending: None }
    }

    pub(in crate::mongo) fn write(&self) -> Outcome<Document> {
        let Account {
            platform,
            account_id,
            breaker,
            usage,
            last_act,
            newest_event,
            head,
            checkpoint,
            swept,
        } = &self.account;
        let document = Writing::new()
            .with("_id", id(*platform, account_id))
            .with("platform", platform.as_str())
            .with("account_id", account_id.as_str())
            .with("breaker", fields::structure(breaker)?)
            .with("usage", fields::structure(usage)?)
            .maybe("last_act", last_act.map(fields::instant))
            .maybe("newest_event", newest_event.map(fields::instant))
            .with("head_seq", fields::count(head.seq))
            .with("head_hash", fields::bytes(head.hash.as_bytes()))
            .maybe("checkpoint_seq", checkpoint.map(|c| fields::count(c.head.seq)))
            .maybe("checkpoint_hash", checkpoint.map(|c| fields::bytes(c.head.hash.as_bytes())))
            .maybe("checkpoint_ts", checkpoint.map(|c| fields::instant(c.ts)))
            .maybe("swept_success", swept.success.map(fields::instant))
            .with("swept_fence", fields::count(swept.fence.get()))
            .with("errors", fields::count(self.errors))
            .done();
        let mut document = sealed(document)?;
        document.insert("rev", self.rev);
        if let Some(pending) = &self.pending {
            document.insert("pending", pending.write());
        }
        Ok(document)
    }
}

pub(in crate::mongo) fn read(document: &Document) -> Outcome<Stored> {
    let name = document.get_str("_id").unwrap_or("without a name");
    read_fields(Fields(document)).map_err(|fault| fault.of(format_args!("account {name}")))
}

fn read_fields(row: Fields<'_>) -> Outcome<Stored> {
    let account = Account {
        platform: row.get("platform")?.exact()?,
        account_id: row.get("account_id")?.exact()?,
        breaker: row.get("breaker")?.structure()?,
        usage: row.get("usage")?.structure()?,
        last_act: row.maybe("last_act").map(Field::instant).transpose()?,
        newest_event: row.maybe("newest_event").map(Field::instant).transpose()?,
        head: Head { seq: row.get("head_seq")?.count()?, hash: row.get("head_hash")?.digest()? },
        checkpoint: row.maybe("checkpoint_seq").map(|seq| checkpoint(row, seq)).transpose()?,
        swept: Swept {
            success: row.maybe("swept_success").map(Field::instant).transpose()?,
            fence: Fence::new(row.get("swept_fence")?.count()?),
        },
    };
    Ok(Stored {
        account,
        errors: row.get("errors")?.count()?,
        rev: row.get("rev")?.integer()?,
        pending: row.maybe("pending").map(|p| p.document().and_then(Pending::read)).transpose()?,
    })
}

fn checkpoint(row: Fields<'_>, seq: Field<'_>) -> Outcome<Checkpoint> {
    let head = Head { seq: seq.count()?, hash: row.get("checkpoint_hash")?.digest()? };
    Ok(Checkpoint { head, ts: row.get("checkpoint_ts")?.instant()? })
}

/// An entry of the error history, the `n`th of its account.
pub(in crate::mongo) fn write_error(
    account: (Platform, &AccountId),
    n: u64,
    error: &AccountError,
) -> Outcome<Document> {
    let (platform, name) = account;
    let document = Writing::new()
        .with("_id", format!("{platform}/{name}/{n:012}"))
        .with("platform", platform.as_str())
        .with("account_id", name.as_str())
        .with("n", fields::count(n))
        .with("ts", fields::instant(error.ts))
        .with("error_class", error.error_class.as_str())
        .with("detail", error.detail.as_str())
        .maybe("event_id", error.event_id.map(|id| id.to_string()))
        .done();
    sealed(document)
}

pub(in crate::mongo) fn read_error(document: &Document) -> Outcome<AccountError> {
    let row = Fields(document);
    Ok(AccountError {
        ts: row.get("ts")?.instant()?,
        error_class: row.get("error_class")?.exact()?,
        detail: row.get("detail")?.owned()?,
        event_id: row.maybe("event_id").map(Field::exact).transpose()?,
    })
}
