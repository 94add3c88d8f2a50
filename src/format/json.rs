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
use std::time::SystemTime;

use super::messages::{Messages, complaint};
use super::output::Output;
use super::text::statistics;
use super::timestamp;
use crate::error::Error;
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
    keys: Keys,
}

/// Names of fields as they are written, so that each is put together once and not for every record.
#[derive(Debug)]
struct Keys(Box<[Key; Keys::SLOTS]>);

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

    /// Takes room for the name and what is around it, if that is enough.
    fn new(name: &'static str) -> Option<Self> {
        let mut text = [0; Key::ROOM];
        let length = name.len() + 4;
        let place = text.get_mut(..length)?;
        place.copy_from_slice(&[b",\"", name.as_bytes(), b"\":"].concat());
        Some(Key { name, text, length })
    }
}

impl Keys {
    const SLOTS: usize = 256;

    fn new() -> Self {
        let none = Key {
            name: "",
            text: [0; Key::ROOM],
            length: 0,
        };
        Keys(Box::new([none; Keys::SLOTS]))
    }

    /// Appends a comma, a field's name and the colon.
    fn append(&mut self, bytes: &mut Vec<u8>, name: &'static str) {
        // A name is known by where it stands in the program, without a look at its letters. Those of a record stand side by side, so that
        // few share a slot; one that does is put together again.
        if let Some(key) = self.0.get_mut(name.as_ptr().addr() % Keys::SLOTS) {
            if !std::ptr::eq(key.name, name) {
                match Key::new(name) {
                    Some(new) => *key = new,
                    None => return append_key(bytes, name, ""),
                }
            }
            let end = bytes.len() + key.length;
            bytes.extend_from_slice(&key.text);
            bytes.truncate(end);
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
                hidden: query.hidden().map(|field| field.name).collect(),
                named: query.criteria.show.iter().map(|field| field.name).collect(),
                keys: Keys::new(),
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
            .fields(&self.query, &mut self.namespace, namespace);
        Ok(())
    }

    fn record(&mut self, record: &Record<'_>) -> Result<(), Error> {
        if let Some(message) = complaint(record, &self.query) {
            self.messages.say(&message);
        }
        let Some(fields) = record.fields() else {
            return Ok(());
        };
        let bytes = self.output.row();
        if self.query.json_lines {
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
            self.opening.extend_from_slice(b"{\"time\":\"");
            timestamp::append(&mut self.opening, SystemTime::now());
            self.opening.extend_from_slice(b"\",\"report\":");
            column::unsigned(&mut self.opening, self.report);
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

/// Behind the name of a field whose text was not UTF-8.
const BYTES: &str = "_bytes";

impl Writer {
    /// Appends the fields of a record, each behind a comma.
    fn record(&mut self, query: &Query, bytes: &mut Vec<u8>, fields: &dyn Fields) {
        if self.hidden.is_empty() && self.named.is_empty() {
            self.fields(query, bytes, fields);
            return;
        }
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
    }

    /// Appends an object.
    fn object(&mut self, query: &Query, bytes: &mut Vec<u8>, fields: &dyn Fields) {
        let start = bytes.len();
        self.fields(query, bytes, fields);
        open(bytes, start);
        bytes.push(b'}');
    }

    /// Appends fields, each behind a comma.
    fn fields(&mut self, query: &Query, bytes: &mut Vec<u8>, fields: &dyn Fields) {
        fields.fields(query, &mut |name, value| {
            self.member(query, bytes, name, value);
        });
    }

    /// Appends a field behind a comma.
    fn member(&mut self, query: &Query, bytes: &mut Vec<u8>, name: &'static str, value: Value<'_>) {
        self.keys.append(bytes, name);
        if self.value(query, bytes, value) {
            append_key(bytes, name, BYTES);
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
            Value::Meaning(counter) => {
                return found(bytes, |text| statistics::meaning(text, counter));
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

/// Makes a brace of the first comma that was appended from `start` on.
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
    use super::*;
    use crate::cli::Args;
    use crate::record::owner::{CommandLine, Program};

    /// They are long and can have secrets in them.
    #[test]
    fn command_lines_are_shown_to_those_alone_who_ask() {
        let mut query = Query::new(&Args::default());
        let mut writer = Writer {
            shown: Shown::new(&query, SharedResolver::default(), 100),
            hidden: Vec::new(),
            named: Vec::new(),
            keys: Keys::new(),
        };
        let program = Program {
            pid: b"7".to_vec(),
            name: b"sh".to_vec(),
            comm: None,
            context: None,
            command_line: Some(CommandLine {
                text: b"/bin/sh\0-c\0\0a\xff\x1b\0\0\0".to_vec(),
                truncated: false,
            }),
        };
        let mut shown = |wanted| {
            query.criteria.show_all = wanted;
            let mut bytes = Vec::new();
            writer.object(&query, &mut bytes, &program);
            String::from_utf8(bytes).unwrap()
        };
        assert_eq!(shown(false), r#"{"pid":7,"program":"sh","comm":null}"#);
        assert_eq!(
            shown(true),
            concat!(
                r#"{"pid":7,"program":"sh","comm":null,"cmdline":["/bin/sh","-c","","a"#,
                "\u{fffd}",
                r#"\u001b"],"cmdline_bytes":["2f62696e2f7368","2d63","","61ff1b"]}"#
            )
        );
    }
}
