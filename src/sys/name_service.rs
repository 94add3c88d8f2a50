//! The name service: hosts, networks, users, services and protocols, as the C library finds them.

#[cfg(any(test, target_env = "musl"))]
mod files;

use std::ffi::CStr;
use std::net::IpAddr;

use libc::{c_char, c_int};

#[cfg(target_env = "musl")]
pub use files::{network_name, protocols, services};

/// Confines the name service of a static program to what it carries within: the files in `/etc` and, for hosts, DNS. To be called
/// before any look-up; without effect in a program that is linked dynamically.
///
/// Left alone, it would load the modules that `/etc/nsswitch.conf` names and with them the C library of the system it runs on. That
/// works only where this is of the very version that the program was built with, and can crash it anywhere else.
pub fn confine_name_service() {
    #[cfg(all(target_env = "gnu", target_feature = "crt-static"))]
    {
        #[allow(missing_docs)]
        unsafe extern "C" {
            fn __nss_configure_lookup(database: *const c_char, services: *const c_char) -> c_int;
        }
        const DATABASES: [(&CStr, &CStr); 5] = [
            (c"hosts", c"files dns"),
            (c"networks", c"files"),
            (c"passwd", c"files"),
            (c"protocols", c"files"),
            (c"services", c"files"),
        ];
        for (database, services) in DATABASES {
            // SAFETY: both are C strings, the function has this prototype in <nss.h>, and no thread exists yet.
            unsafe {
                __nss_configure_lookup(database.as_ptr(), services.as_ptr());
            }
        }
    }
}

/// Why the name service gave no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameError {
    /// There is none.
    NoSuchName,
    /// No server answered in time, or one said that it cannot answer now (`TRY_AGAIN` of `<netdb.h>`).
    TryAgain,
    /// No server can be reached.
    Unreachable,
    /// There was no descriptor or no memory to ask with.
    NoResources,
}

impl NameError {
    /// What an error number says. Those of files that are missing say that the file names nobody.
    fn of(errno: c_int) -> Self {
        match errno {
            libc::EMFILE | libc::ENFILE | libc::ENOMEM | libc::ENOBUFS => NameError::NoResources,
            libc::EAGAIN | libc::EINTR | libc::ETIMEDOUT => NameError::TryAgain,
            libc::ECONNREFUSED
            | libc::ECONNRESET
            | libc::EHOSTUNREACH
            | libc::ENETUNREACH
            | libc::ENETDOWN => NameError::Unreachable,
            _ => NameError::NoSuchName,
        }
    }

    /// `TRY_AGAIN`. glibc says so too when it could not open a socket, and keeps the error number to itself.
    fn again() -> Self {
        // SAFETY: eventfd takes no pointers; the descriptor is closed where it was made.
        unsafe {
            let descriptor = libc::eventfd(0, libc::EFD_CLOEXEC);
            if descriptor == -1 {
                return NameError::of(nix::errno::Errno::last_raw());
            }
            libc::close(descriptor);
        }
        NameError::TryAgain
    }
}

/// The name of a host by reverse lookup through the name service.
///
/// IPv6 scopes are not part of the question, as in the reference. May block as long as the name service does.
///
/// # Errors
/// There is no name, or none could be asked for.
pub fn host_name(address: IpAddr) -> Result<Vec<u8>, NameError> {
    match address {
        IpAddr::V4(address) => {
            // SAFETY: an all-zero sockaddr_in is valid.
            let mut socket: libc::sockaddr_in = unsafe { std::mem::zeroed() };
            socket.sin_family = libc::AF_INET as libc::sa_family_t;
            socket.sin_addr.s_addr = u32::from_ne_bytes(address.octets());
            name_info(&socket)
        }
        IpAddr::V6(address) => {
            // SAFETY: an all-zero sockaddr_in6 is valid.
            let mut socket: libc::sockaddr_in6 = unsafe { std::mem::zeroed() };
            socket.sin6_family = libc::AF_INET6 as libc::sa_family_t;
            socket.sin6_addr.s6_addr = address.octets();
            name_info(&socket)
        }
    }
}

