"""Checks the dependencies between the folders of packages, and that these folders have a README.

Development and build dependencies count, too. docs/architecture.md shows the allowed dependencies.
"""

import posixpath
import pathlib
import tomllib

# Maps the folder of a package to the folders that it may use. "crates/*" is any package in crates.
MAY_USE = {
    "crates/domain": [],
    "crates/adapters": ["crates/domain"],
    "crates/bootstrap": ["crates/domain"],
    "crates/http-api": ["crates/adapters", "crates/bootstrap", "crates/domain"],
    "functions/*": ["crates/*"],
    "tools/client": ["crates/*"],
    "tools/workshop": ["tools/client", "crates/*"],
    "tools/presso": ["tools/client", "tools/workshop", "crates/*"],
    "proofs/harness": ["tools/client", "crates/*", "functions/*"],
    "proofs/*": ["proofs/harness", "tools/client", "crates/*", "functions/*"],
    "tests": ["crates/*", "functions/*", "tools/client", "tools/workshop", "proofs/*"],
    "extensions/*": ["crates/*"],
}
SECTIONS = ("dependencies", "dev-dependencies", "build-dependencies")
WITH_README = ("crates", "functions", "tools", "proofs", "extensions")


def packages(tree):
    """Yields the folder and the manifest of each package."""
    for file in tree.files:
        if file.name == "Cargo.toml":
            manifest = tomllib.loads(tree.text(file))
            if "package" in manifest:
                yield file.parent, manifest


def role(folder):
    """Returns the key of a folder in MAY_USE, or None. A package in a package has the outer key."""
    parts = folder.parts[:2]
    exact = "/".join(parts)
    if exact in MAY_USE:
        return exact
    wide = f"{parts[0]}/*" if len(parts) == 2 and parts[0] != "crates" else None
    return wide if wide in MAY_USE else (parts[0] if parts and parts[0] in MAY_USE else None)


def workspace_paths(tree, folder):
    """Returns the folders of [workspace.dependencies] in the nearest manifest of a workspace."""
    for parent in [folder, *folder.parents]:
        manifest = parent / "Cargo.toml"
        if manifest in tree.files:
            workspace = tomllib.loads(tree.text(manifest)).get("workspace")
            if workspace is not None:
                named = workspace.get("dependencies", {})
                return {name: parent / one["path"] for name, one in named.items() if isinstance(one, dict) and "path" in one}
    return {}


def used_folders(tree, folder, manifest):
    """Yields name and folder of each package of this repository that the manifest depends on."""
    shared = workspace_paths(tree, folder)
    for part in [manifest, *manifest.get("target", {}).values()]:
        for section in SECTIONS:
            for name, one in part.get(section, {}).items():
                if isinstance(one, dict) and "path" in one:
                    yield name, folder / one["path"]
                elif isinstance(one, dict) and one.get("workspace") and name in shared:
                    yield name, shared[name]


def allowed(user, used):
    if user.parts[:2] == used.parts[:2] and len(used.parts) != len(user.parts):
        return True
    target = "/".join(used.parts[:2])
    return any(target == one or (one.endswith("/*") and target.startswith(one[:-1])) for one in MAY_USE[role(user)])


def line_naming(text, name):
    found = (number for number, line in enumerate(text.splitlines(), 1) if line.split("=")[0].split(".")[0].strip() == name)
    return next(found, 1)


def dependencies(tree):
    """Rule: a package depends only on the folders that MAY_USE allows."""
    for folder, manifest in packages(tree):
        file = folder / "Cargo.toml"
        if role(folder) is None:
            yield file, 1, "no package belongs in this folder: move it, or say in scripts/layers.py what it may use"
            continue
        for name, path in used_folders(tree, folder, manifest):
            used = pathlib.PurePosixPath(posixpath.normpath(path))
            if not allowed(folder, used):
                yield file, line_naming(tree.text(file), name), f"{folder} may not depend on {used}: reverse the dependency"


def readmes(tree):
    """Rule: each folder of a package has a README."""
    for folder, _ in packages(tree):
        if len(folder.parts) == 2 and folder.parts[0] in WITH_README and folder / "README.md" not in tree.files:
            yield folder / "README.md", 1, "is missing: say in a few lines what the folder holds and who uses it"
