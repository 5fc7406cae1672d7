//! The connection: collections, and with which guarantees they are read and written.
//!
//! Writes are acknowledged by a majority, from their journals. Reads come from the primary and see
//! only what a majority has. The concerns of the address are overruled: a claim that a failover
//! could take back is none.

use std::time::Duration;

use futures_util::TryStreamExt as _;
use mongodb::bson::{Document, doc};
use mongodb::error::{Error, WriteError};
use mongodb::options::{
    ClientOptions, DatabaseOptions, ReadConcern, ReadPreference, SelectionCriteria, WriteConcern,
};
use mongodb::{Client, Collection, Database};

use super::fault::{Fault, Outcome, REQUEST, limited};
use crate::StoreError;

/// How long to look for a primary before the attempt counts as failed; the step is tried again.
const SELECTION: Duration = Duration::from_secs(4);

/// How long to wait for a connection to open.
const CONNECT: Duration = Duration::from_secs(4);

/// How long the servers wait for their majority before they answer that it was not met.
const MAJORITY: Duration = Duration::from_secs(6);

/// How often the servers are asked how they are. The driver's ten seconds would be most of the
/// time we wait for a new primary.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// Every collection there is, in one database.
pub(super) struct Servers {
    pub(super) client: Client,
    pub(super) database: Database,
    /// Whether there are others that could take over.
    pub(super) replicated: bool,
    pub(super) events: Collection<Document>,
    pub(super) latest: Collection<Document>,
    pub(super) accounts: Collection<Document>,
    pub(super) account_errors: Collection<Document>,
    pub(super) settings: Collection<Document>,
    pub(super) leases: Collection<Document>,
    pub(super) suppressions: Collection<Document>,
    pub(super) admin_log: Collection<Document>,
    pub(super) people: Collection<Document>,
    pub(super) layout: Collection<Document>,
    pub(super) metrics: Collection<Document>,
    pub(super) metrics_marks: Collection<Document>,
    pub(super) tasks: Collection<Document>,
    pub(super) task_candidates: Collection<Document>,
    pub(super) devices: Collection<Document>,
    pub(super) alerts: Collection<Document>,
    pub(super) tokens: Collection<Document>,
    /// What all accounts together have done.
    pub(super) fleet_usage: Collection<Document>,
}

/// Who and where, out of an address.
pub(super) struct Address {
    pub(super) options: ClientOptions,
    pub(super) database: String,
    /// Hosts and database, without user and password.
    pub(super) place: String,
}

/// The database that is used when the address names none.
const DATABASE: &str = "decorum";

impl Address {
    pub(super) async fn parse(address: &str) -> Result<Self, StoreError> {
        let mut options = ClientOptions::parse(address).await.map_err(|e| bad(address, &e))?;
        let hosts: Vec<_> = options.hosts.iter().map(ToString::to_string).collect();
        let database = options.default_database.clone().unwrap_or_else(|| DATABASE.to_owned());
        let place = format!("mongodb://{}/{database}", hosts.join(","));
        options.app_name.get_or_insert_with(|| "decorum".to_owned());
        options.server_selection_timeout.get_or_insert(SELECTION);
        options.connect_timeout.get_or_insert(CONNECT);
        options.heartbeat_freq.get_or_insert(HEARTBEAT);
        Ok(Self { options, database, place })
    }
}

/// What is wrong with the address, without what may be a password.
fn bad(address: &str, error: &Error) -> StoreError {
    let scheme = if address.starts_with("mongodb+srv:") { "mongodb+srv" } else { "mongodb" };
    let given = format!("{scheme}://…");
    match error.kind.as_ref() {
        mongodb::error::ErrorKind::DnsResolve { message, .. } => {
            StoreError::Unreachable { place: given, problem: message.clone() }
        }
        mongodb::error::ErrorKind::InvalidArgument { message, .. } => {
            StoreError::BadMongoAddress { given, problem: message.clone() }
        }
        other => StoreError::BadMongoAddress { given, problem: other.to_string() },
    }
}

impl Servers {
    /// The one document with this `_id`, as it is now: the primary makes sure that it still is one,
    /// and that a majority has what it shows.
    pub(super) async fn newest(
        &self,
        of: &Collection<Document>,
        filter: Document,
    ) -> Outcome<Option<Document>> {
        let concern =
            if self.replicated { ReadConcern::linearizable() } else { ReadConcern::majority() };
        limited(of.find_one(filter).read_concern(concern).max_time(REQUEST)).await
    }

