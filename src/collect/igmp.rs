//! `/proc/net/igmp` and `/proc/net/igmp6`: which multicast groups each interface has joined.

use std::borrow::Cow;
use std::fs::File;
use std::net::{IpAddr, Ipv6Addr};

use super::Context;
use crate::error::{Error, Warning};
use crate::proc_root::Lines;
use crate::query::SocketQuery;
use crate::record::Record;
use crate::record::group::GroupMembership;
use crate::scan::{ByteOrder, Scanner};

/// How many bytes of a device line hold the name.
const NAME: usize = 15;

/// Lends the memberships to the sink.
///
/// # Errors
/// The IPv4 file is absent and was asked for, or cannot be opened for another reason; what the sink said.
pub fn collect(context: &mut Context<'_>, sockets: &SocketQuery) -> Result<(), Error> {
    // Made anew in each pass: the reference keeps its choice of the IPv6 layout and from the second pass of `-c` on reads the
    // IPv4 file with it.
    let mut parser = GroupParser::of(context.query.proc_root.byte_order());
    let mut absent = false;
    if sockets.shows(sockets.inet) {
        match context.open_table(sockets, "net/igmp", "AF INET (igmp)")? {
            Some(lines) => read(context, &mut parser, lines)?,
            None => absent = true,
        }
    }
    if sockets.shows(sockets.inet6)
        && let Some(lines) = context.open_second_table("net/igmp6")
    {
        read(context, &mut parser, lines)?;
    }
    context.require(sockets, absent)
}

fn read(
    context: &mut Context<'_>,
    parser: &mut GroupParser,
    mut lines: Lines<File>,
) -> Result<(), Error> {
    let mut number = 0;
    while let Ok(Some(line)) = lines.next_line() {
        match parser.line(number, line) {
            Line::Nothing => {}
            Line::Membership(membership) => {
                context.sink.record(&Record::Group(membership))?;
            }
            Line::Bogus(table) => {
                context.warn(&Warning::BogusGroupLine {
                    table,
                    line: number,
                })?;
            }
        }
        number += 1;
    }
    Ok(())
}

/// What a line of the tables says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// A heading, or the device of the lines to come.
    Nothing,
    /// A membership.
    Membership(GroupMembership<'a>),
    /// It does not scan; with the name of the layout that was tried.
    Bogus(&'static str),
}

/// Parses the lines of the IPv4 file, then those of the IPv6 file.
///
/// The first line of a file tells its layout: with the word "Device" it is the heading of the IPv4 layout, where a line for the
/// device precedes those of its groups; else it is the first row of the IPv6 layout, which then holds for good.
#[derive(Clone, Debug, Default)]
pub struct GroupParser {
    /// The IPv6 layout was met.
    one_line_each: bool,
    /// Devices are listed behind their index (kernels from 2.3 on).
    indexed: bool,
    device: Vec<u8>,
    /// That of the machine whose tables they are.
    order: ByteOrder,
}

impl GroupParser {
    /// For the tables of a machine of this byte order.
    pub fn of(order: ByteOrder) -> Self {
        GroupParser {
            order,
            ..GroupParser::default()
        }
    }

    /// Parses a line, counted from 0 in its file.
    pub fn line<'a>(&'a mut self, number: u64, line: &'a [u8]) -> Line<'a> {
        if number == 0 {
            if memchr::memmem::find(line, b"Device").is_some() {
                self.indexed = line.starts_with(b"Idx");
                return Line::Nothing;
            }
            self.one_line_each = true;
        }
        let membership = if self.one_line_each {
            membership6(line)
        } else if line.first() == Some(&b'\t') {
            membership(self.order, line, &self.device)
        } else if let Some(name) = device(line, self.indexed) {
            self.device.clear();
            self.device.extend_from_slice(name);
            return Line::Nothing;
        } else {
            None
        };
        match membership {
            Some(membership) => Line::Membership(membership),
            None if self.one_line_each => Line::Bogus("igmp6"),
            None => Line::Bogus("igmp"),
        }
    }
}

/// The name in a device line: 15 bytes, up to the last colon in them, without the blanks that fill the column.
fn device(line: &[u8], indexed: bool) -> Option<&[u8]> {
    let mut scanner = Scanner::new(line);
    if indexed {
        scanner.integer32()?;
        scanner.skip_space();
    }
    let name = scanner.run(NAME, |_| true)?;
    // A shorter line ends the name too; the reference would go on with what the previous name left behind.
    let name = name.split(|&byte| byte == b'\n').next()?;
    let name = match memchr::memrchr(b':', name) {
        Some(colon) => name.get(..colon)?,
        None => name,
    };
    let end = name.iter().rposition(|&byte| byte != b' ');
    name.get(..end.map_or(0, |last| last + 1))
}

fn membership<'a>(order: ByteOrder, line: &[u8], device: &'a [u8]) -> Option<GroupMembership<'a>> {
    let mut scanner = Scanner::new(line);
    let group = Scanner::new(scanner.hex_word(8)?).hex32()?;
    Some(GroupMembership {
        interface: Cow::Borrowed(device),
        references: scanner.integer32()?,
        group: IpAddr::V4(order.ipv4(group)),
    })
}

