//! Claims and commits of an SQLite store, beside bare SQLite that runs the same statements in the
//! same batches.
//!
//! The reference takes its tables and indexes from the file the store made, reads what the store
//! reads, and writes the rows that the store wrote, in the order it wrote them: so many claims in one
//! transaction, then their commits in the next, each in a savepoint. What the store adds is
//! deciding, hashing, and handing requests from many tasks to one thread and answers back.

use std::io::{Seek as _, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use decorum_store::open_store;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use tempfile::TempDir;

use crate::book::{Goal, Row, Section, Unit};
use crate::engagement::{Failed, at_once, unhurried};
use crate::scale::Scale;

/// Accounts at the same time, and engagements of each in one sample.
const SHAPES: [(usize, usize); 2] = [(1, 200), (16, 50)];

const ABOUT: &str = "A claim and then its outcome, each durable before it is answered. The \
    reference is bare SQLite with the same tables, indexes and settings, which reads what the store \
    reads and writes the rows that the store wrote, in the same transactions: what is left is what \
    the store adds by deciding, hashing, and handing requests to the one thread that writes. Many \
    accounts share a sync (group commit), and so do the statements of the reference.";

pub(crate) fn claim_and_commit(scale: &Scale) -> Result<Vec<Section>, Failed> {
    let mut section = Section::new("Claim and commit (SQLite)", ABOUT);
    section.add(Row::timed("a page synced to this disk", Unit::Micros, &syncs()?));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build()?;
    let settings = Arc::new(unhurried()?);
    for (accounts, each) in SHAPES {
        let each = scale.of(each, 5);
        let dir = TempDir::new()?;
        let file = dir.path().join("decorum.db");
        let store = runtime.block_on(open_store(&format!("sqlite:{}", file.display())))?;
        let theirs = Connection::open(&file)?;
        let bare = Bare::like(&theirs, &dir.path().join("bare.db"))?;
        let (mut ours, mut reference) = (Vec::new(), Vec::new());
        let engagements = u32::try_from(accounts * each)?;
        for sample in 0..scale.samples(11) {
            let prefix = format!("s{sample}_");
            let started = Instant::now();
            runtime.block_on(at_once(&store, &settings, &prefix, (accounts, each)))?;
            ours.push(started.elapsed() / engagements);
            let written = Written::read(&theirs, &prefix, (accounts, each))?;
            reference.push(bare.run(&written)? / engagements);
        }
        bare.holds_as_much_as(&theirs)?;
        let what = match accounts {
            1 => "one account".to_owned(),
            many => format!("{many} accounts at once"),
        };
        let row = Row::timed(what, Unit::PerSecond, &ours).beside_timed(&reference);
        section.add(row.goal(Goal::RatioAtLeast(0.7)));
        runtime.block_on(store.close())?;
    }
    section.draw_rows("claims-sqlite", "Claims and commits a second (SQLite)", Unit::PerSecond);
    Ok(vec![section])
}

/// How long it takes to have a page on the disk: what durable writes wait for.
fn syncs() -> Result<Vec<Duration>, Failed> {
    let mut file = tempfile::tempfile()?;
    let mut took = Vec::new();
    for _ in 0..50 {
        let started = Instant::now();
        file.rewind()?;
        file.write_all(&[1; 4096])?;
        file.sync_data()?;
        took.push(started.elapsed());
    }
    Ok(took)
}

/// What the store wrote for the accounts of one sample.
struct Written {
    accounts: Vec<Account>,
}

struct Account {
    row: Vec<Value>,
    /// Event and dedup row of each engagement, in order.
    engagements: Vec<(Vec<Value>, Vec<Value>)>,
}

impl Written {
    fn read(db: &Connection, prefix: &str, (many, each): (usize, usize)) -> Result<Self, Failed> {
        let mut accounts = Vec::new();
        for account in 0..many {
            let name = Value::from(format!("{prefix}{account}_account"));
            let all = |sql: &str| rows(db, sql, std::slice::from_ref(&name));
            let mut row = all("SELECT * FROM accounts WHERE account_id = ?1")?;
            let events =
                all("SELECT * FROM interactions_events WHERE account_id = ?1 ORDER BY seq")?;
            let latest = all("SELECT l.* FROM interactions_latest l JOIN interactions_events e
                   ON e.id = l.last_event_id WHERE l.account_id = ?1 ORDER BY e.seq")?;
            if events.len() != each || latest.len() != each {
                return Err("the store did not write what it was given".into());
            }
            let row = row.pop().ok_or("the store forgot an account")?;
            accounts.push(Account { row, engagements: events.into_iter().zip(latest).collect() });
        }
        Ok(Self { accounts })
    }
}

fn rows(db: &Connection, sql: &str, values: &[Value]) -> Result<Vec<Vec<Value>>, rusqlite::Error> {
    let mut statement = db.prepare_cached(sql)?;
    let columns = statement.column_count();
    let rows = statement.query_map(params_from_iter(values), |row| {
        (0..columns).map(|column| row.get(column)).collect()
    })?;
    rows.collect()
}

/// A table, as the reference writes it.
struct Table {
    columns: Vec<String>,
    write: String,
}

impl Table {
    fn of(db: &Connection, name: &str, upsert: bool) -> Result<Self, Failed> {
        let mut statement = db.prepare("SELECT name, pk FROM pragma_table_info(?1)")?;
        let columns: Vec<(String, i64)> = statement
            .query_map([name], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let list = |of: &mut dyn Iterator<Item = String>| of.collect::<Vec<_>>().join(", ");
        let all = list(&mut columns.iter().map(|(name, _)| name.clone()));
        let places = list(&mut (1..=columns.len()).map(|n| format!("?{n}")));
        let mut write = format!("INSERT INTO {name} ({all}) VALUES ({places})");
        if upsert {
            let key = columns.iter().filter(|(_, pk)| *pk > 0).map(|(name, _)| name.clone());
            let rest = columns.iter().filter(|(_, pk)| *pk == 0);
            let set = rest.map(|(name, _)| format!("{name} = excluded.{name}"));
            let (key, set) = (list(&mut { key }), list(&mut { set }));
            write = format!("{write} ON CONFLICT ({key}) DO UPDATE SET {set}");
        }
        Ok(Self { columns: columns.into_iter().map(|(name, _)| name).collect(), write })
    }

    fn place(&self, column: &str) -> Result<usize, Failed> {
        let found = self.columns.iter().position(|name| name == column);
        found.ok_or_else(|| format!("there is no column {column} any more").into())
    }
}

/// What is read before anything is decided.
struct Reads {
    by_claim: String,
    of_claim: String,
    account: String,
    latest: String,
}

const SETTINGS: &str = "SELECT version, document FROM settings";
const LEASE: &str = "SELECT name, holder, fence, until FROM leases WHERE name = ?1";
const SUPPRESSED: &str = "SELECT 1 FROM suppressions WHERE platform = ?1 AND target_username = ?2";
const KEEPER: &str = "SELECT value FROM keeper WHERE name = 'suppression_key'";
const FORGOTTEN: &str = "SELECT 1 FROM suppressions_hashed LIMIT 1";

struct Bare {
    db: Connection,
    accounts: Table,
    events: Table,
    latest: Table,
    reads: Reads,
}

impl Bare {
    /// An empty file with the same tables and indexes.
    fn like(theirs: &Connection, file: &Path) -> Result<Self, Failed> {
        let db = Connection::open(file)?;
        // As the store sets up the connection that writes.
        db.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
             PRAGMA cache_size = -4096; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;
             PRAGMA cell_size_check = ON;",
        )?;
        db.set_prepared_statement_cache_capacity(96);
        let layout = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid";
        for sql in theirs.prepare(layout)?.query_map([], |row| row.get::<_, String>(0))? {
            db.execute_batch(&sql?)?;
        }
        let accounts = Table::of(&db, "accounts", true)?;
        let events = Table::of(&db, "interactions_events", false)?;
        let latest = Table::of(&db, "interactions_latest", true)?;
        let select = |table: &Table| format!("SELECT {} FROM", table.columns.join(", "));
        let (row, event) = (select(&latest), select(&events));
        let reads = Reads {
            by_claim: format!(
                "{row} interactions_latest INDEXED BY latest_claim WHERE claim_id = ?1"
            ),
            of_claim: format!(
                "{event} interactions_events INDEXED BY events_claim
                 WHERE claim_id = ?1 ORDER BY row"
            ),
            account: format!(
                "{} accounts WHERE platform = ?1 AND account_id = ?2",
                select(&accounts)
            ),
            latest: format!(
                "{row} interactions_latest WHERE platform = ?1 AND account_id = ?2
                 AND target_username = ?3 AND action = ?4"
            ),
        };
        Ok(Self { db, accounts, events, latest, reads })
    }

    /// Writes it again: a group of claims, then the group of their commits.
    fn run(&self, written: &Written) -> Result<Duration, Failed> {
        let claimed = written.accounts.iter().map(|account| self.claimed(account));
        let claimed: Vec<Vec<Vec<Value>>> = claimed.collect::<Result<_, _>>()?;
        let started = Instant::now();
        let each = claimed.first().map_or(0, Vec::len);
        for n in 0..each {
            self.db.execute_batch("BEGIN IMMEDIATE")?;
            for (account, claimed) in written.accounts.iter().zip(&claimed) {
                self.db.prepare_cached("SAVEPOINT request")?.execute([])?;
                self.claim(account, &claimed[n])?;
                self.db.prepare_cached("RELEASE request")?.execute([])?;
            }
            self.db.execute_batch("COMMIT")?;
            self.db.execute_batch("BEGIN IMMEDIATE")?;
            for account in &written.accounts {
                self.db.prepare_cached("SAVEPOINT request")?.execute([])?;
                let (event, row) = &account.engagements[n];
                self.commit(account, event, row)?;
                self.db.prepare_cached("RELEASE request")?.execute([])?;
            }
            self.db.execute_batch("COMMIT")?;
        }
        Ok(started.elapsed())
    }

    /// The dedup rows as they were while claimed.
    fn claimed(&self, account: &Account) -> Result<Vec<Vec<Value>>, Failed> {
        let place = |name| self.latest.place(name);
        let mut rows = Vec::new();
        for (_, settled) in &account.engagements {
            let mut row = settled.clone();
            row[place("claim_id")?] = settled[place("last_claim_id")?].clone();
            for column in ["claimed_at", "lease_until"] {
                row[place(column)?] = settled[place("last_ts")?].clone();
            }
            row[place("state")?] = Value::from("claimed".to_owned());
            row[place("holder")?] = Value::from("bench".to_owned());
            row[place("metadata")?] = Value::from("{}".to_owned());
            for column in ["last_status", "last_ts", "expires_at", "last_claim_id", "last_event_id"]
            {
                row[place(column)?] = Value::Null;
            }
            rows.push(row);
        }
        Ok(rows)
    }

    fn claim(&self, account: &Account, row: &[Value]) -> Result<(), Failed> {
        let claim = &row[self.latest.place("claim_id")?];
        self.read(&self.reads.by_claim, &[claim])?;
        self.read(&self.reads.of_claim, &[claim])?;
        self.read(SETTINGS, &[])?;
        self.read(&self.reads.account, &[&account.row[0], &account.row[1]])?;
        self.read(LEASE, &[&account.row[1]])?;
        self.read(KEEPER, &[])?;
        self.read(FORGOTTEN, &[])?;
        self.read(&self.reads.latest, &[&row[0], &row[1], &row[2], &row[3]])?;
        self.read(SUPPRESSED, &[&row[0], &row[2]])?;
        self.write(&self.accounts, &account.row)?;
        self.write(&self.latest, row)
    }

    fn commit(&self, account: &Account, event: &[Value], row: &[Value]) -> Result<(), Failed> {
        let claim = &row[self.latest.place("last_claim_id")?];
        self.read(&self.reads.of_claim, &[claim])?;
        self.read(&self.reads.by_claim, &[claim])?;
        self.read(SETTINGS, &[])?;
        self.read(&self.reads.account, &[&account.row[0], &account.row[1]])?;
        self.read(&self.reads.latest, &[&row[0], &row[1], &row[2], &row[3]])?;
        self.read(KEEPER, &[])?;
        self.read(FORGOTTEN, &[])?;
        self.write(&self.accounts, &account.row)?;
        // The number of the row is SQLite's to give.
        let mut event = event.to_vec();
        event[self.events.place("row")?] = Value::Null;
        self.write(&self.events, &event)?;
        self.write(&self.latest, row)
    }

    /// Reads as a program does, which looks at every column.
    fn read(&self, sql: &str, of: &[&Value]) -> Result<(), Failed> {
        let mut statement = self.db.prepare_cached(sql)?;
        let columns = statement.column_count();
        let mut rows = statement.query(params_from_iter(of))?;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                row.get::<_, Value>(column)?;
            }
        }
        Ok(())
    }

    fn write(&self, table: &Table, values: &[Value]) -> Result<(), Failed> {
        self.db.prepare_cached(&table.write)?.execute(params_from_iter(values))?;
        Ok(())
    }

    /// A reference that wrote less would be none.
    fn holds_as_much_as(&self, theirs: &Connection) -> Result<(), Failed> {
        for table in ["accounts", "interactions_events", "interactions_latest"] {
            let sql = format!("SELECT count(*) FROM {table}");
            let count = |db: &Connection| db.query_row(&sql, [], |row| row.get::<_, i64>(0));
            let (ours, theirs) = (count(&self.db)?, count(theirs)?);
            if ours != theirs {
                return Err(format!("{ours} rows of {table} instead of {theirs}").into());
            }
        }
        Ok(())
    }
}
