//! JSON: an array for each pass, a record on each line; or, for readers of streams, lines alone, each with the time and the number of its
//! pass.
//!
//! There is no code for single tables here: records bring their fields ([`Fields`]), in the same order and under the same names
//! always. Only what was not asked for is missing: timers without `-o`, programs without `-p`, unless they are named. What does not apply
//! or is not known is `null`.
//!
//! Strings are made of bytes that others choose, so any may come:
//! - Control characters are escaped, also DEL and C1 (U+007F to U+009F), which JSON would allow as they are but terminals obey.
//! - Bytes that are not UTF-8 become U+FFFD, and a field `NAME_bytes` follows the field `NAME`: the same value with all bytes of its
//!   strings in hexadecimal. It is there only then, so no other string loses anything.

use std::io::Write;
use std::net::IpAddr;
use std::ops::Range;
use std::time::SystemTime;

use super::messages::{Messages, complaint};
use super::output::Output;
use super::text::statistics;
use super::timestamp;
use crate::error::Error;
use crate::names::SharedResolver;
use crate::printable::{self, Piece};
use crate::query::Query;
use crate::record::change::FIGURES;
use crate::record::namespace::Namespace;
use crate::record::{Fields, Message, Record, Sink, Table, Value};
use crate::shown::column::{self, Digits};
use crate::shown::{self, Shown};

/// Prints records as JSON.
#[derive(Debug)]
pub struct JsonFormat<W> {
    query: Query,
    writer: Writer,
    output: Output<W>,
    messages: Messages,
    /// Where every record is an object by itself, what each of this pass begins with: the brace and its first fields.
    opening: Vec<u8>,
    /// The number of this pass, from 1.
    report: u64,
    /// The last fields of each record of the network namespace at hand.
    namespace: Vec<u8>,
    /// The array of this pass has records.
    filled: bool,
}

/// Turns fields into text.
#[derive(Debug)]
struct Writer {
    shown: Shown,
    /// Fields that records have only since rows are chosen or sorted by them.
    hidden: Vec<&'static str>,
    /// Fields that all records have, if only as `null`, since they are named.
    named: Vec<&'static str>,
    /// Those of records, and of objects within them.
    keys: [Keys; 2],
    /// Names are wanted.
    names: bool,
    /// The number of a host that was written last of the fields at hand, and where it stands.
    last_number: Option<(IpAddr, Range<usize>)>,
    /// The number beyond nine that was written last, and its digits.
    last_digits: (u64, Digits),
}

/// Names of fields as they are written, in the order in which they come, so that each is put together once and not for every record.
#[derive(Debug, Default)]
struct Keys {
    kept: Vec<Key>,
    /// Which of them is the next.
    next: usize,
}

/// A name of a field as it is written.
#[derive(Clone, Copy, Debug)]
struct Key {
    name: &'static str,
    /// A comma, the name and the colon; what follows is none of it. A copy of a fixed length takes fewer instructions than one of the
    /// length that is needed.
    text: [u8; Key::ROOM],
    length: usize,
}

impl Key {
    const ROOM: usize = 32;
}

impl Keys {
    /// Appends a comma, the name of the next field and the colon.
    #[inline(always)]
    fn append(&mut self, bytes: &mut Vec<u8>, name: &'static str) {
        match self.kept.get(self.next) {
            // The same name, and not only one that reads the same.
            Some(key) if std::ptr::eq(key.name, name) => {
                let end = bytes.len() + key.length;
                bytes.extend_from_slice(&key.text);
                bytes.truncate(end);
            }
            _ => self.learn(bytes, name),
        }
        self.next += 1;
    }

    /// The same of a name that was not in this place before, and keeps it there if there is room for it.
    #[cold]
    fn learn(&mut self, bytes: &mut Vec<u8>, name: &'static str) {
        let start = bytes.len();
        append_key(bytes, name, "");
        let written = bytes.get(start..).unwrap_or_default();
        let mut key = Key {
            name,
            text: [0; Key::ROOM],
            length: written.len(),
        };
        if let Some(text) = key.text.get_mut(..key.length) {
            text.copy_from_slice(written);
            self.kept.truncate(self.next);
            self.kept.push(key);
        }
    }
}

