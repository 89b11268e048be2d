"""The policies that bind this school: what is in force, and how a new edition comes into force."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from edge.audit import AuditTrail
from edge.domain.consent import LONGEST_TERM, Consent, DataCategory
from edge.domain.ids import ChildId
from edge.errors import ConfigError
from edge.policy.capture import longest_days, objections
from edge.policy.consent import MAY_MATCH
from edge.policy.edition import widens
from edge.policy.holding import ROSTER, listed
from edge.policy.library import find_all, floor
from edge.policy.profile import Bound, Edition, Profile
from edge.policy.strictest import InForceRules, strictest
from edge.vault.editions import Adopted, nothing
from edge.vault.vault import Vault
from enrollment.settings import KioskSettings


@dataclass(frozen=True, slots=True)
class Agreed:
    """One consent, the editions its guardian was shown, and the text; None: from before texts were kept."""

    consent: Consent
    editions: tuple[Adopted, ...]
    text: bytes | None
    state: str


def rules_in_force(vault: Vault, names: Sequence[str], today: date) -> InForceRules:
    """See `PolicyDesk.rules`; `names` are those that the kiosk's configuration binds."""
    return rules_of(vault, find_all(names), today)


def rules_of(vault: Vault, profiles: Iterable[Profile], today: date) -> InForceRules:
    """The strictest rules of these policies, each in its edition of today, and of the law.

    One that was adopted and is named no more binds on, as it was adopted, until the school leaves it.
    """
    bound = {
        str(profile.name): profile.bound(vault.editions.in_force(profile, today)) for profile in profiles
    }
    kept = {name: Bound(name, each.edition) for name, each in vault.editions.newest().items()}
    return strictest(list((kept | bound).values()), floor())


