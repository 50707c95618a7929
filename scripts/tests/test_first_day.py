"""Tests the decisions, questions, report, deletion and releases of the first day on AWS."""

import contextlib
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import types
import unittest
from unittest import mock

import folder  # noqa: F401

from first_day import __main__ as program
from first_day import answers, decide, document, observe_api, observe_stack, teardown, world

ROOT = pathlib.Path(__file__).resolve().parents[2]
STEPS = {step.id: step for step in answers.read()}
ISSUE = {"S1", "S2", "S3", "S4", "S5", "S6"}


def quiet(function, *arguments):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        result = function(*arguments)
    return result, printed.getvalue()


def fake(local=True):
    return world.World("serverlesspresso-first-day", local, "123456789012", "us-east-1", str(ROOT))


class Decisions(unittest.TestCase):
    def test_each_step_answers_yes_no_and_unknown(self):
        for name, step in STEPS.items():
            with self.subTest(name):
                self.assertEqual(decide.DECIDE[name](step.right).verdict, answers.YES)
                self.assertEqual(decide.DECIDE[name](step.wrong).verdict, answers.NO)
                self.assertEqual(decide.DECIDE[name]({}).verdict, answers.UNKNOWN)

    def test_each_step_has_a_deciding_function_and_each_such_function_a_step(self):
        self.assertEqual(set(decide.DECIDE), set(STEPS))

    def test_a_policy_allows_only_the_rule_and_the_queue_that_it_names_and_a_denial_allows_nothing(self):
        statement = {
            "Effect": "Allow",
            "Action": "sqs:SendMessage",
            "Resource": ["queue", "other-queue"],
            "Condition": {"ArnEquals": {"aws:SourceArn": ["rule"]}},
        }
        policy = {"Statement": [statement]}
        self.assertTrue(observe_stack.allows(policy, "queue", "rule"))
        self.assertFalse(observe_stack.allows(policy, "queue", "another-rule"))
        self.assertFalse(observe_stack.allows(policy, "another-queue", "rule"))
        self.assertFalse(observe_stack.allows({"Statement": [{**statement, "Effect": "Deny"}]}, "queue", "rule"))

    def test_the_quota_of_the_account_replaces_the_default(self):
        rates = {"list_aws_default_service_quotas": {"StartExecution rate": 150, "StateTransition rate": 500}}
        rates["list_service_quotas"] = {"StartExecution rate": 300}

        def pages(call):
            quotas = [{"QuotaName": name, "Value": value} for name, value in rates[call].items()]
            return mock.Mock(paginate=lambda ServiceCode: [{"Quotas": quotas}])

        client = mock.Mock(get_paginator=pages, get_account_settings=lambda: {"AccountLimit": {"ConcurrentExecutions": 10}})
        seen = observe_stack.quotas(mock.Mock(client=lambda _: client))
        self.assertEqual(seen["states"], {"StartExecution rate": 300, "StateTransition rate": 500})

    def test_a_page_that_differs_with_a_slash_is_not_the_same_page(self):
        page = {"with": {"status": 200, "etag": "b"}, "without": {"status": 200, "etag": "a"}}
        self.assertEqual(decide.trailing_slash({"pages": {"/order": page}, "root": {"status": 302}}).verdict, answers.NO)

    def test_the_level_of_a_stored_line_is_found_after_other_text(self):
        self.assertEqual(observe_stack.level_of('2026 {id="1"} {"level":"ERROR","fields":{}}'), "ERROR")
        self.assertEqual(observe_stack.level_of('{"level":"INFO","fields":{"level":"ERROR"}}'), "INFO")
        self.assertIn("without level", observe_stack.level_of("ERROR {} not JSON"))

    def test_calls_of_a_function_are_listed_and_those_of_the_workflow_are_not(self):
        """Uses a mock of X-Ray, which no emulator here has."""
        call = {"name": "DynamoDB", "namespace": "aws"}
        function = {"origin": "AWS::Lambda::Function", "subsegments": [{"name": "Invocation", "subsegments": [call]}]}
        workflow = {"origin": "AWS::StepFunctions::StateMachine", "subsegments": [call]}
        for segments, calls in (([function, workflow], ["DynamoDB"]), ([workflow], [])):
            xray, one = mock.Mock(), fake(local=False)
            xray.get_trace_summaries.return_value = {"TraceSummaries": [{"Id": "1"}]}
            documents = [{"Document": json.dumps(segment)} for segment in segments]
            xray.batch_get_traces.return_value = {"Traces": [{"Segments": documents}]}
            one._bar = types.SimpleNamespace(url="")
            with (
                mock.patch.object(world.World, "client", return_value=xray),
                mock.patch.object(observe_stack, "request"),
                mock.patch.object(observe_stack.time, "sleep"),
            ):
                self.assertEqual(observe_stack.traces(one)["calls"], calls)

    def test_a_role_without_its_grant_or_an_unexpected_error_decides_nothing(self):
        self.assertEqual(decide.send_task({"control": "AccessDeniedException"}).verdict, answers.UNKNOWN)
        self.assertEqual(decide.send_task({"control": "accepted", "outcome": "InvalidToken"}).verdict, answers.UNKNOWN)


