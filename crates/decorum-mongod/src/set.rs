//! What makes a replica set of some nodes.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use mongodb::Client;
use mongodb::bson::{Bson, Document, doc};

use crate::Error;
use crate::error::cannot;
use crate::node::Node;

/// What every set is called.
pub(crate) const NAME: &str = "decorum";

/// After this long without a primary the others elect one.
const ELECTION_MS: i32 = 2_000;
const HEARTBEAT_MS: i32 = 200;

/// What the members know each other by.
pub(crate) fn write_key(root: &Path) -> Result<(), Error> {
    let path = root.join("key");
    let key: String = (0..64).map(|_| fastrand::alphanumeric()).collect();
    fs::write(&path, key).map_err(cannot("no key for the set"))?;
    fs::set_permissions(&path, Permissions::from_mode(0o600)).map_err(cannot("no key for the set"))
}

/// Starts all of them at the same time.
pub(crate) async fn start_together(nodes: &mut Vec<Node>) -> Result<(), Error> {
    let starting: Vec<_> = nodes
        .drain(..)
        .map(|mut node| tokio::spawn(async move { node.start().await.map(|()| node) }))
        .collect();
    for node in starting {
        let node =
            node.await.map_err(|e| cannot("a start broke off")(std::io::Error::from(e)))??;
        nodes.push(node);
    }
    Ok(())
}

/// Makes a set of these hosts.
pub(crate) async fn initiate(first: &Client, hosts: &[String]) -> Result<(), Error> {
    let members: Vec<_> =
        (0_i32..).zip(hosts).map(|(id, host)| doc! { "_id": id, "host": host }).collect();
    let config = doc! {
        "_id": NAME,
        "members": members,
        "settings": {
            "electionTimeoutMillis": ELECTION_MS,
            "heartbeatIntervalMillis": HEARTBEAT_MS,
        },
    };
    first.database("admin").run_command(doc! { "replSetInitiate": config }).await?;
    Ok(())
}

/// Whether every member is the primary or follows it.
pub(crate) fn all_in_step(status: &Document) -> bool {
    let state = |member: &Bson| member.as_document()?.get_i32("state").ok();
    status
        .get_array("members")
        .is_ok_and(|members| members.iter().all(|member| matches!(state(member), Some(1 | 2))))
}
