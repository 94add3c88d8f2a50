//! `-c` for long: memory and descriptors stay what they are.

use std::ffi::OsString;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use netstat::cli::{self, Command as Parsed};
use netstat::format::messages::Messages;
use netstat::format::output::Output;
use netstat::program;
use netstat::query::Query;

use crate::support::alone::alone;
use crate::support::reaped::Reaped;

/// Memory that a process has for itself, in KiB, and its open descriptors.
fn usage(pid: &str) -> (u64, usize) {
    // Not resident pages: those of files come and go as the machine pleases, and the status has them only nearly right.
    let mappings = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap();
    let field = |name: &str| -> u64 {
        let mut lines = mappings.lines();
        let value = lines.find_map(|line| line.strip_prefix(name)).unwrap();
        value.trim_end_matches("kB").trim().parse().unwrap()
    };
    let memory = field("Anonymous:") + field("Swap:");
    // The least of some looks: what helps to search for owners may close its last file when the report is already out.
    let descriptors = (0..10).map(|_| {
        std::thread::sleep(Duration::from_millis(5));
        fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count()
    });
    (memory, descriptors.min().unwrap())
}

/// Takes output until enough passes are over; each ends with a flush.
#[derive(Debug)]
struct Passes {
    over: usize,
    wanted: usize,
    bytes: usize,
    early: (u64, usize),
    late: (u64, usize),
}

impl Write for &mut Passes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.over += 1;
        if self.over == self.wanted / 10 {
            self.early = usage("self");
        }
        if self.over == self.wanted {
            self.late = usage("self");
            return Err(io::Error::from_raw_os_error(libc::ENOSPC));
        }
        Ok(())
    }
}

#[test]
fn a_thousand_passes_take_no_more_memory_than_a_hundred() {
    alone(|| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut sockets = Vec::new();
        for _ in 0..100 {
            sockets.push(TcpStream::connect(address).unwrap());
            sockets.push(listener.accept().unwrap().0);
        }
        let pairs: Vec<_> = (0..100).map(|_| UnixStream::pair().unwrap()).collect();
        for (args, wanted) in [
            ("-anpec", 1000),
            ("-ac", 1000),
            ("-xapc", 1000),
            ("-rnc", 1000),
            ("-rn6c", 1000),
            ("-ic", 1000),
            ("-iec", 1000),
            ("-gnc", 1000),
        ] {
            let argv: Vec<OsString> = ["netstat", args].map(Into::into).to_vec();
            let Parsed::Run(parsed) = cli::parse(&argv, false, || false).command else {
                panic!("{args}");
            };
            let mut query = Query::new(&parsed);
            assert!(query.interval.is_some());
            query.interval = Some(Duration::ZERO);
            let mut passes = Passes {
                over: 0,
                wanted,
                bytes: 0,
                early: (0, 0),
                late: (0, 0),
            };
            let output = Output::new(&mut passes, false);
            let status = program::answer(&query, output, Messages::new(), 100);
            eprintln!("{args}: {passes:?}");
            assert_eq!((status, passes.over), (1, wanted), "{args}");
            assert!(passes.bytes > wanted * 100, "{args}");
            assert_eq!(passes.early.1, passes.late.1, "{args}: descriptors");
            // Pages that are touched at last, not growth: that would be some bytes a row and pass.
            assert!(passes.late.0 <= passes.early.0 + 512, "{args}: {passes:?}");
        }
        drop((sockets, pairs));
    });
}

/// The program itself.
#[test]
fn the_program_repeats_itself_without_growing() {
    alone(|| {
        let mut child = Reaped(
            Command::new(env!("CARGO_BIN_EXE_netstat"))
                .args(["-anpec", "--interval", "0.005"])
                .stdout(Stdio::piped())
                .spawn()
                .unwrap(),
        );
        let pid = child.pid().to_string();
        let titles = BufReader::new(child.0.stdout.take().unwrap())
            .lines()
            .filter(|line| line.as_ref().unwrap().starts_with("Active Internet"));
        // The hundredth pass and the sixhundredth have begun.
        let mut titles = titles.skip(99).step_by(500);
        let seen = [(); 2].map(|()| {
            titles.next().unwrap().unwrap();
            usage(&pid)
        });
        eprintln!("{seen:?}");
        let [first, last] = seen;
        assert!(last.0 <= first.0 + 512, "{seen:?}");
        // A look may fall into a pass, when a file or two are open.
        assert!(last.1 <= 10, "{seen:?}");
    });
}
