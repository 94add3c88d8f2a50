//! Hardware types: their names, and how their addresses are written.

use super::column;
use crate::collect::interfaces::Hardware;

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
            column::printable(row, text.unwrap_or_default());
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
    column::printable(row, &letters);
    let station = address.get(6).map_or(0, |byte| (byte & 0x1e) >> 1);
    if station != 0 {
        row.push(b'-');
        column::unsigned(row, station.into());
    }
}
