//! OpenMetrics 1.0: what `-s`, `-i` and `--count-by` tell, for Prometheus and its kin.
//!
//! Names are those of node_exporter (collectors `netstat` and `netdev`), so that what was made for it fits. Its names of the kernel's
//! counters do not end in `_total`, which the format demands of type `counter`, so they are of type `unknown`, as there. That is the type
//! of a family without a `# TYPE` line. None is written then, because the older text format, which node_exporter's collector of files
//! reads, takes everything here but that word.
//!
//! All samples of a family must stand together, so nothing is written before the end of a pass. No sample may come twice: of two with the
//! same name and labels, which no kernel has, the first counts.

use std::collections::{HashMap, HashSet};
use std::io::Write;

use super::messages::{Messages, complaint};
use super::output::Output;
use super::text::statistics;
use crate::error::Error;
use crate::printable::{self, Piece};
use crate::query::{Query, Report};
use crate::record::counter::{Counter, CounterKind, Statistic};
use crate::record::interface::Interface;
use crate::record::namespace::Namespace;
use crate::record::{Fields, Message, Record, Sink, Table, Value};
use crate::shown::{Shown, column};

/// Prints records as OpenMetrics.
#[derive(Debug)]
pub struct OpenMetricsFormat<W> {
    query: Query,
    shown: Shown,
    output: Output<W>,
    messages: Messages,
    /// In the order in which they came up.
    families: Vec<Family>,
    /// Where each is, by its name.
    places: HashMap<Vec<u8>, usize>,
    /// The label of the network namespace at hand, if there are several.
    namespace: Vec<u8>,
}

/// A metric family: samples that differ in their labels.
#[derive(Debug)]
struct Family {
    /// What the name of each sample begins with.
    name: Vec<u8>,
    kind: MetricType,
    help: Vec<u8>,
    /// Each with its line's end.
    samples: Vec<u8>,
    /// The labels of those.
    seen: HashSet<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MetricType {
    Counter,
    Gauge,
    Unknown,
}

/// Fields of interfaces, what node_exporter calls them, and what they are.
#[rustfmt::skip] // a table: one row a line
const INTERFACE: [(&str, &str, &str); 16] = [
    ("rx_ok", "node_network_receive_packets", "packets received"),
    ("rx_err", "node_network_receive_errs", "packets received in error"),
    ("rx_drp", "node_network_receive_drop", "packets received and dropped"),
    ("rx_ovr", "node_network_receive_fifo", "packets lost because a buffer overran"),
    ("tx_ok", "node_network_transmit_packets", "packets sent"),
    ("tx_err", "node_network_transmit_errs", "packets not sent because of an error"),
    ("tx_drp", "node_network_transmit_drop", "packets dropped instead of being sent"),
    ("tx_ovr", "node_network_transmit_fifo", "packets not sent because a buffer overran"),
    ("rx_bytes", "node_network_receive_bytes", "bytes received"),
    ("rx_frame", "node_network_receive_frame", "misaligned packets received"),
    ("rx_compressed", "node_network_receive_compressed", "compressed packets received"),
    ("rx_multicast", "node_network_receive_multicast", "multicast packets received"),
    ("tx_bytes", "node_network_transmit_bytes", "bytes sent"),
    ("tx_collisions", "node_network_transmit_colls", "collisions"),
    ("tx_carrier", "node_network_transmit_carrier", "losses of the carrier"),
    ("tx_compressed", "node_network_transmit_compressed", "compressed packets sent"),
];

impl<W: Write> OpenMetricsFormat<W> {
    /// Prints what `query` asks for to `output`, and messages through `messages`. `shown` knows what values look like.
    pub fn new(query: Query, shown: Shown, output: Output<W>, messages: Messages) -> Self {
        OpenMetricsFormat {
            query,
            shown,
            output,
            messages,
            families: Vec::new(),
            places: HashMap::new(),
            namespace: Vec::new(),
        }
    }

