"""Renews the rotation of every template (ISO/IEC 24745): what leaked before matches nothing stored after."""

import numpy as np
from sqlite_utils import Database

from edge.domain.ids import ChildId
from edge.errors import VaultDamaged
from edge.vault.keyring import Keyring
from edge.vault.rotation import Rotation
from edge.vault.seal import seal, unseal
from edge.vault.templates import about_template, secret_name


def renew_rotations(db: Database, keyring: Keyring) -> int:
    """Give each engine's templates a new rotation, inside the caller's transaction; returns how many.

    Raises VaultDamaged for a template whose rotation is missing, Tampered for one that was changed.
    """
    rotations: dict[str, Rotation] = {}
    rows = db.conn.execute(
        "SELECT t.id, t.child, t.consent, t.engine, t.sealed, c.wrapped_key"
        " FROM template t JOIN child c ON c.id = t.child"
    ).fetchall()
    for id_, child, consent, engine, sealed, wrapped in rows:
        dek, about = keyring.unwrap(ChildId(child), wrapped), about_template(id_, child, consent, engine)
        vector = np.frombuffer(unseal(dek, sealed, about), np.float32)
        name = secret_name(engine, len(vector))
        if name not in rotations:
            rotations[name] = _change(keyring, name, len(vector))
        fresh = seal(dek, rotations[name].apply(vector).tobytes(), about)
        db.conn.execute("UPDATE template SET sealed = ? WHERE id = ?", [fresh, id_])
    return len(rows)


def _change(keyring: Keyring, name: str, dimension: int) -> Rotation:
    """Store a new rotation in the place of the old one; returned is the turn from the old to the new."""
    plain = keyring.secret(name)
    if plain is None:
        raise VaultDamaged("the vault has templates without a rotation", "Enrol everybody anew")
    fresh = Rotation.random(dimension)
    keyring.replace_secret(name, fresh.to_bytes())
    return fresh.after_undoing(Rotation.from_bytes(plain, dimension))
