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
//!
//! Names of hosts can be long in coming. Records whose names are still under way wait, with holes in their text where the names go, and
//! so do those behind them: many names are looked up at a time, and the order stays.

use std::collections::VecDeque;
use std::io::Write;
use std::net::IpAddr;

use super::output::Output;
use super::text::{address, column, hardware, inet, legacy, statistics};
use crate::diagnostics::Diagnostics;
use crate::error::{Error, Warning};
use crate::names::{NameResolver, Question};
use crate::netns::Namespace;
use crate::query::{Query, Report};
use crate::record::{Fields, Record, Sink, Table, Value};

/// At most so many records are held back; then the next one waits for the first name.
const MOST_HELD: usize = 4096;

/// Likewise for their bytes: command lines can be long.
const MOST_HELD_BYTES: usize = 4 << 20;

/// Prints records as JSON.
#[derive(Debug)]
pub struct JsonFormat<W> {
    query: Query,
    writer: Writer,
    output: Output<W>,
    diagnostics: Diagnostics,
    /// The end of each object of the network namespace at hand: a comma, its fields, the brace.
    namespace: Option<Vec<u8>>,
    /// The array of this pass has records.
    filled: bool,
    held: VecDeque<Row>,
    held_bytes: usize,
}

/// The text of a record.
#[derive(Debug, Default)]
struct Row {
    bytes: Vec<u8>,
    holes: Vec<Hole>,
}

/// Where the name of a host goes once it is known.
#[derive(Debug)]
struct Hole {
    /// The place in the row's bytes.
    at: usize,
    /// The field.
    name: &'static str,
    /// What stands there if there is no name.
    address: IpAddr,
    question: Question,
}

/// Turns fields into text.
#[derive(Debug)]
struct Writer {
    resolver: NameResolver,
    /// Kernel clock ticks per second.
    ticks: u64,
    /// Whether names of hosts are wanted.
    host_names: bool,
    /// Whether names of services are wanted.
    port_names: bool,
    /// Whether names of users are wanted.
    user_names: bool,
}

impl<W: Write> JsonFormat<W> {
    /// Prints to `output` what `query` asked for; `ticks` is the kernel's clock ticks per second.
    pub fn new(query: Query, output: Output<W>, ticks: u64) -> Self {
        // Routes alone take -N for a wish for numbers, in text too.
        let routes = matches!(query.report, Report::Routes(_));
        let host_names = !(query.numeric_hosts || (routes && query.symbolic));
        JsonFormat {
            writer: Writer {
                resolver: NameResolver::new(),
                ticks,
                host_names,
                port_names: !query.numeric_ports,
                user_names: !query.numeric_users,
            },
            query,
            output,
            diagnostics: Diagnostics::new(),
            namespace: None,
            filled: false,
            held: VecDeque::new(),
            held_bytes: 0,
        }
    }

    /// Forgets what would go to stderr, for tests that run many queries in one process.
    #[doc(hidden)]
    pub fn without_messages(mut self) -> Self {
        self.diagnostics = Diagnostics::keeping();
        self
    }

    /// Writes a record whose names are known.
    fn print(&mut self, row: &Row) -> Result<(), Error> {
        let bytes = self.output.row();
        bytes.extend_from_slice(if self.filled { b",\n" } else { b"[\n" });
        self.filled = true;
        let mut from = 0;
        for hole in &row.holes {
            bytes.extend_from_slice(row.bytes.get(from..hole.at).unwrap_or_default());
            from = hole.at;
            self.writer.fill(bytes, hole);
        }
        bytes.extend_from_slice(row.bytes.get(from..).unwrap_or_default());
        self.output.row_done()
    }

    /// Writes what is held back up to the first record that waits for a name still under way.
    fn advance(&mut self) -> Result<(), Error> {
        self.writer.resolver.take_answers();
        while let Some(row) = self.held.pop_front() {
            if self.writer.waits(&row) {
                self.held.push_front(row);
                break;
            }
            self.held_bytes -= row.bytes.len();
            self.print(&row)?;
        }
        Ok(())
    }

