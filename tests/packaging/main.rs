//! What is installed beside the program follows its option table: the completions are generated from it, and the manual page
//! describes every option and no other.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap_complete::Shell;

/// A file of `packaging/`.
fn packaged(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("packaging")
        .join(name)
}

/// The option table without what nobody wants to be offered. Besides, fish would take an unquoted `?` for the name of a file.
fn offered() -> clap::Command {
    let table = netstat::cli::command();
    let args = table
        .get_arguments()
        .filter(|arg| !["d", "tcpip", "usage"].contains(&arg.get_id().as_str()));
    clap::Command::new("netstat").args(args.cloned())
}

fn script(shell: Shell) -> PathBuf {
    packaged("completions").join(match shell {
        Shell::Bash => "netstat.bash",
        Shell::Zsh => "_netstat",
        Shell::Fish => "netstat.fish",
        _ => panic!("no completions for {shell}"),
    })
}

#[test]
fn completions_are_generated_from_the_option_table() {
    let update = std::env::var_os("UPDATE_COMPLETIONS").is_some();
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        let mut fresh = Vec::new();
        clap_complete::generate(shell, &mut offered(), "netstat", &mut fresh);
        if update {
            fs::write(script(shell), &fresh).unwrap();
        }
        assert!(
            fs::read(script(shell)).is_ok_and(|kept| kept == fresh),
            "{} is stale: UPDATE_COMPLETIONS=1 cargo test --test packaging",
            script(shell).display()
        );
    }
}

/// Lines of at most 80 bytes, as manual pages have them.
fn wrapped(text: &str) -> String {
    let mut lines = String::new();
    let mut length = 0;
    for word in text.split(' ') {
        if length > 0 {
            let breaks = length + 1 + word.len() > 80;
            lines.push(if breaks { '\n' } else { ' ' });
            length = if breaks { 0 } else { length + 1 };
        }
        lines.push_str(word);
        length += word.len();
    }
    lines + "\n"
}

/// `netstat-problems(7)`: every counter with its meaning, its rule and where that is written.
#[test]
fn the_page_about_problems_is_made_from_their_table() {
    use netstat::record::problem::{FEW, Rule, TROUBLES};
    let mut page = String::from(
        r#".\" Made from the table of counters: UPDATE_COMPLETIONS=1 cargo test --test packaging
.Dd November 28, 2026
.ds doc-volume-operating-system netstat
.Dt NETSTAT-PROBLEMS 7
.Os netstat
.Sh NAME
.Nm netstat-problems
.Nd counters that mean trouble
.Sh DESCRIPTION
These are the counters that
.Ql netstat \-s \-\-problems
looks at
.Pq see Xr netstat 8 .
Each entry has what is counted, where to look next, and in brackets where it is
written what the counter counts: a file of the kernel's source or documentation,
an RFC, a manual page.
The shares and levels from which on they are shown are the program's own.
.Bl -tag -width Ds
"#,
    );
    for trouble in TROUBLES {
        let rule = match trouble.rule {
            Rule::Any => String::new(),
            Rule::Ratio { of, one_in } => {
                let of: Vec<_> = of
                    .iter()
                    .map(|(table, counter)| format!("{table} {counter}"))
                    .collect();
                let of = of.join(" + ");
                let rule =
                    format!("Shown from {FEW} on if there is more than one for {one_in} of {of}.");
                format!(".br\n{}", wrapped(&rule))
            }
            Rule::Level { limit, percent } => {
                format!(".br\nShown if it is {percent} % of {limit} or more.\n")
            }
        };
        let (table, counter) = (trouble.table, trouble.counter);
        let (meaning, hint, source) = (trouble.meaning, trouble.hint, trouble.source);
        // Options are not to be broken at their hyphens.
        let hint = hint.replace(" -", " \\-");
        let meaning = wrapped(&format!("{meaning}."));
        let hint = wrapped(&format!("See: {hint} [{source}]"));
        page += &format!(".It Cm {table} {counter}\n{meaning}{rule}.br\n{hint}");
    }
    page += ".El\n.Sh SEE ALSO\n.Xr netstat 8\n";
    let file = packaged("netstat-problems.7");
    if std::env::var_os("UPDATE_COMPLETIONS").is_some() {
        fs::write(&file, &page).unwrap();
    }
    assert!(
        fs::read_to_string(&file).is_ok_and(|kept| kept == page),
        "{} is stale: UPDATE_COMPLETIONS=1 cargo test --test packaging",
        file.display()
    );
}

