"""Steps of the first day, their answers, and the report."""

import dataclasses
import pathlib
import tomllib

QUESTIONS = pathlib.Path(__file__).with_name("questions.toml")
YES, NO, UNKNOWN, NEEDS_AWS = "yes", "no", "unknown", "needs AWS"


@dataclasses.dataclass(frozen=True)
class Answer:
    verdict: str
    text: str

    def __str__(self):
        return f"{self.verdict}: {self.text}"


def yes(text):
    return Answer(YES, text)


def no(text):
    return Answer(NO, text)


def unknown(text):
    return Answer(UNKNOWN, text)


@dataclasses.dataclass(frozen=True)
class Step:
    """A question to AWS. `decide` answers yes to the observation `right`, and no to `wrong`.

    `emulator` is `answers` if an emulator's answer holds for AWS, `auth` if it does where the
    emulator evaluates roles, `runs` if an emulator runs the commands but its answer does not
    hold for AWS, and `none` if it has no such feature. `needs` gives the reason why only AWS can
    answer; it is empty for `answers`.
    """

    id: str
    source: str
    question: str
    commands: list
    expected: str
    decides: str
    change: str
    place: list
    emulator: str
    needs: str
    right: dict
    wrong: dict

    def __post_init__(self):
        if self.emulator not in {"answers", "auth", "runs", "none"}:
            raise ValueError(f"{self.id}: emulator = {self.emulator!r} is not answers, auth, runs or none")
        if (self.emulator == "answers") == bool(self.needs):
            raise ValueError(f"{self.id}: set `needs` if and only if `emulator` is not `answers`")


def read(path=QUESTIONS):
    return [Step(**{"needs": "", **one}) for one in tomllib.loads(path.read_text(encoding="utf-8"))["step"]]


def on_emulator(step, answer, auth=False):
    """Returns the answer that counts on an emulator, which evaluates roles if `auth`. `answer` is
    None if the step did not run."""
    if step.emulator == "answers" or (auth and step.emulator == "auth"):
        return answer
    if answer is None:
        return Answer(NEEDS_AWS, step.needs)
    return Answer(NEEDS_AWS, f"{step.needs} (this emulator: {answer})")


@dataclasses.dataclass
class Report:
    """The answers in the order of the steps."""

    rows: list = dataclasses.field(default_factory=list)

    def add(self, step, answer):
        self.rows.append((step, answer))

    def count(self, *verdicts):
        return sum(answer.verdict in verdicts for _, answer in self.rows)

    def table(self):
        """Returns the table, and a last line that begins `N steps: M answered, K need AWS`."""
        lines = [f"{'step':<18} {'from':<7} {'answer':<10} detail"]
        for step, answer in self.rows:
            detail = answer.text if len(answer.text) <= 110 else f"{answer.text[:109]}…"
            lines.append(f"{step.id:<18} {step.source:<7} {answer.verdict:<10} {detail}")
        for step, answer in self.rows:
            if answer.verdict == NO:
                lines.append(f"change after {step.id}: {step.change} ({', '.join(step.place)})")
        answered = self.count(YES, NO)
        counts = f"{len(self.rows)} steps: {answered} answered, {self.count(NEEDS_AWS)} need AWS"
        other = [f"{self.count(NO)} not as expected"] if self.count(NO) else []
        other += [f"{self.count(UNKNOWN)} unknown"] if self.count(UNKNOWN) else []
        return "\n".join([*lines, ", ".join([counts, *other])])

    def exit_code(self):
        """Returns 1 if an answer is not as expected, or a question that can be answered here has no
        answer."""
        return 1 if self.count(NO, UNKNOWN) else 0
