//! The command line of Decorum.
//!
//! Standard output carries the result, standard error the talk. Exit codes are fixed and
//! documented in [`exit`]. One file per subcommand in [`commands`].

mod args;
mod commands;
mod console;
mod exit;
mod list;
mod place;

use std::process::ExitCode;

use clap::Parser;

use crate::args::Args;

/// What one thread takes, another often gives back: a request is read by one thread, answered by the
/// store's, and written by a third. The system's allocator has them wait for each other then.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args = Args::parse();
    console::start_log(args.common.log.as_deref());
    // One thread drives everything; the store's writer has its own. It keeps memory small, and a
    // phone is slower than any core. A server has many to answer, and a worker many phones at a time,
    // each with pages to be read.
    let mut builder = match args.command {
        args::Command::Serve(_) | args::Command::Worker(_) => {
            tokio::runtime::Builder::new_multi_thread()
        }
        _ => tokio::runtime::Builder::new_current_thread(),
    };
    let runtime = match builder.enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            console::complain(&format!("the program could not start: {error}"));
            return exit::FAILED.into();
        }
    };
    match runtime.block_on(commands::dispatch(args)) {
        Ok(code) => code.into(),
        Err(failure) => {
            console::complain(&failure.message);
            failure.code.into()
        }
    }
}
