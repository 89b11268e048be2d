"""Mosquitto's configuration: TLS 1.3 with client certificates only, and for each name its own topics."""

from dataclasses import dataclass
from pathlib import Path

from edge.domain.ids import Slug
from sync.wire import MAX_CONTROL_BYTES

LOG = "log_dest stderr\nlog_type error\nlog_type warning\n"

_LISTENER = """\
listener {port} {host}
cafile {files.ca}
certfile {files.cert}
keyfile {files.key}
{crl}tls_version tlsv1.3
require_certificate true
use_identity_as_username true
allow_anonymous false
acl_file {files.acl}
max_packet_size {limit}
set_tcp_nodelay true
max_inflight_messages 2000
max_queued_messages 10000
"""

_ACCESS = """\
user {school}/{hub}
topic read qaqpa/v1/{school}/+/attendance
topic read qaqpa/v1/{school}/+/status
topic write qaqpa/v1/{school}/+/confirmed

pattern write qaqpa/v1/%u/attendance
pattern write qaqpa/v1/%u/status
pattern read qaqpa/v1/%u/confirmed
"""

_HEAD = """\
# Qaqpa's listener for the gates and the hub of {school}. Goes to /etc/mosquitto/conf.d/.
#
# install -d -o mosquitto -m 700 {folder}
# install -o mosquitto -m 600 qaqpa.acl ca.crt ca.crl broker.crt broker.key {folder}/
# install -m 644 qaqpa.conf /etc/mosquitto/conf.d/
# systemctl restart mosquitto
#
# After `ca revoke` and `ca renew`: install ca.crl and broker.crt again and RESTART, do not reload. A reload
# reads the new list, but a session that is open already goes on with a revoked certificate. Nothing is lost
# by a restart: gates and hub come back by themselves, and gates send again what was not confirmed.
#
# On a machine without a clock battery, start after the time is known (`systemctl edit mosquitto`):
#   [Unit]
#   Wants=time-sync.target
#   After=time-sync.target
"""


@dataclass(frozen=True, slots=True)
class Files:
    """Where Mosquitto finds what; `crl` may be left out where nobody is ever revoked."""

    ca: Path
    cert: Path
    key: Path
    acl: Path | None = None
    crl: Path | None = None


def listener(host: str, port: int, files: Files) -> str:
    """The configuration of the one listener; both ends of every session are authenticated."""
    crl = "" if files.crl is None else f"crlfile {files.crl}\n"
    return _LISTENER.format(host=host, port=port, files=files, crl=crl, limit=2 * MAX_CONTROL_BYTES)


def access_list(school: Slug, hub: Slug) -> str:
    """Who may use which topic; `%u` is the name in the certificate, `school/gate`."""
    return _ACCESS.format(school=school, hub=hub)


def configuration(school: Slug, host: str, port: int, folder: Path) -> str:
    """`qaqpa.conf` for an installation whose files are in `folder`."""
    files = Files(*(folder / name for name in ("ca.crt", "broker.crt", "broker.key", "qaqpa.acl", "ca.crl")))
    return _HEAD.format(school=school, folder=folder) + listener(host, port, files)