fn membership6(line: &[u8]) -> Option<GroupMembership<'_>> {
    let mut scanner = Scanner::new(line);
    scanner.integer32()?;
    let interface = scanner.word(NAME)?;
    let digits = scanner.hex_word(64)?;
    let mut octets = [0u8; 16];
    for (word, digits) in octets.chunks_exact_mut(4).zip(digits.chunks(8)) {
        word.copy_from_slice(&Scanner::new(digits).hex32()?.to_be_bytes());
    }
    Some(GroupMembership {
        interface: Cow::Borrowed(interface),
        references: scanner.integer32()?,
        group: IpAddr::V6(Ipv6Addr::from(octets)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each line of a file says: "interface references group", "-" for nothing, "?" for bogus.
    fn said(parser: &mut GroupParser, lines: &[&str]) -> Vec<String> {
        (0..)
            .zip(lines)
            .map(
                |(number, line)| match parser.line(number, line.as_bytes()) {
                    Line::Nothing => "-".to_owned(),
                    Line::Bogus(table) => format!("?{table}"),
                    Line::Membership(GroupMembership {
                        interface,
                        references,
                        group,
                    }) => format!(
                        "{} {references} {group}",
                        String::from_utf8_lossy(&interface)
                    ),
                },
            )
            .collect()
    }

    #[test]
    fn devices_precede_their_groups() {
        let mut parser = GroupParser::of(ByteOrder::Little);
        let group = "\t\t\t\tFB0000E0     1 0:00000000\t\t0\n";
        assert_eq!(
            said(
                &mut parser,
                &[
                    "Idx\tDevice    : Count Querier\tReporter\n",
                    group,
                    "2\teth0      :     2      V3\n",
                    group,
                    "\tFB0000E0123 4\n",
                    "12\teth1.100:alias: 1 V3\n",
                    group,
                    "3\tfifteencharname:  1\n",
                    group,
                    "4\tx:\n",
                    group,
                    "x\n",
                    "\tG 1\n",
                    group,
                ]
            ),
            [
                "-",
                " 1 224.0.0.251",
                "-",
                "eth0 1 224.0.0.251",
                "eth0 123 224.0.0.251",
                "-",
                "eth1.100:alias 1 224.0.0.251",
                "-",
                "fifteencharname 1 224.0.0.251",
                "-",
                "x 1 224.0.0.251",
                "?igmp",
                "?igmp",
                "x 1 224.0.0.251",
            ]
        );
        assert_eq!(
            said(
                &mut parser,
                &["Device    : Count\n", "  lo        : 1 \n", group]
            ),
            ["-", "-", "  lo 1 224.0.0.251"]
        );
        // From the first file without a heading on, all are read as IPv6's.
        assert_eq!(
            said(
                &mut parser,
                &[
                    "2    eth0            ff0200000000000000000000000000fb     3 00000004 0\n",
                    "2 abcdefghijklmnop ff0200000000000000000000000000fb 3\n",
                ]
            ),
            ["eth0 3 ff02::fb", "?igmp6"]
        );
        assert_eq!(
            said(&mut parser, &["Idx\tDevice    : Count\n", group]),
            ["-", "?igmp6"]
        );
    }
}
