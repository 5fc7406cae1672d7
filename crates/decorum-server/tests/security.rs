//! Who is let in, and what they may do: each line of the threat model in `docs/security.md`.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

use decorum_core::Settings;
use decorum_server::{Options, ServeError, Server};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Bench, read, until};

async fn as_token(bench: &Bench, token: &str, method: Method, path: &str, body: Value) -> Answer {
    read(bench.ask(method, path).bearer_auth(token).json(&body)).await
}

/// Every operation of the description: method, path with the variable parts filled in, and the role
/// that the description says is needed.
async fn operations(bench: &Bench) -> Vec<(Method, String, Option<String>)> {
    let document = bench.get("/api/openapi.json").await.json();
    let mut all = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let path = path
                .replace("{claim_id}", "01890a5d-ac96-774b-bcce-b302099a8057")
                .replace("{alert_id}", "01890a5d-ac96-774b-bcce-b302099a8057")
                .replace("{kind}", "refused");
            let path =
                path.split('/').map(|part| if part.starts_with('{') { "anna" } else { part });
            let path = path.collect::<Vec<_>>().join("/");
            let guarded = operation.get("security").is_some();
            let says = operation["description"].as_str().unwrap_or_default();
            let role =
                says.rsplit_once("Needs the role ").map(|(_, role)| role.trim_end_matches('.'));
            assert_eq!(guarded, role.is_some(), "{path}");
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            all.push((method, path, role.map(str::to_owned)));
        }
    }
    assert!(all.len() > 40, "{}", all.len());
    all
}

#[tokio::test]
async fn nothing_but_health_and_the_description_is_open_without_a_token() {
    let (bench, _) = Bench::guarded().await;
    let mut open = Vec::new();
    for (method, path, role) in operations(&bench).await {
        let answer = read(bench.ask(method.clone(), &path)).await;
        if role.is_some() {
            answer.problem(401, "unauthenticated");
            assert!(answer.header("www-authenticate").starts_with("Bearer"));
        } else {
            open.push(format!("{method} {path}"));
        }
    }
    assert_eq!(
        open,
        [
            "POST /api/login",
            "GET /api/openapi.json",
            "GET /docs",
            "GET /docs/style.css",
            "GET /healthz",
            "GET /problems/refused",
            "GET /readyz",
        ]
    );
}

#[tokio::test]
async fn each_role_may_do_its_part_and_no_more() {
    let (bench, [eye, bot, boss]) = Bench::guarded().await;
    let rank =
        |role: &str| ["viewer", "operator", "admin"].iter().position(|r| *r == role).unwrap();
    for (method, path, role) in operations(&bench).await {
        let Some(role) = role else { continue };
        if path == "/api/stream" || path == "/api/logout" {
            continue;
        }
        for (token, has) in [(&eye, "viewer"), (&bot, "operator"), (&boss, "admin")] {
            // A body that no operation takes: what is allowed is refused for that, and does nothing.
            let answer =
                as_token(&bench, token, method.clone(), &path, json!({ "no": "such" })).await;
            let forbidden = answer.status == 403;
            assert_eq!(
                forbidden,
                rank(has) < rank(&role),
                "{method} {path} as {has}: {}",
                answer.text
            );
            if forbidden {
                answer.problem(403, "forbidden");
            }
        }
    }
}

#[tokio::test]
async fn a_wrong_token_opens_nothing() {
    let (bench, [eye, ..]) = Bench::guarded().await;
    let longer = format!("{eye}0");
    for wrong in ["", "x", &eye[..eye.len() - 1], &longer, "decorum_"] {
        as_token(&bench, wrong, Method::GET, "/api/settings", json!({}))
            .await
            .problem(401, "unauthenticated");
    }
    let basic = bench.ask(Method::GET, "/api/settings").basic_auth("eye", Some(&eye));
    read(basic).await.problem(401, "unauthenticated");
    let open = Bench::open().await;
    // Also where none is needed: who shows one means it.
    as_token(&open, "x", Method::GET, "/api/settings", json!({}))
        .await
        .problem(401, "unauthenticated");
}

