//! The small commands: settings, check, suppress, classify, doctor.

use crate::support::{Sandbox, Sim};

#[test]
fn settings_are_changed_all_or_none() {
    let sandbox = Sandbox::new();
    sandbox.decorum(&["settings", "get", "cooldown_minutes"]).expect(0).says("45");
    sandbox
        .decorum(&["settings", "set", "cooldown_minutes=50", "rate_limit_steps=[]"])
        .expect(2)
        .says("rate_limit_steps");
    sandbox.decorum(&["settings", "get", "cooldown_minutes"]).expect(0).says("45");
    sandbox
        .decorum(&["settings", "set", "cooldown_minutes=50", "budgets.follow.hour=null"])
        .expect(0);
    let all = sandbox.decorum(&["settings", "get"]).expect(0).json();
    assert_eq!(all["cooldown_minutes"], 50);
    assert!(all["budgets"]["follow"]["hour"].is_null());
    assert_eq!(all["budgets"]["follow"]["day"], 100);
    sandbox.decorum(&["settings", "set", "colour=1"]).expect(2).says("reengagement_days");
    sandbox
        .decorum(&["settings", "set", "budgets.follow.hour=-3"])
        .expect(2)
        .says("budgets.follow.hour")
        .says("a whole number, 0 or more");
}

#[test]
fn the_environment_gives_first_values_and_run_time_changes_win() {
    let sandbox = Sandbox::new();
    let with = |args: &[&str]| {
        let output =
            sandbox.command(args).env("COOLDOWN_MINUTES", "99").output().expect("it starts");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    assert_eq!(with(&["settings", "get", "cooldown_minutes"]), "99\n");
    with(&["settings", "set", "cooldown_minutes=10"]);
    assert_eq!(with(&["settings", "get", "cooldown_minutes"]), "10\n");

    let wrong = sandbox.command(&["doctor"]).env("RATE_LIMIT_STEPS", "soon").output();
    let wrong = wrong.expect("it starts");
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stdout).contains("RATE_LIMIT_STEPS"));
}

#[test]
fn check_answers_line_by_line() {
    let sandbox = Sandbox::new();
    sandbox
        .decorum(&["suppress", "@Never.Me", "--note", "asked us"])
        .expect(0)
        .says("1 person added");
    sandbox.decorum(&["suppress", "never.me"]).expect(0).says("1 on the list before");
    let listed = sandbox.decorum(&["target", "suppressed"]).expect(0);
    assert!(
        listed.out.starts_with("never.me  ") && listed.out.contains(": asked us\n"),
        "{}",
        listed.out
    );
    sandbox.decorum(&["check", "me", "follow", "alice", "bob"]).expect(0).says("yes alice");
    let mixed = sandbox.decorum(&["check", "me", "follow", "alice", "never.me"]).expect(3);
    assert_eq!(mixed.out, "yes alice\nno  never.me suppressed\n");
    let piped = sandbox.decorum_with_input(&["check", "me", "like", "-"], b"alice\nnever.me\n");
    assert_eq!(piped.expect(3).out, mixed.out);
    sandbox
        .decorum(&["check", "me", "poke", "alice"])
        .expect(2)
        .says("follow, like, comment, view");
}

#[test]
fn a_suppressed_person_is_never_engaged() {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(&sandbox, "account = 'studio.nord'");
    sandbox.decorum(&["suppress", "bob"]).expect(0);
    let list = sandbox.write("list.txt", "alice\nbob\n");
    sandbox.run(&phone, "studio.nord", "follow", &list, &[]).expect(0).says("1 suppressed");
    assert_eq!(phone.effects().len(), 1);
}

#[test]
fn classify_answers_each_line_in_order() {
    let sandbox = Sandbox::new();
    let input = concat!(
        r#"{"text":"Try Again Later","where":"dialog"}"#,
        "\n",
        r#"{"text":"Try again later, haters","where":"bio"}"#,
        "\n",
        r#"{"text":"This account is private","where":"profile_header","locale":"en"}"#,
        "\n",
        "not json\n",
        r#"{"text":"User not found"}"#,
        "\n",
    );
    let told = sandbox.decorum_with_input(&["classify"], input.as_bytes()).expect(2);
    let labels: Vec<serde_json::Value> = told
        .out
        .lines()
        .map(|l| serde_json::from_str::<serde_json::Value>(l).expect("JSON")["label"].clone())
        .collect();
    let expected = serde_json::json!([
        "rate_limited",
        "benign",
        "private_account",
        null,
        "target_unavailable"
    ]);
    assert_eq!(serde_json::Value::from(labels), expected);
    assert!(told.out.contains("line 4"));
}

