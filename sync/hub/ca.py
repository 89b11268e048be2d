"""A small certificate authority for a school or a district: broker, hub and gates get their certificates.

P-256, X.509 v3 as in RFC 5280. A client's certificate carries `school/gate` (or `school/hub`) as the only
subject field, because brokers derive its rights from that name. A district's authority certifies gates of all
its schools; its hub is `district/hub`, and its brokers are also clients of each other.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID

from edge.domain.ids import Slug
from edge.errors import ConfigError
from sync.files import create, replace
from sync.hub import revocation
from sync.hub.register import Register
from sync.hub.revocation import Revoked
from sync.identity import Identity, Request, name, read_certificate, utc_now

CA_TERM = timedelta(days=3650)
TERM = timedelta(days=730)
HUB = Slug("hub")
"""The hub's name in certificates and access lists; no gate may have it."""

BROKER = "broker"
_SUBJECT = "Qaqpa "
_DISTRICT = "district "
_SERVER = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
_CLIENT = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
_NODE = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
_LOCAL_HOSTS = ("localhost", "127.0.0.1")
_CLOCK_SLACK = timedelta(hours=1)
_UNUSED = {
    "content_commitment": False,
    "key_encipherment": False,
    "data_encipherment": False,
    "key_agreement": False,
    "encipher_only": False,
    "decipher_only": False,
}


@dataclass(frozen=True, slots=True)
class Issued:
    """The files of one identity; `ca` is what it trusts."""

    ca: Path
    cert: Path
    key: Path