    /// Writes what is held back until no more than `most` records are.
    fn drain(&mut self, most: usize) -> Result<(), Error> {
        self.advance()?;
        while self.held.len() > most {
            self.writer.resolver.await_answer();
            self.advance()?;
        }
        Ok(())
    }

    /// Says what the reference complains about among its rows.
    fn complain(&mut self, make: impl FnOnce(&mut Vec<u8>, &Query)) {
        let mut text = Vec::new();
        make(&mut text, &self.query);
        let text = String::from_utf8_lossy(text.trim_ascii_end()).into_owned();
        self.diagnostics.warn(&Warning::Text(text));
    }
}

impl<W: Write> Sink for JsonFormat<W> {
    fn begin(&mut self, _table: Table) -> Result<(), Error> {
        Ok(())
    }

    fn begin_namespace(&mut self, namespace: &Namespace) -> Result<(), Error> {
        let mut row = Row::default();
        self.writer.object(&self.query, &mut row, namespace);
        // Its fields follow those of each record.
        if let Some(brace) = row.bytes.first_mut() {
            *brace = b',';
        }
        self.namespace = Some(row.bytes);
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
        let mut row = Row::default();
        self.writer.object(&self.query, &mut row, fields);
        if let Some(namespace) = &self.namespace {
            row.bytes.pop();
            row.bytes.extend_from_slice(namespace);
        }
        if self.held.is_empty() && !self.writer.waits(&row) {
            return self.print(&row);
        }
        self.held_bytes += row.bytes.len();
        self.held.push_back(row);
        self.drain(if self.held_bytes > MOST_HELD_BYTES {
            0
        } else {
            MOST_HELD
        })
    }

    /// Messages do not wait for rows: they are not part of the JSON, whose order they would not change.
    fn before_message(&mut self) -> Result<(), Error> {
        Ok(())
    }

    fn begin_pass(&mut self) -> Result<(), Error> {
        self.writer.resolver.begin_pass();
        self.filled = false;
        Ok(())
    }

    /// Ends the array, also where an error ended the pass.
    fn end_pass(&mut self) -> Result<(), Error> {
        self.drain(0)?;
        let end: &[u8] = if self.filled { b"\n]\n" } else { b"[]\n" };
        self.output.row().extend_from_slice(end);
        self.output.flush()
    }
}

/// Behind the name of a field whose text was not UTF-8.
const BYTES: &str = "_bytes";

impl Writer {
    /// Appends an object.
    fn object(&mut self, query: &Query, row: &mut Row, fields: &dyn Fields) {
        row.bytes.push(b'{');
        let mut first = true;
        fields.fields(query, &mut |name, value| {
            if !std::mem::take(&mut first) {
                row.bytes.push(b',');
            }
            key(&mut row.bytes, name, "");
            if self.value(query, row, name, value) {
                row.bytes.push(b',');
                key(&mut row.bytes, name, BYTES);
                self.hexadecimal(&mut row.bytes, value);
            }
        });
        row.bytes.push(b'}');
    }

