//! What may differ from one server to the next.

/// How a server is started. The default keeps its data in memory, without users.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// On a real disk, for what measures one.
    pub durable: bool,
    /// Asks everybody for a name and a password. [`Server::uri`](crate::Server::uri) has those of
    /// a user who may do everything; others are made with
    /// [`Server::create_user`](crate::Server::create_user).
    pub users: bool,
    /// Takes `configureFailPoint`, with which a server can be told to fail.
    pub fail_points: bool,
}

/// The user who may do everything, where there are users.
pub(crate) const ADMIN: (&str, &str) = ("admin", "kept-in-this-test");