impl<W: Write> JsonFormat<W> {
    /// Prints what `query` asks for to `output`, and messages through `messages`. Names come from `resolver`; `ticks` is the kernel's
    /// clock ticks per second.
    pub fn new(
        query: Query,
        resolver: SharedResolver,
        output: Output<W>,
        messages: Messages,
        ticks: u64,
    ) -> Self {
        JsonFormat {
            writer: Writer {
                shown: Shown::new(&query, resolver, ticks),
                hidden: (query.hidden().map(|field| &*field.name))
                    .filter(|name| {
                        !query.changes || !FIGURES.iter().any(|(_, field)| field == name)
                    })
                    .collect(),
                named: query.named_alone().map(|field| &*field.name).collect(),
                keys: Default::default(),
                names: query.wanted_names().any(),
                last_number: None,
                last_digits: (0, Digits::of(0, false)),
            },
            query,
            output,
            messages,
            opening: Vec::new(),
            report: 0,
            namespace: Vec::new(),
            filled: false,
        }
    }
}

impl<W: Write> Sink for JsonFormat<W> {
    fn begin(&mut self, _table: Table) -> Result<(), Error> {
        Ok(())
    }

    fn begin_namespace(&mut self, namespace: &Namespace) -> Result<(), Error> {
        self.namespace.clear();
        self.writer
            .fields(&self.query, &mut self.namespace, namespace, 1);
        Ok(())
    }

    fn record(&mut self, record: &Record<'_>) -> Result<(), Error> {
        let Some(fields) = record.fields() else {
            if let Some(message) = complaint(record, &self.query) {
                self.messages.say(&message);
            }
            return Ok(());
        };
        let bytes = self.output.row();
        if let Record::Change(change) = record {
            opening(bytes, change.time, self.report);
            self.writer.record(&self.query, bytes, fields);
        } else if self.query.json_lines {
            bytes.extend_from_slice(&self.opening);
            self.writer.record(&self.query, bytes, fields);
        } else {
            bytes.extend_from_slice(if self.filled { b",\n" } else { b"[\n" });
            self.filled = true;
            let start = bytes.len();
            self.writer.record(&self.query, bytes, fields);
            open(bytes, start);
        }
        bytes.extend_from_slice(&self.namespace);
        bytes.extend_from_slice(if self.query.json_lines { b"}\n" } else { b"}" });
        self.output.row_done()
    }

    /// Messages are not part of the JSON, so no rows need to be out before them.
    fn message(&mut self, message: &Message) -> Result<(), Error> {
        self.messages.say(message);
        Ok(())
    }

    fn begin_pass(&mut self) -> Result<(), Error> {
        self.filled = false;
        self.report += 1;
        if self.query.json_lines {
            self.opening.clear();
            opening(&mut self.opening, SystemTime::now(), self.report);
        }
        Ok(())
    }

    /// Ends the array, also where an error ended the pass.
    fn end_pass(&mut self) -> Result<(), Error> {
        if !self.query.json_lines {
            let end: &[u8] = if self.filled { b"\n]\n" } else { b"[]\n" };
            self.output.row().extend_from_slice(end);
        }
        self.output.flush()
    }
}

/// Appends what an object that stands by itself begins with.
fn opening(bytes: &mut Vec<u8>, time: SystemTime, report: u64) {
    bytes.extend_from_slice(b"{\"time\":\"");
    timestamp::append(bytes, time);
    bytes.extend_from_slice(b"\",\"report\":");
    column::unsigned(bytes, report);
}

/// Behind the name of a field whose text was not UTF-8.
const BYTES: &str = "_bytes";

