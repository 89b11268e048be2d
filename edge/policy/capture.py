"""What stands against a consent that is about to be recorded, in the words of the policies. Pure."""

from datetime import date, timedelta

from edge.domain.consent import Consent, DataCategory
from edge.policy.rules import ABOUT
from edge.policy.strictest import InForceRules
from edge.policy.values import Age, Days, Level, Only, Required, Value
from edge.policy.vocabulary import Proof


def objections(consent: Consent, guardian_born: date | None, rules: InForceRules) -> list[str]:
    """One line for each field that goes beyond what is in force, with the field and the clause.

    `guardian_born` is asked for only where a policy sets an age.
    """
    lines = [
        *beyond(rules, "consent_channel", "channel", Level(Proof(consent.channel.value))),
        *beyond(rules, "general_purposes", "purposes", Only(frozenset(consent.purposes))),
        *beyond(rules, "data", "data", Only(frozenset(consent.data))),
        *beyond(rules, "retention", "expires_at", Days(_days(consent.expires_at - consent.given_at))),
        *beyond(rules, "stays_in_country", "cross_border", Required(not consent.cross_border)),
        *beyond(rules, "not_published", "published", Required(not consent.published)),
    ]
    if DataCategory.FACE_TEMPLATE in consent.data:
        lines += beyond(rules, "biometric_purposes", "purposes", Only(frozenset(consent.purposes)))
    return lines + _too_young(consent, guardian_born, rules)


def longest_days(rules: InForceRules) -> int | None:
    """For how many days a consent may be given at most; None where nothing limits it."""
    found = rules.get("retention")
    return found.value.most if found is not None and isinstance(found.value, Days) else None


def age_at(born: date, today: date) -> int:
    """Full years; somebody born on 29 February has their day on 1 March of other years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _days(term: timedelta) -> int:
    """Begun days: an hour more than 180 days is more than 180."""
    return -(-term // timedelta(days=1))


def beyond(rules: InForceRules, rule: str, field: str, asked: Value) -> list[str]:
    """The line for a field that asks for more than a rule in force allows; none where it does not."""
    found = rules.get(rule)
    if found is None or found.value is None or asked.meet(found.value) == asked:
        return []
    return [f"{field}: {_told(asked, found.value)} ({ABOUT[rule].title}: {', '.join(found.sources)})"]


def _told(asked: Value, limit: Value) -> str:
    if isinstance(asked, Only) and isinstance(limit, Only):
        return f"{', '.join(sorted(asked.allowed - limit.allowed))} is not among what is in force, {limit}"
    if isinstance(asked, Level) and isinstance(limit, Level):
        return f"{asked.least} is less than {limit.least}"
    if isinstance(asked, Days) and isinstance(limit, Days):
        return f"{asked.most} days are more than {limit.most}"
    return str(limit)


def _too_young(consent: Consent, born: date | None, rules: InForceRules) -> list[str]:
    found = rules.get("least_age")
    if found is None or not isinstance(found.value, Age):
        return []
    where = f"({ABOUT['least_age'].title}: {', '.join(found.sources)})"
    if born is None:
        return [f"guardian: the age is not known, and must be {found.value} {where}"]
    if age_at(born, consent.given_at.date()) < found.value.years:
        return [f"guardian: must be {found.value} {where}"]
    return []
