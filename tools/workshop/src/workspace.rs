//! Creates the Cargo workspace of the learner's bar. It has fewer packages than the application's
//! but selects the same features, so that Cargo does not compile the dependencies again.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use client::Error;
use serde::Deserialize;

/// The empty package that selects the features. Builds name it with `--package`.
const FEATURES: &str = "application-features";

/// The folders of packages, which are copied into the bar.
pub(crate) const COPIED: [&str; 2] = ["crates", "functions"];

/// The used part of the output of `cargo metadata`.
#[derive(Debug, Deserialize)]
struct Metadata {
    workspace_root: PathBuf,
    packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    req: String,
    /// `None` for a normal dependency.
    kind: Option<String>,
    optional: bool,
    uses_default_features: bool,
    features: BTreeSet<String>,
    path: Option<PathBuf>,
}

/// A dependency of the package [`FEATURES`].
#[derive(Debug, Default, PartialEq, Eq)]
struct Selection {
    /// The version or the path, as in a manifest.
    source: String,
    default_features: bool,
    features: BTreeSet<String>,
}

impl Metadata {
    fn read(root: &Path) -> Result<Self, Error> {
        let mut cargo = Command::new("cargo");
        cargo.current_dir(root).args(["metadata", "--no-deps", "--offline", "--format-version", "1"]);
        let output = cargo.output().map_err(|error| Error::failed("cargo cannot be started", error))?;
        serde_json::from_slice(&output.stdout)
            .map_err(|error| Error::failed("cargo metadata describes no workspace", error))
    }

    fn is_copied(&self, path: &Path) -> bool {
        path.strip_prefix(&self.workspace_root).is_ok_and(|path| COPIED.iter().any(|folder| path.starts_with(folder)))
    }

    /// Returns the packages that are not copied into the bar.
    fn left_out(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| !self.is_copied(&package.manifest_path))
    }

    /// Returns the dependencies of the packages that are not copied, with all features they select.
    fn selections(&self) -> BTreeMap<&str, Selection> {
        let mut selections = BTreeMap::<&str, Selection>::new();
        for dependency in self.left_out().flat_map(|package| &package.dependencies) {
            if dependency.kind.is_some() || dependency.optional {
                continue;
            }
            let source = match &dependency.path {
                None => format!("version = \"{}\"", dependency.req),
                Some(path) if self.is_copied(path) => {
                    let path = path.strip_prefix(&self.workspace_root).unwrap_or(path);
                    format!("path = \"../{}\"", path.display())
                }
                Some(_) => continue,
            };
            let selection = selections.entry(&dependency.name).or_default();
            selection.source = source;
            selection.default_features |= dependency.uses_default_features;
            selection.features.extend(dependency.features.iter().cloned());
        }
        selections
    }
}

/// Writes the manifests of the workspace in `bar`.
pub(crate) fn write(root: &Path, bar: &Path) -> Result<(), Error> {
    let metadata = Metadata::read(root)?;
    let package = bar.join(FEATURES);
    fs::create_dir_all(package.join("src")).map_err(|error| unwritten(&package, error))?;
    let files = [
        (package.join("Cargo.toml"), features_manifest(&metadata.selections())),
        (package.join("src/main.rs"), "//! Empty: see Cargo.toml.\n".to_owned()),
        (bar.join("Cargo.toml"), root_manifest(&read(&root.join("Cargo.toml"))?, &metadata)?),
    ];
    files.iter().try_for_each(|(path, text)| fs::write(path, text).map_err(|error| unwritten(path, error)))
}

fn features_manifest(selections: &BTreeMap<&str, Selection>) -> String {
    let mut text = format!(
        "# An empty package that selects the features with which the application is compiled. Builds\n\
         # name it with --package, so that Cargo does not compile the dependencies again.\n\
         [package]\nname = \"{FEATURES}\"\nversion.workspace = true\nedition.workspace = true\n\
         publish.workspace = true\n\n\
         # Cargo neither compiles nor tests a program whose feature is never enabled.\n\
         [features]\nnever = []\n\n[[bin]]\nname = \"{FEATURES}\"\npath = \"src/main.rs\"\n\
         required-features = [\"never\"]\n\n[dependencies]\n"
    );
    for (name, Selection { source, default_features, features }) in selections {
        let features: Vec<_> = features.iter().collect();
        let _ =
            writeln!(text, "{name} = {{ {source}, default-features = {default_features}, features = {features:?} }}");
    }
    text
}

