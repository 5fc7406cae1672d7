//! The dashboard: the files of `web/dist`, part of the binary.
//!
//! What is behind no operation comes here. A file is served under its own name; the address of a
//! page is answered with the one HTML file, whose script then shows that page. Everything else stays
//! what it was: nothing. No page is needed to use the API, and none is shown under `/api`.

use axum::extract::Request;
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse as _, Response};
use rust_embed::RustEmbed;

use crate::around;
use crate::problem::{Kind, Problem};
use crate::state::Shared;

/// In builds for development the files are read anew each time.
#[derive(RustEmbed)]
#[folder = "../../web/dist/"]
struct Files;

/// The first part of the address of every page.
const PAGES: [&str; 8] =
    ["", "accounts", "audit", "devices", "interactions", "people", "settings", "tasks"];

/// The HTML file.
const INDEX: &str = "index.html";

/// Its empty place for the nonce.
const NONCE: &str = "name=\"csp-nonce\" content=\"\"";

/// Vite names these by what is in them, so a name never means anything else.
const LASTING: &str = "public, max-age=31536000, immutable";

/// These keep their names.
const ASK_AGAIN: &str = "no-cache";

const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
<title>Decorum</title></head><body><h1>The dashboard is not part of this build</h1>\
<p>Run <code>make web</code>, build again, and start the server anew.</p>\
<p><a href=\"/docs\">The API is here</a>, and needs no dashboard.</p></body></html>\n";

/// Answers for everything that is no operation.
pub(crate) fn page(shared: &Shared, request: &Request) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let path = request.uri().path().trim_start_matches('/');
    if !shared.options.dashboard || !reads {
        return around::nothing(request);
    }
    if path != INDEX
        && !path.starts_with('.')
        && let Some(found) = Files::get(path)
    {
        let lasting = path.starts_with("assets/");
        return file(path, found.data.into_owned(), if lasting { LASTING } else { ASK_AGAIN });
    }
    let first = path.split('/').next().unwrap_or_default();
    if !PAGES.contains(&first) {
        return around::nothing(request);
    }
    match Files::get(INDEX) {
        Some(found) => index(&found.data),
        None => file(INDEX, NOT_BUILT.as_bytes().to_vec(), ASK_AGAIN),
    }
}

fn file(name: &str, data: Vec<u8>, keep: &'static str) -> Response {
    let media = HeaderValue::from_static(media(name));
    let keep = HeaderValue::from_static(keep);
    // What is kept may have come compressed, or not.
    let vary = HeaderValue::from_static("accept-encoding");
    let headers =
        [(header::CONTENT_TYPE, media), (header::CACHE_CONTROL, keep), (header::VARY, vary)];
    (headers, data).into_response()
}

fn media(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "json" => "application/json",
        _ => "application/octet-stream",
    }
}

/// The HTML file with a nonce of its own. Scripts are only ever files of ours; style sheets that
/// the script makes while running carry the nonce.
fn index(html: &[u8]) -> Response {
    let mut bytes = [0_u8; 16];
    if let Err(error) = getrandom::fill(&mut bytes) {
        let problem = format!("the system has no random numbers: {error}");
        return Problem::new(Kind::Internal, problem).into_response();
    }
    let nonce = format!("{:032x}", u128::from_be_bytes(bytes));
    let html = String::from_utf8_lossy(html).replacen(
        NONCE,
        &format!("name=\"csp-nonce\" content=\"{nonce}\""),
        1,
    );
    let mut response = file(INDEX, html.into_bytes(), ASK_AGAIN);
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; \
         img-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; \
         form-action 'self'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn body(response: Response) -> String {
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        String::from_utf8(bytes.to_vec()).expect("text")
    }

    fn policy(response: &Response) -> String {
        let policy = response.headers().get(header::CONTENT_SECURITY_POLICY).expect("a policy");
        policy.to_str().expect("text").to_owned()
    }

    #[tokio::test]
    async fn each_page_has_a_nonce_of_its_own_and_allows_no_inline_script() {
        let html = b"<meta name=\"csp-nonce\" content=\"\" />";
        let (one, two) = (index(html), index(html));
        assert_ne!(policy(&one), policy(&two));
        assert!(policy(&one).contains("script-src 'self';"), "{}", policy(&one));
        let said = policy(&one);
        let nonce = said.split("'nonce-").nth(1).and_then(|s| s.split('\'').next()).expect("one");
        let text = body(one).await;
        assert_eq!(text, format!("<meta name=\"csp-nonce\" content=\"{nonce}\" />"));
    }

    #[test]
    fn only_what_is_named_by_its_content_is_kept_for_ever() {
        let kept = |response: &Response| response.headers()[header::CACHE_CONTROL].clone();
        assert_eq!(kept(&file("assets/a-1.js", Vec::new(), LASTING)), LASTING);
        assert_eq!(kept(&index(b"")), ASK_AGAIN);
    }
}
