//! Tests of the locators: what they mean, and that nothing a client sends breaks them.

use proptest::prelude::*;

use super::*;
use crate::tree::{Node, SCREEN, Tree, rect};

fn tree() -> Tree {
    let cell = |name: &str, x: i32| {
        Node::new("Cell", rect(x, 10, 40, 40))
            .name(name)
            .child(Node::new("StaticText", rect(x, 10, 20, 20)).label(format!("Café {name}")))
    };
    Tree::new(
        Node::new("Application", SCREEN).name("App").child(
            Node::new("Window", SCREEN)
                .child(Node::new("Other", SCREEN).child(cell("a", 0)).child(cell("b", 50)))
                .child(Node::new("Other", SCREEN).child(cell("c", 100)))
                .child(Node::new("Button", rect(0, 900, 10, 10)).label("It's off").selected(true)),
        ),
    )
}

fn names(using: &str, value: &str) -> Vec<String> {
    let tree = tree();
    let found = find(&tree, 0, using, value).unwrap_or_else(|error| panic!("{value}: {error:?}"));
    found.into_iter().map(|at| tree.items[at].name().unwrap_or("-").to_owned()).collect()
}

#[test]
fn predicates_mean_what_nspredicate_says() {
    let cases: [(&str, &[&str]); 16] = [
        ("type == 'XCUIElementTypeCell' AND rect.x BETWEEN {40, 200}", &["b", "c"]),
        ("label CONTAINS[cd] 'CAFE A'", &["Café a"]),
        ("label CONTAINS[c] 'cafe'", &[]),
        ("label MATCHES 'Caf. [ab]'", &["Café a", "Café b"]),
        ("label MATCHES 'Caf'", &[]),
        ("name LIKE '?' AND !(name IN {'a', 'b'})", &["c"]),
        ("label ENDSWITH \"s off\"", &["It's off"]),
        ("label == 'It\\'s off'", &["It's off"]),
        ("visible == 0", &["It's off"]),
        ("visible == false && enabled == YES", &["It's off"]),
        ("selected = 1", &["It's off"]),
        ("value == '1'", &["It's off"]),
        (
            "label == nil AND type <> 'XCUIElementTypeOther' AND type != 'XCUIElementTypeWindow'",
            &["App", "a", "b", "c"],
        ),
        ("wdName BEGINSWITH 'Caf' OR FALSEPREDICATE", &["Café a", "Café b", "Café c"]),
        ("NOT TRUEPREDICATE", &[]),
        ("name.length == 1", &["a", "b", "c"]),
    ];
    for (predicate, wanted) in cases {
        assert_eq!(names("predicate string", predicate), wanted, "{predicate}");
    }
}

#[test]
fn class_chains_walk_the_tree() {
    let cases: [(&str, &[&str]); 9] = [
        ("**/XCUIElementTypeCell", &["a", "b", "c"]),
        ("**/XCUIElementTypeCell[2]", &["b"]),
        ("**/XCUIElementTypeCell[-1]", &["c"]),
        ("**/XCUIElementTypeCell[9]", &[]),
        ("XCUIElementTypeWindow/*/XCUIElementTypeCell[`name != 'a'`]", &["b", "c"]),
        ("XCUIElementTypeWindow/XCUIElementTypeOther[$name == 'c'$]/*", &["c"]),
        ("**/XCUIElementTypeCell[`name == 'b'`][1]/XCUIElementTypeStaticText", &["Café b"]),
        ("XCUIElementTypeCell", &[]),
        ("**/XCUIElementTypeAny[`label == \"It's off\"`]", &["It's off"]),
    ];
    for (chain, wanted) in cases {
        assert_eq!(names("class chain", chain), wanted, "{chain}");
    }
}

#[test]
fn xpath_sees_the_page_source() {
    let cases: [(&str, &[&str]); 6] = [
        ("//XCUIElementTypeCell[@name='b']", &["b"]),
        ("/XCUIElementTypeApplication/XCUIElementTypeWindow//XCUIElementTypeCell[1]", &["a", "c"]),
        ("(//XCUIElementTypeCell)[last()]", &["c"]),
        ("//*[contains(@label, 'Caf') and @x >= 50]", &["Café b", "Café c"]),
        ("//XCUIElementTypeStaticText[@label='Café c']/..", &["c"]),
        ("//XCUIElementTypeCell[@name='a']/following-sibling::*", &["b"]),
    ];
    for (expression, wanted) in cases {
        assert_eq!(names("xpath", expression), wanted, "{expression}");
    }
}

#[test]
fn mistakes_are_named() {
    for (using, value) in [
        ("predicate string", ""),
        ("predicate string", "label == 'x"),
        ("predicate string", "label == 'x' AND"),
        ("predicate string", "(label == 'x'"),
        ("predicate string", "label === 'x'"),
        ("predicate string", "label MATCHES '('"),
        ("predicate string", "x BETWEEN {1}"),
        ("predicate string", "nonsense == 1"),
        ("class chain", ""),
        ("class chain", "**/XCUIElementTypeCell[0]"),
        ("class chain", "**/XCUIElementTypeCell[`name`]"),
        ("class chain", "**/XCUIElementTypeCell["),
        ("class chain", "**/Cell"),
        ("xpath", "//*["),
        ("xpath", "count(//*)"),
        ("class name", "Cell"),
        ("css selector", "#a"),
    ] {
        let problem = find(&tree(), 0, using, value);
        assert!(
            matches!(problem, Err(Failure::Error { code: Code::InvalidSelector, .. })),
            "{using} {value}: {problem:?}"
        );
    }
    let deep = format!("{}label == 'x'{}", "(".repeat(5_000), ")".repeat(5_000));
    assert!(find(&tree(), 0, "predicate string", &deep).is_err());
    assert!(find(&tree(), 0, "predicate string", &"NOT ".repeat(3_000)).is_err());
    assert!(find(&tree(), 0, "xpath", &"(".repeat(15_000)).is_err());
}

/// Words that make mistakes likely.
fn soup() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "label",
        "name",
        "==",
        "!=",
        "AND",
        "OR",
        "NOT",
        "(",
        ")",
        "{",
        "}",
        ",",
        "'",
        "\"",
        "`",
        "$",
        "[",
        "]",
        "[cd]",
        "**/",
        "/",
        "*",
        "XCUIElementTypeCell",
        "1",
        "-1",
        "MATCHES",
        "LIKE",
        "IN",
        "BETWEEN",
        "'a'",
        "\\",
        "é",
        "//",
        "@x",
        "|",
        "..",
        "::",
        "position()",
        "<",
    ]);
    prop::collection::vec(words, 0..24).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn no_selector_breaks_the_phone(
        value in prop_oneof![any::<String>(), soup(), soup().prop_map(|s| s.replace(' ', ""))],
        using in prop::sample::select(vec![
            "predicate string", "class chain", "xpath", "class name", "id", "link text",
        ]),
    ) {
        let tree = tree();
        if let Ok(found) = find(&tree, 0, using, &value) {
            prop_assert!(found.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(found.iter().all(|&at| at < tree.items.len()));
        }
    }
}
