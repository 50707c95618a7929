//! Digests of the files of the learner's bar. They show which files differ from those that were
//! compiled or deployed, whatever the modification times of the files.

use std::collections::BTreeMap;
use std::fs::{self, File, FileTimes};
use std::path::Path;
use std::time::SystemTime;

use client::error::Error;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::bar::unwritten;

/// Files and folders that determine the deployed bar. `Cargo.lock` is not among them, because Cargo
/// updates it.
const DEPLOYED: [&str; 7] =
    [".cargo", "Cargo.toml", "application-features", "crates", "functions", "statemachines", "template.yaml"];

/// Digest of each file, by its path in the bar.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sources(BTreeMap<String, String>);

impl Sources {
    /// Reads the files of the bar in `folder`.
    pub(crate) fn read(folder: &Path) -> Result<Self, Error> {
        let mut files = BTreeMap::new();
        DEPLOYED.iter().try_for_each(|name| add(folder, &folder.join(name), &mut files))?;
        Ok(Self(files))
    }

    /// Returns the files that are compiled.
    pub(crate) fn rust(&self) -> Self {
        let is_rust = |path: &&String| *path != "template.yaml" && !path.starts_with("statemachines/");
        Self(self.0.iter().filter(|(path, _)| is_rust(path)).map(|(path, it)| (path.clone(), it.clone())).collect())
    }

    /// Returns the paths that differ between the two, also those that only one of them has.
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let all = self.0.keys().chain(other.0.keys().filter(|path| !self.0.contains_key(*path)));
        let mut paths: Vec<String> = all.filter(|path| self.0.get(*path) != other.0.get(*path)).cloned().collect();
        paths.sort();
        paths
    }

    fn paths(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }
}

fn add(root: &Path, path: &Path, files: &mut BTreeMap<String, String>) -> Result<(), Error> {
    let unread = |error| Error::failed(format!("{} cannot be read", path.display()), error);
    if path.is_dir() {
        return fs::read_dir(path).map_err(unread)?.flatten().try_for_each(|entry| add(root, &entry.path(), files));
    }
    let name = path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned();
    // Tests are not deployed.
    if !path.is_file() || name.ends_with("tests.rs") || name.contains("/tests/") {
        return Ok(());
    }
    let digest = Sha256::digest(fs::read(path).map_err(unread)?);
    files.insert(name, HEXLOWER.encode(&digest));
    Ok(())
}

/// Sources that Cargo has compiled last in a target folder, which several bars share.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Compiled {
    /// Id of the bar.
    bar: String,
    /// Time at which the compiler ended, since 1970.
    ended: u64,
    sources: Sources,
}

/// File in the target folder.
const COMPILED: &str = "workshop-compiled.json";

/// Gives a new modification time to each source that Cargo would wrongly regard as compiled. Cargo
/// compares times only, and a restored file can be older than the last compilation.
pub(crate) fn renew_times(folder: &Path, target: &Path, sources: &Sources) -> Result<(), Error> {
    let compiled: Compiled = read_json(&target.join(COMPILED)).unwrap_or_default();
    let bar = id(folder)?;
    let mut certain = sources.clone();
    let changed = sources.differences(&compiled.sources);
    for path in sources.paths() {
        let file = folder.join(path);
        if compiled.bar != bar || changed.contains(path) || was_moved_after(&file, compiled.ended) {
            let times = FileTimes::new().set_modified(SystemTime::now());
            let renewed = File::options().append(true).open(&file).and_then(|file| file.set_times(times));
            renewed.map_err(|error| unwritten(&file, error))?;
            certain.0.remove(path);
        }
    }
    // The compiler may fail after it has compiled some of these files: they count as changed until
    // it has succeeded.
    write_json(&target.join(COMPILED), &Compiled { bar, sources: certain, ended: compiled.ended })
}

/// Records that Cargo has compiled `sources`.
pub(crate) fn record_compiled(folder: &Path, target: &Path, sources: &Sources) -> Result<(), Error> {
    let ended = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    write_json(&target.join(COMPILED), &Compiled { bar: id(folder)?, ended, sources: sources.clone() })
}

/// Returns true if the file was moved to its place or changed at or after `time`, whatever its
/// modification time.
fn was_moved_after(file: &Path, time: u64) -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(file).is_ok_and(|metadata| u64::try_from(metadata.ctime()).unwrap_or_default() >= time)
}

/// Returns the id of the bar in `folder`, which a renamed folder keeps. Creates the id if it is
/// missing.
fn id(folder: &Path) -> Result<String, Error> {
    let path = folder.join(".local/id");
    if let Ok(id) = fs::read_to_string(&path) {
        return Ok(id);
    }
    let id = format!("{:016x}", fastrand::u64(..));
    fs::create_dir_all(folder.join(".local")).map_err(|error| unwritten(&path, error))?;
    fs::write(&path, &id).map_err(|error| unwritten(&path, error))?;
    Ok(id)
}