    /// Appends a value, and tells whether some of its bytes were lost.
    fn value(
        &mut self,
        query: &Query,
        row: &mut Row,
        name: &'static str,
        value: Value<'_>,
    ) -> bool {
        let bytes = &mut row.bytes;
        match value {
            Value::Null => bytes.extend_from_slice(b"null"),
            Value::Bool(true) => bytes.extend_from_slice(b"true"),
            Value::Bool(false) => bytes.extend_from_slice(b"false"),
            Value::Unsigned(number) => column::unsigned(bytes, number),
            Value::Signed(number) => column::signed(bytes, number),
            Value::Ticks(ticks) => seconds(bytes, ticks, self.ticks),
            Value::Hundredths(time) => seconds(bytes, time, 100),
            Value::Word(word) => quoted(bytes, |bytes| bytes.extend_from_slice(word.as_bytes())),
            Value::Text(text) => return string(bytes, text),
            Value::Address(address) => quoted(bytes, |bytes| number(bytes, address)),
            Value::Name {
                address,
                question,
                word,
            } => self.host(row, name, address, question, word),
            Value::Port(..) | Value::User(_) => match self.known_name(value) {
                Some(name) => return string(bytes, name),
                None => quoted(bytes, |bytes| unnamed(bytes, value)),
            },
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
                        row.bytes.push(b',');
                    }
                    lossy |= self.value(query, row, name, item);
                });
                row.bytes.push(b']');
                return lossy;
            }
            Value::Object(fields) => self.object(query, row, fields),
        }
        false
    }

    /// Appends the same value with the bytes of its text in hexadecimal; `null` for what is no text.
    fn hexadecimal(&mut self, bytes: &mut Vec<u8>, value: Value<'_>) {
        match value {
            Value::Text(text) => hexadecimal(bytes, text),
            Value::Port(..) | Value::User(_) => match self.known_name(value) {
                Some(name) => hexadecimal(bytes, name),
                None => bytes.extend_from_slice(b"null"),
            },
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

    /// The name of a port or a user, if names are wanted and there is one.
    fn known_name(&mut self, value: Value<'_>) -> Option<&[u8]> {
        match value {
            Value::Port(Some(list), port) if port != 0 && self.port_names => {
                self.resolver.service(list, port)
            }
            Value::User(uid) if self.user_names => self.resolver.user(uid),
            _ => None,
        }
    }

    /// Appends a host or network, or leaves a hole for its name.
    fn host(
        &mut self,
        row: &mut Row,
        name: &'static str,
        address: IpAddr,
        question: Option<Question>,
        word: Option<&str>,
    ) {
        match question.filter(|_| self.host_names) {
            Some(question) => {
                self.resolver.ask_ahead(question);
                row.holes.push(Hole {
                    at: row.bytes.len(),
                    name,
                    address,
                    question,
                });
            }
            None => quoted(&mut row.bytes, |bytes| {
                match word.filter(|_| self.host_names) {
                    Some(word) => bytes.extend_from_slice(word.as_bytes()),
                    None => address::number(bytes, address),
                }
            }),
        }
    }

    /// Appends what goes into a hole.
    fn fill(&mut self, bytes: &mut Vec<u8>, hole: &Hole) {
        let Some(name) = self.resolver.name(hole.question) else {
            return quoted(bytes, |bytes| address::number(bytes, hole.address));
        };
        if string(bytes, name) {
            bytes.push(b',');
            key(bytes, hole.name, BYTES);
            hexadecimal(bytes, name);
        }
    }

    /// Whether some name that a row shows is still under way.
    fn waits(&self, row: &Row) -> bool {
        row.holes
            .iter()
            .any(|hole| self.resolver.is_under_way(hole.question))
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

/// Appends the number of a port or a user; `*` for the port 0.
fn unnamed(bytes: &mut Vec<u8>, value: Value<'_>) {
    match value {
        Value::Port(_, 0) => bytes.push(b'*'),
        Value::Port(_, port) => column::unsigned(bytes, port.into()),
        Value::User(uid) => column::unsigned(bytes, uid.into()),
        _ => {}
    }
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
    let start = bytes.len();
    let lossy = match std::str::from_utf8(text) {
        Ok(text) => serde_json::to_writer(&mut *bytes, text).is_err(),
        Err(_) => {
            let _ = serde_json::to_writer(&mut *bytes, &String::from_utf8_lossy(text));
            true
        }
    };
    escape_controls(bytes, start);
    lossy
}

/// Escapes what JSON allows as it is but terminals take for commands, in the text from `start` on.
fn escape_controls(bytes: &mut Vec<u8>, start: usize) {
    let text = bytes.get(start..).unwrap_or_default();
    // C1 controls begin with 0xC2.
    if !text.iter().any(|byte| matches!(byte, 0x7f | 0xc2)) {
        return;
    }
    let text = String::from_utf8_lossy(text).into_owned();
    bytes.truncate(start);
    for character in text.chars() {
        if character.is_control() {
            let _ = write!(bytes, "\\u{:04x}", u32::from(character));
        } else {
            bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
}

/// Appends bytes as a string of hexadecimal digits.
fn hexadecimal(bytes: &mut Vec<u8>, text: &[u8]) {
    quoted(bytes, |bytes| {
        for &byte in text {
            column::hex(bytes, byte.into(), 2);
        }
    });
}
