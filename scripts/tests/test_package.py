"""Tests the archive with which a bar is deployed without building."""

import pathlib
import tempfile
import tomllib
import unittest
import zipfile

import folder  # noqa: F401, makes the scripts importable
from test_template import transform

import functions
import package

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        folder = pathlib.Path(folder.name)
        cls.names = [name for _, name in functions.functions((ROOT / "template.yaml").read_text())]
        for name in cls.names:
            (folder / "built" / name).mkdir(parents=True)
            (folder / "built" / name / "bootstrap").write_text(name)
        cls.archives = [folder / "a.zip", folder / "b.zip"]
        for archive in cls.archives:
            package.write(ROOT, folder / "built", archive)
        cls.unpacked = folder / "unpacked"
        with zipfile.ZipFile(cls.archives[0]) as archive:
            cls.entries = archive.namelist()
            archive.extractall(cls.unpacked)
        cls.unpacked = cls.unpacked / "serverlesspresso"

    def test_there_is_a_package_per_function_and_no_source(self):
        packages = {f"functions/{name}.zip" for name in self.names}
        texts = {"README.md", "LICENSE", "samconfig.toml", "template.yaml", "statemachines/order-processor.asl.json"}
        self.assertEqual(set(self.entries), {f"serverlesspresso/{name}" for name in packages | texts})
        for name in self.names:
            with zipfile.ZipFile(self.unpacked / "functions" / f"{name}.zip") as archive:
                self.assertEqual(archive.namelist(), ["bootstrap"])
                self.assertEqual(archive.read("bootstrap").decode(), name)
                self.assertEqual(archive.infolist()[0].external_attr >> 16, 0o755)

    def test_the_template_names_the_packages_and_their_processor(self):
        template = (self.unpacked / "template.yaml").read_text()
        for name in self.names:
            self.assertIn(f"CodeUri: functions/{name}.zip\n", template)
        self.assertIn("AllowedValues: [arm64]\n", template)
        self.assertIn("AutoPublishAlias: live\n", template)

    def test_the_environments_deploy_and_do_not_build(self):
        text = (self.unpacked / "samconfig.toml").read_text()
        self.assertNotIn("first-day", text)
        settings = tomllib.loads(text)
        self.assertEqual(set(settings), {"version", "default", "prod"})
        for environment in ["default", "prod"]:
            self.assertNotIn("build", settings[environment])
            self.assertIn("stack_name", settings[environment]["global"]["parameters"])

    def test_equal_programs_give_equal_archives(self):
        first, second = (archive.read_bytes() for archive in self.archives)
        self.assertEqual(first, second)

    @unittest.skipIf(transform is None, "SAM is not installed: make check installs it")
    def test_the_template_is_valid(self):
        from cfnlint.api import lint_file

        self.assertEqual([str(match) for match in lint_file(self.unpacked / "template.yaml")], [])


if __name__ == "__main__":
    unittest.main()
