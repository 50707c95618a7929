//! Reads the versions of its libraries that a program needs, and the symbols that need them.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use object::SymbolIndex;
use object::endian::Endianness;
use object::read::elf::{ElfFile64, Sym};

const PREFIX: &str = "GLIBC_";

/// Version of the C library, such as 2.34 or 2.2.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Glibc([u32; 3]);

impl FromStr for Glibc {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let invalid = || format!("{text} is not a version of the C library; write for example 2.34");
        let parts = text.split('.').map(str::parse).collect::<Result<Vec<u32>, _>>().map_err(|_| invalid())?;
        match parts.as_slice() {
            [major, minor] => Ok(Self([*major, *minor, 0])),
            [major, minor, patch] => Ok(Self([*major, *minor, *patch])),
            _ => Err(invalid()),
        }
    }
}

impl fmt::Display for Glibc {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        write!(out, "{PREFIX}{major}.{minor}")?;
        if patch > 0 { write!(out, ".{patch}") } else { Ok(()) }
    }
}

/// Version that a program needs, with a symbol that needs it. `symbol` is absent if no
/// symbol needs the version, but a property of the file does, such as packed relocations.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need {
    pub version: String,
    pub symbol: Option<String>,
}

impl Need {
    /// Returns the version, if it is a numbered one of glibc, such as `GLIBC_2.34`.
    pub fn glibc(&self) -> Option<Glibc> {
        self.version.strip_prefix(PREFIX)?.parse().ok()
    }

    /// Returns true if glibc `newest` may lack the needed version. Names without a number, such as
    /// `GLIBC_PRIVATE` and `GLIBC_ABI_DT_RELR`, cannot be compared, so they always exceed it.
    pub fn exceeds(&self, newest: Glibc) -> bool {
        self.version.starts_with(PREFIX) && self.glibc().is_none_or(|version| version > newest)
    }
}

impl fmt::Display for Need {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.symbol {
            Some(symbol) => write!(out, "{symbol} of {}", self.version),
            None => write!(out, "{} (for a property of the file)", self.version),
        }
    }
}

/// Returns the versions that a 64-bit ELF program needs of its libraries, with their symbols.
pub fn needs(program: &[u8]) -> Result<BTreeSet<Need>, object::read::Error> {
    let file = ElfFile64::<Endianness>::parse(program)?;
    let (endian, sections) = (file.endian(), file.elf_section_table());
    let mut needs = BTreeSet::new();
    let mut with_symbol = BTreeSet::new();
    if let Some(versions) = sections.versions(endian, program)? {
        let symbols = file.elf_dynamic_symbol_table();
        for (index, symbol) in symbols.enumerate() {
            let version = versions.version(versions.version_index(endian, SymbolIndex(index.0)).index())?;
            if let Some(version) = version.filter(|version| version.file().is_some()) {
                let name = symbol.name(endian, symbols.strings())?;
                let version = text(version.name());
                with_symbol.insert(version.clone());
                needs.insert(Need { version, symbol: Some(text(name)) });
            }
        }
    }
    for version in required(&file, program)? {
        if !with_symbol.contains(&version) {
            needs.insert(Need { version, symbol: None });
        }
    }
    Ok(needs)
}

/// Returns the versions that the loader looks up before it starts a program.
fn required(file: &ElfFile64<'_, Endianness>, program: &[u8]) -> Result<BTreeSet<String>, object::read::Error> {
    let (endian, sections) = (file.endian(), file.elf_section_table());
    let mut versions = BTreeSet::new();
    if let Some((mut libraries, section)) = sections.gnu_verneed(endian, program)? {
        let strings = sections.strings(endian, program, section)?;
        while let Some((_, mut entries)) = libraries.next()? {
            while let Some(entry) = entries.next()? {
                versions.insert(text(entry.name(endian, strings)?));
            }
        }
    }
    Ok(versions)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn need(version: &str) -> Need {
        Need { version: version.to_owned(), symbol: Some("arc4random".to_owned()) }
    }

    #[test]
    fn a_newer_version_and_a_version_without_a_number_are_refused() {
        let newest: Glibc = "2.34".parse().unwrap();
        for fine in ["GLIBC_2.34", "GLIBC_2.2.5", "GLIBC_2.4", "GCC_4.2.0"] {
            assert!(!need(fine).exceeds(newest), "{fine}");
        }
        for refused in ["GLIBC_2.34.1", "GLIBC_2.36", "GLIBC_2.100", "GLIBC_3.0", "GLIBC_PRIVATE", "GLIBC_ABI_DT_RELR"]
        {
            assert!(need(refused).exceeds(newest), "{refused}");
        }
        assert_eq!(need("GLIBC_2.36").to_string(), "arc4random of GLIBC_2.36");
    }

    #[test]
    fn versions_have_two_or_three_numbers() {
        assert_eq!("2.2.5".parse::<Glibc>().unwrap().to_string(), "GLIBC_2.2.5");
        assert_eq!("2.34".parse::<Glibc>().unwrap().to_string(), "GLIBC_2.34");
        for bad in ["", "2", "2.34.1.1", "2.x", "PRIVATE"] {
            assert!(bad.parse::<Glibc>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_symbols_of_a_program_are_read_with_their_versions() {
        let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let needs = needs(&program).unwrap();
        assert!(
            needs.iter().any(|need| need.glibc().is_some() && need.symbol.as_deref() == Some("memcpy")),
            "{needs:#?}"
        );
        assert!(needs.iter().filter(|need| need.glibc().is_some()).all(|need| !need.exceeds("9.0".parse().unwrap())));
        assert!(super::needs(b"no program").is_err());
    }
}
