//! Laying a partial profile over another.

use toml::{Table, Value};

use super::ProfileError;
use super::document::Document;

/// `over` laid over `base`, read and checked.
pub(super) fn lay(base: &str, over: &str) -> Result<Document, ProfileError> {
    let mut whole = table(base)?;
    let over = table(over)?;
    // The overlay is read alone first, so that an error names a key of the file it is in.
    read(over.clone())?;
    merge(&mut whole, over);
    read(whole)
}

fn invalid(key: &str, detail: &str) -> ProfileError {
    let key = if key.is_empty() || key == "." { "(document)" } else { key };
    ProfileError::Invalid { key: key.to_owned(), detail: detail.trim().to_owned() }
}

fn table(text: &str) -> Result<Table, ProfileError> {
    text.parse().map_err(|e: toml::de::Error| {
        let line = e.span().map(|span| {
            let before = text.get(..span.start).unwrap_or_default();
            format!("line {}: ", before.matches('\n').count() + 1)
        });
        invalid("", &format!("{}{}", line.unwrap_or_default(), e.message()))
    })
}

fn read(table: Table) -> Result<Document, ProfileError> {
    serde_path_to_error::deserialize(table).map_err(|e| {
        let key = e.path().to_string();
        invalid(&key, e.into_inner().message())
    })
}

fn merge(base: &mut Table, over: Table) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(Value::Table(inner)), Value::Table(more)) => merge(inner, more),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}
