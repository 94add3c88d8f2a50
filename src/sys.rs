//! The only unsafe code: calls of the C library and the kernel that std and nix lack. Safe functions outward.
//!
//! What belongs here is the call and the check of its result; what the result means belongs to the caller.
#![expect(unsafe_code, reason = "this module is the one place for it")]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "C's constants and lengths come in the wrong widths; each cast is of a small known number"
)]

pub mod descriptor_tables;

use std::ffi::CStr;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::{AsRawFd, BorrowedFd};

use libc::{c_char, c_int};

/// Opens /dev/null in the place of any of the three standard descriptors that is closed, or a table that is opened later could take its
/// number and receive the output.
pub fn open_standard_descriptors() {
    for descriptor in 0..3 {
        // SAFETY: fcntl and open take no pointers but a C string; open gives out the lowest free number, which is `descriptor`.
        unsafe {
            if libc::fcntl(descriptor, libc::F_GETFD) == -1 {
                libc::open(c"/dev/null".as_ptr(), libc::O_RDWR);
            }
        }
    }
}

/// The C library's text for an error number. English: the program never calls `setlocale`.
pub fn strerror(code: i32) -> String {
    let mut text = [0u8; 256];
    // SAFETY: the buffer is valid for its length, which leaves room for the NUL that strerror_r writes.
    unsafe {
        libc::strerror_r(code, text.as_mut_ptr().cast::<c_char>(), text.len());
    }
    match CStr::from_bytes_until_nul(&text) {
        Ok(text) => text.to_string_lossy().into_owned(),
        Err(_) => format!("Unknown error {code}"),
    }
}

/// Whether stderr is open for reading too, as a terminal is.
pub fn stderr_is_readable() -> bool {
    nix::fcntl::fcntl(std::io::stderr(), nix::fcntl::FcntlArg::F_GETFL)
        .is_ok_and(|flags| flags & libc::O_ACCMODE == libc::O_RDWR)
}

/// Kernel clock ticks per second (`_SC_CLK_TCK`), the unit of the timers in `/proc/net/tcp`.
pub fn clock_ticks_per_second() -> u64 {
    nix::unistd::sysconf(nix::unistd::SysconfVar::CLK_TCK)
        .ok()
        .flatten()
        .and_then(|ticks| u64::try_from(ticks).ok())
        .filter(|&ticks| ticks > 0)
        .unwrap_or(100)
}

/// On how many processors at a time this process may run, counted up to `most`. std's count would read the limits of control groups from
/// files.
pub fn processors(most: usize) -> usize {
    use nix::sched::{CpuSet, sched_getaffinity};
    let Ok(set) = sched_getaffinity(nix::unistd::Pid::from_raw(0)) else {
        return 1;
    };
    let processors =
        (0..CpuSet::count()).filter(|&processor| set.is_set(processor).unwrap_or(false));
    processors.take(most).count()
}

/// Lets all threads share two heaps. glibc would reserve 64 MiB of address space for each thread that allocates, which counts
/// against limits on virtual memory.
pub fn share_heaps() {
    #[cfg(target_env = "gnu")]
    // SAFETY: mallopt only sets a parameter; failure is harmless.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 2);
    }
}

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

