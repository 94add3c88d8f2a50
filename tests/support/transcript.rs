//! What a run wrote, as text that shows every byte and from which every byte can be had back.

use super::program::Outcome;

/// A line for the command and one for its end, then the lines of stdout behind two blanks and those of stderr behind `! `.
pub fn transcript(args: &str, outcome: &Outcome) -> String {
    let mut text = format!("$ netstat {args}").trim_end().to_owned() + "\n";
    if outcome.ending != super::program::Ending::Exit(0) {
        text += &format!("{}\n", outcome.ending);
    }
    text += &lines(&outcome.stdout, "  ");
    text += &lines(&outcome.stderr, "! ");
    text
}

/// The lines of `bytes` behind `prefix`. A line that ended in a newline ends in `$`, one that did not in `\c`. A
/// backslash is doubled; a byte that is not printable ASCII is written as `\t` or `\xNN`.
pub fn lines(bytes: &[u8], prefix: &str) -> String {
    let mut text = String::new();
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        text += prefix;
        let (line, end) = match line.strip_suffix(b"\n") {
            Some(line) => (line, "$"),
            None => (line, "\\c"),
        };
        for &byte in line {
            match byte {
                b'\\' => text += "\\\\",
                b'\t' => text += "\\t",
                b' '..=b'~' => text.push(char::from(byte)),
                _ => text += &format!("\\x{byte:02x}"),
            }
        }
        text += end;
        text.push('\n');
    }
    text
}
