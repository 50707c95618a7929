"""deployment.py ENVIRONMENT   Prints stack, region and parameters of an environment of
samconfig.toml.

Each is on a line of its own; the line of the region is empty if there is none. Parameters on the
command line of SAM replace all those of samconfig.toml, so make deploy passes both.
"""

import pathlib
import shlex
import sys
import tomllib


def settings(text, environment):
    """Returns the settings of `sam deploy` in this environment, or None if it does not exist."""
    found = tomllib.loads(text).get(environment)
    if not isinstance(found, dict):
        return None
    return {
        **found.get("global", {}).get("parameters", {}),
        **found.get("deploy", {}).get("parameters", {}),
    }


def parameters(found):
    """Returns the parameters as Name=value. SAM accepts a list, or one text with blanks."""
    overrides = found.get("parameter_overrides", [])
    return shlex.split(overrides) if isinstance(overrides, str) else overrides


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    found = settings(pathlib.Path("samconfig.toml").read_text(), sys.argv[1])
    if found is None:
        sys.exit(f"error: samconfig.toml has no environment {sys.argv[1]}")
    print(found["stack_name"], found.get("region", ""), *parameters(found), sep="\n")


if __name__ == "__main__":
    main()
