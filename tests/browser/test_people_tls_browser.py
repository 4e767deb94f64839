"""A contestant by https, in a real browser that trusts nothing but this contest's certificate."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from faults.seeded import make_seeded
from playwright.sync_api import Browser, BrowserContext, Page, expect
from running import Demo, Server

from app.lan.pki import open_authority
from app.lan.spoken import spoken

from .conftest import ARGUMENTS, CHROMIUM

CRATES = Path(__file__).resolve().parents[2] / "problems" / "crates" / "submissions"


def key_of(url: str, ca: str) -> str:
    """The hash of the public key that a server shows to whoever checks it by the contest's CA, as Chromium names keys."""
    parts = urlsplit(url)
    context = ssl.create_default_context(cadata=ca)
    with (
        socket.create_connection((parts.hostname or "", parts.port or 443), timeout=20) as line,
        context.wrap_socket(line, server_hostname=parts.hostname) as secure,
    ):
        shown = secure.getpeercert(binary_form=True)
    assert shown is not None
    key = x509.load_der_x509_certificate(shown).public_key()
    digest = hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    return base64.b64encode(digest).decode()


@contextmanager
def trusting(chromium: Browser, url: str, folder: Path) -> Iterator[BrowserContext]:
    """A browser that takes this very key and refuses all others."""
    ca = open_authority(folder / "secrets").pem
    arguments = [*ARGUMENTS, f"--ignore-certificate-errors-spki-list={key_of(url, ca)}"]
    own = chromium.browser_type.launch(executable_path=CHROMIUM, args=arguments)
    context = own.new_context(base_url=url)
    context.set_default_timeout(20_000)
    yield context
    own.close()


def sign_in(page: Page, username: str, password: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("Name").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url("/")


def signs_out_for_good(page: Page) -> None:
    """Signing out, and nothing of the team on the way back."""
    page.goto("/problems")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("/")
    for _ in range(2):
        page.go_back()
        expect(page.get_by_role("button", name="Sign out")).to_have_count(0)
        expect(page.get_by_role("navigation").get_by_role("link", name="Sign in")).to_be_visible()


def test_from_the_trust_page_to_signing_out(chromium: Browser, tmp_path: Path) -> None:
    """http leads to https; the trust page shows the words of the organiser's screen and fits a phone; the cookie is Secure and
    no script reads it; after signing out the way back shows nothing."""
    folder = tmp_path / "data"
    team = make_seeded(folder, teams=1).teams[0]
    with Server(folder, "--tls", "--tls-port", "0") as server, trusting(chromium, server.url, folder) as context:
        page = context.new_page()
        trust = str(server.running["trust_url"])
        page.goto(trust)
        expect(page.get_by_text(" ".join(spoken(open_authority(folder / "secrets").fingerprint)))).to_be_visible()
        page.set_viewport_size({"width": 360, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto(trust.removesuffix("/trust") + "/board")
        assert page.url == server.url + "/board"
        sign_in(page, team.username, team.password)
        assert page.evaluate("isSecureContext")
        cookies: list[Any] = list(context.cookies())
        assert [(one["secure"], one["httpOnly"], one["sameSite"]) for one in cookies] == [(True, True, "Lax")]
        assert cookies[0]["value"] not in json.dumps(page.evaluate("document.cookie"))
        signs_out_for_good(page)
        stranger = chromium.new_page()
        with pytest.raises(Exception, match="ERR_CERT"):
            stranger.goto(server.url)
        stranger.close()


@pytest.mark.full
@pytest.mark.root
def test_a_day_by_https(chromium: Browser, tmp_path: Path) -> None:
    """A whole demo by https: from the file to the verdict without reloading."""
    folder = tmp_path / "data"
    with Demo(folder, "--tls") as demo, trusting(chromium, demo.url, folder) as context:
        page = context.new_page()
        team = demo.info["teams"][0]
        sign_in(page, team["username"], team["password"])
        page.evaluate("window.sameDocument = true")
        page.set_input_files("#files", str(CRATES / "accepted" / "crates.cpp"))
        page.get_by_role("main").get_by_role("button", name="Submit").click()
        expect(page.locator("tr[data-verdict] .chip-good").first).to_be_visible(timeout=60_000)
        assert page.evaluate("window.sameDocument"), "the page was not left"
        signs_out_for_good(page)
