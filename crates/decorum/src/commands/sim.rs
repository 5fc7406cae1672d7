//! `decorum sim`: the simulated phone alone.

use decorum_sim::{Phone, Scenario};

use super::run::signal;
use crate::args::Sim;
use crate::console::{print, say};
use crate::exit::{self, Code, Failure};
use crate::place;

pub(crate) async fn sim(args: Sim) -> Result<Code, Failure> {
    let scenario = match &args.scenario {
        Some(path) => {
            let text = place::read_text(path, "scenario")?;
            Scenario::from_toml(&text)
                .map_err(|e| Failure::usage(format!("{}: {e}", path.display())))?
        }
        None => Scenario::default(),
    };
    let phone = Phone::start(scenario, args.listen)
        .await
        .map_err(|e| Failure::new(exit::UNREACHABLE, e.to_string()))?;
    print(phone.url())?;
    say(&format!("the simulated phone; look at it on {}/sim, end it with Ctrl-C", phone.url()));
    signal().await;
    phone.stop().await;
    Ok(exit::DONE)
}
