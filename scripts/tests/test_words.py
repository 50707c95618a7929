"""Tests that words.py finds the words of words.txt in texts for people, and only there."""

import unittest

from folder import tree

import words

LISTED = list(words.read_list(words.LIST.read_text()))
EXPRESSIONS = [line.split("\t")[0] for line in words.LIST.read_text().splitlines() if not line.startswith("#")]


def sample(expression):
    """Returns a word that the expression of words.txt matches."""
    return expression.replace("(?:un)?", "un").replace("(?:s|ed|ing)?", "ed").replace("s?", "s")


class Words(unittest.TestCase):
    def found(self, name, text):
        return [(line, what) for _, line, what in words.places(tree(self, {name: text}), LISTED)]

    def test_each_word_of_the_list_is_found_in_each_kind_of_file(self):
        self.assertGreater(len(EXPRESSIONS), 8)
        for word in map(sample, EXPRESSIONS):
            for name in ["a.rs", "a.md", "a.sh", "a.py", "a.yaml", "a.yml", "a.toml", "a.json", "Makefile", ".ci/run"]:
                self.assertEqual(len(self.found(name, f"# x\n# {word}\n")), 1, (word, name))
            self.assertEqual(len(self.found("a.rs", f"fn a_{word.replace(' ', '_')}() {{}}")), 1, word)
            self.assertEqual(len(self.found("a.rs", f"struct My{word.title()};")), 1, word)
            self.assertEqual(self.found("a.svg", word), [])

    def test_a_phrase_on_two_lines_is_found(self):
        phrase = next(expression for expression in EXPRESSIONS if " " in expression)
        first, second = phrase.split(" ")
        self.assertEqual([line for line, _ in self.found("a.rs", f"/// Is {first}\n/// {second} it.\nfn f() {{}}\n")], [1])

    def test_letters_that_are_characters_or_dead_letters_are_not_reported(self):
        for text in ["a dead letter", "dead-letter message", "DeadLetters", "dead_letters()", "40 letters, digits", "capital letters", "a recommendation"]:
            self.assertEqual(self.found("a.md", text), [], text)

    def test_a_doc_comment_that_begins_with_a_question_word_is_reported(self):
        for text, line in [("\n/// What it is.\nfn f() {}\n", 2), ("//! How.\n", 1), ("/** Whether it did. */\nfn f() {}\n", 1)]:
            self.assertEqual([one for one, _ in self.found("a.rs", text)], [line], text)
        self.assertEqual(len(self.found("a.py", '"""Where it is."""\n')), 1)
        fine = "/// Returns it.\n/// What follows is a second line.\nfn f() {} // What\n/// Whatever.\nfn g() {}\n//// How\n"
        self.assertEqual(self.found("a.rs", fine), [])


if __name__ == "__main__":
    unittest.main()