    /// Adds a sample with these labels, each behind a comma, to the family of this name, which is of this type and helped by this text if
    /// it is new.
    fn sample(
        &mut self,
        name: &[u8],
        kind: MetricType,
        help: &[u8],
        mut labels: Vec<u8>,
        value: Value<'_>,
    ) {
        labels.extend_from_slice(&self.namespace);
        let place = *self.places.entry(name.to_vec()).or_insert_with(|| {
            self.families.push(Family {
                name: name.to_vec(),
                kind,
                help: help.to_vec(),
                samples: Vec::new(),
                seen: HashSet::new(),
            });
            self.families.len() - 1
        });
        let Some(family) = self.families.get_mut(place) else {
            return;
        };
        if family.seen.contains(&labels) {
            return;
        }
        let samples = &mut family.samples;
        samples.extend_from_slice(name);
        if family.kind == MetricType::Counter {
            samples.extend_from_slice(b"_total");
        }
        if let Some((_, labels)) = labels.split_first() {
            samples.push(b'{');
            samples.extend_from_slice(labels);
            samples.push(b'}');
        }
        samples.push(b' ');
        self.shown.plain(samples, value);
        samples.push(b'\n');
        family.seen.insert(labels);
    }

    /// A counter of the kernel.
    fn counter(&mut self, counter: &Counter<'_>) {
        let table = &*counter.table.title;
        // In snmp6 the names of counters begin with those of their tables, in node_exporter they do not.
        let name = counter.name.strip_prefix(table).unwrap_or(&counter.name);
        let mut metric = b"node_netstat_".to_vec();
        for part in [table, b"_", name] {
            metric.extend(part.iter().map(|&byte| match byte {
                byte if byte.is_ascii_alphanumeric() => byte,
                _ => b'_',
            }));
        }
        let kind = match counter.kind() {
            CounterKind::Counter => MetricType::Unknown,
            CounterKind::Gauge => MetricType::Gauge,
        };
        let mut help = Vec::new();
        statistics::meaning(&mut help, counter);
        self.sample(&metric, kind, &help, Vec::new(), counter.number());
    }

    /// The counters of an interface. Labels of addresses have none.
    fn interface(&mut self, interface: &Interface<'_>) {
        let mut device = Vec::new();
        label(&mut device, "device", &interface.name);
        let mut counters = Vec::new();
        interface.fields(&self.query, &mut |field, value| {
            if let Value::Unsigned(count) = value
                && let Some(row) = INTERFACE.iter().find(|(name, ..)| *name == field)
            {
                counters.push((row, count));
            }
        });
        for ((_, name, help), count) in counters {
            let (name, help) = (name.as_bytes(), help.as_bytes());
            let (kind, count) = (MetricType::Counter, Value::Unsigned(count));
            self.sample(name, kind, help, device.clone(), count);
        }
    }

    /// A record that has a field `count`: how many rows have the values that its other fields have, which become labels.
    fn count(&mut self, fields: &dyn Fields) {
        let (mut rows, mut labels) = (None, Vec::new());
        fields.fields(&self.query, &mut |name, value| match (name, value) {
            ("count", Value::Unsigned(count)) => rows = Some(count),
            ("kind", _) => {}
            (name, value) => {
                let mut text = Vec::new();
                self.shown.append(&mut text, value, &self.query);
                label(&mut labels, name, &text);
            }
        });
        let Some(rows) = rows else {
            return;
        };
        let what = match self.query.report {
            Report::Sockets(_) => "sockets",
            Report::Routes(_) => "routes",
            Report::Interfaces(_) => "interfaces",
            Report::Statistics(_) | Report::Problems | Report::Masquerade => "rows",
        };
        let (name, help) = (["netstat_", what].concat(), [what, " now"].concat());
        let (name, help) = (name.as_bytes(), help.as_bytes());
        self.sample(name, MetricType::Gauge, help, labels, Value::Unsigned(rows));
    }
}

impl<W: Write> Sink for OpenMetricsFormat<W> {
    fn begin_pass(&mut self) -> Result<(), Error> {
        self.families.clear();
        self.places.clear();
        Ok(())
    }

    fn begin_namespace(&mut self, namespace: &Namespace) -> Result<(), Error> {
        self.namespace.clear();
        label(&mut self.namespace, "netns", &namespace.label());
        Ok(())
    }

    fn begin(&mut self, _table: Table) -> Result<(), Error> {
        Ok(())
    }

