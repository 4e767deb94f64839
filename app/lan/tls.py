"""The TLS contexts of both ends of the node port. Apart from pki.py, so that a working node never loads the library of certificates."""

from __future__ import annotations

import ssl
from pathlib import Path


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """The listener's side, with its chain and key: TLS 1.3 or nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(certificate, key)
    return context


def pinned_context(ca_pem: str) -> ssl.SSLContext:
    """A client that talks to servers of this CA only; host names do not count (pki.py says why)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=ca_pem)
    return context


def unpinned_context() -> ssl.SSLContext:
    """A client that has not met the server yet: only for the first step of pairing, which shows the CA to a person."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
