//! Random files for every table, and the reference's opinion of them.

use crate::support::generator::{Generator, TABLES};
use crate::support::program::Ending;
use crate::support::random_files;

/// Sets of files for each table. `NETSTAT_CASES` asks for more, `NETSTAT_SEED` for others.
const CASES: u64 = 80;

fn table(name: &str) {
    let cases = match std::env::var("NETSTAT_CASES") {
        Ok(cases) => cases.parse().unwrap(),
        Err(_) => CASES,
    };
    let table = TABLES.iter().find(|table| table.name == name).unwrap();
    let generate = |random| (table.case)(&mut Generator::new(random, false));
    let with_rows = random_files::compare(random_files::seed(1), cases, generate, |run| {
        let lines = run.stdout.iter().filter(|&&byte| byte == b'\n').count();
        run.ending == Ending::Exit(0) && lines > 2
    });
    // A generator whose files are all refused would prove nothing.
    assert!(
        with_rows > cases / 4,
        "{with_rows} of {cases} outputs with a row"
    );
}

macro_rules! tables {
    ($($name:ident)*) => {
        $(
            #[test]
            #[ignore = "needs root and net-tools"]
            fn $name() {
                table(stringify!($name));
            }
        )*

        #[test]
        fn every_table_is_compared() {
            let compared = [$(stringify!($name)),*];
            assert!(TABLES.iter().all(|table| compared.contains(&table.name)));
        }
    };
}

tables! {
    inet unix igmp sctp ipx ax25 x25 netrom rose
    route rt_cache ipv6_route ndisc masquerade ax25_route nr_nodes rose_nodes ipx_route atalk_route x25_route
}
