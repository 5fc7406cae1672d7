//! `decorum doctor --device` names the rung of the ladder that broke, and what to do about it.

#![allow(clippy::expect_used, reason = "a broken sandbox is a failed test")]

use std::io::{Read, Write};
use std::net::TcpListener;

use crate::support::{Ended, Sandbox, Sim};

fn doctor(sandbox: &Sandbox, url: &str, more: &[&str]) -> Ended {
    let mut args = vec!["doctor", "--device", url];
    args.extend(more);
    sandbox.decorum(&args)
}

/// A sandbox whose profile waits hardly at all.
fn sandbox(more: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let timings = "settle_ms = 10\nload_timeout_ms = 300\npoll_ms = 10\n";
    sandbox.write("profile.toml", format!("[timings]\n{timings}{more}"));
    sandbox
}

/// What doctor says of a phone that plays this.
fn of_phone(scenario: &str, profile: &str) -> Ended {
    let sandbox = sandbox(profile);
    let phone = Sim::start(&sandbox, scenario);
    doctor(&sandbox, &phone.url, &[])
}

/// A server that takes connections, reads, and answers with this.
fn server(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            std::thread::spawn(move || {
                let mut asked = [0; 4096];
                drop(stream.read(&mut asked));
                if answer.is_empty() {
                    // Until whoever asked gives up.
                    drop(stream.read(&mut asked));
                }
                drop(stream.write_all(answer.as_bytes()));
            });
        }
    });
    url
}

#[test]
fn every_rung_holds() {
    of_phone("account = 'studio.nord'\n", "")
        .expect(0)
        .says("ok   phone")
        .says("ok   session")
        .says("ok   source")
        .says("ok   app           Instagram shows: feed")
        .says("ok   account       the app acts for studio.nord");
}

#[test]
fn nothing_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    doctor(&sandbox(""), &url, &[])
        .expect(7)
        .says("FAIL phone")
        .says("nothing listens there")
        .says("iproxy 8100:8100")
        .says(&url);
}

#[test]
fn the_address_leads_nowhere() {
    doctor(&sandbox(""), "http://phone.invalid:8100", &[])
        .expect(7)
        .says("FAIL phone")
        .says("the address is not reached")
        .says("misspelt");
}

#[test]
fn something_else_answers() {
    let url = server("HTTP/1.1 404 Not Found\r\nContent-Length: 12\r\n\r\n<html></html>");
    doctor(&sandbox(""), &url, &[])
        .expect(7)
        .says("FAIL phone")
        .says("no Appium server and no WebDriverAgent")
        .says("/wd/hub");
}

#[test]
fn something_takes_the_connection_and_says_nothing() {
    doctor(&sandbox(""), &server(""), &[])
        .expect(7)
        .says("FAIL phone")
        .says("takes the connection and says nothing");
}

#[test]
fn no_session_is_made() {
    let sandbox = sandbox("");
    let phone = Sim::start(&sandbox, "");
    let file = sandbox.write("phone.json", r#"{"platformName": "Android"}"#);
    let file = file.to_str().expect("a path in UTF-8");
    doctor(&sandbox, &phone.url, &["--capabilities", file])
        .expect(7)
        .says("ok   phone")
        .says("FAIL session")
        .says("makes no session: check the capabilities");
}

/// A fault at the request that brings the app to the front, or at another one.
fn fault(kind: &str, route: &str, more: &str) -> String {
    format!("account = 'studio.nord'\n[[faults]]\nkind = '{kind}'\nroute = '{route}'\n{more}\n")
}

#[test]
fn the_session_is_taken_away_again() {
    of_phone(&fault("session_lost", "apps/activate", ""), "")
        .expect(7)
        .says("FAIL session")
        .says("another program opens sessions on the same phone");
}

#[test]
fn the_agent_crashes() {
    of_phone(&fault("agent_crash", "apps/activate", ""), "")
        .expect(7)
        .says("ok   session")
        .says("FAIL session")
        .says("WebDriverAgent crashed");
}

#[test]
fn the_port_goes_away_before_a_session_is_there() {
    of_phone(&fault("agent_crash", "POST /session", "at_request = 1"), "")
        .expect(7)
        .says("ok   phone")
        .says("FAIL session")
        .says("the server answered a moment ago and is gone now");
}

#[test]
fn the_app_is_not_installed() {
    of_phone("bundle_id = 'com.example.other'\n", "")
        .expect(7)
        .says("ok   session")
        .says("FAIL app")
        .says("it is not installed on this phone");
}

#[test]
fn the_app_dies_at_its_start() {
    of_phone(&fault("crash", "apps/activate", "when = 'after'"), "")
        .expect(7)
        .says("FAIL app")
        .says("does not stay in front");
}

#[test]
fn a_page_source_takes_too_long() {
    of_phone(&fault("stall", "/source", "stall_ms = 900"), "source_timeout_ms = 200\n")
        .expect(7)
        .says("FAIL source")
        .says("longer than 200 ms, the limit `source_timeout_ms`");
}

#[test]
fn a_page_source_takes_long() {
    of_phone(&fault("stall", "/source", "stall_ms = 3100\ntimes = 1"), "")
        .expect(0)
        .says("ok   source")
        .says("that is slow")
        .says("of at most 30 s");
}

#[test]
fn a_question_of_the_system_is_in_the_way() {
    of_phone(
        "account = 'studio.nord'\n[[faults]]\nkind = 'interstitial'\nprompt = 'alert'\n\
         title = 'Software Update'\ntext = 'iOS 26.2 is ready'\nbuttons = ['Later', 'Install Now']\n",
        "",
    )
    .expect(6)
    .says("FAIL alert")
    .says("Software Update iOS 26.2 is ready")
    .says("(Later, Install Now)")
    .says("Answer it on the phone");
}

#[test]
fn the_phone_lies_on_its_side() {
    of_phone("account = 'studio.nord'\n[[faults]]\nkind = 'sideways'\n", "")
        .expect(6)
        .says("FAIL upright")
        .says("portrait orientation lock");
}

#[test]
fn the_app_asks_for_a_person() {
    for (kind, words) in
        [("challenge", "asks for a person: Help us confirm it's you"), ("logged_out", "logged out")]
    {
        of_phone(&fault(kind, "apps/activate", "at_request = 1"), "")
            .expect(6)
            .says("FAIL account")
            .says(words);
    }
}

#[test]
fn the_app_was_updated() {
    let renamed = |names: &str| {
        format!(
            "account = 'studio.nord'\n[[faults]]\nkind = 'app_updated'\nrename = {{ {names} }}\n"
        )
    };
    let own = "user-switch-title-button = 'title-v2', profile-action-bar-button = 'action-v2'";
    of_phone(&renamed(own), "")
        .expect(6)
        .says("ok   app")
        .says("FAIL page")
        .says("the app was updated and calls things otherwise")
        .says("title-v2")
        .says("it has ar, de, en")
        .says("decorum screen");
    let tabs = "mainfeed-tab = 'tab-1', explore-tab = 'tab-2', profile-tab = 'tab-3', reels-tab = 'tab-4', \
                direct-inbox-tab = 'tab-5', stories-tray = 'tray-v2', like-button = 'heart', \
                feed-item-header-user-button = 'author'";
    of_phone(&renamed(tabs), "")
        .expect(6)
        .says("FAIL page")
        .says("the page in front is not understood");
}
