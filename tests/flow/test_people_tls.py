"""People by https: real servers with --tls, and clients that trust nothing but their certificate authority."""

from __future__ import annotations

import contextlib
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from cryptography import x509
from faults.seeded import make_seeded
from rawhttp import dial, rest_of, status_of
from running import PROGRAM, Server, admin_of, until

from app.lan.pki import open_authority
from app.lan.spoken import spoken
from web.gate.hosts import own_names
from web.gate.listener import Certificate
from web.gate.server import Address, Front, Gate


class Hall:
    """A contest served by https, and one of its teams."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.team = make_seeded(folder, teams=1).teams[0]
        self.authority = open_authority(folder / "secrets")
        self.server = Server(folder, "--tls", "--tls-port", "0")
        self.running = self.server.running
        self.plain = str(self.running["trust_url"]).removesuffix("/trust")

    def client(self, url: str = "") -> httpx2.Client:
        """A browser that trusts the contest's CA only, and checks names."""
        context = ssl.create_default_context(cadata=self.authority.pem)
        return httpx2.Client(base_url=url or self.server.url, verify=context, timeout=20, trust_env=False)


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    opened = Hall(tmp_path_factory.mktemp("hall") / "data")
    yield opened
    opened.server.stop()


def test_a_browser_that_trusts_the_ca_reads_pages(hall: Hall) -> None:
    """By address and by name; one that was not told to trust it refuses; nothing older than TLS 1.3 is spoken."""
    port = urlsplit(hall.server.url).port
    assert hall.server.url.startswith("https://")
    for url in (hall.server.url, f"https://localhost:{port}"):
        with hall.client(url) as client:
            assert client.get("/board").status_code == 200
    with httpx2.Client(trust_env=False) as stranger, pytest.raises(httpx2.ConnectError):
        stranger.get(hall.server.url)
    old = ssl.create_default_context(cadata=hall.authority.pem)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with httpx2.Client(verify=old, trust_env=False) as client, pytest.raises(httpx2.ConnectError):
        client.get(hall.server.url)


def test_http_leads_to_https(hall: Hall) -> None:
    """The same page by https, for now only: no browser remembers it, and none is told to come by https for ever."""
    with httpx2.Client(base_url=hall.plain, trust_env=False) as client:
        for path in ("/", "/board", "/sign-in?next=%2Fsubmit", "/problems/a%2Fb"):
            answer = client.get(path)
            assert (answer.status_code, answer.headers["location"]) == (307, hall.server.url + path)
            assert answer.headers["cache-control"] == "no-store"
            assert "strict-transport-security" not in answer.headers
    with hall.client() as client:
        assert "strict-transport-security" not in client.get("/").headers


def test_the_trust_page_needs_no_trust(hall: Hall) -> None:
    """It is read by http, shows the words that the organiser's screen shows, hands out the very certificate, and says where to go."""
    words = " ".join(spoken(hall.authority.fingerprint))
    until("the words on the screen", 20, lambda: words in (hall.folder.parent / "data.serve.err").read_text())
    with httpx2.Client(base_url=hall.plain, trust_env=False) as client:
        page = client.get("/trust")
        assert page.status_code == 200
        assert words in page.text
        assert "<svg" in page.text
        assert hall.server.url in page.text
        german = client.get("/trust", headers={"Accept-Language": "de"}).text
        assert '<html lang="de"' in german
        loaded = client.get("/trust/contestbox-ca.crt")
        assert loaded.headers["content-type"] == "application/x-x509-ca-cert"
        assert x509.load_der_x509_certificate(loaded.content) == hall.authority.certificate
        assert client.get("/trust/none").status_code == 404
        style = page.text.partition('rel="stylesheet" href="')[2].partition('"')[0]
        assert client.get(style).status_code == 200


def test_the_cookie_never_travels_by_http(hall: Hall) -> None:
    """Of this host alone and unreadable for scripts; by http it is neither set nor read; a form that a page of plain http sent is refused
    though host and port are ours."""
    form = {"username": hall.team.username, "password": hall.team.password}
    with hall.client() as client:
        forged = client.post("/sign-in", data=form, headers={"Origin": hall.server.url.replace("https:", "http:")})
        assert forged.status_code == 403
        answer = client.post("/sign-in", data=form, headers={"Origin": hall.server.url})
        assert answer.status_code == 303
        (cookie,) = answer.headers.get_list("set-cookie")
        assert cookie.startswith("__Host-contestbox_"), "no page of plain http can have planted it"
        assert {part.strip() for part in cookie.split(";")[1:]} == {"Path=/", "HttpOnly", "SameSite=Lax", "Secure"}
        assert client.get("/submit").status_code == 200
        forged = client.post("/submit", data={}, headers={"Origin": hall.server.url.replace("https:", "http:")})
        assert forged.status_code == 403
        pair = cookie.partition(";")[0]
        with httpx2.Client(base_url=hall.plain, trust_env=False) as plain:
            shown = plain.get("/submit", headers={"Cookie": pair})
            assert (shown.status_code, "set-cookie" in shown.headers) == (307, False), "by http nobody looks at it"
            assert plain.get("/trust", headers={"Cookie": pair}).headers.get("set-cookie") is None
        with hall.client() as thief:
            planted = {"Cookie": pair.removeprefix("__Host-")}
            assert thief.get("/submit", headers=planted).status_code != 200, "a cookie of plain http opens nothing here"
            assert thief.get("/api/v1/submissions", headers=planted).status_code == 401
            assert thief.get("/api/v1/submissions", headers={"Cookie": pair}).status_code == 200
        gone = client.post("/sign-out", headers={"Origin": hall.server.url}).headers["set-cookie"]
        assert gone == f"{pair.partition('=')[0]}=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0"
        with hall.client() as late:
            assert late.get("/api/v1/submissions", headers={"Cookie": pair}).status_code == 401, "signed out for good"