/// The name of a host by reverse lookup through the name service, or `None`.
///
/// IPv6 scopes are not part of the question, as in the reference. May block as long as the name service does.
pub fn host_name(address: IpAddr) -> Option<Vec<u8>> {
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

fn name_info<T>(socket: &T) -> Option<Vec<u8>> {
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
    if status != 0 {
        return None;
    }
    CStr::from_bytes_until_nul(&host)
        .ok()
        .map(|name| name.to_bytes().to_vec())
}

/// The name of an IPv4 network in the networks database, or `None`.
pub fn network_name(network: Ipv4Addr) -> Option<Vec<u8>> {
    let mut buffer = vec![0u8; 1024];
    loop {
        // SAFETY: an all-zero netent (null pointers and numbers) is valid; getnetbyaddr_r fills it.
        let mut entry: libc::netent = unsafe { std::mem::zeroed() };
        let mut result = std::ptr::null_mut();
        let mut h_errno: c_int = 0;
        // SAFETY: all pointers are to live objects of this frame, and the buffer's length is its own.
        let status = unsafe {
            libc::getnetbyaddr_r(
                u32::from(network),
                libc::AF_INET,
                &raw mut entry,
                buffer.as_mut_ptr().cast::<c_char>(),
                buffer.len(),
                &raw mut result,
                &raw mut h_errno,
            )
        };
        if status == libc::ERANGE && buffer.len() < 1 << 20 {
            buffer.resize(buffer.len() * 2, 0);
            continue;
        }
        if status != 0 || result.is_null() || entry.n_name.is_null() {
            return None;
        }
        // SAFETY: on success n_name is a C string inside `buffer`, which is still alive.
        return Some(unsafe { CStr::from_ptr(entry.n_name) }.to_bytes().to_vec());
    }
}

/// The name of a user by `getpwuid`, or `None`. Bytes, because the user database need not be UTF-8.
pub fn user_name(uid: u32) -> Option<Vec<u8>> {
    let mut buffer = vec![0u8; 1024];
    loop {
        // SAFETY: an all-zero passwd (null pointers and numbers) is valid; getpwuid_r fills it.
        let mut entry: libc::passwd = unsafe { std::mem::zeroed() };
        let mut result = std::ptr::null_mut();
        // SAFETY: all pointers are to live objects of this frame, and the buffer's length is its own.
        let status = unsafe {
            libc::getpwuid_r(
                uid,
                &raw mut entry,
                buffer.as_mut_ptr().cast::<c_char>(),
                buffer.len(),
                &raw mut result,
            )
        };
        if status == libc::ERANGE && buffer.len() < 1 << 20 {
            buffer.resize(buffer.len() * 2, 0);
            continue;
        }
        if status != 0 || result.is_null() || entry.pw_name.is_null() {
            return None;
        }
        // SAFETY: on success pw_name is a C string inside `buffer`, which is still alive.
        return Some(unsafe { CStr::from_ptr(entry.pw_name) }.to_bytes().to_vec());
    }
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

/// Reads the next entries of a directory into `buffer`, in the kernel's order; empty at the end. [`entry_names`] takes them apart.
///
/// std would allocate for each entry and read with buffers of its own size.
///
/// # Errors
/// What `getdents64(2)` said.
pub fn read_entries<'a>(directory: BorrowedFd<'_>, buffer: &'a mut [u8]) -> io::Result<&'a [u8]> {
    loop {
        // SAFETY: the buffer is valid for its length; the kernel writes whole records into it.
        let count = unsafe {
            libc::syscall(
                libc::SYS_getdents64,
                directory.as_raw_fd(),
                buffer.as_mut_ptr(),
                buffer.len(),
            )
        };
        match usize::try_from(count) {
            Ok(count) => return Ok(buffer.get(..count).unwrap_or_default()),
            Err(_) => {
                let error = io::Error::last_os_error();
                if error.kind() != io::ErrorKind::Interrupted {
                    return Err(error);
                }
            }
        }
    }
}

/// The names in what [`read_entries`] read.
pub fn entry_names(mut entries: &[u8]) -> impl Iterator<Item = &CStr> {
    // struct linux_dirent64: inode (8), offset (8), record length (2), type (1), name.
    const NAME: usize = 19;
    std::iter::from_fn(move || {
        let &[low, high] = entries.get(16..18)?.first_chunk::<2>()?;
        let (record, rest) =
            entries.split_at_checked(usize::from(u16::from_ne_bytes([low, high])))?;
        entries = rest;
        CStr::from_bytes_until_nul(record.get(NAME..)?).ok()
    })
}

/// Reads a symbolic link in a directory into `buffer` and returns the part of it that was filled; longer text is cut.
///
/// # Errors
/// What `readlinkat(2)` said.
pub fn read_link_at<'a>(
    directory: BorrowedFd<'_>,
    name: &CStr,
    buffer: &'a mut [u8],
) -> io::Result<&'a [u8]> {
    // SAFETY: name is a C string and the buffer is valid for its length.
    let count = unsafe {
        libc::readlinkat(
            directory.as_raw_fd(),
            name.as_ptr(),
            buffer.as_mut_ptr().cast::<c_char>(),
            buffer.len(),
        )
    };
    match usize::try_from(count) {
        Ok(count) => Ok(buffer.get(..count).unwrap_or_default()),
        Err(_) => Err(io::Error::last_os_error()),
    }
}

