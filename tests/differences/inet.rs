//! Internet sockets.

use crate::support::byte_order;
use crate::support::program::Run;
use crate::support::tree::Tree;
use crate::{ours, rows};

fn line(state: &str, rest: &str) -> String {
    format!("0: 0100007F:0016 0200000A:0050 {state} 0:0 {rest}\n")
}

/// The reference reads beyond its table of names, up to a crash.
#[test]
fn tcp_states_without_a_name_are_unknown() {
    let states = [
        "0B", "0C", "0D", "10", "FF", "7FFFFFFF", "80000000", "FFFFFFFF", "-1",
    ];
    let tcp: String = states
        .iter()
        .map(|state| line(state, "0:0 0 0 0 0"))
        .collect();
    let tree = Tree::new("states").file("net/tcp", format!("header\n{tcp}"));
    let row = |state| {
        format!(
            "  tcp        0      0 127.0.0.1:22            10.0.0.2:80             {state:<11}$\n"
        )
    };
    assert_eq!(
        rows(&tree, "-tn"),
        row("CLOSING") + &row("UNKNOWN").repeat(8)
    );
}

/// The reference shows what the row before left in its variables, and on the first row whatever the stack held.
#[test]
fn absent_fields_are_zero() {
    let full = line("01", "1:64 3 1000 7 1001");
    let tcp = ["1:64 3", "1:64 3 1000", "1:64 3 1000 7"]
        .map(|rest| line("01", rest) + &full)
        .concat();
    let udp = line("01", "1:64") + &full + &line("01", "1:64");
    let tree = Tree::new("short")
        .file("net/tcp", format!("header\n{tcp}"))
        .file("net/udp", format!("header\n{udp}"));
    let row = |proto, user, inode, timer| {
        format!(
            "  {proto}        0      0 127.0.0.1:22            10.0.0.2:80             ESTABLISHED {user:<10} {inode:<10} {timer}$\n"
        )
    };
    let full = || row("tcp", "1000", "1001", "on (1.00/3/7)");
    assert_eq!(
        rows(&tree, "-tneo"),
        [
            row("tcp", "0", "0", "on (1.00/3/0)"),
            full(),
            row("tcp", "1000", "0", "on (1.00/3/0)"),
            full(),
            row("tcp", "1000", "0", "on (1.00/3/7)"),
            full(),
        ]
        .concat()
    );
    let short = || row("udp", "0", "0", "on1 (1.00/0/0)");
    assert_eq!(
        rows(&tree, "-uneo"),
        [
            short(),
            row("udp", "1000", "1001", "on1 (1.00/0/7)"),
            short()
        ]
        .concat()
    );
}

/// The reference keeps the missing words of the address it read before.
#[test]
fn missing_words_of_an_address_are_zero() {
    let address =
        |local: &str, remote: &str| format!("0: {local}:0016 {remote}:0050 01 0:0 0:0 0 0 0 0\n");
    let whole = "B80D0120000000000000000001000000";
    // With a digit more than a word, it is not turned into this machine's byte order, and neither is the word that the digit makes.
    let digit_more = byte_order::address([0x20, 0x01, 0x0D, 0xB8]) + "1";
    let with_digit = if cfg!(target_endian = "big") {
        "2001:db8:0:1:::22"
    } else {
        "2001:db8:100:::22"
    };
    let tcp6 = [
        address(whole, whole),
        address(&digit_more, whole),
        address("B80D012000000100", whole),
        address("B80D01200000000000000001", whole),
        address(whole, "B80D0120"),
        address(whole, "B80D012001000000"),
    ];
    let tree = Tree::new("words").file("net/tcp6", format!("header\n{}", tcp6.concat()));
    let row =
        |local, remote| format!("  tcp6       0      0 {local:<23} {remote:<23} ESTABLISHED$\n");
    assert_eq!(
        rows(&tree, "-tn6"),
        [
            row("2001:db8::1:22", "2001:db8::1:80"),
            row(with_digit, "2001:db8::1:80"),
            row("2001:db8:1:::22", "2001:db8::1:80"),
            row("2001:db8:0:0:100:::22", "2001:db8::1:80"),
            row("2001:db8::1:22", "2001:db8:::80"),
            row("2001:db8::1:22", "2001:db8:0:1:::80"),
        ]
        .concat()
    );
}