    /// Waits until a majority has everything the primary has. A primary that was just elected may
    /// not know yet how much of what it has a majority has, and shows less: what was acknowledged
    /// by the one before can seem not to be there. After this it is shown.
    pub(super) async fn catch_up(&self) -> Outcome<()> {
        self.newest(&self.layout, doc! { "_id": "layout" }).await.map(drop)
    }

    pub(super) fn connect(address: &Address) -> Result<Self, StoreError> {
        let client = Client::with_options(address.options.clone())
            .map_err(|e| Fault::from(e).at(&address.place))?;
        let concern = WriteConcern::builder()
            .w(mongodb::options::Acknowledgment::Majority)
            .journal(true)
            .w_timeout(MAJORITY)
            .build();
        let options = DatabaseOptions::builder()
            .write_concern(concern)
            .read_concern(ReadConcern::majority())
            .selection_criteria(SelectionCriteria::ReadPreference(ReadPreference::Primary))
            .build();
        let database = client.database_with_options(&address.database, options);
        let collection = |name| database.collection(name);
        Ok(Self {
            events: collection("interactions_events"),
            latest: collection("interactions_latest"),
            accounts: collection("accounts"),
            account_errors: collection("account_errors"),
            settings: collection("settings"),
            leases: collection("leases"),
            suppressions: collection("suppressions"),
            admin_log: collection("admin_log"),
            people: collection("people"),
            layout: collection("layout"),
            metrics: collection("metrics"),
            metrics_marks: collection("metrics_marks"),
            tasks: collection("tasks"),
            task_candidates: collection("task_candidates"),
            devices: collection("devices"),
            alerts: collection("alerts"),
            tokens: collection("tokens"),
            fleet_usage: collection("fleet_usage"),
            client,
            database,
            replicated: false,
        })
    }

    /// Everything that matches, for lists known to be short.
    pub(super) async fn all(
        &self,
        of: &Collection<Document>,
        filter: Document,
        only: Option<Document>,
    ) -> Outcome<Vec<Document>> {
        let find = of.find(filter).max_time(REQUEST);
        let find = match only {
            Some(fields) => find.projection(fields),
            None => find,
        };
        limited(async { find.await?.try_collect().await }).await
    }

    pub(super) async fn one(
        &self,
        of: &Collection<Document>,
        filter: Document,
    ) -> Outcome<Option<Document>> {
        limited(of.find_one(filter).max_time(REQUEST)).await
    }

    /// Many statements in one command, in any order. That a document was there already, written
    /// by a newer step, is no error. Returns how many documents were changed or made.
    pub(super) async fn update(&self, to: &str, updates: Vec<Document>) -> Outcome<u64> {
        let milliseconds = i64::try_from(MAJORITY.as_millis()).unwrap_or(i64::MAX);
        let command = doc! {
            "update": to,
            "updates": updates,
            "ordered": false,
            "writeConcern": { "w": "majority", "j": true, "wtimeout": milliseconds },
        };
        let answer = limited(self.database.run_command(command)).await?;
        let errors = answer.get_array("writeErrors").map(Vec::as_slice).unwrap_or_default();
        for error in errors {
            let error: WriteError = mongodb::bson::deserialize_from_bson(error.clone())
                .map_err(|e| Fault::Damaged(format!("an answer cannot be understood: {e}")))?;
            if error.code != 11_000 {
                let failure = mongodb::error::WriteFailure::WriteError(error);
                return Err(Error::from(mongodb::error::ErrorKind::Write(failure)).into());
            }
        }
        if let Ok(concern) = answer.get_document("writeConcernError") {
            return Err(concern_error(concern)?.into());
        }
        let number = |name| match answer.get(name) {
            Some(mongodb::bson::Bson::Int32(n)) => u64::try_from(*n).unwrap_or(0),
            Some(mongodb::bson::Bson::Int64(n)) => u64::try_from(*n).unwrap_or(0),
            _ => 0,
        };
        Ok(number("n"))
    }
}

fn concern_error(concern: &Document) -> Outcome<Error> {
    let error = mongodb::bson::deserialize_from_document(concern.clone())
        .map_err(|e| Fault::Damaged(format!("an answer cannot be understood: {e}")))?;
    let failure = mongodb::error::WriteFailure::WriteConcernError(error);
    Ok(Error::from(mongodb::error::ErrorKind::Write(failure)))
}

impl Servers {
    /// Everything a query finds, for queries with a limit.
    pub(super) async fn collect(
        &self,
        find: mongodb::action::Find<'_, Document>,
    ) -> Outcome<Vec<Document>> {
        limited(async { find.max_time(REQUEST).await?.try_collect().await }).await
    }
}
