"""deployment.py ENVIRONMENT   Prints how an environment of samconfig.toml deploys.

Prints the name of the stack, the region (empty if there is none) and each parameter, on a line
each. Parameters on the command line of SAM replace those of samconfig.toml, so make deploy passes
these with its own.
"""

import pathlib
import shlex
import sys
import tomllib


def settings(text, environment):
    """Returns the settings of `sam deploy` in this environment, or None if there is no such one."""
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
