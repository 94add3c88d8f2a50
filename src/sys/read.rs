//! Reading into the room that a vector has behind its end. It need not be cleared for that, so memory that nothing is read into is never
//! touched: most tables take one page of a buffer that could hold many.

use std::io;
use std::os::fd::{AsFd, AsRawFd};

use nix::errno::Errno;

/// Appends what one `read(2)` of at most `most` bytes brings, as far as `buffer` has room for it, and returns how many bytes came.
///
/// # Errors
/// What `read(2)` said; the buffer is as before then.
pub fn read_behind(input: impl AsFd, buffer: &mut Vec<u8>, most: usize) -> io::Result<usize> {
    let room = buffer.spare_capacity_mut();
    let most = most.min(room.len());
    // SAFETY: the room is valid for `most` bytes, which the kernel may write to.
    let count = unsafe { libc::read(input.as_fd().as_raw_fd(), room.as_mut_ptr().cast(), most) };
    let count = Errno::result(count)? as usize;
    // SAFETY: the kernel has written as many bytes, and not more than there is room for.
    unsafe { buffer.set_len(buffer.len() + count) };
    Ok(count)
}

/// Appends one datagram, as far as `buffer` has room for it, and returns how long the datagram was. `flags` are those of `recv(2)`.
///
/// # Errors
/// What `recv(2)` said; the buffer is as before then.
pub fn receive_behind(socket: impl AsFd, buffer: &mut Vec<u8>, flags: i32) -> Result<usize, Errno> {
    let room = buffer.spare_capacity_mut();
    // With MSG_TRUNC the whole length is returned even of a datagram that does not fit.
    let flags = flags | libc::MSG_TRUNC;
    // SAFETY: the room is valid for its length, and the kernel may write to it.
    let length = unsafe {
        libc::recv(
            socket.as_fd().as_raw_fd(),
            room.as_mut_ptr().cast(),
            room.len(),
            flags,
        )
    };
    let length = Errno::result(length)? as usize;
    let count = length.min(room.len());
    // SAFETY: the kernel has written as much of the datagram as there is room for.
    unsafe { buffer.set_len(buffer.len() + count) };
    Ok(length)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use nix::sys::socket::{AddressFamily, SockFlag, SockType, socketpair};

    use super::*;

    #[test]
    fn no_more_is_read_than_there_is_room_for() {
        let (input, mut output) = io::pipe().unwrap();
        output.write_all(b"abcdefgh").unwrap();
        drop(output);
        let mut buffer = Vec::with_capacity(6);
        buffer.push(b'.');
        assert_eq!(read_behind(&input, &mut buffer, 2).unwrap(), 2);
        assert_eq!(buffer, b".ab");
        let room = buffer.capacity() - buffer.len();
        assert_eq!(read_behind(&input, &mut buffer, 100).unwrap(), room.min(6));
        assert!(b".abcdefgh".starts_with(&buffer));
        assert_eq!(read_behind(&input, &mut Vec::new(), 100).unwrap(), 0);
    }

    #[test]
    #[cfg_attr(miri, ignore = "no model of datagrams")]
    fn a_datagram_that_does_not_fit_says_how_long_it_was() {
        let (a, b) = socketpair(
            AddressFamily::Unix,
            SockType::Datagram,
            None,
            SockFlag::empty(),
        )
        .unwrap();
        let mut buffer = Vec::with_capacity(8);
        for datagram in [&b"abc"[..], &[b'x'; 100]] {
            nix::unistd::write(&b, datagram).unwrap();
            buffer.clear();
            assert_eq!(receive_behind(&a, &mut buffer, 0), Ok(datagram.len()));
            assert!(datagram.starts_with(&buffer));
            assert_eq!(buffer.len(), datagram.len().min(buffer.capacity()));
        }
        let refused = receive_behind(&a, &mut buffer, libc::MSG_DONTWAIT);
        assert_eq!(refused, Err(Errno::EAGAIN));
    }
}