#[tokio::test]
async fn who_guesses_is_asked_to_wait() {
    let (bench, _) = Bench::guarded().await;
    let mut last = None;
    for _ in 0..320 {
        last = Some(as_token(&bench, "decorum_x", Method::GET, "/api/settings", json!({})).await);
    }
    let last = last.unwrap();
    last.problem(429, "too-many-requests");
    assert_eq!(last.header("retry-after"), "60");
}

#[tokio::test]
async fn a_revoked_token_opens_nothing_any_more() {
    let (bench, [eye, bot, boss]) = Bench::guarded().await;
    let looks = |token: String| {
        let bench = &bench;
        async move { as_token(bench, &token, Method::GET, "/api/settings", json!({})).await.status }
    };
    assert_eq!(looks(eye.clone()).await, 200);
    let gone = as_token(&bench, &boss, Method::DELETE, "/api/tokens/eye", json!({})).await;
    assert_eq!(gone.status, 204);
    assert_eq!(looks(eye).await, 401, "at once");

    // By another process: within the two seconds that an answer of the store is believed.
    assert_eq!(looks(bot.clone()).await, 200);
    let now = decorum_core::Timestamp::from_millis(1_700_000_000_000);
    bench.store.revoke_token("bot", "cli:eva", now).await.unwrap();
    until("the token is refused", || async { looks(bot.clone()).await == 401 }).await;
}

#[tokio::test]
async fn a_token_is_kept_as_a_hash_and_its_secret_said_once() {
    let (bench, [_, _, boss]) = Bench::guarded().await;
    let wanted = json!({ "name": "new", "role": "viewer" });
    let made = as_token(&bench, &boss, Method::POST, "/api/tokens", wanted.clone()).await;
    assert_eq!(made.status, 201);
    let secret = made.json()["token"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("decorum_") && secret.len() == 72);
    assert_eq!(
        as_token(&bench, &secret, Method::GET, "/api/session", json!({})).await.json()["name"],
        "new"
    );
    as_token(&bench, &boss, Method::POST, "/api/tokens", wanted).await.problem(409, "conflict");

    let hex = secret.trim_start_matches("decorum_");
    for path in ["/api/tokens", "/api/admin-log", "/metrics", "/api/session"] {
        let shown = as_token(&bench, &boss, Method::GET, path, json!({})).await.text;
        assert!(!shown.contains(hex), "{path} shows a secret");
    }
    until("the use is noted", || async {
        let listed = as_token(&bench, &boss, Method::GET, "/api/tokens", json!({})).await.json();
        let items = listed["items"].as_array().unwrap().clone();
        items.iter().any(|t| t["name"] == "new" && t["last_used_at"].is_string())
    })
    .await;
}

