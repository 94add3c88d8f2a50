//! Sockets of IPX, AX.25, X.25, NET/ROM and ROSE.

use super::Generator;
use crate::support::case::Case;

impl Generator {
    fn ipx_address(&mut self) -> String {
        match self.random.below(8) {
            0 => format!("{}:{}", self.hex(8), self.hex(4)),
            1 if !self.strict => self
                .one_of(&[
                    "00000000:A0C9AABBCCDD:0451",
                    "FFFFFFFF:0451",
                    "0:0",
                    "1:0:1",
                    "1:2:3:4",
                    "1:g:2",
                    "-1:1:-2",
                    "0x1:0x2:0x3",
                    "12g4:5:6",
                ])
                .to_owned(),
            _ => format!("{}:{}:{}", self.hex(8), self.hex(12), self.hex(4)),
        }
    }

    pub(super) fn ipx(&mut self) -> Case {
        let lines = self.lines(6, |generator| {
            let local = generator.ipx_address();
            let remote = if generator.percent(30) {
                "Not_Connected".to_owned()
            } else {
                generator.ipx_address()
            };
            let state = generator.one_of(&["01", "07"]);
            let uid = generator.bits(16);
            format!(
                "{local} {remote} {} {} {state} {uid:03}",
                generator.hex(8),
                generator.hex(8)
            )
        });
        self.case(
            vec![(
                "net/ipx/socket",
                format!("Local_Address  Remote_Address Tx_Queue  Rx_Queue  State  Uid\n{lines}"),
            )],
            &["-n --ipx", "-n --ipx -e", "-en --ipx", "-eean --ipx", "-na"],
        )
    }

    pub(super) fn callsign(&mut self) -> &'static str {
        self.one_of(&["G4KLX-1", "GB7BPQ-15", "*", "M0XYZ", "A-0", "G8ABC-7*"])
    }

    /// A small number.
    fn small(&mut self) -> String {
        if self.odd(10) {
            self.one_of(&["-1", "-12", "03", "+3"]).to_owned()
        } else {
            let bits = [2, 4, 8, 16][self.random.below(4)];
            self.bits(bits).to_string()
        }
    }

    fn small_numbers(&mut self, count: usize) -> String {
        let numbers: Vec<String> = (0..count).map(|_| self.small()).collect();
        numbers.join(" ")
    }

    pub(super) fn ax25(&mut self) -> Case {
        let mut lines = String::new();
        for _ in 0..1 + self.random.below(5) {
            let state = self.random.below(5);
            let tail = if self.odd(20) {
                self.one_of(&["* * *", "5", ""]).to_owned()
            } else {
                format!("{} 12345", self.small_numbers(2))
            };
            lines += &format!(
                "{} {} {} {} {state} {} {} {tail}\n",
                self.lower_hex(8),
                self.one_of(&["ax0", "ax1", "bpq0", "averylongdev"]),
                self.callsign(),
                self.one_of(&["GB7BPQ-15", "G4KLX-1,M0XYZ*", "*"]),
                self.small_numbers(2),
                self.small_numbers(14),
            );
        }
        self.case(
            vec![("net/ax25", lines)],
            &["--ax25", "--ax25 -a", "--ax25 -neop", "-n"],
        )
    }

    pub(super) fn x25(&mut self) -> Case {
        let lines = self.lines(5, |generator| {
            let small: Vec<String> = (0..10).map(|_| generator.small()).collect();
            format!(
                "{:<10.10} {:<10.10} {:<5} {:>3}  {} {:>2} {:>2} {:>2} {:>2} {:>3} {:>3} {:>3} {:>3} {:>5} {:>5} 12345",
                generator.one_of(&["*", "208017552", "2080175521"]),
                generator.one_of(&["208017552", "*"]),
                generator.one_of(&["???", "lapb0", "x25", "longdevice"]),
                generator.one_of(&["000", "001", "012", "1"]),
                generator.random.below(5),
                small[0], small[1], small[2], small[3], small[4], small[5], small[6], small[7], small[8], small[9],
            )
        });
        let heading =
            "dest_addr  src_addr   dev   lci st vs vr va   t  t2 t21 t22 t23 Snd-Q Rcv-Q inode\n";
        self.case(
            vec![("net/x25", format!("{heading}{lines}"))],
            &["--x25", "--x25 -a", "--x25 -l", "-na"],
        )
    }

    pub(super) fn netrom(&mut self) -> Case {
        let lines = self.lines(5, |generator| {
            let pairs: Vec<String> = (0..5)
                .map(|_| format!("{}/{}", generator.small(), generator.small()))
                .collect();
            format!(
                "{:<9} {:<9} {:<9} {} {}/{} {}/{} {} {} {} {} {} 12345",
                generator.callsign(),
                generator.callsign(),
                generator.callsign(),
                generator.one_of(&["nr0 ", "nr1 ", "nrlongdevice"]),
                generator.lower_hex(2),
                generator.lower_hex(2),
                generator.lower_hex(2),
                generator.lower_hex(2),
                generator.random.below(4),
                generator.small_numbers(3),
                pairs.join(" "),
                generator.small(),
                generator.small_numbers(2),
            )
        });
        let heading = "user_addr dest_node src_node  dev    my  your  st  vs  vr  va    t1     t2     t4      idle   n2  wnd Snd-Q Rcv-Q inode\n";
        self.case(
            vec![("net/nr", format!("{heading}{lines}"))],
            &["--netrom", "--netrom -a", "-n"],
        )
    }

    /// Longer words than these run into one another in the reference.
    pub(super) fn rose(&mut self) -> Case {
        let lines = self.lines(5, |generator| {
            format!(
                "{:<10} {:<9} {:<10} {:<9} {:<5} {} {:05} {}  0   0   0 200   5 180   5   0/000     0     0 12345",
                generator.one_of(&["*", "208017552", "2080175521"]),
                generator.one_of(&["*", "G4KLX-1", "GB7BP-15"]),
                generator.one_of(&["*", "208017552", "20801755"]),
                generator.one_of(&["*", "G4KLX-1", "GB7BP-15"]),
                generator.one_of(&["rose0", "r0", "x"]),
                generator.one_of(&["000", "012", "999"]),
                generator.bits(16),
                generator.random.below(4),
            )
        });
        let heading = "dest_addr  dest_call src_addr   src_call  dev   lci neigh st vs vr va   t  t1  t2  t3  hb    idle Snd-Q Rcv-Q inode\n";
        self.case(
            vec![("net/rose", format!("{heading}{lines}"))],
            &["--rose", "--rose -a", "-n"],
        )
    }
}
