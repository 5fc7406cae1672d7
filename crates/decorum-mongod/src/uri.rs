//! Connection strings.

/// The same server with a default database.
pub fn in_database(uri: &str, database: &str) -> String {
    let (address, options) = match uri.split_once('?') {
        Some((address, options)) => (address, format!("?{options}")),
        None => (uri, String::new()),
    };
    format!("{}/{database}{options}", address.trim_end_matches('/'))
}

/// For all of `hosts`, in the set of this name if there is one.
pub(crate) fn uri(hosts: &[String], set: Option<&str>, user: Option<(&str, &str)>) -> String {
    let login = user.map_or_else(String::new, |(name, password)| format!("{name}:{password}@"));
    let mut options = Vec::new();
    if let Some(set) = set {
        options.push(format!("replicaSet={set}"));
    }
    if user.is_some() {
        options.push("authSource=admin".to_owned());
    }
    let options = match options.as_slice() {
        [] => String::new(),
        some => format!("?{}", some.join("&")),
    };
    format!("mongodb://{login}{}/{options}", hosts.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_goes_before_the_options() {
        let hosts = ["a:1".to_owned(), "b:2".to_owned()];
        let set = uri(&hosts, Some("rs"), Some(("me", "secret")));
        assert_eq!(
            in_database(&set, "log"),
            "mongodb://me:secret@a:1,b:2/log?replicaSet=rs&authSource=admin"
        );
        assert_eq!(in_database(&uri(&hosts[..1], None, None), "log"), "mongodb://a:1/log");
        assert_eq!(in_database("mongodb://a:1", "log"), "mongodb://a:1/log");
    }
}
