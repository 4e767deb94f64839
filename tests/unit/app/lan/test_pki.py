"""The server's CA and what a node that pinned it accepts."""

from __future__ import annotations

import socket
import ssl
import stat
import threading
from pathlib import Path

import pytest

from app.core.errors import Fault
from app.lan.pki import Authority, is_issued_by, load_ca, open_authority
from app.lan.tls import pinned_context, server_context


def shake_hands(server: Authority, client: ssl.SSLContext) -> str:
    """One TLS handshake over a socket pair; the version that both ends agreed on."""
    near, far = socket.socketpair()
    files = server.server_certificate(["192.0.2.7"])
    context = server_context(files.certificate, files.key)

    def serve() -> None:
        try:
            context.wrap_socket(far, server_side=True).close()
        except ssl.SSLError:
            far.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client.wrap_socket(near) as connection:
            return connection.version() or ""
    finally:
        near.close()
        thread.join()


def test_server_keeps_its_identity_over_restarts(tmp_path: Path) -> None:
    """A server started again on its folder is the same server to every machine, and its keys are for itself only."""
    first, again = open_authority(tmp_path), open_authority(tmp_path)
    assert first.server_id == again.server_id
    assert len(first.server_id) == 16
    first.server_certificate(["192.0.2.7"])
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}


def test_certificate_is_renewed_only_for_new_addresses(tmp_path: Path) -> None:
    """The laptop gets another address: a new certificate of the same CA; without a change nothing is renewed."""
    authority = open_authority(tmp_path)
    assert authority.server_certificate(["192.0.2.7"]).renewed
    assert not authority.server_certificate(["192.0.2.7"]).renewed
    renewed = authority.server_certificate(["192.0.2.8"])
    assert renewed.renewed
    assert is_issued_by(load_ca(renewed.certificate.read_text()), authority.certificate)


def test_pair_of_files_that_does_not_fit_is_made_anew(tmp_path: Path) -> None:
    """The laptop lost power between writing key and certificate: the next start mends it by itself."""
    authority = open_authority(tmp_path)
    files = authority.server_certificate([])
    (tmp_path / "node.key").write_bytes((tmp_path / "ca.key").read_bytes())
    assert authority.server_certificate([]).renewed
    server_context(files.certificate, files.key)


def test_node_talks_to_its_own_server_only(tmp_path: Path) -> None:
    """A machine that pinned one server's CA refuses the TLS of any other, and speaks TLS 1.3 to its own."""
    mine, other = open_authority(tmp_path / "mine"), open_authority(tmp_path / "other")
    assert shake_hands(mine, pinned_context(mine.pem)) == "TLSv1.3"
    with pytest.raises(ssl.SSLError):
        shake_hands(other, pinned_context(mine.pem))


def test_older_tls_is_refused(tmp_path: Path) -> None:
    """A client that offers only TLS 1.2 gets no connection."""
    mine = open_authority(tmp_path)
    client = pinned_context(mine.pem)
    client.minimum_version = ssl.TLSVersion.TLSv1_2
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError):
        shake_hands(mine, client)


def test_broken_keys_are_said_in_a_sentence(tmp_path: Path) -> None:
    """A damaged key file stops the start with a sentence, never with a new identity that no machine knows."""
    open_authority(tmp_path)
    (tmp_path / "ca.key").write_text("nothing")
    with pytest.raises(Fault, match="backup"):
        open_authority(tmp_path)
