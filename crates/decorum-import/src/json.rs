//! JSON, entry by entry: a list or an object of any length, of which one entry at a time is in
//! memory.

use std::fmt;
use std::io::{BufReader, Read};
use std::marker::PhantomData;

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess,
    Visitor,
};

use crate::bounded::{Allowance, Bounded};
use crate::sink::{Halt, InFile};
use crate::{ImportError, Place, Spot};

/// What is done with each entry.
type Each<'e, T> = dyn FnMut(Spot, T) -> Result<(), Halt> + 'e;

/// Reads a list: the whole document, or the value of one of the `names` of an object.
pub(crate) fn list<T: DeserializeOwned>(
    file: &InFile,
    reader: impl Read,
    whole_max: u64,
    names: &'static [&'static str],
    each: &mut Each<'_, T>,
) -> Result<(), Halt> {
    read(file, reader, whole_max, |walk| Document { walk, names, keyed: false }, each)
}

/// Reads an object of which each value is an entry.
pub(crate) fn object<T: DeserializeOwned>(
    file: &InFile,
    reader: impl Read,
    whole_max: u64,
    each: &mut Each<'_, T>,
) -> Result<(), Halt> {
    read(file, reader, whole_max, |walk| Document { walk, names: &[], keyed: true }, each)
}

fn read<'e, T: DeserializeOwned>(
    file: &InFile,
    reader: impl Read,
    whole_max: u64,
    document: impl for<'w> FnOnce(&'w mut Walk<'e, T>) -> Document<'w, 'e, T>,
    each: &'e mut Each<'e, T>,
) -> Result<(), Halt> {
    let allowance = Allowance::default();
    let mut walk = Walk { each, halt: None, allowance: allowance.clone() };
    let reader = BufReader::new(Bounded::new(reader, whole_max, &allowance));
    let mut json = serde_json::Deserializer::from_reader(reader);
    let read = document(&mut walk).deserialize(&mut json).and_then(|()| json.end());
    if let Some(halt) = walk.halt {
        return Err(halt);
    }
    let Err(error) = read else { return Ok(()) };
    Err(Halt::Failed(match allowance.exceeded() {
        Some(exceeded) => {
            ImportError::TooLarge { place: place(file, &error), problem: exceeded.explained() }
        }
        None => damage(file, &error),
    }))
}

/// What is wrong, without the place, which is said in its own way.
fn damage(file: &InFile, error: &serde_json::Error) -> ImportError {
    let text = error.to_string();
    let problem = text.split(" at line ").next().unwrap_or_default().to_owned();
    if error.is_io() {
        return ImportError::damaged(place(file, error), format!("it breaks off: {problem}"));
    }
    ImportError::damaged(place(file, error), problem)
}

fn place(file: &InFile, error: &serde_json::Error) -> Place {
    match u64::try_from(error.line()) {
        Ok(line) if line > 0 => file.at(Spot::Line(line)),
        _ => file.whole(),
    }
}

/// What the walk through a document carries with it.
struct Walk<'e, T> {
    each: &'e mut Each<'e, T>,
    /// Why the caller ended it; serde's error is then only the way out.
    halt: Option<Halt>,
    allowance: Allowance,
}

impl<T> Walk<'_, T> {
    fn entry<E: serde::de::Error>(&mut self, spot: Spot, entry: T) -> Result<(), E> {
        self.allowance.renew();
        (self.each)(spot, entry).map_err(|halt| {
            self.halt = Some(halt);
            E::custom("ended by the reader")
        })
    }
}

struct Document<'w, 'e, T> {
    walk: &'w mut Walk<'e, T>,
    names: &'static [&'static str],
    keyed: bool,
}

impl<'de, T: DeserializeOwned> DeserializeSeed<'de> for Document<'_, '_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de, T: DeserializeOwned> Visitor<'de> for Document<'_, '_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.keyed, self.names) {
            (true, _) => f.write_str("an object"),
            (false, names) => write!(f, "a list, or an object with {}", names.join(" or ")),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        if self.keyed {
            return Err(A::Error::invalid_type(serde::de::Unexpected::Seq, &self));
        }
        Entries { walk: self.walk, name: "" }.visit_seq(seq)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut others = false;
        let mut found = false;
        while let Some(key) = map.next_key::<String>()? {
            if self.keyed {
                let entry = map.next_value()?;
                self.walk.entry(Spot::Key(key.into()), entry)?;
            } else if let Some(name) = self.names.iter().find(|name| **name == key) {
                map.next_value_seed(Entries { walk: self.walk, name })?;
                found = true;
            } else {
                map.next_value::<IgnoredAny>()?;
                others = true;
            }
        }
        if others && !found {
            return Err(A::Error::custom(format!("it has no {}", self.names.join(" or "))));
        }
        Ok(())
    }
}

struct Entries<'w, 'e, T> {
    walk: &'w mut Walk<'e, T>,
    name: &'static str,
}

impl<'de, T: DeserializeOwned> DeserializeSeed<'de> for Entries<'_, '_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de, T: DeserializeOwned> Visitor<'de> for Entries<'_, '_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut nth = 0;
        while let Some(entry) = seq.next_element_seed(PhantomData::<T>)? {
            self.walk.entry(Spot::Entry(self.name, nth), entry)?;
            nth += 1;
        }
        Ok(())
    }
}
