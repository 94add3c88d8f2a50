//! The process edge: signals, arguments, exit status.

use std::process::ExitCode;

fn main() -> ExitCode {
    netstat::sys::restore_sigpipe();
    let argv: Vec<_> = std::env::args_os().collect();
    ExitCode::from(netstat::program::main(&argv))
}
