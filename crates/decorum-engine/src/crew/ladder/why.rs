//! Why a rung broke, in words for whoever has to mend it.

use decorum_device::{DeviceError, DeviceErrorKind, ServerKind};

use super::rung::{Rung, Step};

/// What Appium says when it does not reach `WebDriverAgent`, or cannot start it.
const NO_AGENT: [&str; 6] = [
    "ECONNREFUSED",
    "socket hang up",
    "Could not proxy command",
    "Unable to start WebDriverAgent",
    "Unable to launch WebDriverAgent",
    "xcodebuild",
];

/// The first rung: is anybody there, and is it a phone server?
pub(super) fn no_server(error: &DeviceError) -> Rung {
    let why = match error.kind() {
        DeviceErrorKind::Unreachable if error.is_refused() => {
            "nothing listens there: the machine is there, but no Appium server runs on it, or the port \
             of WebDriverAgent is not forwarded (any more). Start the one or the other, for example \
             `appium server --port 4723` or `iproxy 8100:8100`"
        }
        DeviceErrorKind::Unreachable => {
            "the address is not reached: it is misspelt, the machine is off, or a firewall stands \
             between"
        }
        DeviceErrorKind::Timeout => {
            "something takes the connection and says nothing: the Mac sleeps, or the port is another \
             program's"
        }
        _ => {
            "something answers there, and it is no Appium server and no WebDriverAgent: check the port, \
             and the path (an old Appium server wants /wd/hub after it)"
        }
    };
    Rung::broken(Step::Phone, format!("{why}. {error}"))
}

/// The second: a server, but no session.
pub(super) fn no_session(server: ServerKind, error: &DeviceError) -> Rung {
    let why = match (server, error.kind()) {
        (_, DeviceErrorKind::Unreachable | DeviceErrorKind::Dropped) => {
            "the server answered a moment ago and is gone now: it crashed, or the cable is loose"
        }
        (ServerKind::Appium, _) if NO_AGENT.iter().any(|words| error.answer().contains(words)) => {
            "Appium runs, and WebDriverAgent behind it does not answer: it does not run, its signature \
             is over, or the phone is locked, not trusted or unplugged. Look at Appium's log; Product › \
             Test in Xcode says the reason in its own words"
        }
        (ServerKind::Appium, _) => {
            "Appium runs and makes no session: check the capabilities (udid, platformVersion, \
             webDriverAgentUrl), and that the phone is unlocked, trusted and plugged in"
        }
        (ServerKind::WebDriverAgent, _) => {
            "WebDriverAgent runs and makes no session: check the capabilities, and that the phone is \
             unlocked; start WebDriverAgent anew"
        }
    };
    Rung::broken(Step::Session, format!("{why}. {error}"))
}

/// A session, and then none: not the fault of what was asked.
pub(super) fn broke_off(error: &DeviceError) -> Option<Rung> {
    let why = match error.kind() {
        DeviceErrorKind::SessionLost => {
            "it was opened and is gone already: another program opens sessions on the same phone, \
             which keeps only the newest, or WebDriverAgent was started anew. One program for one phone"
        }
        DeviceErrorKind::Unreachable | DeviceErrorKind::Dropped => {
            "it was opened, and then the server went away: WebDriverAgent crashed, or the port is not \
             forwarded any more. Start it anew and look at its log"
        }
        _ => return None,
    };
    Some(Rung::broken(Step::Session, format!("{why}. {error}")))
}
