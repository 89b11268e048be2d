"""The gallery that is never behind the vault: checked before every search, rebuilt when anything changed."""

from dataclasses import replace
from datetime import UTC, datetime

from edge.domain.consent import Consent
from edge.domain.ids import ChildId
from edge.match.gallery import Gallery
from edge.match.score import Match, Verdict
from edge.match.threshold import Strictness
from edge.policy.consent import MAY_MATCH
from edge.vault.rotation import Rotation
from edge.vault.vault import Vault
from edge.vision.face import Metric, Vector

_NEVER = datetime.max.replace(tzinfo=UTC)


class LiveGallery:
    """Searches the templates of one engine in one vault."""

    def __init__(self, vault: Vault, engine: str, dimension: int, metric: Metric) -> None:
        self._vault = vault
        self._engine = engine
        self._dimension = dimension
        self._metric = metric
        self._generation = -1
        self._gallery = Gallery.build([], metric)
        self._rotation: Rotation | None = None
        self._look_alikes: frozenset[ChildId] = frozenset()
        self._built_at = self._fresh_until = _NEVER

    def __len__(self) -> int:
        return len(self._gallery)

    def search(self, probe: Vector, strictness: Strictness, now: datetime) -> Match:
        """Search what may be matched now, at the threshold that its present size asks for.

        Raises VaultError; then nothing matches until the vault is back.
        """
        self.refresh(now)
        if self._rotation is None:
            return Match(Verdict.NO_MATCH)
        match = self._gallery.search(self._rotation.apply(probe), strictness.point(len(self)))
        if match.child in self._look_alikes:
            # Even where the margin would decide: of two who look alike only a credential tells which.
            return replace(match, verdict=Verdict.AMBIGUOUS, child=None)
        return match

    def nearest(self, probe: Vector, now: datetime) -> ChildId | None:
        """Whose template is nearest, however far away; None in an empty gallery. Raises VaultError."""
        self.refresh(now)
        if self._rotation is None or not len(self._gallery):
            return None
        return self._gallery.children[int(self._gallery.scores(self._rotation.apply(probe)).argmax())]

    def close_to(self, probe: Vector, strictness: Strictness, now: datetime) -> list[ChildId]:
        """Everyone whose best score reaches the threshold for the present size. Raises VaultError."""
        self.refresh(now)
        if self._rotation is None or not len(self._gallery):
            return []
        scores = self._gallery.scores(self._rotation.apply(probe))
        threshold = strictness.point(len(self)).threshold
        return [self._gallery.children[index] for index in (scores >= threshold).nonzero()[0]]

    def consent(self, child: ChildId) -> Consent | None:
        """The consent that a match of this child stands on."""
        return self._gallery.consents.get(child)

    def refresh(self, now: datetime) -> None:
        """Rebuild if the vault changed, a consent ran out, or the vault failed before."""
        try:
            generation = self._vault.generation()
            if generation != self._generation or not self._built_at <= now < self._fresh_until:
                self._rebuild(generation, now)
        except BaseException:
            self.clear()
            raise

    def clear(self) -> None:
        """Forget everything; the next search reads the vault anew."""
        self._gallery.wipe()
        self._gallery = Gallery.build([], self._metric)
        self._generation = -1

    def _rebuild(self, generation: int, now: datetime) -> None:
        self._vault.follow_key()
        held = self._vault.templates.live(self._engine, now)
        templates = [template for template in held if MAY_MATCH.allows(template.consent, now)]
        self._gallery.wipe()
        self._gallery = Gallery.build(templates, self._metric)
        self._rotation = self._vault.templates.rotation(self._engine, self._dimension)
        self._look_alikes = self._vault.roster.look_alikes()
        # A set-back clock can make a consent begin later, so beginnings count as well as ends.
        turns = {
            moment for template in held for moment in (template.consent.given_at, template.consent.expires_at)
        }
        self._built_at = now
        self._fresh_until = min((moment for moment in turns if moment > now), default=_NEVER)
        self._generation = generation