fn name_info<T>(socket: &T) -> Result<Vec<u8>, NameError> {
    let mut host = [0u8; libc::NI_MAXHOST as usize];
    // SAFETY: `socket` is a sockaddr_in or sockaddr_in6 of the size given (both callers are above), `host` is valid for its
    // length, and no service name is asked for.
    let status = unsafe {
        libc::getnameinfo(
            std::ptr::from_ref(socket).cast::<libc::sockaddr>(),
            size_of::<T>() as libc::socklen_t,
            host.as_mut_ptr().cast::<c_char>(),
            host.len() as libc::socklen_t,
            std::ptr::null_mut(),
            0,
            libc::NI_NAMEREQD,
        )
    };
    match status {
        0 => copy(CStr::from_bytes_until_nul(&host).map_err(|_| NameError::NoSuchName)?),
        libc::EAI_AGAIN => Err(NameError::again()),
        libc::EAI_MEMORY => Err(NameError::NoResources),
        libc::EAI_SYSTEM => Err(NameError::of(nix::errno::Errno::last_raw())),
        _ => Err(NameError::NoSuchName),
    }
}

/// A copy, unless memory is short: a name that cannot be kept is no reason to end the run.
fn copy(name: &CStr) -> Result<Vec<u8>, NameError> {
    let name = name.to_bytes();
    let mut copy = Vec::new();
    copy.try_reserve_exact(name.len())
        .map_err(|_| NameError::NoResources)?;
    copy.extend_from_slice(name);
    Ok(copy)
}

/// Calls a function that wants a buffer for what it finds, again with a larger one while it says ERANGE. `None` if there is no memory
/// for as much as it wants.
fn with_buffer(mut call: impl FnMut(&mut [u8]) -> c_int) -> Option<(c_int, Vec<u8>)> {
    let mut buffer = Vec::new();
    loop {
        let size = (2 * buffer.len()).max(1024);
        buffer.try_reserve_exact(size - buffer.len()).ok()?;
        buffer.resize(size, 0);
        let status = call(&mut buffer);
        if status != libc::ERANGE || size >= 1 << 20 {
            return Some((status, buffer));
        }
    }
}

/// The name of an IPv4 network in the networks database.
///
/// # Errors
/// There is no name, or none could be asked for.
#[cfg(not(target_env = "musl"))]
pub fn network_name(network: std::net::Ipv4Addr) -> Result<Vec<u8>, NameError> {
    /// `TRY_AGAIN` of `<netdb.h>`.
    const TRY_AGAIN: c_int = 2;
    // SAFETY: an all-zero netent (null pointers and numbers) is valid; getnetbyaddr_r fills it.
    let mut entry: libc::netent = unsafe { std::mem::zeroed() };
    let mut result = std::ptr::null_mut();
    let mut h_errno: c_int = 0;
    let (status, _buffer) = with_buffer(|buffer| {
        // SAFETY: all pointers are to live objects, and the buffer's length is its own.
        unsafe {
            libc::getnetbyaddr_r(
                u32::from(network),
                libc::AF_INET,
                &raw mut entry,
                buffer.as_mut_ptr().cast::<c_char>(),
                buffer.len(),
                &raw mut result,
                &raw mut h_errno,
            )
        }
    })
    .ok_or(NameError::NoResources)?;
    if status == 0 && !result.is_null() && !entry.n_name.is_null() {
        // SAFETY: on success n_name is a C string inside the buffer, which is still alive.
        return copy(unsafe { CStr::from_ptr(entry.n_name) });
    }
    Err(if h_errno == TRY_AGAIN {
        NameError::again()
    } else {
        NameError::of(status)
    })
}

