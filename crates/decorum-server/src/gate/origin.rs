//! Which names we go by, and that a browser's request comes from our own pages.
//!
//! A foreign page can have a browser send requests to us, also to a loopback address. It cannot
//! choose the Origin that the browser writes, and a name of its own that points to us (DNS
//! rebinding) shows in Host.

use std::net::IpAddr;

use axum::http::{HeaderMap, Uri, header};

use crate::options::Options;
use crate::problem::{Kind, Problem};

/// Refuses a request that a page of somebody else had sent.
pub(crate) fn check(options: &Options, uri: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next().and_then(|v| v.to_str().ok());
    let host = uri.authority().map(axum::http::uri::Authority::as_str).or(host).unwrap_or_default();
    if hosts.next().is_some() || !is_ours(options, name_of(host)) {
        let shown: String = host.chars().take(80).collect();
        let problem = format!("this server is not `{shown}`; if it is, start it with --host");
        return Err(Problem::new(Kind::Misdirected, problem));
    }
    if let Some(origin) = headers.get(header::ORIGIN) {
        let origin = origin.to_str().unwrap_or_default();
        let from = origin.split_once("://").map(|(_, authority)| authority);
        if from.is_none_or(|from| !from.eq_ignore_ascii_case(host)) {
            let shown: String = origin.chars().take(80).collect();
            let problem = format!("a page of `{shown}` sent this, not one of ours");
            return Err(Problem::new(Kind::Foreign, problem));
        }
    }
    let site = headers.get("sec-fetch-site").map(axum::http::HeaderValue::as_bytes);
    if site == Some(b"cross-site") && headers.get("sec-fetch-mode").is_none_or(|m| m != "navigate")
    {
        return Err(Problem::new(Kind::Foreign, "a page of another site sent this"));
    }
    Ok(())
}

/// `[::1]:8080` without the port and the brackets.
fn name_of(authority: &str) -> &str {
    if let Some(rest) = authority.strip_prefix('[') {
        return rest.split_once(']').map_or("", |(name, _)| name);
    }
    authority.split_once(':').map_or(authority, |(name, _)| name)
}

fn is_ours(options: &Options, name: &str) -> bool {
    let given = |host: &String| host.eq_ignore_ascii_case(name);
    // An address cannot be made to point elsewhere.
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok()
        || options.hosts.iter().any(given)
}

#[cfg(test)]
mod tests {
    use decorum_core::Settings;

    use super::*;

    fn ask(pairs: &[(&'static str, &str)]) -> Result<(), Kind> {
        let listen = "127.0.0.1:0".parse().expect("an address");
        let mut options = Options::new(listen, Settings::default());
        options.hosts = vec!["decorum.example".to_owned()];
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().expect("a header"));
        }
        check(&options, &Uri::from_static("/api/settings"), &headers).map_err(|p| p.kind)
    }

    #[test]
    fn we_go_by_addresses_localhost_and_the_names_we_were_given() {
        for host in ["127.0.0.1:8080", "localhost", "[::1]:8080", "10.0.0.7", "Decorum.Example:443"]
        {
            assert_eq!(ask(&[("host", host)]), Ok(()), "{host}");
        }
        for host in
            ["evil.example", "localhost.evil.example:8080", "", "[::1", "127.0.0.1.evil.example"]
        {
            assert_eq!(ask(&[("host", host)]), Err(Kind::Misdirected), "{host}");
        }
        let twice = [("host", "localhost"), ("host", "evil.example")];
        assert_eq!(ask(&twice), Err(Kind::Misdirected));
    }

    #[test]
    fn a_foreign_page_is_not_served() {
        let from = |origin| ask(&[("host", "localhost:8080"), ("origin", origin)]);
        assert_eq!(from("http://localhost:8080"), Ok(()));
        for origin in ["http://evil.example", "null", "http://localhost:9090", "localhost:8080"] {
            assert_eq!(from(origin), Err(Kind::Foreign), "{origin}");
        }
        let cross = [("host", "localhost"), ("sec-fetch-site", "cross-site")];
        assert_eq!(ask(&cross), Err(Kind::Foreign));
        let link = [cross[0], cross[1], ("sec-fetch-mode", "navigate")];
        assert_eq!(ask(&link), Ok(()), "a link that a person follows");
    }
}
