//! The real Appium server.

use std::path::PathBuf;
use std::process::Command;

use super::program::Program;

/// A server with the drivers that were installed beside it.
pub(crate) async fn appium() -> Program {
    let home = home();
    let entry = home.join("node_modules/appium/index.js");
    assert!(
        entry.exists(),
        "there is no Appium at {}; run `scripts/ensure appium`, or name its folder in \
         DECORUM_APPIUM_DIR",
        home.display()
    );
    Program::start(|port, _| {
        let mut command = Command::new("node");
        command.arg(&entry).args(["server", "--address", "127.0.0.1", "--log-no-colors", "--port"]);
        command.arg(port.to_string()).env("APPIUM_HOME", &home);
        command
    })
    .await
}

fn home() -> PathBuf {
    std::env::var_os("DECORUM_APPIUM_DIR").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.tools/appium")),
        PathBuf::from,
    )
}