class Questions(unittest.TestCase):
    def test_the_steps_have_rows_s1_to_s6_as_sources_and_each_has_an_observation(self):
        sources = {one for step in STEPS.values() for one in step.source.split(", ")}
        self.assertLessEqual(ISSUE | {"review"}, sources)
        for step in STEPS.values():
            self.assertTrue(callable(program.observer(step)), step.id)

    def test_each_place_to_change_exists(self):
        for step in STEPS.values():
            for place in step.place:
                file, _, text = place.partition(": ")
                self.assertIn(text, " ".join((ROOT / file).read_text().split()), f"{step.id}: {place}")

    def test_the_document_has_the_questions_of_the_program(self):
        page = (ROOT / document.PAGE).read_text()
        self.assertEqual(page, document.whole(page), "run python -m first_day document")

    def test_the_rule_of_the_web_acl_is_that_of_the_page_on_operations(self):
        page = " ".join((ROOT / "docs" / "operations.md").read_text().split())
        rate = observe_stack.acl_rules()[0]["Statement"]["RateBasedStatement"]
        for name, value in rate.items():
            self.assertRegex(page, rf'"{name}": "?{re.escape(str(value))}')


class Reports(unittest.TestCase):
    def test_a_wrong_answer_is_reported_with_the_change_and_fails(self):
        for local in (True, False):
            step = STEPS["unknown-route"]
            answer, printed = quiet(program.ask, step, fake(local), step.id)
            self.assertIn("a wrong answer is fed in", printed)
            report = answers.Report()
            report.add(step, answer)
            self.assertIn("1 steps: 1 answered, 0 need AWS, 1 not as expected", report.table())
            self.assertIn(f"change after unknown-route: {step.change}", report.table())
            self.assertEqual(report.exit_code(), 1)

    def test_an_emulator_decides_only_what_it_can(self):
        report = answers.Report()
        for step in STEPS.values():
            report.add(step, answers.on_emulator(step, None if step.emulator == "none" else decide.DECIDE[step.id](step.right)))
        can = sum(step.emulator == "answers" for step in STEPS.values())
        self.assertIn(f"{len(STEPS)} steps: {can} answered, {len(STEPS) - can} need AWS", report.table())
        self.assertEqual(report.exit_code(), 0)

    def test_an_emulator_decides_about_roles_only_if_it_evaluates_them(self):
        step = STEPS["denied"]
        refused = decide.denied(step.wrong)
        self.assertEqual(answers.on_emulator(step, refused).verdict, answers.NEEDS_AWS)
        self.assertEqual(answers.on_emulator(step, refused, auth=True), refused)

    def test_a_step_that_raises_is_unknown_and_the_run_fails_if_an_emulator_can_answer_it(self):
        step = STEPS["order"]
        with mock.patch.object(program, "observer", return_value=mock.Mock(side_effect=OSError("no route"))):
            answer, _ = quiet(program.ask, step, fake(), "")
        self.assertEqual((answer.verdict, answer.text), (answers.UNKNOWN, "OSError: no route"))
        report = answers.Report()
        report.add(step, answer)
        self.assertEqual(report.exit_code(), 1)


