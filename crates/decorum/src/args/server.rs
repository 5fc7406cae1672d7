//! Commands about the network.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use decorum_core::Role;

use super::parse;

#[derive(Debug, ClapArgs)]
pub(crate) struct Serve {
    /// Where to listen; port 0 takes a free one. An address that other machines reach needs tokens
    #[arg(long, env = "DECORUM_LISTEN", default_value = "127.0.0.1:7400", value_name = "A")]
    pub(crate) listen: SocketAddr,
    /// A name that the server goes by, besides localhost and IP addresses; may be given again
    #[arg(long = "host", env = "DECORUM_HOSTS", value_delimiter = ',', value_name = "NAME")]
    pub(crate) hosts: Vec<String>,
    /// A host that phones may be on, besides this machine; NAME or NAME:PORT, may be given again
    #[arg(
        long = "device-host",
        env = "DECORUM_DEVICE_HOSTS",
        value_delimiter = ',',
        value_name = "HOST"
    )]
    pub(crate) device_hosts: Vec<String>,
    /// Serve HTTPS: a certificate chain (PEM)
    #[arg(long, env = "DECORUM_TLS_CERT", requires = "tls_key", value_name = "FILE")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// Its private key (PEM)
    #[arg(long, env = "DECORUM_TLS_KEY", requires = "tls_cert", value_name = "FILE")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Ask for a token also on a loopback address
    #[arg(long)]
    pub(crate) require_tokens: bool,
    /// Only the API, without the dashboard
    #[arg(long)]
    pub(crate) no_dashboard: bool,
    /// Only answer; leave the tasks to `decorum worker`
    #[arg(long)]
    pub(crate) no_workers: bool,
    /// How many tasks are driven at the same time
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=1000), value_name = "N")]
    pub(crate) slots: u16,
    /// Seconds between two pictures of a phone that a task runs on; 0: only when something ends
    /// strangely
    #[arg(long, env = "DECORUM_PHONE_PICTURES", default_value_t = 60, value_name = "SECONDS")]
    pub(crate) phone_pictures: u32,
    /// Where alerts are posted, as JSON
    #[arg(long, env = "DECORUM_WEBHOOK", hide_env_values = true, value_name = "URL")]
    pub(crate) webhook: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenAction {
    /// Make a token; its secret is printed this once
    Create {
        /// viewer looks, operator engages, admin does everything
        #[arg(long, value_parser = parse::<Role>)]
        role: Role,
        /// What the admin log will call whoever has it [default: drawn]
        #[arg(long)]
        name: Option<String>,
    },
    /// All tokens, without what is secret about them
    List {
        /// One JSON document
        #[arg(long)]
        json: bool,
    },
    /// Have a token open nothing any more
    Revoke {
        /// What it is called
        name: String,
    },
}