class PolicyDesk:
    """The school's policies over one vault; `now` is always given."""

    def __init__(self, vault: Vault, audit: AuditTrail, settings: KioskSettings) -> None:
        self._vault = vault
        self._audit = audit
        self._zone = ZoneInfo(settings.time_zone)
        self._names = settings.policy.profiles

    def rules(self, now: datetime) -> InForceRules:
        """What is in force: adopted editions, and the newest ones of policies that were never adopted."""
        return rules_in_force(self._vault, self._names, self._today(now))

    def longest_days(self, now: datetime) -> int:
        """For how many days a consent may be given at most."""
        return longest_days(self.rules(now)) or LONGEST_TERM.days

    def check(self, consent: Consent, guardian_born: date | None, now: datetime) -> None:
        """Raises ConfigError that names each field which goes beyond what is in force, with its clause."""
        against = objections(consent, guardian_born, self.rules(now))
        if against:
            raise ConfigError(
                f"the consent goes beyond the policies in force: {'; '.join(against)}",
                "Nothing was recorded. Mend these fields; qaqpa-kiosk policy explain shows what is in force",
            )

    def require_order(self, given: datetime) -> None:
        """Raises ConfigError where it is not told whether a paper is from before a wider edition, or after.

        A midnight is a day without the hour.
        """
        local = given.astimezone(self._zone)
        for each in self._vault.editions.all():
            adopted = each.at.astimezone(self._zone)
            if each.widens and local.time() == time() and adopted.date() == local.date():
                raise ConfigError(
                    f"given_at: a wider edition of {each.policy} was adopted on that day at {adopted:%H:%M}",
                    f"Tell the hour at which the guardian signed, such as {local:%Y-%m-%d}T18:00",
                )

    def shown(self, now: datetime, given: datetime | None = None) -> int | None:
        """The `edition` of a consent, given now or then; a policy that was never adopted is adopted first."""
        known = self._vault.editions.newest()
        for profile in self._profiles():
            if str(profile.name) not in known:
                self._adopt(profile, now)
        if given is not None:
            return self._vault.editions.shown_at(given)
        return max((each.sequence for each in self._vault.editions.all()), default=None)

    def next(self, name: str, now: datetime) -> list[tuple[Edition, tuple[str, ...]]]:
        """What adopting it would put in force, in order, each with the rules that it widens."""
        return self._vault.editions.next(self._profile(name), self._today(now))

    def adopt(self, name: str, now: datetime) -> Sequence[Adopted]:
        """Put the next editions of a bound policy in force; one that widens suspends at once."""
        return self._adopt(self._profile(name), now)

    def unnamed(self) -> Mapping[str, Adopted]:
        """Policies that bind on though the configuration names them no more."""
        named = {str(profile.name) for profile in self._profiles()}
        return {name: each for name, each in self._vault.editions.newest().items() if name not in named}

    def ending(self, name: str) -> tuple[str, ...]:
        """The rules that leaving a policy would widen. Raises ConfigError for one that cannot be left."""
        left = self.unnamed().get(name)
        if left is None:
            raise ConfigError(
                f"{name} cannot be left: it is named in policy.profiles, or never was in force here",
                "Take it out of the configuration first; see: qaqpa-kiosk policy status",
            )
        return widens(left.edition, nothing(left))

    def leave(self, name: str, now: datetime) -> None:
        """End a policy that is named no more; where it set a limit, guardians are asked again."""
        self.ending(name)
        left = self._vault.editions.leave(name, now)
        self._audit.record(now, "policy_left", policy=name, widens=left.widens)
        self._audit.sync()

    def history(self) -> Sequence[Adopted]:
        """Every edition that was adopted here, oldest first."""
        return self._vault.editions.all()

    def matched(self, now: datetime) -> frozenset[ChildId]:
        """The children whose faces may be matched, all of whom a wider edition would suspend."""
        live = self._vault.consents.live(now)
        return frozenset(consent.child for consent in live if MAY_MATCH.allows(consent, now))

    def waiting(self, now: datetime) -> frozenset[ChildId]:
        """The children who pass by card until a guardian agrees again."""
        suspended = self._vault.consents.suspended(now)
        return frozenset(consent.child for consent in suspended) - self.matched(now)

    def unlisted(self, now: datetime) -> Mapping[ChildId, frozenset[DataCategory]]:
        """Children of whom the roster may hold what no live consent of a guardian lists, and what that is.

        Consents count on for what they list: these are from before the list named everything.
        """
        rules, told = self.rules(now), dict[ChildId, frozenset[DataCategory]]()
        for consent in self._vault.consents.live(now):
            told[consent.child] = told.get(consent.child, frozenset()) | consent.data
        held = {child: ROSTER & listed([], rules) - data for child, data in told.items()}
        return {child: kinds for child, kinds in held.items() if kinds}

    def agreed(self, child: ChildId, now: datetime) -> list[Agreed]:
        """Every consent for a child, oldest first, with what its guardian was shown."""
        return [
            Agreed(
                consent,
                tuple(self._vault.editions.at(consent.edition).values()),
                self._vault.wordings.content(consent.wording_sha256),
                _state(consent, now),
            )
            for consent in self._vault.consents.of(child)
        ]

    def _adopt(self, profile: Profile, now: datetime) -> Sequence[Adopted]:
        adopted = self._vault.editions.adopt(profile, self._today(now), now)
        for each in adopted:
            self._audit.record(
                now,
                "edition_adopted",
                policy=each.policy,
                edition=each.edition.number,
                widens=each.widens,
            )
        self._audit.sync()
        return adopted

    def _profile(self, name: str) -> Profile:
        profiles = {str(profile.name): profile for profile in self._profiles()}
        if name not in profiles:
            raise ConfigError(
                f"this school is not bound by a policy {name!r}",
                f"It is bound by {', '.join(profiles) or 'none'}: policy.profiles of the configuration",
            )
        return profiles[name]

    def _profiles(self) -> tuple[Profile, ...]:
        return find_all(self._names)

    def _today(self, now: datetime) -> date:
        return now.astimezone(self._zone).date()


def _state(consent: Consent, now: datetime) -> str:
    if consent.withdrawn_at is not None:
        return "withdrawn"
    if consent.expires_at <= now:
        return "run out"
    return "waits: a wider edition came after it" if consent.suspended else "live"