def test_passwords_and_tokens_are_not_taken_by_http(hall: Hall) -> None:
    """A program is told the https address before one byte of its password is read; there it works."""
    port = int(hall.plain.rpartition(":")[2])
    for path in ("/api/v1/tokens", "/sign-in", "/api/v1/submissions"):
        with dial(port) as line:
            line.sendall(f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 5000\r\n\r\n".encode())
            answer = rest_of(line)
        assert status_of(answer) == 403, path
        assert hall.server.url.encode() in answer
    account = {"username": hall.team.username, "password": hall.team.password}
    with hall.client() as client, httpx2.Client(base_url=hall.plain, trust_env=False) as plain:
        token = client.post("/api/v1/tokens", json=account).json()["access_token"]
        shown = {"Authorization": f"Bearer {token}"}
        assert client.get("/api/v1/submissions", headers=shown).status_code == 200
        refused = plain.get("/api/v1/submissions", headers=shown)
        assert refused.status_code == 403
        assert "https only" in refused.json()["message"]


def named(ca: str, port: int) -> set[str]:
    """Names and addresses in the certificate that is shown at a port of this machine."""
    context = ssl.create_default_context(cadata=ca)
    with dial(port) as line, context.wrap_socket(line, server_hostname="127.0.0.1") as secure:
        told = secure.getpeercert() or {}
    return {str(pair[1]) for pair in told["subjectAltName"]}


def test_the_certificate_names_every_way_in(hall: Hall) -> None:
    """All addresses, the name on the LAN, this machine's own name."""
    found = named(hall.authority.pem, urlsplit(hall.server.url).port or 0)
    assert {hall.authority.mdns_name, "localhost", "127.0.0.1", *own_names()} <= found


def test_a_new_address_is_soon_in_the_certificate(tmp_path: Path) -> None:
    """The laptop joins another network: people's browsers find the new address in the certificate without a restart."""
    authority = open_authority(tmp_path)

    async def nothing(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})

    files = authority.server_certificate(["127.0.0.1"])
    gate = Gate(Front(Address("127.0.0.1"), nothing, Certificate(files.certificate, files.key)))
    port = gate.start().people
    try:
        assert "192.0.2.7" not in named(authority.pem, port)
        assert authority.server_certificate(["127.0.0.1", "192.0.2.7"]).renewed
        gate.reload_certificate()

        def renewed() -> bool:
            # A connection that arrives in the moment of the change may be dropped; browsers try again.
            with contextlib.suppress(OSError):
                return "192.0.2.7" in named(authority.pem, port)
            return False

        until("the new address in the certificate", 30, renewed)
    finally:
        gate.stop()


def test_the_console_switches_https_on_for_the_next_start(tmp_path: Path) -> None:
    """One switch: written into the settings beside what stands there, in force after the server was started again, and off as easily."""
    folder = tmp_path / "data"
    make_seeded(folder, teams=1)
    (folder / "config.toml").write_text("# ours\nannounce = false\n")
    with Server(folder) as server, admin_of(server.running) as admin:
        assert server.url.startswith("http:")
        assert admin.post("/admin/v1/server/https", json={"on": True}).status_code == 200
    assert (folder / "config.toml").read_text() == "tls = true\n# ours\nannounce = false\n"
    with Server(folder, "--tls-port", "0") as server, admin_of(server.running) as admin:
        assert server.url.startswith("https:")
        told = admin.get("/admin/v1/state").json()["server"]
        assert told["people_url"] == server.url
        assert told["trust_url"] == server.running["trust_url"]
        assert len(told["trust_words"].split()) == 10
        assert admin.post("/admin/v1/server/https", json={"on": False}).status_code == 200
    told = subprocess.run([*PROGRAM, "doctor", "--data", str(folder)], capture_output=True, text=True, timeout=60)
    assert "https" not in told.stdout
    (folder / "config.toml").write_text("tls = true\n")
    told = subprocess.run([*PROGRAM, "doctor", "--data", str(folder)], capture_output=True, text=True, timeout=60)
    assert "https port" in told.stdout