/// What a shell prints, and nothing on stderr.
fn say(shell: &str, arguments: &[&str]) -> String {
    let output = Command::new(shell).args(arguments).output().unwrap();
    assert!(output.status.success(), "{shell} {arguments:?}: {output:?}");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{shell}");
    String::from_utf8(output.stdout).unwrap()
}

/// What bash offers for the last of `words`, by the function that the script registers.
fn bash_offers(words: &[&str]) -> Vec<String> {
    // compopt works only inside a completion that the user asked for.
    const ASK: &str = r#"
        compopt() { :; }
        source "$0"
        COMP_WORDS=(netstat "$@") COMP_CWORD=$#
        _netstat netstat "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let script = script(Shell::Bash);
    let mut arguments = vec!["--norc", "-c", ASK, script.to_str().unwrap()];
    arguments.extend(words);
    let offers = say("bash", &arguments);
    offers.lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_options_and_their_values() {
    assert_eq!(
        bash_offers(&["-t", "--num"]),
        [
            "--numeric",
            "--numeric-hosts",
            "--numeric-ports",
            "--numeric-users"
        ]
    );
    assert_eq!(bash_offers(&["-r", "-A", "in"]), ["inet", "inet6"]);
    assert_eq!(bash_offers(&["--proc"]), ["--proc-root"]);
    let registered = say(
        "bash",
        &[
            "--norc",
            "-c",
            "source \"$0\" && complete -p netstat",
            script(Shell::Bash).to_str().unwrap(),
        ],
    );
    assert!(registered.contains("-F _netstat"), "{registered}");
}

#[test]
#[ignore = "needs fish"]
fn fish_completes_options_and_their_values() {
    let ask = |line: &str| {
        let path = script(Shell::Fish);
        let code = format!("source {}; complete -C '{line}'", path.display());
        let offers = say("fish", &["--no-config", "-c", &code]);
        offers
            .lines()
            .map(|offer| offer.split('\t').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(ask("netstat --proc"), ["--proc-root"]);
    assert_eq!(ask("netstat -A in"), ["inet", "inet6"]);
    assert_eq!(ask("netstat --proc-root=/pro"), ["--proc-root=/proc/"]);
}

#[test]
#[ignore = "needs zsh"]
fn zsh_completes_options_and_their_values() {
    // A terminal of its own, in which the line is typed with a tab; `echo` then shows what the tab made of it.
    const ASK: &str = r#"
        zmodload zsh/zpty
        zpty shell zsh -f -i
        zpty -w shell "PS1= fpath=($1 \$fpath); unsetopt beep; autoload -Uz compinit; compinit -u -D; netstat() print -r got \$*"
        zpty -w -n shell "netstat -r $2"$'\t\n'
        zpty -r -m shell line $'*got -r *\n*'
        print -r -- "$line"
    "#;
    let ask = |word: &str| {
        let directory = packaged("completions");
        let path = directory.to_str().unwrap();
        let seen = say(
            "timeout",
            &["60", "zsh", "-f", "-c", ASK, "zsh", path, word],
        );
        let got = seen
            .lines()
            .find_map(|line| line.trim_end().strip_prefix("got -r "));
        got.unwrap_or_else(|| panic!("{seen:?}")).to_owned()
    };
    assert_eq!(ask("--all-n"), "--all-netns");
    assert_eq!(ask("-A appl"), "-A appletalk");
}

/// The options of the table, each with its dashes.
fn table() -> BTreeSet<String> {
    let command = netstat::cli::command();
    let mut options = BTreeSet::new();
    for arg in command.get_arguments() {
        options.extend(arg.get_short().map(|short| format!("-{short}")));
        options.extend(arg.get_long().map(|long| format!("--{long}")));
    }
    options
}

/// The options that a line of the manual page names by `Fl`. One dash may lead several letters.
fn named(line: &str) -> Vec<String> {
    let mut words = line.split_whitespace().peekable();
    let mut options = Vec::new();
    while let Some(word) = words.next() {
        if word.trim_start_matches('.') != "Fl" {
            continue;
        }
        let long = words.next_if_eq(&"Fl").is_some();
        // A plain `Fl Fl` is the `--` that ends the options.
        let Some(name) = words.next() else {
            continue;
        };
        let name = name.trim_start_matches(r"\&");
        if long {
            options.push(format!("--{name}"));
        } else {
            options.extend(name.chars().map(|letter| format!("-{letter}")));
        }
    }
    options
}

#[test]
fn the_manual_page_describes_every_option_and_no_other() {
    let page = fs::read_to_string(packaged("netstat.8")).unwrap();
    let described: Vec<String> = page
        .lines()
        .filter(|line| line.starts_with(".It Fl"))
        .flat_map(named)
        .collect();
    let mentioned: BTreeSet<String> = page.lines().flat_map(named).collect();
    let once: BTreeSet<String> = described.iter().cloned().collect();
    assert_eq!(once, table());
    assert_eq!(
        described.len(),
        once.len(),
        "described twice: {described:?}"
    );
    assert_eq!(mentioned, table(), "mentioned anywhere in the page");
}

/// The functions that are defined in the files of Rust below `directory`, each with the file's path from the repository's root.
fn functions(directory: &Path, found: &mut BTreeSet<(String, String)>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let file = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
            let text = fs::read_to_string(&path).unwrap();
            let defined = text
                .lines()
                .filter_map(|line| line.trim_start().strip_prefix("fn "))
                .filter_map(|line| line.split(['(', '<']).next());
            found.extend(defined.map(|name| (file.to_str().unwrap().to_owned(), name.to_owned())));
        }
    }
}

/// Every row of the tables of differences names its test, and those that are named exist in the file that is named.
#[test]
fn every_difference_has_the_test_that_it_names() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut defined = BTreeSet::new();
    for directory in ["src", "tests"] {
        functions(&root.join(directory), &mut defined);
    }
    let page = fs::read_to_string(root.join("docs/differences.md")).unwrap();
    let rows = page
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| |"))
        .filter(|line| !line.starts_with("| what |"));
    let mut named = 0;
    for row in rows {
        let (_, cell) = row.trim_end_matches(" |").rsplit_once(" | ").unwrap();
        // Some differences are of the kernel's making, or are not there yet.
        let excused = cell.contains("no test:") || cell.contains("TODO(test)");
        let before = named;
        // Code stands between backticks: every second part.
        for (file, function) in cell
            .split('`')
            .skip(1)
            .step_by(2)
            .filter_map(|code| code.split_once(".rs: "))
        {
            let file = match file.strip_prefix("src/") {
                Some(_) => format!("{file}.rs"),
                None => format!("tests/{file}.rs"),
            };
            let places: Vec<&str> = defined
                .iter()
                .filter(|(_, name)| name == function)
                .map(|(place, _)| place.as_str())
                .collect();
            assert!(!places.is_empty(), "no function {function}: {row}");
            assert!(
                !root.join(&file).exists() || places.contains(&file.as_str()),
                "{function} is in {places:?}, not in {file}"
            );
            named += 1;
        }
        assert!(excused || named > before, "no test is named: {row}");
    }
    assert!(named > 40, "{named}");
}

