//! JSON: an array for each pass, a record on each line.
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

use super::messages::Messages;
use super::output::Output;
use super::text::{legacy, statistics};
use crate::error::{Error, Warning};
use crate::names::SharedResolver;
use crate::printable::{self, Piece};
use crate::query::Query;
use crate::record::namespace::Namespace;
use crate::record::{Fields, Message, Record, Sink, Table, Value};
use crate::shown::{Shown, column};

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
    shown: Shown,
    /// Fields that records have only since rows are chosen or sorted by them.
    hidden: Vec<&'static str>,
    /// Fields that all records have, if only as `null`, since they are named.
    named: Vec<&'static str>,
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
                hidden: query.hidden().map(|field| field.name).collect(),
                named: query.criteria.show.iter().map(|field| field.name).collect(),
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
        self.writer.record(&self.query, bytes, fields);
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
    /// Appends a record.
    fn record(&mut self, query: &Query, bytes: &mut Vec<u8>, fields: &dyn Fields) {
        if self.hidden.is_empty() && self.named.is_empty() {
            self.object(query, bytes, fields);
            return;
        }
        let start = bytes.len();
        let mut missing = self.named.clone();
        fields.fields(query, &mut |name, value| {
            if !self.hidden.contains(&name) {
                missing.retain(|&other| other != name);
                self.member(query, bytes, name, value);
            }
        });
        for name in missing {
            self.member(query, bytes, name, Value::Null);
        }
        braces(bytes, start);
    }

    /// Appends an object.
    fn object(&mut self, query: &Query, bytes: &mut Vec<u8>, fields: &dyn Fields) {
        let start = bytes.len();
        fields.fields(query, &mut |name, value| {
            self.member(query, bytes, name, value);
        });
        braces(bytes, start);
    }

    /// Appends a field, with a comma before it.
    fn member(&mut self, query: &Query, bytes: &mut Vec<u8>, name: &str, value: Value<'_>) {
        bytes.push(b',');
        key(bytes, name, "");
        if self.value(query, bytes, value) {
            bytes.push(b',');
            key(bytes, name, BYTES);
            self.hexadecimal(bytes, value);
        }
    }

    /// Appends a value, and tells whether some of its bytes were lost.
    fn value(&mut self, query: &Query, bytes: &mut Vec<u8>, value: Value<'_>) -> bool {
        match value {
            Value::Null => bytes.extend_from_slice(b"null"),
            Value::Bool(true) => bytes.extend_from_slice(b"true"),
            Value::Bool(false) => bytes.extend_from_slice(b"false"),
            Value::Unsigned(number) => column::unsigned(bytes, number),
            Value::Signed(_) | Value::Ticks(_) | Value::Hundredths(_) => {
                self.shown.plain(bytes, value);
            }
            Value::Word(word) => quoted(bytes, |bytes| bytes.extend_from_slice(word.as_bytes())),
            Value::Text(text) => return string(bytes, text),
            Value::Name { .. } | Value::Port(..) | Value::User(_) => {
                return match self.shown.known_name(value, |name| string(bytes, name)) {
                    Some(lossy) => lossy,
                    None => {
                        quoted(bytes, |bytes| self.shown.plain(bytes, value));
                        false
                    }
                };
            }
            Value::Address(_) | Value::Timer(..) | Value::HardwareName(_) => {
                quoted(bytes, |bytes| self.shown.plain(bytes, value));
            }
            Value::Sentence(counter) => {
                return found(bytes, |text| statistics::describe(text, counter));
            }
            Value::HardwareAddress(_) => {
                return found(bytes, |text| self.shown.plain(text, value));
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
                let known = self
                    .shown
                    .known_name(value, |name| hexadecimal(bytes, name));
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
}

/// Makes braces of what was appended from `start` on, fields with a comma before each.
fn braces(bytes: &mut Vec<u8>, start: usize) {
    match bytes.get_mut(start) {
        Some(comma) => *comma = b'{',
        None => bytes.push(b'{'),
    }
    bytes.push(b'}');
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