class CertificateAuthority:
    """A folder with ca.crt, ca.key, the register and ca.crl. Keep it off the gates."""

    def __init__(
        self,
        folder: Path,
        certificate: x509.Certificate,
        key: ec.EllipticCurvePrivateKey,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._folder = folder
        self._key = key
        self._clock = clock
        self.certificate = certificate
        self.register = Register(folder)

    @classmethod
    def create(
        cls, folder: Path, school: Slug, clock: Callable[[], datetime] = utc_now, *, district: bool = False
    ) -> "CertificateAuthority":
        """Make a new authority; `school` is the name of the district, if it is for one.

        Raises ConfigError where the folder holds one already.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        subject, now = name(f"{_SUBJECT}{_DISTRICT if district else ''}{school}"), clock()
        certificate = (
            _builder(subject, subject, key.public_key(), now, now + CA_TERM)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, SHA256())
        )
        create(folder / "ca.key", _pem(key), 0o600)
        create(folder / "ca.crt", certificate.public_bytes(Encoding.PEM), 0o644)
        made = cls(folder, certificate, key, clock)
        made._publish_revoked()
        return made

    @classmethod
    def open(cls, folder: Path, clock: Callable[[], datetime] = utc_now) -> "CertificateAuthority":
        """Raises ConfigError where there is none."""
        try:
            certificate = x509.load_pem_x509_certificate((folder / "ca.crt").read_bytes())
            key = load_pem_private_key((folder / "ca.key").read_bytes(), password=None)
        except (OSError, ValueError, TypeError) as error:
            raise ConfigError(
                f"no usable authority in {folder}", "Make one with: qaqpa-hub ca init"
            ) from error
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ConfigError(f"{folder}/ca.key is not a P-256 key", "Make one with: qaqpa-hub ca init")
        return cls(folder, certificate, key, clock)

    @property
    def school(self) -> Slug:
        """Whose authority it is; of a district, its name."""
        return Slug(self._subject.removeprefix(_DISTRICT))

    @property
    def district(self) -> bool:
        """Whether it certifies gates of several schools."""
        return self._subject.startswith(_DISTRICT)

    def issue_broker(self, hosts: Iterable[str] = ()) -> Issued:
        """The server certificate of broker and enrolment, for these names and addresses and this machine."""
        names = [_host(host) for host in dict.fromkeys([*_LOCAL_HOSTS, *hosts])]
        usage = _NODE if self.district else _SERVER
        return self._issue(BROKER, BROKER, usage, x509.SubjectAlternativeName(names))

    def issue_hub(self) -> Issued:
        """The hub's client certificate."""
        return self._issue(HUB.value, f"{self.school}/{HUB}", _CLIENT)

    def issue_gate(self, gate: Slug, school: Slug | None = None) -> Issued:
        """A gate's key and certificate, for a device that cannot make its own key; else `certify`."""
        identity = Identity(school or self.school, gate)
        self.check(identity)
        file = f"{identity.school}_{gate}" if self.district else gate.value
        return self._issue(file, str(identity), _CLIENT)

    def certify(self, request: Request) -> x509.Certificate:
        """A gate's certificate for its own key. Whoever calls holds the lock and knows that it is its."""
        self.check(request.identity)
        return self._sign(str(request.identity), request.key, _CLIENT)

    def check(self, identity: Identity) -> None:
        """Raises ConfigError for a device of another school, or one with a name that means something else."""
        if identity.gate.value in {HUB.value, BROKER, "ca"}:
            raise ConfigError(
                f"{identity.gate} cannot be the name of a gate", "Choose another, for example main-door"
            )
        if not self.district and identity.school != self.school:
            raise ConfigError(f"the device says it is of {identity.school}", f"This is {self.school}")

    def renew_own(self, file: str) -> x509.Certificate:
        """The hub's or the broker's certificate once more, for the same key and names. Raises ConfigError."""
        path = self._folder / f"{file}.crt"
        old = read_certificate(path)
        key = old.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey):
            raise ConfigError(f"{path} is not for a P-256 key", "Make one with: qaqpa-hub ca init")
        common_name = str(next(iter(old.subject)).value)
        usage = old.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        try:
            hosts = old.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except x509.ExtensionNotFound:
            hosts = None
        with self.register.lock():
            certificate = self._sign(common_name, key, usage, hosts)
        replace(path, certificate.public_bytes(Encoding.PEM), 0o644)
        return certificate

    def revoke(self, common_name: str) -> int:
        """Put all certificates of that name on the list; how many are new there."""
        with self.register.lock():
            # Expired ones too: this clock may be ahead of the broker's.
            ended = [e for e in self.register.entries() if e.name == common_name and e.revoked is None]
            self._publish_revoked({each.certificate.serial_number for each in ended})
        return len(ended)

    def _publish_revoked(self, new: Collection[int] = (), back: str = "") -> None:
        """With these serial numbers too; `back` is the name that a device is about to have again."""
        now, entries = self._clock(), self.register.entries()
        moments = self.register.revoked() | dict.fromkeys(new, now)
        in_use = {back, *(each.name for each in entries if each.certificate.serial_number not in moments)}
        names = {each.certificate.serial_number: each.name for each in entries}
        listed = [
            Revoked(serial, moment, names.get(serial), back=names.get(serial) in in_use)
            for serial, moment in moments.items()
        ]
        pem = revocation.write(listed, self.certificate, self._key, now - _CLOCK_SLACK)
        replace(self.register.crl, pem, 0o644)

    @property
    def _subject(self) -> str:
        return str(next(iter(self.certificate.subject)).value).removeprefix(_SUBJECT)

    def _issue(
        self,
        file: str,
        common_name: str,
        usage: x509.ExtendedKeyUsage,
        hosts: x509.SubjectAlternativeName | None = None,
    ) -> Issued:
        issued = Issued(self._folder / "ca.crt", self._folder / f"{file}.crt", self._folder / f"{file}.key")
        key = ec.generate_private_key(ec.SECP256R1())
        create(issued.key, _pem(key), 0o600)
        with self.register.lock():
            certificate = self._sign(common_name, key.public_key(), usage, hosts)
        create(issued.cert, certificate.public_bytes(Encoding.PEM), 0o644)
        return issued

    def _sign(
        self,
        common_name: str,
        key: ec.EllipticCurvePublicKey,
        usage: x509.ExtendedKeyUsage,
        hosts: x509.SubjectAlternativeName | None = None,
    ) -> x509.Certificate:
        now = self._clock()
        end = min(now + TERM, self.certificate.not_valid_after_utc)
        builder = (
            _builder(self.certificate.subject, name(common_name), key, now, end)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(usage, critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
        )
        if hosts is not None:
            builder = builder.add_extension(hosts, critical=False)
        certificate = builder.sign(self._key, SHA256())
        if common_name in revocation.names_out(self.register.crl):
            # First, so that no moment comes in which the hub refuses what the new device sends.
            self._publish_revoked(back=common_name)
        self.register.add(certificate)
        return certificate


def _builder(
    issuer: x509.Name, subject: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        # A Pi without a clock battery may be a little behind.
        .not_valid_before(now - _CLOCK_SLACK)
        .not_valid_after(end)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        **_UNUSED,
    )


def _host(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