#[test]
fn doctor_looks_at_everything_and_says_what_to_do() {
    let sandbox = Sandbox::new();
    let phone = Sim::start(&sandbox, "");
    sandbox.decorum(&["doctor", "--device", &phone.url]).expect(0).says("store").says("phone");
    sandbox.decorum(&["doctor", "--device", "http://127.0.0.1:1"]).expect(7).says("check the URL");
    sandbox.decorum(&["account", "halt", "me", "--note", "holiday"]).expect(0);
    sandbox.decorum(&["doctor"]).expect(6).says("halted: me");
}

#[test]
fn screen_says_what_it_sees() {
    let sandbox = Sandbox::new();
    let phone = Sim::start(&sandbox, "");
    sandbox.decorum(&["screen", "--device", &phone.url]).expect(0).says("feed");
    let broken = sandbox.write("page.xml", "<XCUIElementTypeApplication");
    sandbox.decorum(&["screen", broken.to_str().expect("UTF-8")]).expect(2);
}

#[test]
fn interrupting_finishes_the_engagement_and_the_next_run_goes_on() {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(&sandbox, "account = 'studio.nord'\n[latency]\nsource_ms = 20\n");
    let list = sandbox.people("person", 40);
    let mut run = sandbox
        .run_command(&phone, "studio.nord", "follow", &list, &[])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("it starts");
    while phone.ledger().len() < 3 {
        assert!(run.try_wait().expect("a child").is_none(), "it ended early");
    }
    let pid = run.id().to_string();
    assert!(
        std::process::Command::new("kill").args(["-INT", &pid]).status().expect("kill").success()
    );
    assert_eq!(run.wait().expect("it ends").code(), Some(130));

    let engaged = phone.effects().len();
    assert!(engaged < 40);
    let recorded = sandbox.events().iter().filter(|e| e["status"] == "success").count();
    assert_eq!(recorded, engaged, "the engagement under way was finished and recorded");
    sandbox.run(&phone, "studio.nord", "follow", &list, &[]).expect(0);
    assert_eq!(phone.effects().len(), 40);
    phone.expect_nobody_twice();
}

/// What it holds for itself. The program mapped from its file comes on top of that and is the
/// system's cache; it is several times as large in a test build, so `make bench` measures the
/// whole of a released one.
#[test]
fn a_run_stays_under_20_megabytes_of_its_own() {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(&sandbox, "account = 'studio.nord'\n[latency]\nsource_ms = 5\n");
    let list = sandbox.people("person", 300);
    let mut run = sandbox
        .run_command(&phone, "studio.nord", "follow", &list, &[])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("it starts");
    let mut peak_kb = 0;
    while run.try_wait().expect("a child").is_none() {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", run.id())).unwrap_or_default();
        let now = status.lines().find_map(|l| l.strip_prefix("RssAnon:"));
        let now = now.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok());
        peak_kb = now.unwrap_or(0).max(peak_kb);
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(peak_kb > 0, "it was measured");
    assert!(peak_kb < 20 * 1024, "{peak_kb} kB");
}

#[test]
fn a_page_source_in_a_broken_encoding_is_told_by_name() {
    let sandbox = Sandbox::new();
    let file = sandbox.write("page.xml", b"<XCUIElementTypeApplication label=\"\xff\xfe\"/>");
    let file = file.to_str().expect("UTF-8");
    sandbox.decorum(&["screen", file]).expect(2).says("page.xml");
    sandbox.decorum(&["profile", "check", file]).expect(2).says("page.xml");
}

#[test]
fn a_profile_is_held_against_a_saved_page() {
    let sandbox = Sandbox::new();
    let page = "<XCUIElementTypeApplication type=\"XCUIElementTypeApplication\" name=\"Instagram\">\
                <XCUIElementTypeButton type=\"XCUIElementTypeButton\" name=\"like-button\" \
                label=\"Like\"/><XCUIElementTypeButton type=\"XCUIElementTypeButton\" \
                name=\"brand-new-button\" label=\"Boost\"/></XCUIElementTypeApplication>";
    let file = sandbox.write("page.xml", page);
    let file = file.to_str().expect("UTF-8");
    let told = sandbox.decorum(&["profile", "check", file]).expect(0);
    told.says("ok    like_button").says("follow_button").says("brand-new-button: Button \"Boost\"");
    let json = sandbox.decorum(&["profile", "check", file, "--json"]).expect(0).json();
    assert_eq!(json["unknown"][0]["id"], "brand-new-button");
}
