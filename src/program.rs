//! From the arguments to the exit status: what `main` calls.

use std::ffi::OsString;
use std::io::IsTerminal;

use crate::cli::{self, Args, Command, help};
use crate::diagnostics::Diagnostics;
use crate::error::Error;
use crate::filter::Filter;
use crate::format::json::JsonFormat;
use crate::format::output::{Output, Stdout};
use crate::format::text::TextFormat;
use crate::query::{Query, SockDiag};
use crate::{netns, run, selinux, sys};

/// Runs the program; `argv` begins with its name.
pub fn main(argv: &[OsString]) -> u8 {
    let mut diagnostics = Diagnostics::new();
    let mut output = Output::new(Stdout, std::io::stdout().is_terminal());

    let posixly_correct = std::env::var_os("POSIXLY_CORRECT").is_some();
    let parsed = cli::parse(argv, posixly_correct, selinux::enabled);
    diagnostics.raw(&parsed.notices);
    match parsed.command {
        Command::Run(args) => {
            let query = match prepare(&args) {
                Ok(query) => query,
                Err(error) => {
                    diagnostics.fail(&error);
                    return error.exit_code();
                }
            };
            let ticks = sys::clock_ticks_per_second();
            if query.json {
                let mut sink = JsonFormat::new(query.clone(), output, ticks);
                run(&query, &mut sink, &mut diagnostics)
            } else {
                let mut sink = TextFormat::new(query.clone(), output, ticks);
                run(&query, &mut sink, &mut diagnostics)
            }
        }
        Command::Help => {
            output.row().extend_from_slice(help::USAGE_MAIN.as_bytes());
            let shown = output.row_done();
            // The reference sends the end of its help to stderr.
            diagnostics.raw(help::USAGE_FAMILIES.as_bytes());
            finish(shown.and_then(|()| output.flush()), &mut diagnostics)
        }
        Command::Version => {
            output.row().extend_from_slice(help::VERSION.as_bytes());
            finish(output.flush(), &mut diagnostics)
        }
        Command::Usage(message) => {
            if let Some(message) = message {
                diagnostics.raw(&message);
                diagnostics.raw(b"\n");
            }
            diagnostics.raw(help::USAGE_MAIN.as_bytes());
            diagnostics.raw(help::USAGE_FAMILIES.as_bytes());
            3
        }
        Command::Fail { message, status } => {
            diagnostics.raw(&message);
            status
        }
    }
}

/// What is asked for, down to what must be found out on the system: the directory to read, the numbers of named ports, the network
/// namespace, where we go.
fn prepare(args: &Args) -> Result<Query, Error> {
    let mut query = Query::new(args);
    query.sock_diag = sock_diag_from_environment();
    if args.extensions.proc_root.is_some() {
        query.proc_root = query.proc_root.locate()?;
    }
    query.filter = Filter::new(&args.extensions, sys::name_service::services)?;
    if let Some(namespace) = &args.extensions.netns {
        netns::enter(namespace)?;
    }
    Ok(query)
}

fn finish(written: Result<(), Error>, diagnostics: &mut Diagnostics) -> u8 {
    match written {
        Ok(()) => 0,
        Err(error) => {
            diagnostics.fail(&error);
            error.exit_code()
        }
    }
}

/// `NETSTAT_SOCK_DIAG=never` and `=always` let the tests compare the two sources of socket tables; the output is the same.
fn sock_diag_from_environment() -> SockDiag {
    match std::env::var_os("NETSTAT_SOCK_DIAG") {
        Some(value) if value == "never" => SockDiag::Never,
        Some(value) if value == "always" => SockDiag::Always,
        _ => SockDiag::Large,
    }
}
