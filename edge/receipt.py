"""The receipt of an erasure: JSON signed by the device, which anybody verifies who has its public key.

The signature (Ed25519, RFC 8032) is over the receipt's fields as one line of JSON with sorted keys. The file
has one form only: any other byte, even a space, does not verify.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from edge.audit import Head
from edge.device_identity import device_id
from edge.domain.erasure import Destruction
from edge.domain.ids import Slug
from edge.errors import Tampered

KIND = "qaqpa-receipt-v1"


def render(done: Destruction, school: Slug, head: Head, key: Ed25519PrivateKey) -> bytes:
    """The signed receipt of a destruction that is gone for good; ValueError for one that is not."""
    if done.gone is None:
        raise ValueError("nothing is certified before it is gone")
    fields = {
        "kind": KIND,
        "number": done.number,
        "school": str(school),
        "device": device_id(key.public_key()),
        "child": done.child.value,
        "reason": done.reason.value,
        "decided_at": _utc(done.at),
        "gone_at": _utc(done.gone),
        "destroyed": dict(done.destroyed),
        "consents_ended": done.consents_ended,
        "audit_records": head.records,
        "audit_chain": head.chain,
    }
    return _file(fields, key.sign(_signed(fields)).hex())


def verify_receipt(receipt: bytes, key: Ed25519PublicKey) -> Mapping[str, Any]:
    """The fields of a receipt that this device signed. Raises Tampered."""
    try:
        fields = json.loads(receipt)
        signature = fields.pop("signature")
        if fields["kind"] != KIND or receipt != _file(fields, signature):
            raise ValueError("another form")
        if fields["device"] != device_id(key):
            raise _refused("the receipt names another device than this key's")
        key.verify(bytes.fromhex(signature), _signed(fields))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, InvalidSignature):
        raise _refused("this is no receipt, or it was changed after it was signed") from None
    return dict(fields)


def _file(fields: Mapping[str, Any], signature: str) -> bytes:
    whole = {**fields, "signature": signature}
    return json.dumps(whole, ensure_ascii=True, indent=1, sort_keys=True).encode() + b"\n"


def _signed(fields: Mapping[str, Any]) -> bytes:
    return json.dumps(fields, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode()


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _refused(why: str) -> Tampered:
    return Tampered(why, "Ask the school for the receipt again, and for the device's key")
