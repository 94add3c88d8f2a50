//! JSON: an array for each pass, a record on each line.
//!
//! There is no code for single tables here: records bring their fields ([`Fields`]), in the same order and under the same names
//! always. Only what was not asked for is missing: timers without `-o`, programs without `-p`. What does not apply or is not known is
//! `null`.
//!
//! Strings are made of bytes that others choose, so any may come:
//! - Control characters are escaped, also DEL and C1 (U+007F to U+009F), which JSON would allow as they are but terminals obey.
//! - Bytes that are not UTF-8 become U+FFFD, and a field `NAME_bytes` follows the field `NAME`: the same value with all bytes of its
//!   strings in hexadecimal. It is there only then, so no other string loses anything.

use std::io::Write;
use std::net::IpAddr;

use super::messages::Messages;
use super::output::Output;
use super::text::{address, column, hardware, inet, legacy, statistics};
use crate::error::{Error, Warning};
use crate::names::SharedResolver;
use crate::printable::{self, Piece};
use crate::query::{Query, WantedNames};
use crate::record::namespace::Namespace;
use crate::record::{Fields, Message, Record, Sink, Table, Value};

/// Prints records as JSON.
#[derive(Debug)]
pub struct JsonFormat<W> {
    query: Query,
    writer: Writer,
    output: Output<W>,
    messages: Messages,
    /// The end of each object of the network namespace at hand: a comma, its fields, the brace.
    namespace: Option<Vec<u8>>,
    /// The array of this pass has records.
    filled: bool,
}

/// Turns fields into text.
#[derive(Debug)]
struct Writer {
    resolver: SharedResolver,
    /// Kernel clock ticks per second.
    ticks: u64,
    wanted: WantedNames,
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
                resolver,
                ticks,
                wanted: query.wanted_names(),
            },
            query,
            output,
            messages,
            namespace: None,
            filled: false,
        }
    }

    /// Says what the reference complains about among its rows.
    fn complain(&mut self, make: impl FnOnce(&mut Vec<u8>, &Query)) {
        let mut text = Vec::new();
        make(&mut text, &self.query);
        let text = String::from_utf8_lossy(text.trim_ascii_end()).into_owned();
        self.messages.say(&Message::from(&Warning::Text(text)));
    }
}

impl<W: Write> Sink for JsonFormat<W> {
    fn begin(&mut self, _table: Table) -> Result<(), Error> {
        Ok(())
    }

    fn begin_namespace(&mut self, namespace: &Namespace) -> Result<(), Error> {
        let mut fields = Vec::new();
        self.writer.object(&self.query, &mut fields, namespace);
        // They follow those of each record.
        if let Some(brace) = fields.first_mut() {
            *brace = b',';
        }
        self.namespace = Some(fields);
        Ok(())
    }

    fn record(&mut self, record: &Record<'_>) -> Result<(), Error> {
        match record {
            Record::NoStatistics(families) => {
                self.complain(|text, _| statistics::refusal(text, families));
            }
            Record::Unreadable(line) => {
                self.complain(|text, query| legacy::unreadable(text, line, query));
            }
            Record::Complaint(text) => {
                self.complain(|row, _| row.extend_from_slice(text.as_bytes()));
            }
            _ => {}
        }
        let Some(fields) = record.fields() else {
            return Ok(());
        };
        let bytes = self.output.row();
        bytes.extend_from_slice(if self.filled { b",\n" } else { b"[\n" });
        self.filled = true;
        self.writer.object(&self.query, bytes, fields);
        if let Some(namespace) = &self.namespace {
            bytes.pop();
            bytes.extend_from_slice(namespace);
        }
        self.output.row_done()
    }

    /// Messages are not part of the JSON, so no rows need to be out before them.
    fn message(&mut self, message: &Message) -> Result<(), Error> {
        self.messages.say(message);
        Ok(())
    }

    fn begin_pass(&mut self) -> Result<(), Error> {
        self.filled = false;
        Ok(())
    }

    /// Ends the array, also where an error ended the pass.
    fn end_pass(&mut self) -> Result<(), Error> {
        let end: &[u8] = if self.filled { b"\n]\n" } else { b"[]\n" };
        self.output.row().extend_from_slice(end);
        self.output.flush()
    }
}

/// Behind the name of a field whose text was not UTF-8.
const BYTES: &str = "_bytes";

impl Writer {
    /// Appends an object.
    fn object(&mut self, query: &Query, bytes: &mut Vec<u8>, fields: &dyn Fields) {
        bytes.push(b'{');
        let mut first = true;
        fields.fields(query, &mut |name, value| {
            if !std::mem::take(&mut first) {
                bytes.push(b',');
            }
            key(bytes, name, "");
            if self.value(query, bytes, value) {
                bytes.push(b',');
                key(bytes, name, BYTES);
                self.hexadecimal(bytes, value);
            }
        });
        bytes.push(b'}');
    }