impl Writer {
    /// Appends the fields of a record, each behind a comma.
    fn record(&mut self, query: &Query, bytes: &mut Vec<u8>, fields: &dyn Fields) {
        if self.hidden.is_empty() && self.named.is_empty() {
            return self.fields(query, bytes, fields, 0);
        }
        let mut keys = self.keys(0);
        let mut missing = self.named.clone();
        fields.fields(query, &mut |name, value| {
            if !self.hidden.contains(&name) {
                missing.retain(|&other| other != name);
                self.member(query, bytes, &mut keys, name, &value);
            }
        });
        for name in missing {
            self.member(query, bytes, &mut keys, name, &Value::Null);
        }
        self.keep_keys(0, keys);
    }

    /// The names of fields of records (level 0) or of objects within them (level 1), to be used for one of them from the first on.
    fn keys(&mut self, level: usize) -> Keys {
        self.last_number = None;
        let kept = self.keys.get_mut(level).map(std::mem::take);
        Keys {
            next: 0,
            ..kept.unwrap_or_default()
        }
    }

    fn keep_keys(&mut self, level: usize, keys: Keys) {
        if let Some(kept) = self.keys.get_mut(level) {
            *kept = keys;
        }
    }

    /// Appends an object.
    fn object(&mut self, query: &Query, bytes: &mut Vec<u8>, fields: &dyn Fields) {
        let start = bytes.len();
        self.fields(query, bytes, fields, 1);
        open(bytes, start);
        bytes.push(b'}');
    }

    /// Appends the fields of a record or an object, each behind a comma.
    fn fields(&mut self, query: &Query, bytes: &mut Vec<u8>, fields: &dyn Fields, level: usize) {
        let mut keys = self.keys(level);
        fields.fields(query, &mut |name, value| {
            self.member(query, bytes, &mut keys, name, &value);
        });
        self.keep_keys(level, keys);
    }

    /// Appends a comma and a field.
    #[inline(always)]
    fn member(
        &mut self,
        query: &Query,
        bytes: &mut Vec<u8>,
        keys: &mut Keys,
        name: &'static str,
        value: &Value<'_>,
    ) {
        keys.append(bytes, name);
        if self.value(query, bytes, value) {
            append_key(bytes, name, BYTES);
            self.hexadecimal(bytes, value);
        }
    }

    /// Appends a value, and tells whether some of its bytes were lost. What sockets have most of is dealt with here, where that takes no
    /// further call.
    #[inline(always)]
    fn value(&mut self, query: &Query, bytes: &mut Vec<u8>, value: &Value<'_>) -> bool {
        match *value {
            Value::Null => bytes.extend_from_slice(b"null"),
            Value::Unsigned(number) => self.unsigned(bytes, number),
            Value::Word(word) => quoted(bytes, |bytes| bytes.extend_from_slice(word.as_bytes())),
            Value::Address(address) => quoted(bytes, |bytes| self.address(bytes, address)),
            Value::Name { .. } | Value::Port(..) | Value::User(_) => {
                let name = |name: &[u8]| string(bytes, name);
                if self.names
                    && let Some(lossy) = self.shown.known_name(*value, name)
                {
                    return lossy;
                }
                quoted(bytes, |bytes| self.unnamed(bytes, value));
            }
            _ => return self.other_value(query, bytes, value),
        }
        false
    }

