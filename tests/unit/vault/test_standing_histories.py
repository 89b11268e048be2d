"""Long random histories of one child against a model a parent would understand.

If pure rule, vault and schema ever disagreed, a child would be matched against somebody's word, or turned
away from what its parents agreed to.
"""

import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from edge.domain.blocks import Asker, Objection, Restriction
from edge.domain.consent import DataCategory, Purpose
from edge.domain.removal import Removal, RemovalReason
from edge.errors import ConsentRequired, VaultError
from edge.policy.standing import Block, standing
from edge.vault.keys import FileKey, write_new_key
from edge.vault.vault import Vault
from tests.builders import ENGINE, KEY, NOW, child, child_id, consent, guardian, unit_vector
from tests.unit.vault.test_editions import NARROW, WIDE, profile

CHILD = child_id(1)
PARENTS = ("g-1", "g-2")
WHO = st.sampled_from(PARENTS)
ANYONE = st.sampled_from([*PARENTS, None])


class Picks(Protocol):
    """What hypothesis' `randoms` gives."""

    def choice(self, seq: Sequence[str]) -> str: ...


class Word:
    """The model: a parent's word is a term for each purpose; a no is a no until taken back.

    Who is no parent any more has no word, and what that one said no to stays so.
    """

    def __init__(self) -> None:
        self.yes: dict[str, tuple[str, datetime, bool]] = {}
        self.given: dict[str, datetime] = {}
        self.widened: list[datetime] = []
        self.no: dict[str, str | None] = {}
        self.held: set[str] = set()
        self.enrolled_under: set[str] = set()
        self.gone: set[str] = set()

    def against(self, now: datetime) -> Block | None:
        if None in self.no.values():
            return Block.CHILD_OBJECTS
        if self.no:
            return Block.GUARDIAN_OBJECTS
        if self.held:
            return Block.RESTRICTED
        if any(self.covers(id_, now) for id_ in self.yes):
            return None
        return Block.SUSPENDED if any(self.runs(id_, now) for id_ in self.yes) else Block.NO_CONSENT

    def runs(self, id_: str, now: datetime) -> bool:
        _, until, for_faces = self.yes[id_]
        return for_faces and now < until

    def covers(self, id_: str, now: datetime) -> bool:
        """A word given before more was asked does not cover that, whenever it is written down."""
        return self.runs(id_, now) and not any(self.given[id_] < asked for asked in self.widened)

    def forget(self, parent: str, now: datetime) -> None:
        """Templates under the one's word go on under the other's, the one that lasts longest, or are gone."""
        theirs = {id_ for id_, said in self.yes.items() if said[0] == parent}
        moving = {id_ for id_ in self.enrolled_under & theirs if self.runs(id_, now)}
        self.yes = {id_: said for id_, said in self.yes.items() if id_ not in theirs}
        self.enrolled_under -= theirs
        self.gone.add(parent)
        if moving and self.against(now) is None:
            covering = [id_ for id_ in self.yes if self.covers(id_, now)]
            self.enrolled_under.add(max(covering, key=lambda id_: (self.yes[id_][1], id_)))

    def matched(self, now: datetime) -> bool:
        live = any(self.covers(id_, now) for id_ in self.enrolled_under)
        return live and not self.no and not self.held