/// The reference never ends: it takes the error of reading a directory for a line.
#[test]
fn a_directory_is_an_empty_file() {
    let tree = Tree::new("directory")
        .directory("net/tcp")
        .directory("net/udp6")
        .directory("net/unix")
        .file("net/udp", "header\n");
    let heading = "  Active Internet connections (w/o servers)$\n  \
                   Proto Recv-Q Send-Q Local Address           Foreign Address         State      $\n";
    assert_eq!(ours(&tree, "-tn"), format!("$ netstat -tn\n{heading}"));
    assert_eq!(ours(&tree, "-un"), format!("$ netstat -un\n{heading}"));
}

/// The reference writes control characters of a process's name to the terminal.
#[test]
fn control_characters_of_a_process_name_are_dots() {
    let inodes = [11_u32, 12, 13, 14];
    let tcp: String = inodes
        .map(|inode| line("01", &format!("0:0 0 0 0 {inode}")))
        .concat();
    let mut tree = Tree::new("control").file("net/tcp", format!("header\n{tcp}"));
    let names: [&[u8]; 4] = [
        b"/bin/tab\there\nnl\0",
        b"\x1b[31m\x7f",
        b"\x85\x9b",
        "\u{85}\u{9b}\u{e9}".as_bytes(),
    ];
    for (name, inode) in names.iter().zip(inodes) {
        tree = tree
            .file(&format!("{inode}/cmdline"), name)
            .link(&format!("{inode}/fd/3"), &format!("socket:[{inode}]"));
    }
    let row = |program: &str, pad: usize| {
        format!(
            "  tcp        0      0 127.0.0.1:22            10.0.0.2:80             ESTABLISHED {program}{:pad$}$\n",
            ""
        )
    };
    assert_eq!(
        rows(&tree, "-tnp"),
        [
            row("11/tab.here.nl", 6),
            row("12/.[31m.", 11),
            row("13/..", 15),
            row("14/....\\xc3\\xa9", 11)
        ]
        .concat()
    );
}

/// Characters that turn text round or hide it are no part of a name that can be trusted: `cod.exe` would read as `exe.doc`.
#[test]
fn names_that_hide_or_turn_text_are_dotted() {
    let mut tree = Tree::new("bidi").file(
        "net/tcp",
        format!("header\n{}", line("01", "0:0 0 0 0 4711")),
    );
    tree = tree
        .file(
            "net/unix",
            "Num RefCount Protocol Flags Type St Inode Path\n0: 2 0 0 1 1 12 /run/\u{feff}a\u{2066}b\u{e0041}é\n",
        )
        .file("7/cmdline", "exe\u{202e}cod\u{200b}\0".as_bytes())
        .link("7/fd/3", "socket:[4711]");
    assert!(rows(&tree, "-tnp").contains(" 7/exe...cod...      $"));
    assert!(ours(&tree, "-xan").contains("/run/...a...b....\\xc3\\xa9$"));
    let json = Run::ours(&tree, "-tnp --json").output().stdout;
    let json = String::from_utf8(json).unwrap();
    assert!(json.contains(r#""program_name":"exe\u202ecod\u200b""#));
    let json = Run::ours(&tree, "-xan --json").output().stdout;
    let json = String::from_utf8(json).unwrap();
    assert!(json.contains(r#""path":"/run/\ufeffa\u2066b\udb40\udc41é""#));
}

/// Translated messages and decimal commas would break whoever reads the output.
#[test]
fn every_locale_reads_the_same() {
    let tree = Tree::new("locales").file(
        "net/tcp",
        format!(
            "header\n{}bogus\n",
            line("01", "0:0 1:00000ABC 0 0 0 0 4711")
        ),
    );
    let run = |locale: &str| {
        Run::ours(&tree, "-tano")
            .env("LC_ALL", locale)
            .env("LANGUAGE", locale)
            .output()
    };
    let expected = run("C");
    assert!(!expected.stderr.is_empty() && expected.stdout.contains(&b'.'));
    for locale in ["de_DE.UTF-8", "fr_FR", "ja_JP.UTF-8", "et_EE"] {
        assert_eq!(run(locale), expected, "{locale}");
    }
}