/// The names of all fields in a JSON value, those of objects within it too.
fn field_names(value: &serde_json::Value, names: &mut BTreeSet<String>) {
    if let Some(fields) = value.as_object() {
        names.extend(fields.keys().cloned());
        fields.values().for_each(|inner| field_names(inner, names));
    }
    for inner in value.as_array().into_iter().flatten() {
        field_names(inner, names);
    }
}

#[test]
fn the_page_about_json_names_every_field() {
    let mut names = BTreeSet::new();
    let mut run = |options: &str, root: &Path| {
        let output = Command::new(env!("CARGO_BIN_EXE_netstat"))
            .args(["--json", "--proc-root"])
            .arg(root)
            .args(options.split(' '))
            .output()
            .unwrap();
        // A tree without `net` is refused.
        if let Ok(records) = serde_json::from_slice(&output.stdout) {
            field_names(&records, &mut names);
        }
    };
    // Every machine has `lo`, if not an address for it.
    run("-ia", Path::new("/proc"));
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for tree in fs::read_dir(fixtures).unwrap() {
        let root = tree.unwrap().path().join("proc");
        for options in [
            "-anpo -A inet,inet6,unix,ipx,ax25,x25,netrom,rose",
            "-gn",
            "-rn -A inet,inet6",
            "-rn -A ax25",
            "-rn -A netrom",
            "-rn -A rose",
            "-rn -A ipx",
            "-rn -A ddp",
            "-rn -A x25",
            "-rnC -A inet,inet6",
            "-s",
            "-Mn",
        ] {
            run(options, &root);
        }
    }
    assert!(names.len() > 100, "{names:?}");

    let page = fs::read_to_string(packaged("netstat-json.5")).unwrap();
    let described: BTreeSet<&str> = page
        .lines()
        .filter(|line| line.starts_with(".Va ") || line.starts_with(".It Va "))
        .flat_map(str::split_whitespace)
        .collect();
    let missing: Vec<&String> = names
        .iter()
        .filter(|name| !name.ends_with("_bytes") || name.ends_with("x_bytes"))
        .filter(|name| !described.contains(name.as_str()))
        .collect();
    assert!(missing.is_empty(), "not in netstat-json.5: {missing:?}");
}
