//! Fixtures are what a little-endian machine's kernel wrote. Elsewhere they are laid out as the kernel there would have written them.

use std::path::Path;

/// Where a table has addresses that the kernel prints as numbers of the machine: the fields' places in a line, counted from 0, and
/// whether colons separate fields, too.
fn addresses(table: &str) -> Option<(&'static [usize], bool)> {
    Some(match table {
        "tcp" | "tcp6" | "udp" | "udp6" | "udplite" | "udplite6" | "raw" | "raw6" => {
            (&[1, 3], true)
        }
        "route" => (&[1, 2, 7], false),
        "rt_cache" => (&[1, 2, 7, 14], false),
        "igmp" => (&[0], false),
        _ => return None,
    })
}

/// A file of a fixture as this machine's kernel would write it. What is no address as a kernel writes it stays as it is.
pub fn as_written_here(path: &Path, mut contents: Vec<u8>) -> Vec<u8> {
    let is_table = path.parent().is_some_and(|net| net.ends_with("net"));
    let name = path.file_name().and_then(|name| name.to_str());
    let addresses = name.filter(|_| is_table).and_then(addresses);
    if let (Some((places, colons)), true) = (addresses, cfg!(target_endian = "big")) {
        for line in contents.split_mut(|&byte| byte == b'\n') {
            line.split_mut(|&byte| byte.is_ascii_whitespace() || (colons && byte == b':'))
                .filter(|field| !field.is_empty())
                .enumerate()
                .filter(|(place, _)| places.contains(place))
                .for_each(|(_, digits)| turn(digits));
        }
    }
    contents
}

/// An address as this machine's kernel writes it, for rows in places where [`as_written_here`] looks for none.
pub fn address(octets: [u8; 4]) -> String {
    format!("{:08X}", u32::from_ne_bytes(octets))
}

/// Turns the bytes of each of an address's numbers of 32 bits.
fn turn(digits: &mut [u8]) {
    if digits.len().is_multiple_of(8) && digits.iter().all(u8::is_ascii_hexdigit) {
        for number in digits.chunks_exact_mut(8) {
            number.reverse();
            number.chunks_exact_mut(2).for_each(<[u8]>::reverse);
        }
    }
}