/// Reads a record; `None` if there is none that can be read.
pub(crate) fn read_json<T: for<'de> Deserialize<'de>>(path: &Path) -> Option<T> {
    serde_json::from_str(&fs::read_to_string(path).ok()?).ok()
}

/// Writes a record.
pub(crate) fn write_json(path: &Path, record: &impl Serialize) -> Result<(), Error> {
    let text = serde_json::to_string(record).map_err(|error| Error::failed("a record cannot be written", error))?;
    fs::write(path, text).map_err(|error| unwritten(path, error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;
    use std::time::Duration;

    fn folder_with(files: &[(&str, &str)]) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("workshop-{:016x}", fastrand::u64(..)));
        for name in DEPLOYED {
            fs::create_dir_all(folder.join(name)).unwrap();
        }
        for (name, text) in files {
            fs::write(folder.join(name), text).unwrap();
        }
        folder
    }

    fn modified(file: &Path) -> SystemTime {
        fs::metadata(file).unwrap().modified().unwrap()
    }

    fn age(file: &Path) {
        let hour_ago = SystemTime::now() - Duration::from_hours(1);
        File::options().append(true).open(file).unwrap().set_times(FileTimes::new().set_modified(hour_ago)).unwrap();
    }

    #[test]
    fn content_decides_whether_a_file_differs_and_tests_do_not_count() {
        let folder = folder_with(&[("crates/lib.rs", "a"), ("crates/tests.rs", "t"), ("statemachines/w.json", "{}")]);
        let before = Sources::read(&folder).unwrap();
        fs::write(folder.join("crates/lib.rs"), "a").unwrap();
        fs::write(folder.join("crates/tests.rs"), "u").unwrap();
        assert_eq!(Sources::read(&folder).unwrap(), before);
        fs::write(folder.join("crates/lib.rs"), "b").unwrap();
        fs::write(folder.join("statemachines/new.json"), "{}").unwrap();
        let after = Sources::read(&folder).unwrap();
        assert_eq!(after.differences(&before), ["crates/lib.rs", "statemachines/new.json"]);
        assert_eq!(after.rust().differences(&before.rust()), ["crates/lib.rs"]);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn the_times_of_a_restored_bar_are_renewed_although_its_files_are_older() {
        let (old, new) = (folder_with(&[("crates/lib.rs", "old")]), folder_with(&[("crates/lib.rs", "new")]));
        let target = folder_with(&[]);
        let file = old.join("crates/lib.rs");
        for bar in [&old, &new] {
            let sources = Sources::read(bar).unwrap();
            renew_times(bar, &target, &sources).unwrap();
            record_compiled(bar, &target, &sources).unwrap();
        }
        age(&file);
        renew_times(&old, &target, &Sources::read(&old).unwrap()).unwrap();
        assert!(modified(&file).elapsed().unwrap() < Duration::from_mins(1));
        for folder in [old, new, target] {
            fs::remove_dir_all(folder).unwrap();
        }
    }

    #[test]
    fn the_time_of_a_changed_file_is_renewed_although_it_is_older_and_the_others_keep_theirs() {
        let folder = folder_with(&[("crates/lib.rs", "a"), ("crates/other.rs", "b")]);
        let target = folder_with(&[]);
        let sources = Sources::read(&folder).unwrap();
        record_compiled(&folder, &target, &sources).unwrap();
        let mut compiled: Compiled = read_json(&target.join(COMPILED)).unwrap();
        compiled.ended += 3600;
        write_json(&target.join(COMPILED), &compiled).unwrap();
        fs::write(folder.join("crates/lib.rs"), "c").unwrap();
        for file in ["crates/lib.rs", "crates/other.rs"] {
            age(&folder.join(file));
        }
        renew_times(&folder, &target, &Sources::read(&folder).unwrap()).unwrap();
        assert!(modified(&folder.join("crates/lib.rs")).elapsed().unwrap() < Duration::from_mins(1));
        assert!(modified(&folder.join("crates/other.rs")).elapsed().unwrap() > Duration::from_mins(1));
        // Until the compiler has succeeded, the changed file is not recorded as compiled.
        let compiled: Compiled = read_json(&target.join(COMPILED)).unwrap();
        assert_eq!(compiled.sources.paths().collect::<Vec<_>>(), ["crates/other.rs"]);
        for folder in [folder, target] {
            fs::remove_dir_all(folder).unwrap();
        }
    }
}
