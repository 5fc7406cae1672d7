//! `/docs`: the API for a person to read, made of the same list as everything else. One page of our
//! own, without a script and without anything from elsewhere.

use std::fmt::Write as _;

use serde_json::Value;

use crate::openapi::TAGS;
use crate::operation::{Operation, Within};
use crate::problem::Kind;

/// Where the page's style is.
pub(crate) const STYLE_PATH: &str = "/docs/style.css";

/// What the page may load.
pub(crate) const POLICY: &str = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

pub(crate) const STYLE: &str = include_str!("docs.css");

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

fn head(title: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{}</title><link rel=\"stylesheet\" href=\"{STYLE_PATH}\"></head><body>\n",
        escaped(title)
    )
}

/// The page.
pub(crate) fn page(operations: &[Operation], document: &Value) -> String {
    let mut out = head("Decorum: the API");
    out.push_str(
        "<header><h1>Decorum: the API</h1><p>Times are RFC 3339 in UTC. Errors are problem \
         documents (RFC 9457). Lists answer <code>items</code> and <code>next_cursor</code>. For \
         programs: <a href=\"/api/openapi.json\">OpenAPI 3.1</a>.</p></header>\n<nav>",
    );
    let chapters = || TAGS.iter().filter(|(tag, _)| operations.iter().any(|o| o.tag == *tag));
    for (tag, _) in chapters() {
        write!(out, "<a href=\"#{tag}\">{tag}</a> ").ok();
    }
    out.push_str("<a href=\"#problems\">problems</a></nav>\n<main>\n");
    for (tag, says) in chapters() {
        writeln!(out, "<section id=\"{tag}\"><h2>{tag}</h2><p>{}</p>", escaped(says)).ok();
        for operation in operations.iter().filter(|o| o.tag == *tag) {
            described(&mut out, operation, document);
        }
        out.push_str("</section>\n");
    }
    out.push_str("<section id=\"problems\"><h2>problems</h2><dl>");
    for kind in Kind::ALL {
        let (slug, status) = (kind.slug(), kind.status());
        write!(
            out,
            "<dt id=\"{slug}\"><code>/problems/{slug}</code> {status} {}</dt><dd>{}</dd>",
            escaped(kind.title()),
            escaped(kind.help())
        )
        .ok();
    }
    out.push_str("</dl></section>\n</main></body></html>\n");
    out
}

fn described(out: &mut String, operation: &Operation, document: &Value) {
    let (method, path) = (operation.method.as_str(), escaped(operation.path));
    write!(
        out,
        "<article id=\"{}\"><h3><b>{method}</b> <code>{path}</code></h3><p>{}. {}",
        operation.id,
        escaped(operation.summary),
        escaped(operation.description)
    )
    .ok();
    match operation.role {
        Some(role) => write!(out, " <em>{role}</em></p>").ok(),
        None => write!(out, " <em>anybody</em></p>").ok(),
    };
    if !operation.params.is_empty() {
        out.push_str("<ul>");
        for param in &operation.params {
            let within = match param.within {
                Within::Query => "",
                Within::Path => " (path)",
                Within::Header => " (header)",
            };
            write!(out, "<li><code>{}</code>{within}: {}</li>", param.name, escaped(param.says))
                .ok();
        }
        out.push_str("</ul>");
    }
    let method = operation.method.as_str().to_lowercase();
    let at = |rest: &str| {
        let path = operation.path.replace('~', "~0").replace('/', "~1");
        document.pointer(&format!("/paths/{path}/{method}/{rest}"))
    };
    if let Some(schema) = at("requestBody/content/application~1json/schema") {
        schema_shown(out, "Body", schema, document);
    }
    for answer in &operation.answers {
        let rest = format!("responses/{}/content/application~1json/schema", answer.status);
        write!(out, "<p>{}: {}</p>", answer.status, escaped(answer.says)).ok();
        if let Some(schema) = at(&rest) {
            schema_shown(out, "Answer", schema, document);
        }
    }
    out.push_str("</article>\n");
}

fn schema_shown(out: &mut String, title: &str, schema: &Value, document: &Value) {
    let reference = schema.get("$ref").and_then(Value::as_str);
    let name = reference.and_then(|r| r.rsplit('/').next());
    let whole = name.and_then(|name| document.pointer(&format!("/components/schemas/{name}")));
    let text = serde_json::to_string_pretty(whole.unwrap_or(schema)).unwrap_or_default();
    let name = name.map_or_else(String::new, |name| format!(" <code>{}</code>", escaped(name)));
    write!(out, "<details><summary>{title}{name}</summary><pre>{}</pre></details>", escaped(&text))
        .ok();
}

/// The page behind the `type` of a problem.
pub(crate) fn problem_page(kind: Kind) -> String {
    let mut out = head(kind.title());
    writeln!(
        out,
        "<main><h1>{}</h1><p>Status {}.</p><p>{}</p><p><a href=\"/docs#problems\">All problems</a></p></main></body></html>",
        escaped(kind.title()),
        kind.status(),
        escaped(kind.help())
    )
    .ok();
    out
}
