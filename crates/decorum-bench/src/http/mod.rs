//! The HTTP API over real sockets: each server is a process, the load is this one, and all share the
//! machine's cores.

pub(crate) mod bare;
pub(crate) mod check;
pub(crate) mod claims;
pub(crate) mod crowd;
pub(crate) mod load;
