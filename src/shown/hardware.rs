//! Hardware types: their names, and how their addresses are written.

use super::column;
use crate::printable;
use crate::record::interface::Hardware;

/// What is shown of a hardware type.
#[derive(Clone, Copy, Debug)]
pub struct HardwareName {
    /// The kernel's ARPHRD number.
    kind: u16,
    /// The word before the address.
    pub word: &'static str,
    /// The description in parentheses.
    pub title: &'static str,
    form: Form,
    /// Whether compressed packets are counted.
    pub compresses: bool,
}

/// How an address is written.
#[derive(Clone, Copy, Debug)]
enum Form {
    /// Not at all.
    None,
    /// As nothing, but with the blank before it.
    Empty,
    /// So many bytes in hexadecimal.
    Bytes {
        count: usize,
        separator: &'static [u8],
        upper: bool,
    },
    /// The first four bytes in hexadecimal, last first.
    Irda,
    /// A number of 16 bits, least significant byte first.
    LittleEndian,
    /// An amateur radio call sign: six letters, shifted, and a station number.
    CallSign,
    /// Text up to the first NUL.
    Text,
    /// One digit for each byte, in brackets.
    Ash,
    /// All known bytes and as many zeros.
    Unspecified,
}

const fn bytes(count: usize, separator: &'static [u8], upper: bool) -> Form {
    Form::Bytes {
        count,
        separator,
        upper,
    }
}

const fn hardware(kind: u16, word: &'static str, title: &'static str, form: Form) -> HardwareName {
    HardwareName {
        kind,
        word,
        title,
        form,
        compresses: false,
    }
}

const fn compressing(kind: u16, word: &'static str, title: &'static str) -> HardwareName {
    HardwareName {
        compresses: true,
        ..hardware(kind, word, title, Form::None)
    }
}

/// So many bytes of an address does the reference show at most.
const KNOWN: usize = 8;

/// What is shown of types that are not in the table.
static UNSPECIFIED: HardwareName =
    hardware(Hardware::UNKNOWN, "unspec", "UNSPEC", Form::Unspecified);

static NAMES: [HardwareName; 25] = [
    hardware(0, "netrom", "AMPR NET/ROM", Form::CallSign),
    hardware(1, "ether", "Ethernet", bytes(6, b":", false)),
    hardware(3, "ax25", "AMPR AX.25", Form::CallSign),
    hardware(7, "arcnet", "ARCnet", bytes(1, b"", true)),
    hardware(15, "dlci", "Frame Relay DLCI", Form::LittleEndian),
    hardware(27, "eui64", "Generic EUI-64", bytes(8, b":", true)),
    hardware(256, "slip", "Serial Line IP", Form::None),
    compressing(257, "cslip", "VJ Serial Line IP"),
    hardware(258, "slip6", "6-bit Serial Line IP", Form::None),
    compressing(259, "cslip6", "VJ 6-bit Serial Line IP"),
    hardware(264, "adaptive", "Adaptive Serial Line IP", Form::None),
    hardware(270, "rose", "AMPR ROSE", bytes(5, b"", false)),
    hardware(271, "x25", "generic X.25", Form::Text),
    hardware(512, "ppp", "Point-to-Point Protocol", Form::None),
    hardware(513, "hdlc", "(Cisco)-HDLC", Form::None),
    hardware(516, "lapb", "LAPB", Form::None),
    hardware(768, "tunnel", "IPIP Tunnel", Form::Empty),
    hardware(770, "frad", "Frame Relay Access Device", Form::None),
    hardware(772, "loop", "Local Loopback", Form::None),
    hardware(
        774,
        "fddi",
        "Fiber Distributed Data Interface",
        bytes(6, b"-", true),
    ),
    hardware(776, "sit", "IPv6-in-IPv4", Form::None),
    hardware(780, "hippi", "HIPPI", bytes(6, b":", true)),
    hardware(781, "ash", "Ash", Form::Ash),
    hardware(782, "ec", "Econet", Form::None),
    hardware(783, "irda", "IrLAP", Form::Irda),
];

/// The names of a hardware type.
pub fn name(kind: u16) -> &'static HardwareName {
    NAMES
        .iter()
        .find(|name| name.kind == kind)
        .unwrap_or(&UNSPECIFIED)
}

/// Appends a blank and the address, if addresses of this type are shown.
pub fn address(row: &mut Vec<u8>, hardware: &Hardware, name: &HardwareName) {
    let (address, _) = hardware.address.split_at(KNOWN);
    if matches!(name.form, Form::None) {
        return;
    }
    row.push(b' ');
    match name.form {
        Form::None | Form::Empty => {}
        Form::Bytes {
            count,
            separator,
            upper,
        } => hex_bytes(row, address.iter().take(count), separator, upper),
        // The reference extends the sign of bytes from 0x80 on, which do not fit then.
        Form::Irda => hex_bytes(row, address.iter().take(4).rev(), b":", false),
        Form::LittleEndian => {
            let [low, high, ..] = hardware.address;
            column::signed(row, i16::from_le_bytes([low, high]).into());
        }
        Form::CallSign => call_sign(row, address),
        Form::Text => {
            let text = address.split(|&byte| byte == 0).next();
            printable::append(row, text.unwrap_or_default());
        }
        Form::Ash => {
            // The reference shows 64 digits, most of them of memory that is no address.
            row.push(b'[');
            for &byte in address {
                let digit = if byte > 0xf { byte >> 4 } else { byte };
                column::hex(row, digit.into(), 1);
            }
            row.push(b']');
        }
        Form::Unspecified => {
            let zeros = [0; 16 - KNOWN];
            hex_bytes(row, address.iter().chain(&zeros), b"-", true);
        }
    }
}

