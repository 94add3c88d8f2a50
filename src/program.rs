//! From the arguments to the exit status: what `main` calls.

use std::cell::{Cell, RefCell};
use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::rc::Rc;

use crate::cli::{self, Args, Command, Extensions, help};
use crate::collect::namespaces::{self, Place};
use crate::error::Error;
use crate::format::json::JsonFormat;
use crate::format::messages::Messages;
use crate::format::openmetrics::OpenMetricsFormat;
use crate::format::output::{Output, Stdout};
use crate::format::text::TextFormat;
use crate::names::NameResolver;
use crate::query::{Query, SockDiag};
use crate::record::{Message, Sink};
use crate::scan::ByteOrder;
use crate::shown::Shown;
use crate::stage::byte_order::ByteOrderStage;
use crate::stage::changes::ChangesStage;
use crate::stage::count::CountStage;
use crate::stage::filter::FilterStage;
use crate::stage::names::NamesStage;
use crate::stage::per_second::PerSecondStage;
use crate::stage::sort::SortStage;
use crate::{report, selinux, sys};

/// Runs the program; `argv` begins with its name.
pub fn main(argv: &[OsString]) -> u8 {
    let mut messages = Messages::new();
    let is_terminal = std::io::stdout().is_terminal();
    let mut output = Output::new(Stdout, is_terminal);

    let posixly_correct = std::env::var_os("POSIXLY_CORRECT").is_some();
    let parsed = cli::parse(argv, posixly_correct, selinux::enabled);
    messages.raw(&parsed.notices);
    match parsed.command {
        Command::Run(args) => match prepare(&args) {
            Ok(query) => answer(&query, output, messages, sys::clock_ticks_per_second()),
            Err(error) => {
                messages.say(&Message::from(&error));
                error.exit_code()
            }
        },
        Command::Help => {
            output.row().extend_from_slice(help::USAGE_MAIN.as_bytes());
            let shown = output.row_done();
            // The reference sends the end of its help to stderr.
            messages.raw(help::USAGE_FAMILIES.as_bytes());
            if is_terminal {
                messages.raw(help::MORE.as_bytes());
            }
            finish(shown.and_then(|()| output.flush()), &mut messages)
        }
        Command::Version => show(output, help::VERSION, &mut messages),
        Command::Additions => show(output, &help::additions(), &mut messages),
        Command::About => show(output, &help::about(), &mut messages),
        Command::Usage(message) => {
            if let Some(message) = message {
                messages.raw(&message);
                messages.raw(b"\n");
            }
            messages.raw(help::USAGE_MAIN.as_bytes());
            messages.raw(help::USAGE_FAMILIES.as_bytes());
            3
        }
        Command::Fail { message, status } => {
            messages.raw(&message);
            status
        }
    }
}

/// What is asked for, down to what must be found out on the system: the directory to read, the numbers of named ports, the network
/// namespace, where we go.
fn prepare(args: &Args) -> Result<Query, Error> {
    may_look_elsewhere(&args.extensions)?;
    let mut query = Query::new(args);
    query.sock_diag = sock_diag_from_environment();
    let own = &args.extensions;
    if own.proc_root.is_some() {
        query.proc_root = if own.netns.is_some() || own.all_netns {
            query.proc_root.locate_processes()?
        } else {
            query.proc_root.locate()?
        };
        if query.proc_root.is_kernel() && query.proc_root.byte_order() != ByteOrder::OWN {
            return Err(Error::Extension(format!(
                "option '--byte-order': {} is this machine's own",
                query.proc_root.directory().display()
            )));
        }
    }
    query.choose(args, sys::name_service::services)?;
    if let Some(namespace) = &own.netns
        && let Place::Of(task) = namespaces::go_to(&query.proc_root, namespace)?
    {
        query.proc_root = query.proc_root.with_net_of(task);
    }
    Ok(query)
}

