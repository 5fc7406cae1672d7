//! A phone to play with: `cargo run -p decorum-sim --example phone -- [ADDRESS] [SCENARIO]`.
#![allow(clippy::print_stdout, reason = "it is a program for the terminal")]

use decorum_sim::{Phone, Scenario};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:8100".to_owned());
    let scenario = match arguments.next() {
        Some(file) => Scenario::from_toml(&std::fs::read_to_string(file)?)?,
        None => Scenario::default(),
    };
    let phone = Phone::start(scenario, address.parse()?).await?;
    println!("{}/sim", phone.url());
    phone.stopped().await;
    phone.stop().await;
    Ok(())
}
