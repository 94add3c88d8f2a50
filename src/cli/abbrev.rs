//! getopt_long's reading of the command line, which clap does not do: operands anywhere, POSIXLY_CORRECT, clusters of
//! letters, abbreviated long options with glibc's idea of "ambiguous", one word after the other from left to right, and
//! glibc's error words. Not here: what an option does once it is recognised, and the table of options itself.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use super::extensions::EXTENSIONS;
use super::{Effect, OPTIONS, OptionRow};

/// An option that was recognised, with its value if it takes one.
#[derive(Debug)]
pub(super) struct Recognized {
    pub(super) row: &'static OptionRow,
    /// Empty for an option without a value.
    pub(super) value: OsString,
}

/// Why a word is not an option that can be obeyed. Nothing after such a word is looked at.
#[derive(Debug)]
pub(super) enum Rejection {
    /// getopt_long's message, without newline, as glibc words it; it opens with `argv[0]` as typed.
    Getopt(Vec<u8>),
    /// One of our own options without its value, or with a value that it does not take; without newline.
    Extension(String),
}

/// The options of a command line in the order in which getopt_long returns them. Operands are passed over.
pub(super) struct Getopt<'a> {
    program: &'a [u8],
    rest: std::slice::Iter<'a, OsString>,
    /// Letters of the current cluster that are not read yet.
    cluster: &'a [u8],
    /// Whether the first operand ends the options.
    posixly_correct: bool,
}

impl<'a> Getopt<'a> {
    pub(super) fn new(argv: &'a [OsString], posixly_correct: bool) -> Self {
        let mut rest = argv.iter();
        let program = rest.next().map_or(&b""[..], |name| name.as_bytes());
        Getopt {
            program,
            rest,
            cluster: b"",
            posixly_correct,
        }
    }

    fn message(&self, parts: &[&[u8]]) -> Rejection {
        let mut message = self.program.to_vec();
        message.extend_from_slice(b": ");
        parts
            .iter()
            .for_each(|part| message.extend_from_slice(part));
        Rejection::Getopt(message)
    }

    /// The value of an option that was not given with `=` or in the same cluster: the next word, whatever it looks like.
    fn next_word(&mut self) -> Option<OsString> {
        self.rest.next().cloned()
    }

    fn short(&mut self, letter: u8) -> Result<Recognized, Rejection> {
        let row = OPTIONS.iter().find(|row| {
            row.short
                .is_some_and(|short| u32::from(short) == u32::from(letter))
        });
        let Some(row) = row else {
            return Err(self.message(&[b"invalid option -- '", &[letter], b"'"]));
        };
        if !row.takes_value() {
            return Ok(Recognized::flag(row));
        }
        let value = match std::mem::take(&mut self.cluster) {
            b"" => self.next_word(),
            attached => Some(OsStr::from_bytes(attached).to_os_string()),
        };
        match value {
            Some(value) => Ok(Recognized { row, value }),
            None => Err(self.message(&[b"option requires an argument -- '", &[letter], b"'"])),
        }
    }

    /// `word` is the argument without its leading `--`.
    fn long(&mut self, word: &[u8]) -> Result<Recognized, Rejection> {
        let mut halves = word.splitn(2, |&byte| byte == b'=');
        let name = halves.next().unwrap_or_default();
        let value = halves.next();
        // Our own names are no prefix of a name of the reference's and are never abbreviated, so that every abbreviation keeps
        // its meaning.
        if let Some(row) = EXTENSIONS.iter().find(|row| row.is_named(name)) {
            return self.extension(row, value);
        }
        let row = match find_long(name) {
            Found::Option(row) => row,
            Found::Nothing => {
                return Err(self.message(&[b"unrecognized option '--", word, b"'"]));
            }
            Found::Several(candidates) => {
                let mut message = [b"option '--", word, b"' is ambiguous; possibilities:"].concat();
                for row in candidates {
                    message.extend_from_slice(b" '--");
                    message.extend_from_slice(row.name.as_bytes());
                    message.push(b'\'');
                }
                return Err(self.message(&[&message]));
            }
        };
        let name = row.name.as_bytes();
        match (row.takes_value(), value) {
            (false, None) => Ok(Recognized::flag(row)),
            (false, Some(_)) => {
                Err(self.message(&[b"option '--", name, b"' doesn't allow an argument"]))
            }
            (true, Some(value)) => Ok(Recognized {
                row,
                value: OsString::from_vec(value.to_vec()),
            }),
            (true, None) => match self.next_word() {
                Some(value) => Ok(Recognized { row, value }),
                None => Err(self.message(&[b"option '--", name, b"' requires an argument"])),
            },
        }
    }