/// The name of a user by `getpwuid`. Bytes, because the user database need not be UTF-8.
///
/// # Errors
/// There is no name, or none could be asked for.
pub fn user_name(uid: u32) -> Result<Vec<u8>, NameError> {
    // SAFETY: an all-zero passwd (null pointers and numbers) is valid; getpwuid_r fills it.
    let mut entry: libc::passwd = unsafe { std::mem::zeroed() };
    let mut result = std::ptr::null_mut();
    let (status, _buffer) = with_buffer(|buffer| {
        // SAFETY: all pointers are to live objects, and the buffer's length is its own.
        unsafe {
            libc::getpwuid_r(
                uid,
                &raw mut entry,
                buffer.as_mut_ptr().cast::<c_char>(),
                buffer.len(),
                &raw mut result,
            )
        }
    })
    .ok_or(NameError::NoResources)?;
    if status == 0 && !result.is_null() && !entry.pw_name.is_null() {
        // SAFETY: on success pw_name is a C string inside the buffer, which is still alive.
        return copy(unsafe { CStr::from_ptr(entry.pw_name) });
    }
    Err(NameError::of(status))
}

/// An entry of the services database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Official name.
    pub name: Vec<u8>,
    /// Other names.
    pub aliases: Vec<Vec<u8>>,
    /// Port, host byte order; the low 16 bits of what the database says.
    pub port: u16,
    /// Protocol name, such as "tcp".
    pub protocol: Vec<u8>,
}

/// All entries of the services database, in its order. Not for use from several threads at once (`getservent`).
#[cfg(not(target_env = "musl"))]
pub fn services() -> Vec<Service> {
    let mut all = Vec::new();
    // SAFETY: getservent's static storage is read before the next call, and only the thread that prints calls it (the threads
    // that look up hosts use reentrant functions); the strings it points to are C strings, the list of aliases ends with a null
    // pointer.
    unsafe {
        libc::setservent(1);
        loop {
            let entry = libc::getservent();
            let Some(entry) = entry.as_ref() else { break };
            if entry.s_name.is_null() || entry.s_proto.is_null() {
                continue;
            }
            let mut aliases = Vec::new();
            let mut alias = entry.s_aliases;
            while !alias.is_null() && !(*alias).is_null() {
                aliases.push(CStr::from_ptr(*alias).to_bytes().to_vec());
                alias = alias.add(1);
            }
            all.push(Service {
                aliases,
                name: CStr::from_ptr(entry.s_name).to_bytes().to_vec(),
                // The port is in network byte order in the low half of an int.
                port: u16::from_be((entry.s_port & 0xffff) as u16),
                protocol: CStr::from_ptr(entry.s_proto).to_bytes().to_vec(),
            });
        }
        libc::endservent();
    }
    all
}

/// All entries of the protocols database, in its order: official name and number. Not for use from several threads at once.
#[cfg(not(target_env = "musl"))]
pub fn protocols() -> Vec<(Vec<u8>, i32)> {
    #[allow(missing_docs)]
    unsafe extern "C" {
        fn setprotoent(stayopen: c_int);
        fn getprotoent() -> *mut libc::protoent;
        fn endprotoent();
    }
    let mut all = Vec::new();
    // SAFETY: as for `services`; the three functions are POSIX and have these prototypes.
    unsafe {
        setprotoent(1);
        while let Some(entry) = getprotoent().as_ref() {
            if !entry.p_name.is_null() {
                all.push((
                    CStr::from_ptr(entry.p_name).to_bytes().to_vec(),
                    entry.p_proto,
                ));
            }
        }
        endprotoent();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg_attr(miri, ignore = "no model of the name service")]
    fn names_come_from_the_name_service() {
        assert_eq!(user_name(0).as_deref(), Ok(&b"root"[..]));
        assert_eq!(user_name(0xffff_fff0), Err(NameError::NoSuchName));
        // Whatever the answers are, they are the same twice.
        for address in ["127.0.0.1", "::1"] {
            let address: IpAddr = address.parse().unwrap();
            assert_eq!(host_name(address), host_name(address));
        }
        let network = std::net::Ipv4Addr::new(127, 0, 0, 0);
        assert_eq!(network_name(network), network_name(network));
        assert_eq!(services(), services());
        assert_eq!(protocols(), protocols());
        assert!(services().iter().all(|service| !service.name.is_empty()));
    }
}