    fn record(&mut self, record: &Record<'_>) -> Result<(), Error> {
        if let Some(message) = complaint(record, &self.query) {
            self.messages.say(&message);
        }
        match record {
            Record::Statistic(Statistic::Counter(counter)) => self.counter(counter),
            Record::Interface(interface) => self.interface(interface),
            other => {
                if let Some(fields) = other.fields() {
                    self.count(fields);
                }
            }
        }
        Ok(())
    }

    /// Messages are no samples.
    fn message(&mut self, message: &Message) -> Result<(), Error> {
        self.messages.say(message);
        Ok(())
    }

    /// Writes everything. The end is marked also where an error ended the pass: the exit status tells.
    fn end_pass(&mut self) -> Result<(), Error> {
        for family in &self.families {
            let bytes = self.output.row();
            let kind = match family.kind {
                MetricType::Counter => "counter",
                MetricType::Gauge => "gauge",
                MetricType::Unknown => "",
            };
            for (word, text) in [("TYPE", kind.as_bytes()), ("HELP", &family.help)] {
                if !text.is_empty() {
                    let name = &family.name;
                    let line: [&[u8]; 6] = [b"# ", word.as_bytes(), b" ", name, b" ", text];
                    line.iter().for_each(|part| bytes.extend_from_slice(part));
                    bytes.push(b'\n');
                }
            }
            bytes.extend_from_slice(&family.samples);
            self.output.row_done()?;
        }
        self.output.row().extend_from_slice(b"# EOF\n");
        self.output.flush()
    }
}

/// Appends a comma, the name of a label and its value.
///
/// The format knows three escapes: of the backslash, the quote and the newline. What else is not to reach a terminal, or is not UTF-8, is
/// shown as a backslash and its number, as JSON and C write it, so that two names stay two names.
fn label(labels: &mut Vec<u8>, name: &str, text: &[u8]) {
    labels.push(b',');
    labels.extend_from_slice(name.as_bytes());
    labels.extend_from_slice(b"=\"");
    printable::pieces(text, |piece| match piece {
        Piece::Plain(plain) => {
            for &byte in plain.as_bytes() {
                if matches!(byte, b'"' | b'\\') {
                    labels.push(b'\\');
                }
                labels.push(byte);
            }
        }
        Piece::Hidden('\n') => labels.extend_from_slice(b"\\n"),
        Piece::Hidden(character) => {
            labels.extend_from_slice(b"\\\\u");
            column::hex(labels, u32::from(character).into(), 4);
        }
        Piece::Invalid(bytes) => {
            for &byte in bytes {
                labels.extend_from_slice(b"\\\\x");
                column::hex(labels, byte.into(), 2);
            }
        }
    });
    labels.push(b'"');
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;
    use crate::cli::Args;
    use crate::names::NameResolver;
    use crate::record::Visitor;

    /// So many rows with these values of two fields.
    struct Rows(u64, &'static [u8], Option<u64>);

    impl Fields for Rows {
        fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
            visit("count", Value::Unsigned(self.0));
            visit("state", Value::Text(self.1));
            visit("uid", self.2.map_or(Value::Null, Value::Unsigned));
            visit("kind", Value::Word("count"));
        }
    }

    #[test]
    fn counts_have_their_fields_for_labels() {
        let mut written = Vec::new();
        let (output, messages) = (Output::new(&mut written, false), Messages::new());
        let query = Query::new(&Args::default());
        let resolver = Rc::new(RefCell::new(NameResolver::new()));
        let shown = Shown::new(&query, resolver, 100);
        let mut format = OpenMetricsFormat::new(query, shown, output, messages);
        format.begin_pass().unwrap();
        for rows in [
            Rows(4312, b"ESTABLISHED", Some(0)),
            Rows(2, b"a\n\"b\\\t", None),
            Rows(1, b"LISTEN", Some(33)),
        ] {
            format.count(&rows);
        }
        format.end_pass().unwrap();
        drop(format);
        assert_eq!(
            String::from_utf8(written).unwrap(),
            "# TYPE netstat_sockets gauge\n\
             # HELP netstat_sockets sockets now\n\
             netstat_sockets{state=\"ESTABLISHED\",uid=\"0\"} 4312\n\
             netstat_sockets{state=\"a\\n\\\"b\\\\\\\\u0009\",uid=\"\"} 2\n\
             netstat_sockets{state=\"LISTEN\",uid=\"33\"} 1\n\
             # EOF\n"
        );
    }
}
