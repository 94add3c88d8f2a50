//! The completions hold the option table: what stands between two marks in each script is written from it. What the shells make of the
//! scripts is tested where they are installed: `packaging/test-completions`.

use std::fs;

use clap::Arg;
use netstat::field::{self, Tables};

use super::packaged;

const BEGIN: &str =
    "# >>> from the option table: UPDATE_COMPLETIONS=1 cargo test --test packaging\n";
const END: &str = "# <<<\n";

/// The options that are offered: not those that nobody wants, and not those that can only say that they are not supported.
fn offered(command: &clap::Command) -> Vec<&Arg> {
    let useless = ["d", "tcpip", "usage", "l2cap", "rfcomm", "bluetooth"];
    command
        .get_arguments()
        .filter(|arg| !useless.contains(&arg.get_id().as_str()))
        .collect()
}

/// The option as it is typed: `-A` and `--protocol`.
fn names(arg: &Arg) -> impl Iterator<Item = String> {
    let short = arg.get_short().map(|short| format!("-{short}"));
    let long = arg.get_long().map(|long| format!("--{long}"));
    short.into_iter().chain(long)
}

/// What the option's value is called, if it takes one.
fn kind(arg: &Arg) -> Option<&str> {
    arg.get_value_names()?
        .first()
        .map(clap::builder::Str::as_str)
}

fn help(arg: &Arg) -> String {
    arg.get_help().unwrap().to_string()
}

/// The fields that can be named.
fn field_names() -> Vec<&'static str> {
    let mut names: Vec<&str> = field::of(Tables::ANY).map(|field| &*field.name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The words that values of some kinds consist of.
fn words(options: &[&Arg]) -> Vec<(String, Vec<&'static str>)> {
    let mut kinds: Vec<&str> = options.iter().filter_map(|arg| kind(arg)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let useless = ["bluetooth", "econet", "ash"];
    kinds
        .into_iter()
        .map(|kind| {
            let mut words = match kind {
                "FIELD" => field_names(),
                _ => netstat::cli::value_words(kind),
            };
            // A word with a blank has a twin without.
            words.retain(|word| !useless.contains(word) && !word.contains(' '));
            (kind.to_owned(), words)
        })
        .filter(|(_, words)| !words.is_empty())
        .collect()
}

fn bash(options: &[&Arg]) -> String {
    let all: Vec<String> = options.iter().flat_map(|arg| names(arg)).collect();
    let mut block = format!("_netstat_options='{}'\n", all.join(" "));
    block += "declare -gA _netstat_values=(\n";
    for arg in options {
        for name in names(arg) {
            if let Some(kind) = kind(arg) {
                block += &format!("    [{name}]='{kind}'\n");
            }
        }
    }
    block += ")\ndeclare -gA _netstat_words=(\n";
    for (kind, words) in words(options) {
        block += &format!("    [{kind}]='{}'\n", words.join(" "));
    }
    block + ")\n"
}

fn zsh(options: &[&Arg]) -> String {
    let mut block = "options=(\n".to_owned();
    for arg in options {
        let help = help(arg)
            .replace('[', r"\[")
            .replace(']', r"\]")
            .replace(':', r"\:");
        for name in names(arg) {
            block += &match (kind(arg), name.starts_with("--")) {
                (None, _) => format!("    '*{name}[{help}]'\n"),
                (Some(kind), false) => {
                    format!("    '*{name}+[{help}]:{kind}:_netstat_value \"{kind}\"'\n")
                }
                (Some(kind), true) => {
                    format!("    '*{name}=[{help}]:{kind}:_netstat_value \"{kind}\"'\n")
                }
            };
        }
    }
    block += ")\nknown=(\n";
    for (kind, words) in words(options) {
        block += &format!("    {kind} '{}'\n", words.join(" "));
    }
    block + ")\n"
}

fn fish(options: &[&Arg]) -> String {
    let words = words(options);
    let mut block = "complete -c netstat -f\n".to_owned();
    for arg in options {
        block += "complete -c netstat";
        if let Some(short) = arg.get_short() {
            block += &format!(" -s {short}");
        }
        if let Some(long) = arg.get_long() {
            block += &format!(" -l {long}");
        }
        block += &format!(" -d '{}'", help(arg));
        if let Some(kind) = kind(arg) {
            let list = words.iter().find(|(name, _)| name == kind);
            let values = match (kind, list) {
                ("DIR", _) => "(__fish_complete_directories)".to_owned(),
                ("FILE", _) => "(__fish_complete_path)".to_owned(),
                ("PID", _) => "(__fish_complete_pids)".to_owned(),
                ("NAME|PID", _) => "(__netstat_namespaces)".to_owned(),
                ("FIELD=VALUE", _) => {
                    let (_, names) = words.iter().find(|(name, _)| name == "FIELD").unwrap();
                    format!("{}=", names.join("= "))
                }
                ("PORT", _) => "(__netstat_list (__netstat_services))".to_owned(),
                ("STATE", Some((_, words))) => format!("(__netstat_states {})", words.join(" ")),
                (_, Some((_, words))) => format!("(__netstat_list {})", words.join(" ")),
                (_, None) => String::new(),
            };
            block += &format!(" -x -a '{values}'");
        }
        block += "\n";
    }
    block
}

#[test]
fn they_hold_the_option_table() {
    let update = std::env::var_os("UPDATE_COMPLETIONS").is_some();
    let command = netstat::cli::command();
    let options = offered(&command);
    for (name, block) in [
        ("netstat.bash", bash(&options)),
        ("_netstat", zsh(&options)),
        ("netstat.fish", fish(&options)),
    ] {
        let path = packaged("completions").join(name);
        let kept = fs::read_to_string(&path).unwrap();
        let (before, rest) = kept.split_once(BEGIN).unwrap();
        let (_, after) = rest.split_once(END).unwrap();
        let fresh = [before, BEGIN, &block, END, after].concat();
        if update {
            fs::write(&path, &fresh).unwrap();
        }
        assert!(
            update || kept == fresh,
            "{name} is stale: UPDATE_COMPLETIONS=1 cargo test --test packaging"
        );
    }
}
