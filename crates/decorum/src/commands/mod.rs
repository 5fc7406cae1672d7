//! One file per subcommand.

mod account;
mod alerts;
mod audit;
mod check;
mod classify;
mod cleanup;
mod demo;
mod device;
mod doctor;
mod export;
mod forget;
mod import;
mod metrics;
mod phone;
mod profile;
mod report;
mod run;
mod screen;
mod serve;
mod settings;
mod sim;
mod store;
mod suppress;
mod target;
mod task;
mod token;
mod worker;

use crate::args::{Args, Command, ProfileAction};
use crate::exit::{Code, Failure};

/// Does what was asked.
pub(crate) async fn dispatch(args: Args) -> Result<Code, Failure> {
    let common = args.common;
    match args.command {
        Command::Run(args) => run::run(&common, args).await,
        Command::Worker(args) => worker::worker(&common, args).await,
        Command::Task { action } => task::task(&common, action).await,
        Command::Crawl(args) => task::crawl(&common, args).await,
        Command::Device { action } => device::device(&common, action).await,
        Command::Alerts { action } => alerts::alerts(&common, action).await,
        Command::Demo(args) => demo::demo(&common, &args).await,
        Command::Check(args) => check::check(&common, &args).await,
        Command::Settings { action } => settings::settings(&common, action).await,
        Command::Account { action } => account::account(&common, action).await,
        Command::Classify => classify::classify(&common).await,
        Command::Screen(args) => screen::screen(&common, &args).await,
        Command::Profile { action: ProfileAction::Check { file, json } } => {
            profile::check(&common, &file, json)
        }
        Command::Export(args) => export::export(&common, args).await,
        Command::Import(args) => import::import(&common, args).await,
        Command::Audit { action } => audit::audit(&common, action).await,
        Command::Metrics(args) => metrics::metrics(&common, &args).await,
        Command::Target { action } => target::target(&common, action).await,
        Command::Cleanup(args) => cleanup::cleanup(&common, &args).await,
        Command::Store { action } => store::store(action).await,
        Command::Suppress(args) => suppress::suppress(&common, &args).await,
        Command::Serve(args) => serve::serve(&common, args).await,
        Command::Token { action } => token::token(&common, action).await,
        Command::Sim(args) => sim::sim(args).await,
        Command::Doctor(args) => doctor::doctor(&common, &args).await,
    }
}
