"""Whatever stands in a trail, a parent reads it in the own language, and not as a word of the program."""

import ast
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest

from edge.audit import Value
from edge.domain.blocks import Asker
from edge.domain.decisions import Outcome as Decided
from edge.domain.decisions import Reason as Decision
from edge.domain.requests import Outcome, Right
from edge.domain.retention import Reason as Term
from edge.policy.standing import Block
from edge.policy.vocabulary import Ground
from edge.vision.pad.challenge import Ending
from enrollment.audit_words import COMMANDS, told
from enrollment.receipts import WHAT
from enrollment.record_words import VALUES, said
from enrollment.settings import Language
from turnstile.control import ManualReason

ROOT = Path(__file__).resolve().parents[2]
WRITERS = {"record", "note", "_note", "_append"}
OWN_LETTERS = {Language.KAZAKH: "[ә-ӯ\u0456а-я]", Language.RUSSIAN: "[а-я]"}
OF_A_CHILD = (Term.LEFT, Term.CONSENT_ENDED, Term.UNUSED)
"""What is erased besides has no line of its own."""
ENROLMENT = ("few_good_pictures", "other_face", *(each for each in Ending if each is not Ending.PASSED))


def called(names: set[str]) -> Iterator[str]:
    """The first text among the arguments of each such call in the product."""
    for folder in ("edge", "enrollment", "turnstile"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and name_of(node.func) in names:
                    texts = [each.value for each in node.args if isinstance(each, ast.Constant)]
                    yield from [each for each in texts if isinstance(each, str)][:1]


def name_of(function: ast.expr) -> str:
    """`note` of `note(...)` and of `self.note(...)`."""
    return str(getattr(function, "attr", getattr(function, "id", "")))


@pytest.mark.parametrize("language", list(Language))
def test_every_kind_of_record_has_a_sentence(language: Language) -> None:
    kinds = {*called(WRITERS), *WHAT.values()}
    assert {"record_read", "decision", "checkpoint", "consent_ran_out"} <= kinds
    other = told({"what": ""}, language)
    assert not {kind for kind in kinds if told({"what": kind}, language).startswith(other)}


def test_every_command_that_shows_a_record_is_said_in_words() -> None:
    assert set(called({"note_look"})) == set(COMMANDS)


@pytest.mark.parametrize("language", [Language.KAZAKH, Language.RUSSIAN])
@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("reason", (*Decision, *OF_A_CHILD, *Block, *ENROLMENT)),
        ("outcome", (*Decided, *Outcome)),
        ("right", tuple(Right)),
        ("asked_by", tuple(Asker)),
        ("ground", tuple(Ground)),
        ("why", tuple(ManualReason)),
    ],
)
def test_every_word_of_a_closed_list_is_said(
    language: Language, field: str, values: tuple[StrEnum | str, ...]
) -> None:
    spoken = {str(value): said(str(value), language, field) for value in values}
    assert not [value for value, word in spoken.items() if not re.search(OWN_LETTERS[language], word)]


def test_the_right_of_access_is_not_the_purpose_of_walking_in() -> None:
    """Kazakh has "кіру" for the one and "қол жеткізу" for the other; Russian "проход" and "доступ"."""
    assert "қол жеткізу" in said("access", Language.KAZAKH, "right")
    assert "доступ" in said("access", Language.RUSSIAN, "right")
    assert "өту" in said("access", Language.KAZAKH, "purposes")
    assert "проход" in said("access", Language.RUSSIAN, "purposes")
    assert all(len(set(words)) > 1 for words in VALUES.values())


def test_a_line_of_the_trail_has_no_word_of_the_program_in_it() -> None:
    line = {"what": "rectified", "fields": "group,guardian.phone", "by": "root"}
    assert told(line, Language.RUSSIAN) == "данные исправлены: Класс, Телефон"
    looked = {"what": "looked", "command": "rights list", "by": "root"}
    assert told(looked, Language.KAZAKH) == "жазбаны қараған: root (өтініштер тізімі)"
    kept: dict[str, Value] = {"what": "retention", "reason": "consent_ended unused", "templates": 2}
    assert "(согласие закончилось, долго не использовалось)" in told(kept, Language.RUSSIAN)
