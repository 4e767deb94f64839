"""The server's own certificate authority (the TLS contexts of both ends are in tls.py).

Theory of operation. The CA is made at the first start and never changes: paired nodes pin it, and the server's id is the beginning of its
fingerprint. It signs one kind of certificate only, that of this server's TLS ports, for all names and addresses that the server has at the
moment; those are renewed when the addresses change, and no node notices. Because the CA signs for nobody else, a client that
pins it need not compare host names: a server behind a forwarded port or with a new address is still the same server. Dates are
wide open for the same reason: a judge machine whose clock stands at 2001 must still be able to work, and trust comes from the pin.
Everything lies in one folder (`DATA/secrets`), files 0600, written beside and renamed.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from app.core.errors import Fault

_NOT_BEFORE = datetime(2000, 1, 1, tzinfo=UTC)
_NOT_AFTER = datetime(2099, 12, 31, tzinfo=UTC)
_ID_CHARS = 16


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """Files for the listener: `certificate` holds the chain (server, CA), `renewed` whether it was made just now."""

    certificate: Path
    key: Path
    renewed: bool


@dataclass(frozen=True, slots=True)
class Authority:
    """The server's CA, opened. `server_id` is the first 16 hex digits of the SHA-256 of its certificate."""

    folder: Path
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> str:
        """The CA's certificate for nodes."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def der(self) -> bytes:
        """The same bytes that the pairing code covers."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def fingerprint(self) -> bytes:
        """The SHA-256 of the certificate."""
        return self.certificate.fingerprint(hashes.SHA256())

    @property
    def server_id(self) -> str:
        """The server's name for machines."""
        return id_of_certificate(self.certificate)

    @property
    def mdns_name(self) -> str:
        """The host name that the server announces."""
        return f"contestbox-{self.server_id}.local"

    def server_certificate(self, addresses: Iterable[str], names: Iterable[str] = ()) -> ServerCertificate:
        """The node port's certificate for these IP addresses and names (the mDNS name and localhost are always in).

        Renewed when any of them is new. Fault("storage") when the folder cannot be written.
        """
        wanted_names = {self.mdns_name, "localhost", *(name.lower() for name in names if _is_host_name(name))}
        wanted = x509.SubjectAlternativeName(
            [
                *(x509.DNSName(name) for name in sorted(wanted_names)),
                *(x509.IPAddress(ipaddress.ip_address(one)) for one in sorted({"127.0.0.1", *addresses})),
            ]
        )
        files = ServerCertificate(self.folder / "node.pem", self.folder / "node.key", renewed=False)
        if self._still_good(files, wanted):
            return files
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._sign(key.public_key(), wanted)
        # The key first: a crash between the two leaves a pair that does not fit, which _still_good sees.
        _write_secret(files.key, _key_bytes(key))
        _write_secret(files.certificate, certificate.public_bytes(serialization.Encoding.PEM) + self.pem.encode())
        return ServerCertificate(files.certificate, files.key, renewed=True)

    def _still_good(self, files: ServerCertificate, wanted: x509.SubjectAlternativeName) -> bool:
        try:
            present = x509.load_pem_x509_certificate(files.certificate.read_bytes())
            key = serialization.load_pem_private_key(files.key.read_bytes(), password=None)
            names = present.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except (OSError, ValueError, x509.ExtensionNotFound):
            return False
        return (
            is_issued_by(present, self.certificate)
            and key.public_key() == present.public_key()
            and set(wanted) <= set(names)
        )

    def _sign(self, key: ec.EllipticCurvePublicKey, names: x509.SubjectAlternativeName) -> x509.Certificate:
        subject = _name("Contestbox server", self.server_id)
        return (
            _builder(subject, self.certificate.subject, key)
            .add_extension(names, critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .sign(self.key, hashes.SHA256())
        )


def open_authority(folder: Path) -> Authority:
    """The CA of a folder, made when the folder has none. Fault("storage") where it is broken or cannot be written."""
    key_file, certificate_file = folder / "ca.key", folder / "ca.pem"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not certificate_file.exists():
            _make_authority(key_file, certificate_file)
        key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
        certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    except (OSError, ValueError) as wrong:
        raise Fault(
            "storage", f"The server's keys in {folder} cannot be used ({wrong}); put them back from a backup."
        ) from wrong
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise Fault("storage", f"ca.key and ca.pem in {folder} do not fit together; put them back from a backup.")
    return Authority(folder, certificate, key)


def id_of_certificate(certificate: x509.Certificate) -> str:
    """The server id that a CA's certificate gives."""
    return certificate.fingerprint(hashes.SHA256()).hex()[:_ID_CHARS]


def load_ca(pem: str) -> x509.Certificate:
    """A CA's certificate from its PEM text. Raises ValueError for anything else."""
    return x509.load_pem_x509_certificate(pem.encode())


def is_issued_by(leaf: x509.Certificate, ca: x509.Certificate) -> bool:
    """Whether the CA signed this certificate."""
    try:
        leaf.verify_directly_issued_by(ca)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _make_authority(key_file: Path, certificate_file: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Contestbox CA", os.urandom(4).hex())
    certificate = (
        _builder(name, name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write_secret(key_file, _key_bytes(key))
    _write_secret(certificate_file, certificate.public_bytes(serialization.Encoding.PEM))


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_NOT_BEFORE)
        .not_valid_after(_NOT_AFTER)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _name(what: str, which: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{what} {which}")])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _key_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _is_host_name(name: str) -> bool:
    return name.isascii() and 0 < len(name) <= 253 and all(part and len(part) <= 63 for part in name.split("."))


def _write_secret(path: Path, data: bytes) -> None:
    beside = path.with_name(f"{path.name}.new")
    try:
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as wrong:
        raise Fault("storage", f"{path} cannot be written ({wrong.strerror}).") from wrong