class Histories(RuleBasedStateMachine):
    """Everything that parents, the child, an authority and the clock can do."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        write_new_key(folder / "key")
        self.vault = Vault.create(folder / "vault.db", FileKey(provider="file", key_file=folder / "key"), KEY)
        self.vault.roster.put(child(), [guardian(), guardian(1, id="g-2")])
        self.word = Word()
        self.now = NOW
        self.texts = [NARROW]
        self._adopt()

    def teardown(self) -> None:
        self.vault.close()
        self._folder.cleanup()

    @initialize(begun=st.booleans())
    def both_agreed(self, begun: bool) -> None:
        """As many a history goes: both parents agreed, and the child was enrolled under the word of one."""
        if not begun:
            return
        for parent in PARENTS:
            self.agree(parent, days=300, access=True, face=True, ago=0)
        under = min(self.word.yes)
        self._store(under)
        self.word.enrolled_under.add(under)

    @rule(
        parent=WHO,
        days=st.integers(1, 366),
        access=st.booleans(),
        face=st.booleans(),
        ago=st.integers(0, 24 * 40),
    )
    def agree(self, parent: str, days: int, access: bool, face: bool, ago: int) -> None:
        """Written down some hours after it was signed."""
        signed = self.now - timedelta(hours=ago)
        given = consent(
            id=uuid4().hex,
            guardian_id=parent,
            given_at=signed,
            expires_at=signed + timedelta(days=days),
            edition=self.vault.editions.shown_at(signed),
            purposes=frozenset({Purpose.ACCESS if access else Purpose.MEALS}),
            data=frozenset({DataCategory.FACE_TEMPLATE if face else DataCategory.NAME}),
        )
        if parent in self.word.gone:
            with pytest.raises(VaultError, match="removed"):
                self.vault.consents.add(given)
            return
        self.vault.consents.add(given)
        self.word.yes[given.id] = (parent, given.expires_at, access and face)
        self.word.given[given.id] = signed

    @rule(text=st.sampled_from([NARROW, WIDE]))
    def ask_anew(self, text: list[str]) -> None:
        self.now += timedelta(minutes=1)
        if text == WIDE and self.texts[-1] == NARROW:
            self.word.widened.append(self.now)
        self.texts.append(text)
        self._adopt()

    def _adopt(self) -> None:
        policy = profile(*self.texts, first=NOW.date() - timedelta(days=100))
        self.vault.editions.adopt(policy, self.now.date(), self.now)

    @rule(parent=ANYONE)
    def withdraw(self, parent: str | None) -> None:
        self.vault.withdraw(CHILD, self.now, guardian_id=parent)
        self.word.yes = {id_: said for id_, said in self.word.yes.items() if parent not in (said[0], None)}
        self.word.enrolled_under = set()

    @rule(who=ANYONE)
    def object_(self, who: str | None) -> None:
        objection = Objection(uuid4().hex, CHILD, who, self.now)
        if who in self.word.gone:
            with pytest.raises(VaultError, match="removed"):
                self.vault.object(objection)
            return
        self.vault.object(objection)
        self.word.no[objection.id] = who
        self.word.enrolled_under = set()

    @precondition(lambda self: self.word.no)
    @rule(pick=st.randoms(use_true_random=False))
    def take_back(self, pick: Picks) -> None:
        chosen = pick.choice(sorted(self.word.no))
        self.vault.blocks.lift_objection(chosen, self.now)
        del self.word.no[chosen]

    @rule(parent=WHO, reason=st.sampled_from(RemovalReason))
    def remove(self, parent: str, reason: RemovalReason) -> None:
        removal = Removal(parent, CHILD, self.now, reason, "staff", parent)
        if parent in self.word.gone:
            with pytest.raises(VaultError):
                self.vault.remove_guardian([removal])
            return
        self.vault.remove_guardian([removal])
        self.word.forget(parent, self.now)

    @precondition(lambda self: self.word.gone)
    @rule(pick=st.randoms(use_true_random=False))
    def add_again(self, pick: Picks) -> None:
        """No word of before comes back."""
        chosen = pick.choice(sorted(self.word.gone))
        self.vault.roster.add_guardian(guardian(1, id=chosen))
        self.word.gone.remove(chosen)

    @rule(asker=st.sampled_from(Asker))
    def restrict(self, asker: Asker) -> None:
        restriction = Restriction(uuid4().hex, CHILD, asker, self.now)
        self.vault.blocks.restrict(restriction)
        self.word.held.add(restriction.id)

    @precondition(lambda self: self.word.held)
    @rule(pick=st.randoms(use_true_random=False))
    def lift(self, pick: Picks) -> None:
        chosen = pick.choice(sorted(self.word.held))
        self.vault.blocks.lift_restriction(chosen, self.now)
        self.word.held.remove(chosen)

    @rule(hours=st.integers(1, 24 * 400))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @precondition(lambda self: self.word.yes)
    @rule(pick=st.randoms(use_true_random=False))
    def enrol(self, pick: Picks) -> None:
        under = pick.choice(sorted(self.word.yes))
        held = self.vault.templates.count(CHILD)
        if self.word.covers(under, self.now) and not self.word.no and not self.word.held:
            self._store(under)
            self.word.enrolled_under.add(under)
        else:
            with pytest.raises(ConsentRequired):
                self._store(under)
            assert self.vault.templates.count(CHILD) == held

    def _store(self, under: str) -> None:
        self.vault.templates.add(CHILD, under, ENGINE, [unit_vector(1)], self.now)

    @invariant()
    def all_agree(self) -> None:
        told = standing(self.vault.history(CHILD), self.now)
        assert told.block == self.word.against(self.now)
        assert (told.consent is None) == (told.block is not None)
        assert bool(self.vault.templates.live(ENGINE, self.now)) == self.word.matched(self.now)
        assert {each.id for each in self.vault.roster.guardians(CHILD)} == {*PARENTS} - self.word.gone


Histories.TestCase.settings = settings(max_examples=40, stateful_step_count=50, deadline=None)
TestHistories = Histories.TestCase
