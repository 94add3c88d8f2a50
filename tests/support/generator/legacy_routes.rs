//! Routes of AX.25, NET/ROM, ROSE, IPX, AppleTalk and X.25.

use super::Generator;
use crate::support::case::Case;

impl Generator {
    pub(super) fn ax25_route(&mut self) -> Case {
        let lines = self.lines(5, |generator| {
            format!(
                "{:<9} {:<4} {}",
                generator.one_of(&["G4KLX-1", "default", "GB7DEF-15", "*", "A"]),
                generator.one_of(&["ax0", "sl12", "a"]),
                generator.one_of(&["*   ", " 12  ", "   7", "-5  ", "G4KLX-7"]),
            )
        });
        self.case(
            vec![(
                "net/ax25_route",
                format!("callsign  dev  mode digipeaters\n{lines}"),
            )],
            &["-r -A ax25", "-rn --ax25"],
        )
    }

    fn neighbour_number(&mut self) -> &'static str {
        self.one_of(&["00001", "00002", "00003", "00009", "12345"])
    }

    fn neighbours(&mut self) -> String {
        let lines = self.lines(5, |generator| {
            format!(
                "{} {:<9} {:<4}  {:3}    {}   {:3}    x",
                generator.neighbour_number(),
                generator.callsign(),
                generator.one_of(&["ax0", "ax12"]),
                192,
                0,
                1
            )
        });
        format!("addr  callsign  dev  qual lock count failed digipeaters\n{lines}")
    }

    pub(super) fn nr_nodes(&mut self) -> Case {
        let lines = self.lines(5, |generator| {
            let count = 1 + generator.random.below(3);
            let mut line = format!(
                "{:<9} {:<7}  {} {count}",
                generator.callsign(),
                generator.one_of(&["*", "GHI", "SEVENXX"]),
                1 + generator.random.below(count)
            );
            for _ in 0..count {
                line += &format!(
                    "  {:>3}   {} {}",
                    generator.one_of(&["0", "192", "255", "50"]),
                    generator.one_of(&["0", "6"]),
                    generator.neighbour_number()
                );
            }
            line
        });
        let neighbours = self.neighbours();
        self.case(
            vec![
                (
                    "net/nr_nodes",
                    format!("callsign  mnemonic w n qual obs neigh\n{lines}"),
                ),
                ("net/nr_neigh", neighbours),
            ],
            &["-r -A netrom", "-rn --netrom"],
        )
    }

    pub(super) fn rose_nodes(&mut self) -> Case {
        let lines = self.lines(5, |generator| {
            let count = generator.random.below(4);
            let mut line = format!(
                "{:<10} {:04} {count}",
                generator.one_of(&["2080175520", "*", "208"]),
                generator.random.below(11)
            );
            for _ in 0..count {
                line += &format!(" {}", generator.neighbour_number());
            }
            line
        });
        let neighbours = self.lines(5, |generator| {
            format!(
                "{} {:<9} {:<4}   {:3} {:3}  DTE",
                generator.neighbour_number(),
                generator.callsign(),
                generator.one_of(&["ax0", "r1"]),
                generator.random.below(100),
                1
            )
        });
        self.case(
            vec![
                ("net/rose_nodes", format!("address    mask n neigh neigh neigh\n{lines}")),
                ("net/rose_neigh", format!("addr  callsign  dev  count use mode restart  t0  tf digipeaters\n{neighbours}")),
            ],
            &["-r -A rose", "-rn --rose"],
        )
    }

    pub(super) fn ipx_route(&mut self) -> Case {
        let lines = self.lines(6, |generator| {
            let mut word = |choices: &[&str]| {
                if generator.odd(20) {
                    generator
                        .one_of(&[
                            "0x12",
                            "-1",
                            "+7",
                            "123456789abc",
                            "99999999999999999999",
                            "0",
                            "g",
                            "00:11",
                            "a",
                            "0x",
                            "-",
                            "12345678901",
                        ])
                        .to_owned()
                } else if generator.percent(50) {
                    generator.hex(8)
                } else {
                    generator.one_of(choices).to_owned()
                }
            };
            let [network, router] = [
                word(&["00001234", "FFFFFFFF"]),
                word(&["Directly", "00000000"]),
            ];
            let node = if generator.percent(50) {
                "Connected".to_owned()
            } else {
                generator.hex(12)
            };
            format!("{network}   {router}     {node}")
        });
        let name = self.one_of(&["net/ipx/route", "net/ipx_route"]);
        self.case(
            vec![(
                name,
                format!("Network    Router_Net   Router_Node\n{lines}"),
            )],
            &["-r -A ipx", "-rn --ipx"],
        )
    }

    pub(super) fn atalk_route(&mut self) -> Case {
        let lines = self.lines(5, |generator| {
            format!(
                "{} {} {} {}",
                generator.one_of(&["65280:0", "0:0", "averyveryverylongword", "1"]),
                generator.one_of(&["0:0", "200:3"]),
                generator.one_of(&["1", "3", "515", "5", "4294967295"]),
                generator.one_of(&["eth0", "lt0", "a-device-with-a-long-name"]),
            )
        });
        self.case(
            vec![(
                "net/atalk_route",
                format!("Target        Router  Flags Dev\n{lines}"),
            )],
            &["-r -A ddp", "-rn --ddp"],
        )
    }

    pub(super) fn x25_route(&mut self) -> Case {
        let lines = self.lines(5, |generator| {
            let line = format!(
                "{:<15}  {:<6}  {:<5}",
                generator.one_of(&["2080175520", "", "208", "123456789012345"]),
                generator.one_of(&["0", "3", "10", "15"]),
                generator.one_of(&["lapb0", "x2", "averyverylong"]),
            );
            format!("{line:<40}")
        });
        let name = self.one_of(&["net/x25/route", "net/x25_routes"]);
        self.case(
            vec![(name, format!("Address          Digits  Device\n{lines}"))],
            &["-r -A x25", "-rn --x25"],
        )
    }
}
