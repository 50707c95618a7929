//! Checks that each function of the template has a program, and that its sources are in `src`.

use std::path::Path;

use super::tree::Node;
use super::{Mistake, TEMPLATE, nearest};

/// Reports functions without a program, and sources outside `src`, which Cargo does not read.
pub(super) fn lint(folder: &Path, template: Option<&Node>, mistakes: &mut Vec<Mistake>) {
    let functions = folder.join("functions");
    let entries = std::fs::read_dir(&functions).into_iter().flatten().flatten();
    let mut packages: Vec<String> = Vec::new();
    for name in entries.filter_map(|entry| entry.file_name().into_string().ok()) {
        let package = functions.join(&name);
        if !package.is_dir() {
            continue;
        }
        for file in ["main.rs", "lib.rs", "table.rs", "tests.rs"] {
            if package.join(file).is_file() {
                let at = format!("functions/{name}/{file}");
                let what = format!("Cargo reads sources in src: move this file to functions/{name}/src/{file}");
                mistakes.push(Mistake::of_file(at, what));
            }
        }
        if package.join("Cargo.toml").is_file() {
            packages.push(name);
        }
    }
    let resources = template.and_then(|template| template.get("Resources")).map(Node::entries).unwrap_or_default();
    for resource in resources {
        let Some(binary) = resource.value.at(&["Metadata", "BuildProperties", "Binary"]) else { continue };
        let program = binary.text().unwrap_or_default();
        if !packages.iter().any(|package| package == program) {
            let suggestion = nearest::suggestion(program, packages.iter().map(String::as_str));
            let what = format!(
                "the function {} runs the program {program}, but there is no functions/{program}/Cargo.toml{suggestion}",
                resource.key
            );
            mistakes.push(Mistake::new(TEMPLATE, binary.place, what));
        } else if !functions.join(program).join("src/main.rs").is_file() {
            let what = format!("the program {program} has no main.rs: write functions/{program}/src/main.rs");
            mistakes.push(Mistake::of_file(format!("functions/{program}"), what));
        }
    }
}