/// Builds the pipeline from its end, answers the query, and returns the exit status. `ticks` is the kernel's clock ticks per second.
pub fn answer<W: Write>(query: &Query, output: Output<W>, messages: Messages, ticks: u64) -> u8 {
    let resolver = Rc::new(RefCell::new(NameResolver::new()));
    let (own, names) = (query.clone(), Rc::clone(&resolver));
    let format: Box<dyn Sink + '_> = if query.openmetrics {
        let shown = Shown::new(query, names, ticks);
        Box::new(OpenMetricsFormat::new(own, shown, output, messages))
    } else if query.json {
        Box::new(JsonFormat::new(own, names, output, messages, ticks))
    } else {
        Box::new(TextFormat::new(own, names, output, messages, ticks))
    };
    let criteria = &query.criteria;
    let shown = || Shown::new(query, Rc::clone(&resolver), ticks);
    // Names are asked for as late as can be: only those of rows that are left, in the order in which they are shown.
    let names = |sink| -> Box<dyn Sink + '_> {
        Box::new(NamesStage::new(query.clone(), Rc::clone(&resolver), sink))
    };
    let names_first = query.names_come_first();
    let mut sink = format;
    if query.wanted_names().any() && !names_first {
        sink = names(sink);
    }
    if !criteria.sort.is_empty() {
        sink = Box::new(SortStage::new(query, shown(), sink));
    }
    if !criteria.count_by.is_empty() {
        sink = Box::new(CountStage::new(query, shown(), sink));
    }
    let differs = Rc::new(Cell::new(false));
    if query.changes || query.since.is_some() {
        sink = Box::new(ChangesStage::new(query, shown(), Rc::clone(&differs), sink));
    }
    if names_first {
        sink = names(Box::new(FilterStage::by_names(query, shown(), sink)));
    }
    if criteria.choose_rows() {
        let owned = Box::new(|| report::owned(query));
        sink = Box::new(FilterStage::new(query, shown(), owned, sink));
    }
    if query.per_second {
        sink = Box::new(PerSecondStage::new(sink));
    }
    if query.proc_root.assumes_byte_order() {
        sink = Box::new(ByteOrderStage::new(sink));
    }
    let status = report::run(query, &mut sink);
    let differs = query.since.is_some() && differs.get();
    status.max(differs.into())
}

/// Refuses what leads to other files and namespaces to users whose rights are not those we have: set-user-ID or capabilities make us read
/// the system's tables for everybody, and nothing else.
fn may_look_elsewhere(own: &Extensions) -> Result<(), Error> {
    if !sys::has_rights_of_its_own() || nix::unistd::getuid().is_root() {
        return Ok(());
    }
    let refused = [
        ("proc-root", own.proc_root.is_some()),
        ("netns", own.netns.is_some()),
        ("since", own.since.is_some()),
    ];
    match refused.iter().find(|(_, given)| *given) {
        Some((option, _)) => Err(Error::Extension(format!(
            "option '--{option}' is refused to all but root: this program has more rights than its user"
        ))),
        None => Ok(()),
    }
}

/// Writes a text, and returns the exit status.
fn show(mut output: Output<Stdout>, text: &str, messages: &mut Messages) -> u8 {
    output.row().extend_from_slice(text.as_bytes());
    finish(output.flush(), messages)
}

fn finish(written: Result<(), Error>, messages: &mut Messages) -> u8 {
    match written {
        Ok(()) => 0,
        Err(error) => {
            if !error.is_silent() {
                messages.say(&Message::from(&error));
            }
            error.exit_code()
        }
    }
}

/// `NETSTAT_SOCK_DIAG=never` and `=always` let the tests compare the two sources of tables, /proc and netlink; the output is the same.
fn sock_diag_from_environment() -> SockDiag {
    match std::env::var_os("NETSTAT_SOCK_DIAG") {
        Some(value) if value == "never" => SockDiag::Never,
        Some(value) if value == "always" => SockDiag::Always,
        _ => SockDiag::Large,
    }
}
