//! The simulated phone: an HTTP server that plays an iPhone running WebDriverAgent with the
//! Instagram app open.
//!
//! It is the judge of everything the rest of Decorum claims, so it shares no code with it: what
//! happened to a person is what the phone's own [ledger](LedgerEntry) says.
//!
//! Four ideas hold it together:
//!
//! * One layout tree per screen. The page source, hit testing and the picture are three readings
//!   of the same tree, so they cannot disagree.
//! * Time is an argument. The app moves when somebody looks at it, by comparing instants; there
//!   are no background timers and therefore no races with the tests.
//! * Everything random comes from the scenario's seed.
//! * An effect is on the ledger (and, when asked, on disk) before it is answered.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use decorum_sim::{Phone, Scenario};
//!
//! let scenario = Scenario::from_toml("account = 'studio.nord'")?;
//! let phone = Phone::start(scenario, "127.0.0.1:0".parse()?).await?;
//! println!("{}", phone.url());
//! phone.stop().await;
//! # Ok(())
//! # }
//! ```

mod app;
mod attributes;
mod effects;
mod error;
mod faults;
mod find;
mod layout;
mod ledger;
mod machine;
mod people;
mod phone;
mod picture;
mod render;
mod requests;
mod routes;
mod scenario;
mod sessions;
mod texts;
mod tree;

pub use ledger::{Effect, LedgerEntry, LedgerError};
pub use people::Listed;
pub use phone::{Phone, StartError};
pub use scenario::{
    Act, AppState, Device, DialogStyle, Fault, FaultKind, Interstitial, Language, Latency, Lists,
    Person, Population, Relationship, Scenario, ScenarioError, SessionPolicy, Show, Strangers,
    When,
};
