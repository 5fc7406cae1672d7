//! Tables whose rows change, with a checksum in each row.
//!
//! SQLite keeps no checksum of its pages, and only events are chained. The seal is the first
//! eight bytes of a SHA-256 over a row's other columns: not a defence against somebody who
//! can compute it, but no byte changes unseen, be it by a failing disk or by hand.

use std::sync::LazyLock;

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Row, params_from_iter};
use sha2::{Digest as _, Sha256};

use crate::sqlite::fault::Outcome;

/// A table with a `seal` over its columns.
pub(in crate::sqlite) struct Sealed {
    /// Its name.
    pub(in crate::sqlite) table: &'static str,
    /// Its columns, those of the key first, those added later last.
    pub(in crate::sqlite) columns: &'static [&'static str],
    /// How many of them are the key.
    pub(in crate::sqlite) key: usize,
    /// How many were there from the beginning. A NULL in one of the others is not part of the
    /// seal, so that rows written before it was added still fit theirs.
    pub(in crate::sqlite) first: usize,
    upsert: LazyLock<String>,
}

macro_rules! sealed {
    ($name:ident, $table:literal, [$($key:literal),+], [$($column:literal),+ $(,)?]
     $(, later [$($later:literal),+ $(,)?])?) => {
        pub(in crate::sqlite) static $name: crate::sqlite::rows::sealed::Sealed =
            crate::sqlite::rows::sealed::Sealed::new(
                $table,
                &[$($key,)+ $($column),+ $($(, $later)+)?],
                [$($key),+].len(),
                [$($key,)+ $($column),+].len(),
                std::sync::LazyLock::new(|| $name.upsert_sql()),
            );
    };
}
pub(in crate::sqlite) use sealed;

impl Sealed {
    pub(in crate::sqlite) const fn new(
        table: &'static str,
        columns: &'static [&'static str],
        key: usize,
        first: usize,
        upsert: LazyLock<String>,
    ) -> Self {
        Self { table, columns, key, first, upsert }
    }

    /// The seal of a row with these values, in the order of the columns.
    pub(in crate::sqlite) fn seal<'v>(
        &self,
        values: impl IntoIterator<Item = ValueRef<'v>>,
    ) -> i64 {
        let mut seal = Seal::default();
        for (index, (column, value)) in self.columns.iter().zip(values).enumerate() {
            if index < self.first {
                seal.add(value);
            } else if value != ValueRef::Null {
                seal.add(ValueRef::Text(column.as_bytes()));
                seal.add(value);
            }
        }
        seal.finish()
    }

    pub(in crate::sqlite) fn upsert_sql(&self) -> String {
        let columns = self.columns.join(", ");
        let key = self.columns.iter().take(self.key).copied().collect::<Vec<_>>().join(", ");
        let places: Vec<_> = (1..=self.columns.len() + 1).map(|n| format!("?{n}")).collect();
        let rest = self.columns.iter().skip(self.key).chain(&["seal"]);
        let set: Vec<_> = rest.map(|c| format!("{c} = excluded.{c}")).collect();
        format!(
            "INSERT INTO {} ({columns}, seal) VALUES ({}) ON CONFLICT ({key}) DO UPDATE SET {}",
            self.table,
            places.join(", "),
            set.join(", "),
        )
    }

    /// Writes the row with these values, in the order of the columns.
    pub(in crate::sqlite) fn put<const N: usize>(
        &self,
        conn: &Connection,
        values: &[Value; N],
    ) -> Outcome<()> {
        let seal = Value::Integer(self.seal(values.iter().map(ValueRef::from)));
        let mut statement = conn.prepare_cached(&self.upsert)?;
        statement.execute(params_from_iter(values.iter().chain([&seal])))?;
        Ok(())
    }

    /// Whether the seal of a row fits; `row` was read by [`Sealed::all_sql`].
    pub(in crate::sqlite) fn fits(&self, row: &Row<'_>) -> Outcome<bool> {
        let mut values = Vec::with_capacity(self.columns.len());
        for index in 0..self.columns.len() {
            values.push(row.get_ref(index)?);
        }
        Ok(row.get_ref(self.columns.len())? == ValueRef::Integer(self.seal(values)))
    }

    /// Reads every row, in the order of the columns and the seal last.
    pub(in crate::sqlite) fn all_sql(&self) -> String {
        format!("SELECT {}, seal FROM {}", self.columns.join(", "), self.table)
    }
}

/// A seal in the making.
#[derive(Default)]
struct Seal(Sha256);

impl Seal {
    /// Adds a column: its kind, its length, its bytes.
    fn add(&mut self, value: ValueRef<'_>) {
        let mut field = |kind: u8, bytes: &[u8]| {
            self.0.update([kind]);
            self.0.update((bytes.len() as u64).to_be_bytes());
            self.0.update(bytes);
        };
        match value {
            ValueRef::Null => field(0, &[]),
            ValueRef::Integer(n) => field(1, &n.to_be_bytes()),
            ValueRef::Real(x) => field(2, &x.to_be_bytes()),
            ValueRef::Text(bytes) => field(3, bytes),
            ValueRef::Blob(bytes) => field(4, bytes),
        }
    }

    fn finish(self) -> i64 {
        let digest: [u8; 32] = self.0.finalize().into();
        digest.first_chunk().map_or(0, |eight| i64::from_be_bytes(*eight))
    }
}
