//! Writes the inputs that fuzzing starts from: `seeds DIRECTORY` puts those of each target into `DIRECTORY/TARGET`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fs, io};

use netstat_fuzz::checks::{Seed, seeds};
use netstat_fuzz::generator::TABLES;
use netstat_fuzz::random::Random;

fn main() -> io::Result<()> {
    let corpus = PathBuf::from(
        std::env::args_os()
            .nth(1)
            .unwrap_or_else(|| OsString::from("corpus")),
    );
    let mut all = seeds(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures"));
    for (name, input) in [
        (
            "inet",
            &b"\x06\x07\x09\x01\x09\x00\x05 12:0100007F:0016 -1 0x1f 99999999999999999999"[..],
        ),
        (
            "unix",
            b"\x05\x02\x00\x03\x0a\x08(nil):00000002 00010000 0x12 017 /run/socket",
        ),
    ] {
        all.push(Seed {
            check: "scanner",
            name: name.to_owned(),
            input: input.to_vec(),
        });
    }
    // Any bytes make files: a few of each table, half of them as a kernel writes them.
    for number in 0..4 * u8::try_from(TABLES.len()).unwrap_or(u8::MAX) {
        let mut random = Random::new(number.into());
        let mut input = vec![number, number / u8::try_from(TABLES.len()).unwrap_or(1)];
        input.extend((0..60).flat_map(|_| random.number().to_ne_bytes()));
        all.push(Seed {
            check: "differential",
            name: number.to_string(),
            input,
        });
    }
    for seed in all {
        let directory = corpus.join(seed.check);
        fs::create_dir_all(&directory)?;
        fs::write(directory.join(seed.name), seed.input)?;
    }
    Ok(())
}
