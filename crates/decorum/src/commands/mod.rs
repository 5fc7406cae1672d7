//! One file per subcommand.

mod account;
mod audit;
mod check;
mod classify;
mod demo;
mod doctor;
mod export;
mod phone;
mod report;
mod run;
mod screen;
mod settings;
mod sim;
mod suppress;

use crate::args::{Args, Command};
use crate::exit::{Code, Failure};

/// Does what was asked.
pub(crate) async fn dispatch(args: Args) -> Result<Code, Failure> {
    let common = args.common;
    match args.command {
        Command::Run(args) => run::run(&common, args).await,
        Command::Demo(args) => demo::demo(&common, &args).await,
        Command::Check(args) => check::check(&common, &args).await,
        Command::Settings { action } => settings::settings(&common, action).await,
        Command::Account { action } => account::account(&common, action).await,
        Command::Classify => classify::classify(&common),
        Command::Screen(args) => screen::screen(&common, &args).await,
        Command::Export(args) => export::export(&common, args).await,
        Command::Audit { action } => audit::audit(&common, action).await,
        Command::Suppress(args) => suppress::suppress(&common, &args).await,
        Command::Sim(args) => sim::sim(args).await,
        Command::Doctor(args) => doctor::doctor(&common, &args).await,
    }
}