fn hex_bytes<'a>(
    row: &mut Vec<u8>,
    bytes: impl Iterator<Item = &'a u8>,
    separator: &[u8],
    upper: bool,
) {
    for (index, &byte) in bytes.enumerate() {
        if index > 0 {
            row.extend_from_slice(separator);
        }
        if upper {
            column::upper_hex(row, byte.into(), 2);
        } else {
            column::hex(row, byte.into(), 2);
        }
    }
}

fn call_sign(row: &mut Vec<u8>, address: &[u8]) {
    let letters: Vec<u8> = address
        .iter()
        .take(6)
        .map(|byte| byte >> 1)
        .take_while(|&letter| letter != b' ' && letter != 0)
        .collect();
    printable::append(row, &letters);
    let station = address.get(6).map_or(0, |byte| (byte & 0x1e) >> 1);
    if station != 0 {
        row.push(b'-');
        column::unsigned(row, station.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the reference printed for these answers to SIOCGIFHWADDR.
    #[test]
    fn addresses_by_type() {
        let usual: &[u8] = b"\x8e\x68\x16\x9a\x98\x40\x02\x74\xaa\xbb\xcc\xdd\xee\xff";
        let call_sign: &[u8] = b"\x8e\x68\x96\x96\x98\x40\x02";
        let unspecified = "unspec 8E-68-16-9A-98-40-02-74-00-00-00-00-00-00-00-00  (UNSPEC)";
        for (kind, bytes, expected) in [
            (0, call_sign, "netrom G4KKL-1  (AMPR NET/ROM)"),
            (1, usual, "ether 8e:68:16:9a:98:40  (Ethernet)"),
            (3, call_sign, "ax25 G4KKL-1  (AMPR AX.25)"),
            (3, b"", "ax25   (AMPR AX.25)"),
            (
                3,
                b"\x82\x84\x86\x88\x8a\x8c\x1e",
                "ax25 ABCDEF-15  (AMPR AX.25)",
            ),
            (0, b"\x82\x84\x40\x40\x40\x40", "netrom AB  (AMPR NET/ROM)"),
            (7, usual, "arcnet 8E  (ARCnet)"),
            (15, b"\xfe\xff\x8e", "dlci -2  (Frame Relay DLCI)"),
            (15, b"\x8e\x68", "dlci 26766  (Frame Relay DLCI)"),
            (27, usual, "eui64 8E:68:16:9A:98:40:02:74  (Generic EUI-64)"),
            (32, usual, unspecified),
            (256, usual, "slip  (Serial Line IP)"),
            (257, usual, "cslip  (VJ Serial Line IP)"),
            (258, usual, "slip6  (6-bit Serial Line IP)"),
            (259, usual, "cslip6  (VJ 6-bit Serial Line IP)"),
            (264, usual, "adaptive  (Adaptive Serial Line IP)"),
            (270, usual, "rose 8e68169a98  (AMPR ROSE)"),
            (271, b"ab12\0x", "x25 ab12  (generic X.25)"),
            (271, b"abcdefghijklmn", "x25 abcdefgh  (generic X.25)"),
            (512, usual, "ppp  (Point-to-Point Protocol)"),
            (513, usual, "hdlc  ((Cisco)-HDLC)"),
            (516, usual, "lapb  (LAPB)"),
            (519, usual, unspecified),
            (768, usual, "tunnel   (IPIP Tunnel)"),
            (769, usual, unspecified),
            (770, usual, "frad  (Frame Relay Access Device)"),
            (772, usual, "loop  (Local Loopback)"),
            (
                774,
                usual,
                "fddi 8E-68-16-9A-98-40  (Fiber Distributed Data Interface)",
            ),
            (776, usual, "sit  (IPv6-in-IPv4)"),
            (778, usual, unspecified),
            (780, usual, "hippi 8E:68:16:9A:98:40  (HIPPI)"),
            (782, usual, "ec  (Econet)"),
            (783, b"\x0a\x1b\x2c\x3d\x4e", "irda 3d:2c:1b:0a  (IrLAP)"),
            (800, usual, unspecified),
            (801, usual, unspecified),
            (803, usual, unspecified),
            (824, usual, unspecified),
            (65534, usual, unspecified),
        ] {
            assert_eq!(shown(kind, bytes), expected, "type {kind}");
        }
    }

    /// Where the reference prints memory that is no address, or the sign of a byte.
    #[test]
    fn addresses_the_reference_gets_wrong() {
        assert_eq!(shown(783, b"\xd4\xff\x80\x01"), "irda 01:80:ff:d4  (IrLAP)");
        assert_eq!(
            shown(781, b"\x01\x02\x0f\xd4\0\0\0\x09"),
            "ash [12fd0009]  (Ash)"
        );
        assert_eq!(shown(271, b"a\x1b[m"), "x25 a.[m  (generic X.25)");
    }

    fn shown(kind: u16, bytes: &[u8]) -> String {
        let mut hardware = Hardware {
            kind,
            address: [0; 14],
        };
        hardware.address[..bytes.len()].copy_from_slice(bytes);
        let name = name(kind);
        let mut row = name.word.as_bytes().to_vec();
        address(&mut row, &hardware, name);
        format!("{}  ({})", String::from_utf8(row).unwrap(), name.title)
    }
}
