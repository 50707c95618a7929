"""package.py PROGRAMS ARCHIVE   Writes an archive that `sam deploy` deploys without building.

PROGRAMS is a folder with <function>/bootstrap for each function of template.yaml, for arm64. The
archive has the folder serverlesspresso with a template that names a package per function, these
packages, the definition of the workflow, samconfig.toml, the licence and instructions. Equal
contents give an archive of equal bytes.
"""

import io
import pathlib
import re
import sys
import zipfile

import functions

FOLDER = "serverlesspresso"
DEFINITION = "statemachines/order-processor.asl.json"
README = """# Serverlesspresso, ready to deploy

Needs the [AWS SAM CLI](https://docs.aws.amazon.com/serverless-application-model/) and AWS
credentials; no Rust. From this folder:

    sam deploy --parameter-overrides Release=1
    sam deploy --config-env prod --parameter-overrides Release=1 Architecture=arm64 \\
      IdentityProvider=cognito LogRetentionDays=30 DeletionProtection=true GradualDeployment=true

Give each deployment another `Release`. The first command deploys a stack for trials. The second one
deploys the stack of the bar, and asks before it changes anything. `template.yaml` describes the
parameters.
"""


def packaged(template):
    """Returns the template with a package per function. It allows only the architecture arm64, for
    which the packages are built."""
    template = functions.with_code(template, "functions/")
    architectures = "AllowedValues: [arm64, x86_64]\n"
    if template.count(architectures) != 1:
        sys.exit("error: template.yaml does not list the architectures as package.py expects")
    return template.replace(architectures, "AllowedValues: [arm64]\n")


def deployable(samconfig):
    """Returns the environments of samconfig.toml that deploy to AWS, without settings of builds."""
    sections = re.split(r"(?m)^(?=\[)", samconfig)
    return "".join(one for one in sections if not re.match(r"#|\[(local|first-day|\w+\.build|local\.\w+)[.\]]", one))


def entry(archive, name, content, mode=0o644):
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = mode << 16
    archive.writestr(info, content)


def package_of(program):
    """Returns a zip with the program, as Lambda expects it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compresslevel=9) as archive:
        entry(archive, "bootstrap", program.read_bytes(), 0o755)
    return packed.getvalue()


def write(root, programs, target):
    template = (root / "template.yaml").read_text()
    texts = {
        "README.md": README,
        "LICENSE": (root / "LICENSE").read_text(),
        "samconfig.toml": "version = 0.1\n\n" + deployable((root / "samconfig.toml").read_text()),
        "template.yaml": packaged(template),
        DEFINITION: (root / DEFINITION).read_text(),
    }
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in texts.items():
            entry(archive, f"{FOLDER}/{name}", text)
        for _, name in functions.functions(template):
            entry(archive, f"{FOLDER}/functions/{name}.zip", package_of(programs / name / "bootstrap"))


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    write(pathlib.Path.cwd(), pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))


if __name__ == "__main__":
    main()