    /// The same of the other values.
    #[inline(never)]
    fn other_value(&mut self, query: &Query, bytes: &mut Vec<u8>, value: &Value<'_>) -> bool {
        match *value {
            Value::Bool(_)
            | Value::Signed(_)
            | Value::Ticks(_)
            | Value::Hundredths(_)
            | Value::Microseconds(_)
            | Value::Nanoseconds(_)
            | Value::Millionths(_) => {
                self.shown.plain(bytes, *value);
            }
            Value::Text(text) => return string(bytes, text),
            Value::Timer(..) | Value::HardwareName(_) => {
                quoted(bytes, |bytes| self.shown.plain(bytes, *value));
            }
            Value::Sentence(counter) => {
                return found(bytes, |text| statistics::describe(text, counter));
            }
            Value::Meaning(counter) => {
                return found(bytes, |text| statistics::meaning(text, counter));
            }
            Value::HardwareAddress(_) => {
                return found(bytes, |text| self.shown.plain(text, *value));
            }
            Value::List(list) => {
                let (mut first, mut lossy) = (true, false);
                bytes.push(b'[');
                list(&mut |item| {
                    if !std::mem::take(&mut first) {
                        bytes.push(b',');
                    }
                    lossy |= self.value(query, bytes, &item);
                });
                bytes.push(b']');
                return lossy;
            }
            Value::Object(fields) => self.object(query, bytes, fields),
            // Dealt with above.
            Value::Null
            | Value::Unsigned(_)
            | Value::Word(_)
            | Value::Address(_)
            | Value::Name { .. }
            | Value::Port(..)
            | Value::User(_) => {}
        }
        false
    }

    /// Appends the same value with the bytes of its text in hexadecimal; `null` for what is no text.
    fn hexadecimal(&mut self, bytes: &mut Vec<u8>, value: &Value<'_>) {
        match *value {
            Value::Text(text) => hexadecimal(bytes, text),
            Value::Name { .. } | Value::Port(..) | Value::User(_) => {
                let known = self
                    .shown
                    .known_name(*value, |name| hexadecimal(bytes, name));
                if known.is_none() {
                    bytes.extend_from_slice(b"null");
                }
            }
            Value::List(list) => {
                let mut first = true;
                bytes.push(b'[');
                list(&mut |item| {
                    if !std::mem::take(&mut first) {
                        bytes.push(b',');
                    }
                    self.hexadecimal(bytes, &item);
                });
                bytes.push(b']');
            }
            _ => bytes.extend_from_slice(b"null"),
        }
    }

    /// Appends what stands for a name that is not wanted or not known.
    fn unnamed(&mut self, bytes: &mut Vec<u8>, value: &Value<'_>) {
        match *value {
            Value::Port(_, port) if port != 0 => self.unsigned(bytes, port.into()),
            Value::User(uid) => self.unsigned(bytes, uid.into()),
            _ => {
                let start = bytes.len();
                self.shown.plain(bytes, *value);
                if let Value::Name {
                    address,
                    word: None,
                    ..
                } = *value
                {
                    self.last_number = Some((address, start..bytes.len()));
                }
            }
        }
    }

    /// Appends a number. Most are small, and ports and users come twice, as text and as a number.
    #[inline(always)]
    fn unsigned(&mut self, bytes: &mut Vec<u8>, number: u64) {
        match u8::try_from(number) {
            Ok(digit @ 0..=9) => bytes.push(b'0' + digit),
            _ => {
                if self.last_digits.0 != number {
                    self.last_digits = (number, Digits::of(number, false));
                }
                self.last_digits.1.append(bytes);
            }
        }
    }

    /// Appends an address. Where the host before is shown by the same number, that is copied.
    fn address(&mut self, bytes: &mut Vec<u8>, address: IpAddr) {
        match self.last_number.take() {
            Some((last, place))
                if last == address && !shown::is_mapped(address) && place.end <= bytes.len() =>
            {
                bytes.extend_from_within(place);
            }
            _ => shown::number(bytes, address),
        }
    }
}

/// Makes an object of the fields that were appended from `start` on, but for its end.
fn open(bytes: &mut Vec<u8>, start: usize) {
    match bytes.get_mut(start) {
        Some(comma) => *comma = b'{',
        None => bytes.push(b'{'),
    }
}

/// Appends what the text format shows as a string, `null` if that is nothing, and tells whether some of its bytes were lost.
fn found(bytes: &mut Vec<u8>, make: impl FnOnce(&mut Vec<u8>)) -> bool {
    let mut text = Vec::new();
    make(&mut text);
    match text.trim_ascii() {
        [] => {
            bytes.extend_from_slice(b"null");
            false
        }
        text => string(bytes, text),
    }
}