#[tokio::test]
async fn a_browser_logs_in_and_proves_that_its_requests_are_its_own() {
    let (bench, [_, bot, _]) = Bench::guarded().await;
    let inside = bench.post("/api/login", json!({ "token": bot })).await;
    assert_eq!(inside.status, 200);
    let cookie = inside.header("set-cookie").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    assert!(!cookie.contains(&bot), "the token itself is in no cookie");
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let csrf = inside.json()["csrf_token"].as_str().unwrap().to_owned();

    let note = json!({ "note": "stop" });
    let ask = |method, path: &str| bench.ask(method, path).header("cookie", &cookie);
    assert_eq!(read(ask(Method::GET, "/api/settings")).await.status, 200);
    let halt = "/api/accounts/nord/halt";
    read(ask(Method::POST, halt).json(&note)).await.problem(403, "foreign-origin");
    let wrong = ask(Method::POST, halt).header("x-csrf-token", "x").json(&note);
    read(wrong).await.problem(403, "foreign-origin");
    let proven = ask(Method::POST, halt).header("x-csrf-token", &csrf).json(&note);
    assert_eq!(read(proven).await.json()["state"], "halted");
    let log = read(ask(Method::GET, "/api/admin-log")).await.json();
    assert_eq!(log["items"][0]["who"], "api:bot");

    let out = read(ask(Method::POST, "/api/logout").header("x-csrf-token", &csrf)).await;
    assert!(out.status == 204 && out.header("set-cookie").contains("Max-Age=0"));
    read(ask(Method::GET, "/api/settings")).await.problem(401, "unauthenticated");
    bench.post("/api/login", json!({ "token": "decorum_x" })).await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn pages_of_others_and_foreign_names_are_not_served() {
    let bench = Bench::open().await;
    let get = || bench.ask(Method::GET, "/api/settings");
    read(get().header("host", "evil.example")).await.problem(421, "misdirected");
    read(get().header("origin", "http://evil.example")).await.problem(403, "foreign-origin");
    read(get().header("sec-fetch-site", "cross-site")).await.problem(403, "foreign-origin");
    assert_eq!(read(get().header("origin", &bench.url)).await.status, 200);
    // What a form of another site can send without asking is not read as JSON.
    let form =
        bench.ask(Method::POST, "/api/accounts/nord/halt").header("content-type", "text/plain");
    read(form.body(r#"{"note":"x"}"#)).await.problem(415, "unsupported-media-type");
    let named = Bench::with(|options| options.hosts = vec!["decorum.example".to_owned()]).await;
    let get = named.ask(Method::GET, "/api/settings").header("host", "decorum.example");
    assert_eq!(read(get).await.status, 200);
}

#[tokio::test]
async fn nothing_of_the_pages_may_run_or_be_framed() {
    let bench = Bench::open().await;
    for path in ["/docs", "/problems/refused", "/api/settings", "/nothing"] {
        let answer = bench.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'")
        );
        assert!(!policy.contains("script-src") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    let page = bench.get("/docs").await.text;
    assert!(
        !page.contains("<script") && !page.contains("style=") && !page.contains("http"),
        "the page stands alone"
    );
}

#[tokio::test]
async fn where_others_can_reach_it_there_must_be_a_token() {
    use std::sync::Arc;
    let kept = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}", kept.path().join("decorum.db").display());
    let store = decorum_store::open_store(&address).await.unwrap();
    let machine = decorum_engine::machine::Machine::this(kept.path(), "the store");
    let holder = decorum_engine::process::this_process("api");
    let guard = decorum_engine::guard::Guard::new(store, machine, holder, Settings::default());
    let profile = decorum_device::AppProfile::builtin();
    let lexicon = Arc::new(decorum_engine::lexicon::Lexicon::of(&profile).unwrap());
    let options = Options::new("0.0.0.0:0".parse().unwrap(), Settings::default());
    let refused = Server::bind(guard, lexicon, options).await.err().unwrap();
    assert!(matches!(refused, ServeError::NoTokens { .. }));
    assert!(refused.to_string().contains("decorum token create"));
}

#[tokio::test]
async fn a_phone_is_only_taken_where_phones_may_be() {
    let bench = Bench::open().await;
    for url in [
        "http://169.254.169.254/",
        "http://10.1.2.3:8100",
        "file:///etc/passwd",
        "http://a:b@127.0.0.1/",
    ] {
        let body = json!({ "url": url, "account_ids": ["nord"] });
        let refused = bench.post("/api/devices", body.clone()).await;
        assert_eq!(refused.problem(422, "impossible")["field"], "url");
        let name = "127.0.0.1:8100";
        let put = bench.ask(Method::PUT, &format!("/api/devices/{name}")).json(&body);
        assert_eq!(read(put).await.problem(422, "impossible")["field"], "url");
    }
    assert_eq!(bench.get("/api/devices").await.json()["items"], json!([]));
}

#[tokio::test]
async fn errors_say_nothing_of_where_the_store_is() {
    let bench = Bench::open().await;
    bench.store.close().await.unwrap();
    let answer = bench.get("/api/settings").await;
    let problem = answer.problem(503, "store-unavailable");
    assert_eq!(answer.header("retry-after"), "2");
    assert!(!problem.to_string().contains(".db"), "{problem}");
    bench.get("/readyz").await.problem(503, "store-unavailable");
    assert_eq!(bench.get("/healthz").await.status, 200);
    let wish = json!({ "account_id": "nord", "target_username": "ines", "action": "follow" });
    bench.post("/api/claims", wish).await.problem(503, "store-unavailable");
}
