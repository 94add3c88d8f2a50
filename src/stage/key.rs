//! The order of values.

use std::net::IpAddr;

use crate::query::Query;
use crate::record::{Fields, Value};
use crate::shown::{self, Shown};

/// What values are ordered by: numbers as numbers, addresses as addresses, the rest by its bytes, and what is none last. A name stands
/// where its number does, so that no name need be known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// In [`UNIT`](crate::query::criteria::only::UNIT)s.
    Number(i128),
    /// Those that are mapped to IPv6 are IPv4 addresses.
    Address(IpAddr),
    /// The text of any other value.
    Text(Box<[u8]>),
    /// No value.
    None,
}

impl Key {
    /// That of a value.
    pub fn of(value: Value<'_>, shown: &Shown, query: &Query) -> Self {
        if let Some(number) = shown.number(value) {
            return Key::Number(number);
        }
        if let Some(address) = shown::address_of(value) {
            return Key::Address(address.to_canonical());
        }
        let mut text = Vec::new();
        if shown.append(&mut text, value, query) {
            Key::Text(text.into())
        } else {
            Key::None
        }
    }

    /// Those of a record's fields with these names, in the order of the names.
    pub fn of_fields(
        names: &[&'static str],
        record: &dyn Fields,
        shown: &Shown,
        query: &Query,
    ) -> Box<[Key]> {
        let mut keys: Box<[Key]> = names.iter().map(|_| Key::None).collect();
        record.fields(query, &mut |name, value| {
            for (key, _) in keys
                .iter_mut()
                .zip(names)
                .filter(|(_, named)| **named == name)
            {
                *key = Key::of(value, shown, query);
            }
        });
        keys
    }
}