/// Appends a comma, a field's name and the colon. Names are plain words.
fn append_key(bytes: &mut Vec<u8>, name: &str, suffix: &str) {
    bytes.extend_from_slice(b",\"");
    bytes.extend_from_slice(name.as_bytes());
    bytes.extend_from_slice(suffix.as_bytes());
    bytes.extend_from_slice(b"\":");
}

/// Appends a string of characters that need no escape.
fn quoted(bytes: &mut Vec<u8>, make: impl FnOnce(&mut Vec<u8>)) {
    bytes.push(b'"');
    make(bytes);
    bytes.push(b'"');
}

/// Appends text as a string, and tells whether some of its bytes were lost.
fn string(bytes: &mut Vec<u8>, text: &[u8]) -> bool {
    let mut lossy = false;
    if text
        .iter()
        .all(|byte| matches!(byte, 0x20..=0x7e) && !matches!(byte, b'"' | b'\\'))
    {
        quoted(bytes, |bytes| bytes.extend_from_slice(text));
        return false;
    }
    quoted(bytes, |bytes| {
        printable::pieces(text, |piece| match piece {
            Piece::Plain(plain) => escaped(bytes, plain.as_bytes()),
            Piece::Hidden(character) => hidden(bytes, character),
            Piece::Invalid(_) => {
                lossy = true;
                bytes.extend_from_slice("\u{fffd}".as_bytes());
            }
        });
    });
    lossy
}

/// Appends text without controls.
fn escaped(bytes: &mut Vec<u8>, text: &[u8]) {
    for part in text.split_inclusive(|byte| matches!(byte, b'"' | b'\\')) {
        match part.split_last() {
            Some((last @ (b'"' | b'\\'), before)) => {
                bytes.extend_from_slice(before);
                bytes.extend_from_slice(&[b'\\', *last]);
            }
            _ => bytes.extend_from_slice(part),
        }
    }
}

/// Appends a character that is not to reach a terminal.
fn hidden(bytes: &mut Vec<u8>, character: char) {
    let short = match character {
        '\u{8}' => "\\b",
        '\t' => "\\t",
        '\n' => "\\n",
        '\u{c}' => "\\f",
        '\r' => "\\r",
        _ => {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(bytes, "\\u{unit:04x}");
            }
            return;
        }
    };
    bytes.extend_from_slice(short.as_bytes());
}

