"""The vault's SQLite connection: durable, forgetful on delete, with errors that tell what to do."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from sqlite_utils import Database

from edge.errors import ConsentRequired, VaultBusy, VaultDamaged, VaultError
from edge.vault.schema import MIGRATIONS

_BUSY_SECONDS = 5.0

Allows: TypeAlias = Callable[[int, str | None, str | None, str | None, str | None], bool]
"""Of an action and its arguments, as SQLite's authorizer is asked (sqlite3_set_authorizer)."""


def connect(path: Path, *, writable: bool) -> Database:
    """Open an existing vault file. A reader's connection cannot write at all."""

    def prepare(db: Database) -> None:
        db.conn.execute("PRAGMA synchronous = FULL")
        if writable:
            db.conn.execute("PRAGMA journal_mode = WAL")
            MIGRATIONS.apply(db)
        elif MIGRATIONS.pending(db):
            raise VaultError(
                "the vault is of an older version", "Open it once with: qaqpa-kiosk enroll status"
            )
        else:
            db.conn.execute("PRAGMA query_only = ON")

    return _opened(path, _BUSY_SECONDS, prepare)


def connect_for(path: Path, allows: Allows) -> Database:
    """Open an existing vault file for the few things that `allows` says yes to; all else is refused.

    It never waits: neither for another process nor, in a transaction, for the disk. A power cut may undo the
    last transactions, but never breaks the vault (SQLite in WAL mode with synchronous=NORMAL).
    """

    def prepare(db: Database) -> None:
        db.conn.execute("PRAGMA synchronous = NORMAL")
        db.conn.set_authorizer(lambda *asked: sqlite3.SQLITE_OK if allows(*asked) else sqlite3.SQLITE_DENY)

    return _opened(path, 0.0, prepare)


def _opened(path: Path, busy_seconds: float, prepare: Callable[[Database], None]) -> Database:
    if not os.path.isfile(path):  # Path.is_file would raise where this process may not look
        raise VaultError(f"there is no vault at {path}", "Make one with: qaqpa-kiosk init")
    with explained():
        db = Database(
            sqlite3.connect(path, timeout=busy_seconds, isolation_level=None, check_same_thread=False)
        )
        try:
            for pragma in ("foreign_keys = ON", "secure_delete = ON"):
                db.conn.execute(f"PRAGMA {pragma}")
            prepare(db)
        except BaseException:
            db.close()
            raise
    return db


@contextmanager
def write(db: Database) -> Iterator[sqlite3.Connection]:
    """One transaction, all or nothing."""
    with explained():
        db.conn.execute("BEGIN IMMEDIATE")
        try:
            yield db.conn
            db.conn.execute("COMMIT")
        except BaseException:
            if db.conn.in_transaction:
                db.conn.execute("ROLLBACK")
            raise


@contextmanager
def snapshot(db: Database) -> Iterator[sqlite3.Connection]:
    """Several reads of one moment: the caller's transaction, where one is open."""
    with explained():
        if db.conn.in_transaction:
            yield db.conn
            return
        db.conn.execute("BEGIN")
        try:
            yield db.conn
        finally:
            if db.conn.in_transaction:
                db.conn.execute("ROLLBACK")


@contextmanager
def explained() -> Iterator[None]:
    """Turn SQLite's errors into ours."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        text = str(error)
        if text.startswith("consent: "):
            raise ConsentRequired(
                text.removeprefix("consent: "),
                "Record the guardian's consent first: qaqpa-kiosk enroll consent",
            ) from error
        if text.startswith("edition: "):
            raise VaultError(
                text.removeprefix("edition: "), "Editions are adopted in order: qaqpa-kiosk policy adopt"
            ) from error
        if text.startswith("role: "):
            raise VaultError(
                text.removeprefix("role: "), "Give staff numbers of their own, and set PINs for staff only"
            ) from error
        if text.startswith("guardian: "):
            raise VaultError(
                text.removeprefix("guardian: "), "Where they are one again: qaqpa-kiosk guardian add"
            ) from error
        if text.startswith("request: "):
            raise VaultError(
                text.removeprefix("request: "), "See the register: qaqpa-kiosk rights list --all"
            ) from error
        if text.startswith(("disclosure: ", "breach: ")):
            raise VaultError(
                text.partition(": ")[2],
                "See the registers: qaqpa-kiosk disclose list; qaqpa-kiosk breach list",
            ) from error
        raise VaultError(
            f"the vault refuses this record: {text}", "Check that child and guardian are on the roster"
        ) from error
    except sqlite3.OperationalError as error:
        raise _operational(str(error)) from error
    except sqlite3.DatabaseError as error:
        raise VaultDamaged(
            f"the vault is damaged: {error}", "Stop the gate's use of faces, let cards in, restore a backup"
        ) from error


def _operational(text: str) -> VaultError:
    if "locked" in text or "busy" in text:
        return VaultBusy("the vault is in use by another process", "Wait a moment and try again")
    if "full" in text or "disk I/O" in text:
        return VaultError(
            f"the vault's disk takes no more ({text})", "Free space on it; nothing was half-written"
        )
    if "readonly" in text or "read-only" in text:
        return VaultError("this process may only read the vault", "Change it at the kiosk")
    return VaultError(f"the vault cannot be used: {text}", "Check the path, its rights and the disk")
