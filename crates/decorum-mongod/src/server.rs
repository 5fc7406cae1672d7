//! A standalone server or a replica set, from its start to its end.

use std::time::{Duration, Instant};

use mongodb::Client;
use mongodb::bson::{Document, doc};
use mongodb::options::ClientOptions;
use tempfile::TempDir;
use tokio::time::sleep;

use crate::node::Node;
use crate::options::ADMIN;
use crate::uri::uri;
use crate::{Error, Options, place, set};

/// How long one command to one node may take.
const COMMAND: Duration = Duration::from_secs(10);
/// An election takes two or three seconds; the machine may be busy.
const ELECTION: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(20);

/// Runs until it is dropped: everything it started is killed then, and its data removed. That
/// happens too if this process is killed.
///
/// Nodes are numbered from 0; a standalone server has one.
pub struct Server {
    // Before the folder they write to.
    nodes: Vec<Node>,
    set: Option<&'static str>,
    users: bool,
    _root: TempDir,
}

impl Server {
    /// A server without replication.
    pub async fn standalone(options: &Options) -> Result<Self, Error> {
        let root = place::choose(options.durable)?;
        let node = Node::new(root.path(), 0, None, options)?;
        let mut server = Self { nodes: vec![node], set: None, users: options.users, _root: root };
        server.nodes[0].start().await?;
        server.ready(options).await?;
        Ok(server)
    }

    /// A replica set of `nodes` voting members; all of them are up and in step when this returns.
    /// A new primary is elected about two seconds after the old one was killed.
    pub async fn replica_set(nodes: usize, options: &Options) -> Result<Self, Error> {
        let root = place::choose(options.durable)?;
        if options.users {
            set::write_key(root.path())?;
        }
        let node = |n| Node::new(root.path(), n, Some(set::NAME), options);
        let nodes = (0..nodes).map(node).collect::<Result<_, _>>()?;
        let mut server = Self { nodes, set: Some(set::NAME), users: options.users, _root: root };
        set::start_together(&mut server.nodes).await?;
        let hosts = server.hosts();
        set::initiate(&server.nobody(0).await?, &hosts).await?;
        server.ready(options).await?;
        server.in_step().await?;
        Ok(server)
    }

    /// Where it is, without a database; see [`in_database`](crate::in_database). Where there are
    /// users it has the name and password of one who may do everything.
    pub fn uri(&self) -> String {
        uri(&self.hosts(), self.set, self.users.then_some(ADMIN))
    }

    /// The same for another user, with any password.
    pub fn uri_as(&self, name: &str, password: &str) -> String {
        uri(&self.hosts(), self.set, Some((name, password)))
    }

    /// `127.0.0.1:PORT` of a node, running or not.
    pub fn address(&self, node: usize) -> String {
        self.nodes[node].address()
    }

    /// The process id of a running node.
    pub fn pid(&self, node: usize) -> Option<u32> {
        self.nodes[node].process().map(crate::supervisor::Supervised::pid)
    }

    /// How many nodes there are, running or not.
    pub const fn nodes(&self) -> usize {
        self.nodes.len()
    }

    /// Kills a node as a power cut would: nothing is flushed, nobody is told. Its data stays.
    pub fn kill(&mut self, node: usize) -> Result<(), Error> {
        self.nodes[node].take_process().ok_or(Error::Down(node))?.kill()
    }

    /// Holds a node still (`true`) or lets it go on: its connections stay open, and nothing
    /// answers.
    pub fn pause(&self, node: usize, still: bool) -> Result<(), Error> {
        self.nodes[node].process().ok_or(Error::Down(node))?.pause(still)
    }

    /// Starts a node again, on the port and the data it had, and waits until it listens. One that
    /// runs is killed first.
    pub async fn restart(&mut self, node: usize) -> Result<(), Error> {
        if self.nodes[node].is_running() {
            self.kill(node)?;
        }
        self.nodes[node].start_again().await
    }