    /// Appends a value, and tells whether some of its bytes were lost.
    fn value(&mut self, query: &Query, bytes: &mut Vec<u8>, value: Value<'_>) -> bool {
        match value {
            Value::Null => bytes.extend_from_slice(b"null"),
            Value::Unsigned(number) => column::unsigned(bytes, number),
            Value::Signed(number) => column::signed(bytes, number),
            Value::Ticks(ticks) => seconds(bytes, ticks, self.ticks),
            Value::Hundredths(time) => seconds(bytes, time, 100),
            Value::Word(word) => quoted(bytes, |bytes| bytes.extend_from_slice(word.as_bytes())),
            Value::Text(text) => return string(bytes, text),
            Value::Address(address) => quoted(bytes, |bytes| number(bytes, address)),
            Value::Name { .. } | Value::Port(..) | Value::User(_) => {
                return match self.known_name(value, |name| string(bytes, name)) {
                    Some(lossy) => lossy,
                    None => {
                        quoted(bytes, |bytes| self.unnamed(bytes, value));
                        false
                    }
                };
            }
            Value::Timer(protocol, timer) => {
                let ticks = self.ticks;
                quoted(bytes, |bytes| inet::timer(bytes, protocol, timer, ticks));
            }
            Value::Sentence(counter) => {
                return shown(bytes, |text| statistics::describe(text, counter));
            }
            Value::HardwareName(hardware) => {
                let name = hardware::name(hardware.kind).word;
                quoted(bytes, |bytes| bytes.extend_from_slice(name.as_bytes()));
            }
            Value::HardwareAddress(hardware) => {
                let name = hardware::name(hardware.kind);
                return shown(bytes, |text| hardware::address(text, hardware, name));
            }
            Value::List(list) => {
                let (mut first, mut lossy) = (true, false);
                bytes.push(b'[');
                list(&mut |item| {
                    if !std::mem::take(&mut first) {
                        bytes.push(b',');
                    }
                    lossy |= self.value(query, bytes, item);
                });
                bytes.push(b']');
                return lossy;
            }
            Value::Object(fields) => self.object(query, bytes, fields),
        }
        false
    }

    /// Appends the same value with the bytes of its text in hexadecimal; `null` for what is no text.
    fn hexadecimal(&mut self, bytes: &mut Vec<u8>, value: Value<'_>) {
        match value {
            Value::Text(text) => hexadecimal(bytes, text),
            Value::Name { .. } | Value::Port(..) | Value::User(_) => {
                let known = self.known_name(value, |name| hexadecimal(bytes, name));
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
                    self.hexadecimal(bytes, item);
                });
                bytes.push(b']');
            }
            _ => bytes.extend_from_slice(b"null"),
        }
    }

    /// What is made of the name of a host, a port or a user, if names are wanted and there is one.
    fn known_name<T>(&self, value: Value<'_>, make: impl FnOnce(&[u8]) -> T) -> Option<T> {
        let mut resolver = self.resolver.borrow_mut();
        let name = match value {
            Value::Name {
                question: Some(question),
                ..
            } if self.wanted.hosts => resolver.name(question),
            Value::Port(Some(list), port) if port != 0 && self.wanted.ports => {
                resolver.service(list, port)
            }
            Value::User(uid) if self.wanted.users => resolver.user(uid),
            _ => None,
        };
        name.map(make)
    }

    /// Appends what stands for a name that is not wanted or not known: a word or a number; `*` for the port 0.
    fn unnamed(&self, bytes: &mut Vec<u8>, value: Value<'_>) {
        match value {
            Value::Name {
                question: None,
                word: Some(word),
                ..
            } if self.wanted.hosts => bytes.extend_from_slice(word.as_bytes()),
            Value::Name { address, .. } => address::number(bytes, address),
            Value::Port(_, 0) => bytes.push(b'*'),
            Value::Port(_, port) => column::unsigned(bytes, port.into()),
            Value::User(uid) => column::unsigned(bytes, uid.into()),
            _ => {}
        }
    }
}

/// Appends what the text format shows as a string, `null` if that is nothing, and tells whether some of its bytes were lost.
fn shown(bytes: &mut Vec<u8>, make: impl FnOnce(&mut Vec<u8>)) -> bool {
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

/// Appends a field's name and the colon. Names are plain words.
fn key(bytes: &mut Vec<u8>, name: &str, suffix: &str) {
    bytes.push(b'"');
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

/// Appends an address. Unlike the text format's, one that is mapped from IPv4 keeps its form, so that nothing is lost.
fn number(bytes: &mut Vec<u8>, address: IpAddr) {
    if let IpAddr::V6(address) = address
        && address.to_ipv4_mapped().is_some()
    {
        bytes.extend_from_slice(b"::ffff:");
    }
    address::number(bytes, address);
}

/// Appends a time in seconds.
fn seconds(bytes: &mut Vec<u8>, time: u64, per_second: u64) {
    #[expect(clippy::cast_precision_loss, reason = "2^53 ticks are long enough")]
    let seconds = time as f64 / per_second as f64;
    let _ = serde_json::to_writer(bytes, &seconds);
}

/// Appends text as a string, and tells whether some of its bytes were lost.
fn string(bytes: &mut Vec<u8>, text: &[u8]) -> bool {
    let mut lossy = false;
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
