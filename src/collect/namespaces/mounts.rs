//! `/proc/PID/mountinfo`: where network namespaces are mounted (`proc_pid_mountinfo(5)`).

use super::way::inode_in;

/// The inode of the network namespace that a line says is mounted, and the absolute path on which it is; `None` for other mounts.
pub fn mounted(line: &[u8]) -> Option<(u64, Vec<u8>)> {
    // Number, parent, device, what is mounted, where, options, tags without end, a hyphen, the type of the file system.
    let mut words = line.split(|&byte| byte == b' ');
    let (what, place) = (words.nth(3)?, words.next()?);
    let inode = inode_in(what, b"net")?;
    words.find(|word| *word == b"-")?;
    if words.next() != Some(b"nsfs") {
        return None;
    }
    let mut path = Vec::with_capacity(place.len());
    let mut rest = place;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        // Blanks and backslashes are written in octal.
        if byte == b'\\'
            && let Some((digits, tail)) = tail.split_first_chunk::<3>()
            && let Some(value) = octal(*digits)
        {
            path.push(value);
            rest = tail;
        } else {
            path.push(byte);
        }
    }
    path.starts_with(b"/").then_some((inode, path))
}

fn octal(digits: [u8; 3]) -> Option<u8> {
    digits.iter().try_fold(0u8, |value, digit| match digit {
        b'0'..=b'7' => value.checked_mul(8)?.checked_add(digit - b'0'),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mounts_of_namespaces_are_found_among_others() {
        let found = |line: &str| mounted(line.as_bytes());
        let line = "64 27 0:4 net:[4026532318] /run/netns/blue rw shared:36 - nsfs nsfs rw";
        assert_eq!(
            found(line),
            Some((4_026_532_318, b"/run/netns/blue".to_vec()))
        );
        let line = r"64 27 0:4 net:[7] /run/a\040place/\134\012x\9 rw - nsfs nsfs rw";
        assert_eq!(found(line), Some((7, b"/run/a place/\\\nx\\9".to_vec())));
        for line in [
            "64 27 0:4 mnt:[4026532318] /run/x rw - nsfs nsfs rw",
            "64 27 0:5 net:[4026532318] /run/x rw - tmpfs nsfs rw",
            "64 27 0:5 net:[4026532318] /run/x rw nsfs nsfs rw",
            "64 27 0:4 net:[4026532318] run/x rw - nsfs nsfs rw",
            "22 27 0:21 / /proc rw,relatime - proc proc rw",
            "64 27 0:4 net:[4026532318]",
            "",
        ] {
            assert_eq!(found(line), None, "{line}");
        }
    }

    #[test]
    fn octal_digits_are_bytes() {
        assert_eq!(octal(*b"040"), Some(b' '));
        assert_eq!(octal(*b"377"), Some(0xff));
        for digits in [b"400", b"08x", b"777"] {
            assert_eq!(octal(*digits), None);
        }
    }
}