/// Returns the application's root manifest without the packages that are not copied.
fn root_manifest(application: &str, metadata: &Metadata) -> Result<String, Error> {
    let gone = |line: &str| {
        let path = line.split_once("path = \"").and_then(|(_, rest)| rest.split_once('"'));
        path.is_some_and(|(path, _)| !metadata.is_copied(&metadata.workspace_root.join(path)))
            || metadata.left_out().any(|package| line.ends_with(&format!(".package.{}]", package.name)))
    };
    let sections = application.split("\n\n").filter_map(|section| {
        let header_is_gone = section.lines().any(|line| line.starts_with('[') && gone(line));
        let kept: Vec<_> = section.lines().filter(|line| !gone(line)).collect();
        (!header_is_gone).then(|| kept.join("\n"))
    });
    let text = sections.collect::<Vec<_>>().join("\n\n") + "\n";
    let members = text.lines().find(|line| line.starts_with("members = [") && line.ends_with(']'));
    let members =
        members.ok_or_else(|| Error::Unexpected("Cargo.toml does not name its members on one line".into()))?;
    Ok(text.replace(members, &format!("members = [\"{FEATURES}\", \"crates/*\", \"functions/*\"]")))
}

fn unwritten(path: &Path, error: std::io::Error) -> Error {
    Error::failed(format!("{} cannot be written", path.display()), error)
}

fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|error| Error::failed(format!("{} cannot be read", path.display()), error))
}

#[cfg(test)]
mod tests {
    use super::*;

    const APPLICATION: &str = "[workspace]\nmembers = [\"crates/*\", \"tools/*\"]\n\n[workspace.dependencies]\n\
        domain = { path = \"crates/domain\" }\nclient = { path = \"tools/client\" }\nserde = \"1\"\n\n\
        # It is slow.\n[profile.dev.package.client]\nopt-level = 3\n\n[profile.release]\nlto = \"fat\"\n";

    fn dependency(name: &str, features: &[&str], path: Option<&str>) -> Dependency {
        Dependency {
            name: name.to_owned(),
            req: "^1".to_owned(),
            kind: None,
            optional: false,
            uses_default_features: false,
            features: features.iter().map(|&feature| feature.to_owned()).collect(),
            path: path.map(PathBuf::from),
        }
    }

    fn metadata() -> Metadata {
        let package = |name: &str, folder: &str, dependencies| Package {
            name: name.to_owned(),
            manifest_path: Path::new("/app").join(folder).join("Cargo.toml"),
            dependencies,
        };
        let in_tests = vec![
            dependency("tokio", &["time"], None),
            dependency("domain", &["schema"], Some("/app/crates/domain")),
            dependency("client", &[], Some("/app/tools/client")),
            Dependency { kind: Some("dev".to_owned()), ..dependency("proptest", &[], None) },
        ];
        Metadata {
            workspace_root: PathBuf::from("/app"),
            packages: vec![
                package("domain", "crates/domain", vec![dependency("jiff", &[], None)]),
                package("client", "tools/client", vec![dependency("tokio", &["net"], None)]),
                package("end-to-end", "tests", in_tests),
            ],
        }
    }

    #[test]
    fn the_features_of_all_packages_that_are_not_copied_are_selected() {
        let metadata = metadata();
        let manifest = features_manifest(&metadata.selections());
        let (_, dependencies) = manifest.split_once("[dependencies]\n").unwrap();
        assert_eq!(
            dependencies,
            "domain = { path = \"../crates/domain\", default-features = false, features = [\"schema\"] }\n\
             tokio = { version = \"^1\", default-features = false, features = [\"net\", \"time\"] }\n"
        );
    }

    #[test]
    fn the_package_of_the_features_adds_no_result_to_the_tests_of_another_package() {
        let manifest = features_manifest(&BTreeMap::new());
        // `cargo test --lib` tests every library that it is given, also one with `test = false`.
        assert!(!manifest.contains("[lib]"), "{manifest}");
        assert!(manifest.contains("\nrequired-features = [\"never\"]\n"), "{manifest}");
    }

    #[test]
    fn the_root_manifest_omits_packages_that_are_not_copied() {
        assert_eq!(
            root_manifest(APPLICATION, &metadata()).unwrap(),
            "[workspace]\nmembers = [\"application-features\", \"crates/*\", \"functions/*\"]\n\n\
             [workspace.dependencies]\ndomain = { path = \"crates/domain\" }\nserde = \"1\"\n\n\
             [profile.release]\nlto = \"fat\"\n"
        );
    }
}
