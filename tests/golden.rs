//! Fixtures × command lines against what the reference wrote (fixtures/README.md says how to record).

mod support;

use support::golden::golden;
use support::transcript::lines;

#[test]
fn no_net() {
    golden("no-net", &["", "-a"]);
}

#[test]
fn transcripts_show_every_byte() {
    assert_eq!(
        lines(b"a \nb$\n\\c\xc3\xa9\t\0", "> "),
        "> a $\n> b$$\n> \\\\c\\xc3\\xa9\\t\\x00\\c\n"
    );
    assert_eq!(lines(b"", "> "), "");
}