class Teardown(unittest.TestCase):
    def test_a_run_on_aws_ends_without_the_number_of_the_account(self):
        with mock.patch.dict("os.environ", {"CONFIRM": "999999999999"}), mock.patch("sys.stdin.isatty", return_value=False):
            with self.assertRaises(SystemExit) as ended:
                quiet(program.confirm, fake(local=False))
        self.assertIn("not confirmed", str(ended.exception))

    def test_a_failed_deletion_does_not_stop_the_others(self):
        names = ["stack", "kept", "role", "scratch", "topic", "web_acl", "logs", "bucket"]
        done = []

        def step(name):
            function = mock.Mock(side_effect=OSError("throttled") if name == "kept" else lambda _: done.append(name))
            function.__name__ = f"delete_{name}"
            return function

        with contextlib.ExitStack() as stack:
            for name in names:
                stack.enter_context(mock.patch.object(teardown, f"delete_{name}", step(name)))
            stack.enter_context(mock.patch.object(teardown, "everything", return_value=["table kept"]))
            left, printed = quiet(teardown.everything_deleted, fake())
        self.assertEqual(done, [name for name in names if name != "kept"])
        self.assertEqual(left, ["table kept"])
        self.assertIn("delete_kept: OSError: throttled", printed)

    def finished_after(self, error):
        """Runs the first day, whose questions end with this error or without one. Checks that it
        deletes everything once. Returns the exit code and the output."""
        with (
            mock.patch.object(program, "new_world", return_value=fake()),
            mock.patch.object(program, "prepare"),
            mock.patch.object(program.signal, "signal"),
            mock.patch.object(program, "ask_all", side_effect=error),
            mock.patch.object(program, "finish", return_value=[]) as finish,
        ):
            try:
                return quiet(program.run, "", "")
            finally:
                finish.assert_called_once()

    def test_everything_is_deleted_after_a_failure_which_is_raised_again(self):
        with self.assertRaises(OSError):
            self.finished_after(OSError("no network"))

    def test_everything_is_deleted_after_an_interruption_and_after_the_last_question(self):
        for error, code in ((KeyboardInterrupt(), 130), (None, 0)):
            ended, printed = self.finished_after(error)
            self.assertEqual(ended, code)
            self.assertIn("1 steps: 1 answered, 0 need AWS", printed)

    def test_what_is_absent_counts_as_deleted(self):
        class Missing(Exception):
            response = {"Error": {"Code": "ResourceNotFoundException"}}

        self.assertTrue(teardown.gone(mock.Mock(side_effect=Missing)))
        self.assertFalse(teardown.gone(lambda: None))
        with self.assertRaises(OSError):
            teardown.gone(mock.Mock(side_effect=OSError))


class Releases(unittest.TestCase):
    def test_each_deployment_to_aws_has_a_release(self):
        sent = pathlib.Path(tempfile.mkdtemp()) / "sent"
        self.addCleanup(shutil.rmtree, sent.parent)
        script = 'sam() { printf "%s\\n" "$@" >"$SENT"; }; export -f sam; scripts/first-day.sh deploy test-first-day bucket A=1'
        self.addCleanup((ROOT / ".local" / "deploy-test-first-day.log").unlink, missing_ok=True)
        kept = {name: value for name, value in os.environ.items() if name != "AWS_ENDPOINT_URL"}
        subprocess.run(["bash", "-c", script], cwd=ROOT, env={**kept, "SENT": str(sent)}, check=True, capture_output=True)
        named = sent.read_text().splitlines()
        overrides = named[named.index("--parameter-overrides") + 1 :]
        self.assertEqual(overrides[0], "A=1")
        self.assertRegex(overrides[1], r"^Release=[\w-]+$")

    def test_each_cold_start_on_aws_moves_the_alias_to_a_new_version(self):
        for local, versions in ((False, 5), (True, 0)):
            functions, one = mock.Mock(), fake(local)
            functions.publish_version.side_effect = [{"Version": str(number)} for number in range(versions)]
            one._bar, one._resources = mock.Mock(url="", shop=""), {"OrderManager": ("AWS::Lambda::Function", "manager")}
            with (
                mock.patch.object(world.World, "client", return_value=functions),
                mock.patch.object(observe_api, "request", return_value=types.SimpleNamespace(status=200, seconds=0.1)),
            ):
                seen, _ = quiet(observe_api.cold_start, one)
            moved = [call.kwargs for call in functions.update_alias.call_args_list]
            expected = [{"FunctionName": "manager", "Name": "live", "FunctionVersion": str(number)} for number in range(versions)]
            self.assertEqual(moved, expected)
            self.assertEqual(decide.cold_start(seen).verdict, answers.YES)


class Waiting(unittest.TestCase):
    def test_a_wait_returns_the_last_value_and_the_elapsed_seconds(self):
        found, _ = quiet(world.wait, "nothing", 0, lambda: None)
        self.assertEqual(found, (None, 0))
        clock = types.SimpleNamespace(monotonic=iter([0, 1, 7]).__next__, sleep=lambda _: None)
        with mock.patch.object(world, "time", clock):
            found, printed = quiet(world.wait, "the order", 60, iter([None, "there"]).__next__)
        self.assertEqual(found, ("there", 7))


if __name__ == "__main__":
    unittest.main()