/// Opens `name` in a directory for reading.
///
/// # Errors
/// What `openat(2)` said.
pub fn open_at(
    directory: BorrowedFd<'_>,
    name: &CStr,
    flags: c_int,
) -> io::Result<std::os::fd::OwnedFd> {
    use std::os::fd::FromRawFd;
    loop {
        // SAFETY: name is a C string; no mode is needed without O_CREAT.
        let fd = unsafe {
            libc::openat(
                directory.as_raw_fd(),
                name.as_ptr(),
                libc::O_RDONLY | libc::O_CLOEXEC | libc::O_NONBLOCK | libc::O_NOCTTY | flags,
            )
        };
        if fd >= 0 {
            // SAFETY: the descriptor was just opened and nobody else owns it.
            return Ok(unsafe { std::os::fd::OwnedFd::from_raw_fd(fd) });
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

/// What can be asked about an interface by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InterfaceRequest {
    /// `SIOCGIFFLAGS`: a short.
    Flags,
    /// `SIOCGIFMTU`: an int.
    Mtu,
    /// `SIOCGIFTXQLEN`: an int.
    QueueLength,
    /// `SIOCGIFHWADDR`: a `sockaddr` whose family is the hardware type.
    Hardware,
    /// `SIOCGIFMAP`: a `struct ifmap`.
    Map,
    /// `SIOCGIFADDR`: a `sockaddr` of the socket's family.
    Address,
    /// `SIOCGIFNETMASK`: likewise.
    Netmask,
    /// `SIOCGIFBRDADDR`: likewise.
    Broadcast,
    /// `SIOCGIFDSTADDR`: likewise.
    Destination,
    /// SLIP's `SIOCGKEEPALIVE`: an unsigned long.
    KeepAlive,
    /// SLIP's `SIOCGOUTFILL`: an unsigned long.
    Outfill,
}

impl InterfaceRequest {
    fn code(self) -> libc::c_ulong {
        match self {
            InterfaceRequest::Flags => libc::SIOCGIFFLAGS,
            InterfaceRequest::Mtu => libc::SIOCGIFMTU,
            InterfaceRequest::QueueLength => libc::SIOCGIFTXQLEN,
            InterfaceRequest::Hardware => libc::SIOCGIFHWADDR,
            InterfaceRequest::Map => libc::SIOCGIFMAP,
            InterfaceRequest::Address => libc::SIOCGIFADDR,
            InterfaceRequest::Netmask => libc::SIOCGIFNETMASK,
            InterfaceRequest::Broadcast => libc::SIOCGIFBRDADDR,
            InterfaceRequest::Destination => libc::SIOCGIFDSTADDR,
            // The kernel's linux/if_slip.h counts from SIOCDEVPRIVATE.
            InterfaceRequest::KeepAlive => 0x89F1,
            InterfaceRequest::Outfill => 0x89F3,
        }
    }
}

/// What the kernel wrote behind the interface's name: the union of `struct ifreq`, whose largest member (`struct ifmap`) has 24
/// bytes. Numbers in it are in host byte order unless they are addresses.
pub type InterfaceAnswer = [u8; 24];

/// A socket of any family, to ask the kernel about interfaces with.
#[derive(Debug)]
pub struct InterfaceSocket(std::os::fd::OwnedFd);

impl InterfaceSocket {
    /// Opens a socket of an address family and a type (`SOCK_DGRAM`, say).
    ///
    /// # Errors
    /// What `socket(2)` said, which tells whether the kernel has the family.
    pub fn open(family: c_int, kind: c_int) -> io::Result<Self> {
        use std::os::fd::FromRawFd;
        // SAFETY: socket takes numbers only.
        let fd = unsafe { libc::socket(family, kind | libc::SOCK_CLOEXEC, 0) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the descriptor was just opened and nobody else owns it.
        Ok(InterfaceSocket(unsafe {
            std::os::fd::OwnedFd::from_raw_fd(fd)
        }))
    }

    /// Asks about the interface `name`, of which at most 15 bytes count. `answer` goes in too: some families want a detail there.
    ///
    /// # Errors
    /// What `ioctl(2)` said.
    pub fn ask(
        &self,
        request: InterfaceRequest,
        name: &[u8],
        answer: InterfaceAnswer,
    ) -> io::Result<InterfaceAnswer> {
        #[repr(C, align(8))]
        struct Request {
            name: [u8; libc::IFNAMSIZ],
            answer: InterfaceAnswer,
        }
        const { assert!(size_of::<Request>() >= size_of::<libc::ifreq>()) };
        let mut block = Request {
            name: [0; libc::IFNAMSIZ],
            answer,
        };
        for (slot, &byte) in block.name.iter_mut().zip(name.iter().take(15)) {
            *slot = byte;
        }
        // SAFETY: every request of InterfaceRequest reads and writes one struct ifreq, which is not larger than `block`, and
        // follows no pointer in it. The two of SLIP mean something else to other drivers, to which `block` holds a null pointer.
        let status = unsafe {
            libc::ioctl(
                self.0.as_raw_fd(),
                request.code() as libc::Ioctl,
                &raw mut block,
            )
        };
        if status < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(block.answer)
    }

    /// The names that have an IPv4 address, alias labels among them, in the kernel's order (`SIOCGIFCONF`).
    ///
    /// # Errors
    /// What `ioctl(2)` said.
    pub fn configured_names(&self) -> io::Result<Vec<Vec<u8>>> {
        const ENTRY: usize = size_of::<libc::ifreq>();
        let mut buffer = vec![0u8; 64 * ENTRY];
        let length = loop {
            let mut block = libc::ifconf {
                ifc_len: c_int::try_from(buffer.len()).unwrap_or(c_int::MAX),
                ifc_ifcu: libc::__c_anonymous_ifc_ifcu {
                    ifcu_buf: buffer.as_mut_ptr().cast::<c_char>(),
                },
            };
            // SAFETY: `block` points to `buffer` and tells its length; the kernel writes whole entries into it.
            let status = unsafe {
                libc::ioctl(
                    self.0.as_raw_fd(),
                    libc::SIOCGIFCONF as libc::Ioctl,
                    &raw mut block,
                )
            };
            if status < 0 {
                return Err(io::Error::last_os_error());
            }
            let length = usize::try_from(block.ifc_len).unwrap_or(0);
            // A list that fills the buffer may have been cut.
            if length < buffer.len() || buffer.len() >= 1 << 30 {
                break length;
            }
            buffer.resize(buffer.len() * 2, 0);
        };
        Ok(buffer
            .get(..length)
            .unwrap_or_default()
            .chunks_exact(ENTRY)
            .map(|entry| {
                entry
                    .iter()
                    .take(libc::IFNAMSIZ)
                    .take_while(|&&byte| byte != 0)
                    .copied()
                    .collect()
            })
            .collect())
    }
}

/// Run under Miri too (`cargo +nightly miri test --lib sys::`, with `-Zmiri-disable-isolation`): the calls it has no model of are left
/// out there, and are what AddressSanitizer and valgrind see.
#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CString;
    use std::fs::{self, File};
    use std::os::fd::AsFd;

    /// Records of struct linux_dirent64 as the kernel packs them.
    fn records(names: &[&[u8]]) -> Vec<u8> {
        let mut all = Vec::new();
        for name in names {
            let length = (19 + name.len() + 1).next_multiple_of(8);
            let start = all.len();
            all.extend([0; 16]);
            all.extend(u16::try_from(length).unwrap().to_ne_bytes());
            all.push(0);
            all.extend_from_slice(name);
            all.resize(start + length, 0);
        }
        all
    }

    #[test]
    fn entries_are_taken_apart_whatever_they_are() {
        let names =
            |bytes: &[u8]| -> Vec<CString> { entry_names(bytes).map(CStr::to_owned).collect() };
        let packed = records(&[b".", b"17", b"", b"a name of more than eight bytes"]);
        assert_eq!(
            names(&packed),
            [c".", c"17", c"", c"a name of more than eight bytes"].map(CStr::to_owned)
        );
        // Cut anywhere, and with any length in place of the first.
        for end in 0..packed.len() {
            assert!(names(&packed[..end]).len() <= 3);
        }
        for length in 0..300u16 {
            let mut changed = packed.clone();
            changed[16..18].copy_from_slice(&length.to_ne_bytes());
            // A length of 0 must not be an endless list.
            assert!(names(&changed).len() <= 20);
        }
        assert_eq!(names(&[0xff; 40]), Vec::<CString>::new());
    }

    #[test]
    fn errors_have_texts() {
        // Miri has texts of its own.
        if !cfg!(miri) {
            assert_eq!(strerror(libc::ENOENT), "No such file or directory");
            assert_eq!(strerror(-1), "Unknown error -1");
        }
        assert!(strerror(libc::ENOENT).starts_with("No such file or directory"));
        assert!(clock_ticks_per_second() > 0);
    }

    #[test]
    #[cfg_attr(miri, ignore = "no model of getdents64 and readlinkat")]
    fn directories_are_read_in_buffers_of_any_size() {
        let directory = tempfile::tempdir().unwrap();
        for n in 0..100 {
            let link = directory.path().join(format!("link-{n:03}"));
            std::os::unix::fs::symlink(format!("target-{n}"), link).unwrap();
        }
        let mut expected: Vec<String> = fs::read_dir(directory.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .chain([".".to_owned(), "..".to_owned()])
            .collect();
        expected.sort();
        for size in [32, 40, 64, 1000, 65536] {
            let open = File::open(directory.path()).unwrap();
            let mut buffer = vec![0; size];
            let mut found = Vec::new();
            loop {
                let entries = read_entries(open.as_fd(), &mut buffer).unwrap();
                if entries.is_empty() {
                    break;
                }
                for name in entry_names(entries) {
                    found.push(name.to_str().unwrap().to_owned());
                }
            }
            found.sort();
            assert_eq!(found, expected, "{size}");
            // Not even one entry fits.
            let mut tiny = [0; 8];
            let open = File::open(directory.path()).unwrap();
            let refused = read_entries(open.as_fd(), &mut tiny).unwrap_err();
            assert_eq!(refused.raw_os_error(), Some(libc::EINVAL));

            let mut text = vec![0; size];
            let link = read_link_at(open.as_fd(), c"link-042", &mut text).unwrap();
            assert_eq!(link, b"target-42");
            let link = read_link_at(open.as_fd(), c"link-042", &mut text[..3]).unwrap();
            assert_eq!(link, b"tar");
            assert!(read_link_at(open.as_fd(), c"nothing", &mut text).is_err());
            assert!(read_link_at(open.as_fd(), c"link-042", &mut []).is_err());
            assert!(open_at(open.as_fd(), c".", libc::O_DIRECTORY).is_ok());
            assert!(open_at(open.as_fd(), c"link-042", 0).is_err());
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "no model of the name service")]
    fn names_come_from_the_name_service() {
        assert_eq!(user_name(0).as_deref(), Some(&b"root"[..]));
        assert_eq!(user_name(0xffff_fff0), None);
        // Whatever the answers are, they are the same twice.
        for address in ["127.0.0.1", "::1"] {
            let address: IpAddr = address.parse().unwrap();
            assert_eq!(host_name(address), host_name(address));
        }
        let network = Ipv4Addr::new(127, 0, 0, 0);
        assert_eq!(network_name(network), network_name(network));
        assert_eq!(services(), services());
        assert_eq!(protocols(), protocols());
        assert!(services().iter().all(|service| !service.name.is_empty()));
    }

    #[test]
    #[cfg_attr(miri, ignore = "no model of sockets' ioctls")]
    fn interfaces_answer_or_refuse() {
        let socket = InterfaceSocket::open(libc::AF_INET, libc::SOCK_DGRAM).unwrap();
        let long = [b'x'; 300];
        for name in [&b"lo"[..], b"", b"no-such", &long, b"a\0b"] {
            for request in [
                InterfaceRequest::Flags,
                InterfaceRequest::Mtu,
                InterfaceRequest::QueueLength,
                InterfaceRequest::Hardware,
                InterfaceRequest::Map,
                InterfaceRequest::Address,
                InterfaceRequest::Netmask,
                InterfaceRequest::Broadcast,
                InterfaceRequest::Destination,
            ] {
                let answer = socket.ask(request, name, [0xff; 24]);
                if name != b"lo" {
                    assert!(answer.is_err(), "{name:?} {request:?}");
                }
            }
        }
        assert!(socket.ask(InterfaceRequest::Flags, b"lo", [0; 24]).is_ok());
        let names = socket.configured_names().unwrap();
        assert!(names.iter().all(|name| (1..=15).contains(&name.len())));
        assert!(InterfaceSocket::open(-1, 0).is_err());
    }
}