/// Appends bytes as a string of hexadecimal digits.
fn hexadecimal(bytes: &mut Vec<u8>, text: &[u8]) {
    quoted(bytes, |bytes| {
        for &byte in text {
            column::hex(bytes, byte.into(), 2);
        }
    });
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::net::{Ipv4Addr, Ipv6Addr};
    use std::rc::Rc;

    use super::*;
    use crate::cli::Args;
    use crate::names::NameResolver;
    use crate::record::Visitor;
    use crate::record::owner::{CommandLine, Program};

    fn writer() -> Writer {
        let args = Args {
            numeric_hosts: true,
            numeric_ports: true,
            numeric_users: true,
            ..Args::default()
        };
        let resolver = Rc::new(RefCell::new(NameResolver::new()));
        Writer {
            shown: Shown::new(&Query::new(&args), resolver, 100),
            hidden: Vec::new(),
            named: Vec::new(),
            keys: Default::default(),
            names: false,
            last_number: None,
            last_digits: (0, Digits::of(0, false)),
        }
    }

    /// Names of fields and their values.
    struct Given<'a>(&'a [(&'static str, Value<'a>)]);

    impl Fields for Given<'_> {
        fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
            for &(name, value) in self.0 {
                visit(name, value);
            }
        }
    }

    fn written(writer: &mut Writer, query: &Query, fields: &dyn Fields) -> String {
        let mut bytes = Vec::new();
        writer.object(query, &mut bytes, fields);
        String::from_utf8(bytes).unwrap()
    }

    /// They are long and can have secrets in them.
    #[test]
    fn command_lines_are_shown_to_those_alone_who_ask() {
        let mut query = Query::new(&Args::default());
        let program = Program {
            pid: b"7".to_vec(),
            name: b"sh".to_vec(),
            command_line: Some(CommandLine {
                text: b"/bin/sh\0-c\0\0a\xff\x1b\0\0\0".to_vec(),
                truncated: true,
            }),
            ..Program::default()
        };
        let mut writer = writer();
        assert_eq!(
            written(&mut writer, &query, &program),
            r#"{"pid":7,"program":"sh","comm":null}"#
        );
        query.criteria.show_all = true;
        assert_eq!(
            written(&mut writer, &query, &program),
            concat!(
                r#"{"pid":7,"program":"sh","comm":null,"cmdline":["/bin/sh","-c","","a"#,
                "\u{fffd}",
                r#"\u001b"],"cmdline_bytes":["2f62696e2f7368","2d63","","61ff1b"],"cmdline_truncated":true}"#
            )
        );
    }

    /// Those that come in the place of others, and those that are too long to be kept.
    #[test]
    fn every_name_is_its_own() {
        const LONG: &str = "a_name_that_is_too_long_to_be_kept";
        const FITS: &str = "a_name_that_just_fits_in_its";
        assert_eq!(FITS.len() + 4, Key::ROOM);
        let (mut writer, query) = (writer(), Query::new(&Args::default()));
        let inner = [("x", Value::Null), (LONG, Value::Null)];
        let inner = Given(&inner);
        let nested = Value::Object(&inner);
        for fields in [
            &[
                ("a", Value::Null),
                ("b", nested),
                ("c", nested),
                (FITS, Value::Null),
            ][..],
            &[
                ("a", Value::Null),
                (LONG, nested),
                ("b", Value::Null),
                ("c", nested),
            ],
            &[("b", Value::Null), ("x", Value::Null), (FITS, Value::Null)],
            &[("a", Value::Null)],
            &[],
        ] {
            let expected: Vec<String> = fields
                .iter()
                .map(|(name, value)| match value {
                    Value::Object(_) => format!("\"{name}\":{{\"x\":null,\"{LONG}\":null}}"),
                    _ => format!("\"{name}\":null"),
                })
                .collect();
            let expected = format!("{{{}}}", expected.join(","));
            for _ in 0..2 {
                assert_eq!(written(&mut writer, &query, &Given(fields)), expected);
                let mut bytes = Vec::new();
                writer.record(&query, &mut bytes, &Given(fields));
                open(&mut bytes, 0);
                assert_eq!(String::from_utf8(bytes).unwrap() + "}", expected);
            }
        }
    }

    /// What was written last serves again only where it is the same.
    #[test]
    fn numbers_that_come_twice() {
        let one = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
        let mapped = IpAddr::V6(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0x0a00, 1));
        let host = |address| Value::Name {
            address,
            question: None,
            word: None,
        };
        let (port, number) = (Value::Port(None, 443), Value::Unsigned(443));
        let (mut writer, query) = (writer(), Query::new(&Args::default()));
        for (fields, expected) in [
            (
                [
                    ("a", host(one)),
                    ("b", Value::Address(one)),
                    ("c", port),
                    ("d", number),
                ],
                r#"{"a":"10.0.0.1","b":"10.0.0.1","c":"443","d":443}"#,
            ),
            (
                [
                    ("a", host(mapped)),
                    ("b", Value::Address(mapped)),
                    ("c", number),
                    ("d", host(one)),
                ],
                r#"{"a":"10.0.0.1","b":"::ffff:10.0.0.1","c":443,"d":"10.0.0.1"}"#,
            ),
            // The record before ends with this host.
            (
                [
                    ("a", Value::Unsigned(44)),
                    ("b", Value::Address(one)),
                    ("c", Value::Unsigned(u64::MAX)),
                    ("d", Value::User(0)),
                ],
                r#"{"a":44,"b":"10.0.0.1","c":18446744073709551615,"d":"0"}"#,
            ),
        ] {
            assert_eq!(written(&mut writer, &query, &Given(&fields)), expected);
        }
    }
}
