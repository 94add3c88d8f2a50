//! What values look like: the bytes that stand for a value wherever it is seen, in a column of a table as in JSON, and by which it is
//! chosen and counted. What is done to control characters, and where quotes stand, is the formats' business.

pub mod address;
pub mod column;
pub mod hardware;
pub mod timer;

use std::net::IpAddr;

use crate::names::SharedResolver;
use crate::query::criteria::only::UNIT;
use crate::query::{Query, WantedNames};
use crate::record::{Fields, Value};

/// Knows what values look like.
#[derive(Clone, Debug)]
pub struct Shown {
    resolver: SharedResolver,
    /// Kernel clock ticks per second.
    ticks: u64,
    wanted: WantedNames,
}

impl Shown {
    /// With the names that `query` wants, from `resolver`; `ticks` is the kernel's clock ticks per second.
    pub fn new(query: &Query, resolver: SharedResolver, ticks: u64) -> Self {
        Shown {
            resolver,
            ticks,
            wanted: query.wanted_names(),
        }
    }

    /// Appends the text of a value, and tells whether there is any: there is none where there is no value or an empty list. Elements of
    /// a list stand with blanks between; of what has fields of its own, the first ones with a `/` between.
    pub fn append(&self, text: &mut Vec<u8>, value: Value<'_>, query: &Query) -> bool {
        let start = text.len();
        match value {
            Value::Word(word) => text.extend_from_slice(word.as_bytes()),
            Value::Text(bytes) => text.extend_from_slice(bytes),
            Value::Name { .. } | Value::Port(..) | Value::User(_) => {
                let known = self.known_name(value, |name| text.extend_from_slice(name));
                if known.is_none() {
                    self.plain(text, value);
                }
            }
            Value::List(elements) => elements(&mut |element| {
                if text.len() > start {
                    text.push(b' ');
                }
                self.append(text, element, query);
            }),
            Value::Object(fields) => self.object(text, fields, query),
            _ => self.plain(text, value),
        }
        text.len() > start
    }

    fn object(&self, text: &mut Vec<u8>, fields: &dyn Fields, query: &Query) {
        let mut index = 0;
        let shown = fields.in_short();
        fields.fields(query, &mut |_, value| {
            if index < shown {
                if index > 0 {
                    text.push(b'/');
                }
                if !self.append(text, value, query) {
                    text.push(b'-');
                }
            }
            index += 1;
        });
    }

    /// What is made of the name of a host, a port or a user, if names are wanted and there is one.
    pub fn known_name<T>(&self, value: Value<'_>, make: impl FnOnce(&[u8]) -> T) -> Option<T> {
        let resolver = || self.resolver.borrow_mut();
        match value {
            Value::Name {
                question: Some(question),
                ..
            } if self.wanted.hosts => resolver().name(question).map(make),
            Value::Port(Some(list), port) if port != 0 && self.wanted.ports => {
                resolver().service(list, port).map(make)
            }
            Value::User(uid) if self.wanted.users => resolver().user(uid).map(make),
            _ => None,
        }
    }

    /// Appends the text of a value that is no text of others and has no parts; of a name, what stands for it if it is not wanted or not
    /// known: a word or a number; `*` for the port 0.
    pub fn plain(&self, text: &mut Vec<u8>, value: Value<'_>) {
        match value {
            Value::Bool(value) => text.extend_from_slice(if value { b"true" } else { b"false" }),
            Value::Unsigned(number) => column::unsigned(text, number),
            Value::Signed(number) => column::signed(text, number),
            Value::Ticks(time) => fraction(text, time, self.ticks),
            Value::Hundredths(time) => fraction(text, time, 100),
            Value::Microseconds(time) => fraction(text, time, 1000),
            Value::Nanoseconds(time) => decimal(text, time, BILLION, 9),
            Value::Millionths(number) => decimal(text, number, MILLION, 6),
            Value::Address(address) => number(text, address),
            Value::Name {
                question: None,
                word: Some(word),
                ..
            } if self.wanted.hosts => text.extend_from_slice(word.as_bytes()),
            Value::Name { address, .. } => address::number(text, address),
            Value::Port(_, 0) => text.push(b'*'),
            Value::Port(_, port) => column::unsigned(text, port.into()),
            Value::User(uid) => column::unsigned(text, uid.into()),
            Value::Timer(protocol, timer) => timer::append(text, protocol, timer, self.ticks),
            Value::HardwareName(hardware) => {
                text.extend_from_slice(hardware::name(hardware.kind).word.as_bytes());
            }
            Value::HardwareAddress(hardware) => {
                // A blank leads to it, and blanks may fill it up.
                let mut column = Vec::new();
                hardware::address(&mut column, hardware, hardware::name(hardware.kind));
                text.extend_from_slice(column.trim_ascii());
            }
            // The sentence of a counter is known where counters are printed.
            Value::Null
            | Value::Word(_)
            | Value::Text(_)
            | Value::Sentence(_)
            | Value::Meaning(_)
            | Value::List(_)
            | Value::Object(_) => {}
        }
    }

    /// The number that a value is or stands for, in [`UNIT`]s.
    pub fn number(&self, value: Value<'_>) -> Option<i128> {
        Some(match value {
            Value::Unsigned(number) => i128::from(number) * UNIT,
            Value::Signed(number) => i128::from(number) * UNIT,
            Value::Ticks(time) => i128::from(time) * UNIT / i128::from(self.ticks.max(1)),
            Value::Hundredths(time) => i128::from(time) * (UNIT / 100),
            Value::Microseconds(time) => i128::from(time) * (UNIT / 1000),
            Value::Nanoseconds(time) => i128::from(time) * (UNIT / i128::from(BILLION)),
            Value::Millionths(number) => i128::from(number) * (UNIT / i128::from(MILLION)),
            Value::Port(_, port) => i128::from(port) * UNIT,
            Value::User(uid) => i128::from(uid) * UNIT,
            _ => return None,
        })
    }
}

/// The address that a value is or stands for.
pub fn address_of(value: Value<'_>) -> Option<IpAddr> {
    match value {
        Value::Address(address) | Value::Name { address, .. } => Some(address),
        _ => None,
    }
}

/// Appends an address. Unlike where it stands for a name, one that is mapped from IPv4 keeps its form, so that nothing is lost.
pub fn number(text: &mut Vec<u8>, address: IpAddr) {
    if is_mapped(address) {
        text.extend_from_slice(b"::ffff:");
    }
    address::number(text, address);
}

/// Whether an IPv6 address is an IPv4 address mapped to IPv6.
pub fn is_mapped(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(address) if address.to_ipv4_mapped().is_some())
}

/// One has so many millionths, and so many billionths.
const MILLION: u64 = 1_000_000;
const BILLION: u64 = 1_000_000_000;

/// Appends a number in parts of one, of which one has `10^digits`, all of them: with at least one digit behind the point, and none that says
/// nothing.
fn decimal(text: &mut Vec<u8>, number: u64, parts: u64, digits: usize) {
    column::unsigned(text, number / parts);
    text.push(b'.');
    let least = text.len() + 1;
    column::zero_padded(text, number % parts, digits);
    while text.len() > least && text.last() == Some(&b'0') {
        text.pop();
    }
}

/// Appends a time in units of which each has so many parts.
fn fraction(text: &mut Vec<u8>, time: u64, parts: u64) {
    #[expect(clippy::cast_precision_loss, reason = "2^53 ticks are long enough")]
    let time = time as f64 / parts as f64;
    let _ = serde_json::to_writer(text, &time);
}