    /// Which node takes writes; waits while there is none.
    pub async fn primary(&self) -> Result<usize, Error> {
        let began = Instant::now();
        loop {
            for node in (0..self.nodes.len()).filter(|&node| self.nodes[node].is_running()) {
                if self.is_primary(node).await {
                    return Ok(node);
                }
            }
            if began.elapsed() > ELECTION {
                return Err(Error::TooSlow {
                    what: "a primary".to_owned(),
                    seconds: ELECTION.as_secs(),
                    last: format!("the nodes are {}", self.hosts().join(", ")),
                });
            }
            sleep(POLL).await;
        }
    }

    /// Makes the primary hand over to another node; returns which one it was. Waits while no other
    /// could take over.
    pub async fn step_down(&self) -> Result<usize, Error> {
        let began = Instant::now();
        loop {
            let primary = self.primary().await?;
            let command = doc! { "replSetStepDown": 2, "secondaryCatchUpPeriodSecs": 1 };
            let admin = self.client(primary).await?.database("admin");
            match admin.run_command(command).await {
                Ok(_) => return Ok(primary),
                Err(error) if began.elapsed() > ELECTION => return Err(error.into()),
                Err(_) => sleep(POLL).await,
            }
        }
    }

    /// Makes a user with `roles`, each a role of MongoDB and the database it is for.
    pub async fn create_user(
        &self,
        name: &str,
        password: &str,
        roles: &[(&str, &str)],
    ) -> Result<(), Error> {
        let client = self.client(self.primary().await?).await?;
        create_user(&client, name, password, roles).await
    }

    /// A client of one node alone, with every right.
    pub async fn client(&self, node: usize) -> Result<Client, Error> {
        self.direct(node, self.users.then_some(ADMIN)).await
    }

    async fn nobody(&self, node: usize) -> Result<Client, Error> {
        self.direct(node, None).await
    }

    async fn direct(&self, node: usize, user: Option<(&str, &str)>) -> Result<Client, Error> {
        let mut options = ClientOptions::parse(uri(&[self.address(node)], None, user)).await?;
        options.direct_connection = Some(true);
        options.server_selection_timeout = Some(COMMAND);
        options.connect_timeout = Some(COMMAND);
        Ok(Client::with_options(options)?)
    }

    /// Waits for a primary, and makes the first user if there are to be any: until then a
    /// connection from the same machine may.
    async fn ready(&self, options: &Options) -> Result<(), Error> {
        let primary = self.primary().await?;
        if options.users {
            let (name, password) = ADMIN;
            let nobody = self.nobody(primary).await?;
            create_user(&nobody, name, password, &[("root", "admin")]).await?;
        }
        Ok(())
    }

    /// Waits until every node of the set is up and follows the primary.
    pub async fn in_step(&self) -> Result<(), Error> {
        let primary = self.client(self.primary().await?).await?;
        let began = Instant::now();
        loop {
            let status =
                primary.database("admin").run_command(doc! { "replSetGetStatus": 1 }).await?;
            if set::all_in_step(&status) {
                return Ok(());
            }
            if began.elapsed() > ELECTION {
                return Err(Error::TooSlow {
                    what: "all nodes of the set".to_owned(),
                    seconds: ELECTION.as_secs(),
                    last: status.to_string(),
                });
            }
            sleep(POLL).await;
        }
    }

    async fn is_primary(&self, node: usize) -> bool {
        let hello = async {
            let client = self.nobody(node).await?;
            Ok::<Document, Error>(client.database("admin").run_command(doc! { "hello": 1 }).await?)
        };
        // One that does not answer, held still or on its way down, takes no writes either.
        match tokio::time::timeout(Duration::from_secs(1), hello).await {
            Ok(Ok(hello)) => hello.get_bool("isWritablePrimary").unwrap_or(false),
            _ => false,
        }
    }

    fn hosts(&self) -> Vec<String> {
        self.nodes.iter().map(Node::address).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // All at once; each is waited for when it is dropped.
        for node in &mut self.nodes {
            node.let_go();
        }
    }
}

async fn create_user(
    client: &Client,
    name: &str,
    password: &str,
    roles: &[(&str, &str)],
) -> Result<(), Error> {
    let roles: Vec<_> = roles.iter().map(|(role, db)| doc! { "role": role, "db": db }).collect();
    let command = doc! { "createUser": name, "pwd": password, "roles": roles };
    client.database("admin").run_command(command).await?;
    Ok(())
}