    fn extension(
        &mut self,
        row: &'static OptionRow,
        value: Option<&[u8]>,
    ) -> Result<Recognized, Rejection> {
        let name = row.name;
        match (row.takes_value(), value) {
            (false, None) => Ok(Recognized::flag(row)),
            (false, Some(_)) => Err(Rejection::Extension(format!(
                "netstat: option '--{name}' doesn't allow an argument"
            ))),
            (true, Some(value)) => Ok(Recognized {
                row,
                value: OsString::from_vec(value.to_vec()),
            }),
            (true, None) => self
                .next_word()
                .map(|value| Recognized { row, value })
                .ok_or_else(|| {
                    Rejection::Extension(format!("netstat: option '--{name}' requires an argument"))
                }),
        }
    }
}

impl Recognized {
    fn flag(row: &'static OptionRow) -> Self {
        Recognized {
            row,
            value: OsString::new(),
        }
    }
}

impl Iterator for Getopt<'_> {
    type Item = Result<Recognized, Rejection>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((&letter, rest)) = self.cluster.split_first() {
                self.cluster = rest;
                return Some(self.short(letter));
            }
            let word = self.rest.next()?.as_bytes();
            match word {
                b"--" => return None,
                [b'-', b'-', long @ ..] => return Some(self.long(long)),
                // A lone `-` is an operand.
                [b'-', letters @ ..] if !letters.is_empty() => self.cluster = letters,
                _ if self.posixly_correct => return None,
                _ => {}
            }
        }
    }
}

enum Found {
    Option(&'static OptionRow),
    Nothing,
    /// What the message about an ambiguous word names, in this order.
    Several(Vec<&'static OptionRow>),
}

/// glibc's search: an exact name wins; else the first name that begins so, unless a later one begins so too and would do
/// something else. Options that share a code with the first (the address families) do not make it ambiguous and are not named;
/// equal ones among the others are all named, which is why `--u` lists `--unix` twice.
fn find_long(name: &[u8]) -> Found {
    let named = || OPTIONS.iter().filter(|row| row.has_long);
    if let Some(row) = named().find(|row| row.is_named(name)) {
        return Found::Option(row);
    }
    let mut matching = named().filter(|row| row.name.as_bytes().starts_with(name));
    let Some(first) = matching.next() else {
        return Found::Nothing;
    };
    let mut candidates = vec![first];
    candidates.extend(matching.filter(|row| !same_code(first, row)));
    match candidates.len() {
        1 => Found::Option(first),
        _ => Found::Several(candidates),
    }
}

/// Whether getopt_long cannot tell the two apart. The long family options share one code, `--tcpip` included; `--unix` as the
/// long form of `-x` is not one of them, though it does the same.
fn same_code(first: &OptionRow, other: &OptionRow) -> bool {
    let is_family_code = |row: &OptionRow| matches!(row.effect, Effect::Family(_) | Effect::Tcpip);
    is_family_code(first) && is_family_code(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes out, one word per option: `-x` row as `unix/x`, values after `=`, a rejection as its message.
    fn read(words: &[&str], posixly_correct: bool) -> Vec<String> {
        let argv: Vec<OsString> = ["netstat"]
            .iter()
            .chain(words)
            .map(|word| OsString::from(*word))
            .collect();
        let mut out = Vec::new();
        for item in Getopt::new(&argv, posixly_correct) {
            match item {
                Ok(option) if option.row.takes_value() => out.push(format!(
                    "{}={}",
                    option.row.name,
                    option.value.to_string_lossy()
                )),
                Ok(option) => out.push(option.row.name.to_owned()),
                Err(Rejection::Getopt(message)) => {
                    out.push(String::from_utf8_lossy(&message).into_owned());
                    break;
                }
                Err(Rejection::Extension(message)) => {
                    out.push(message);
                    break;
                }
            }
        }
        out
    }

    #[test]
    fn words_are_read_as_getopt_long_reads_them() {
        let table: &[(&[&str], &[&str])] = &[
            (&["-rn", "foo", "-V"], &["route", "numeric", "version"]),
            (&["-", "-V"], &["version"]),
            (&["", "-V"], &["version"]),
            (&["--", "-V"], &[]),
            (&["-Ainet"], &["protocol=inet"]),
            (
                &["-nAinet,unix", "-a"],
                &["numeric", "protocol=inet,unix", "all"],
            ),
            (&["-A=inet"], &["protocol==inet"]),
            (&["-A", "-n", "-a"], &["protocol=-n", "all"]),
            (&["-A", "--", "-a"], &["protocol=--", "all"]),
            (&["-A", "", "-a"], &["protocol=", "all"]),
            (&["--prot", "--"], &["protocol=--"]),
            (&["--protocol=a=b"], &["protocol=a=b"]),
            (
                &["-nA"],
                &["numeric", "netstat: option requires an argument -- 'A'"],
            ),
            (
                &["--prot"],
                &["netstat: option '--protocol' requires an argument"],
            ),
            (&["-n-a"], &["numeric", "netstat: invalid option -- '-'"]),
            (&["-nQa"], &["numeric", "netstat: invalid option -- 'Q'"]),
            (&["-T"], &["netstat: invalid option -- 'T'"]),
            (&["-:"], &["netstat: invalid option -- ':'"]),
            (&["---V"], &["netstat: unrecognized option '---V'"]),
            (
                &["--foo=bar"],
                &["netstat: unrecognized option '--foo=bar'"],
            ),
            (&["--ip6"], &["netstat: unrecognized option '--ip6'"]),
            (
                &["--hel=x"],
                &["netstat: option '--help' doesn't allow an argument"],
            ),
            (
                &["--inet=x"],
                &["netstat: option '--inet' doesn't allow an argument"],
            ),
            (
                &["--ine", "--ap", "--d", "--tcpi"],
                &["inet", "appletalk", "ddp", "tcpip"],
            ),
            (
                &["--ne", "--b", "--x", "--ros"],
                &["netrom", "bluetooth", "x25", "rose"],
            ),
            (
                &["--uni=foo"],
                &["netstat: option '--uni=foo' is ambiguous; possibilities: '--unix' '--unix'"],
            ),
            (
                &["--pro"],
                &["netstat: option '--pro' is ambiguous; possibilities: '--protocol' '--programs'"],
            ),
            (
                &["--a"],
                &["netstat: option '--a' is ambiguous; possibilities: '--ax25' '--all'"],
            ),
            (
                &["--u"],
                &[
                    "netstat: option '--u' is ambiguous; possibilities: '--unix' '--udp' '--udplite' '--unix'",
                ],
            ),
            // Ours: whole names only.
            (
                &["--json", "--port", "-n", "-a"],
                &["json", "port=-n", "all"],
            ),
            (&["--port=1=2"], &["port=1=2"]),
            (&["--js"], &["netstat: unrecognized option '--js'"]),
            (
                &["--json=x"],
                &["netstat: option '--json' doesn't allow an argument"],
            ),
            (
                &["--port"],
                &["netstat: option '--port' requires an argument"],
            ),
        ];
        for (words, expected) in table {
            assert_eq!(read(words, false), *expected, "{words:?}");
        }
    }

    #[test]
    fn posixly_correct_stops_at_the_first_operand() {
        assert_eq!(read(&["-n", "foo", "-V"], true), ["numeric"]);
        assert_eq!(read(&["-n", "-", "-V"], true), ["numeric"]);
        assert_eq!(
            read(&["-A", "foo", "-V"], true),
            ["protocol=foo", "version"]
        );
    }

    #[test]
    fn letters_outside_ascii_are_reported_byte_by_byte_and_an_empty_argv_has_no_name() {
        let argv = [OsString::from("./x y"), OsString::from("-ä")];
        let item = Getopt::new(&argv, false).next();
        let Some(Err(Rejection::Getopt(message))) = item else {
            panic!("{item:?}");
        };
        assert_eq!(message, b"./x y: invalid option -- '\xc3'");
        assert!(Getopt::new(&[], false).next().is_none());
    }

    #[test]
    fn our_names_take_nothing_away_from_the_reference() {
        for ours in &EXTENSIONS {
            for row in OPTIONS.iter().filter(|row| row.has_long) {
                assert!(!row.name.starts_with(ours.name), "{}", ours.name);
            }
        }
    }
}
