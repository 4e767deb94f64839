"""The people's listener: signing in, the way to Flask and back, what is kept rendered, static files."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from gate_house import House, open_house
from gate_pages import EchoPages


@pytest.fixture(scope="module")
def pages() -> EchoPages:
    return EchoPages()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, pages: EchoPages) -> Iterator[House]:
    opened = open_house(tmp_path_factory.mktemp("house"), pages.app)
    yield opened
    opened.close()


def test_signing_in_gives_a_cookie_for_this_visitor_alone(house: House) -> None:
    """Team 1 signs in; whoever asks next from another browser is nobody."""
    with house.browser("team1") as signed_in, house.client() as nobody:
        for _ in range(40):
            assert signed_in.get("/whoami").json() == {"username": "team1"}
            assert nobody.get("/whoami", headers={"Cookie": ""}).json() == {"username": ""}


def test_both_cookies_of_a_page_arrive(house: House) -> None:
    """A page that sets two cookies sets two."""
    with house.client() as client:
        assert client.get("/whoami").headers.get_list("set-cookie") == ["first=1; Path=/", "second=2; Path=/"]


def test_the_sign_in_cookie_cannot_be_read_by_scripts_and_leads_on(house: House) -> None:
    """The form's `next` is followed within this site only."""
    with house.client() as client:
        form = {"username": "team1", "password": house.password("team1"), "next": "/problems/crates?x=1"}
        answer = client.post("/sign-in", data=form, headers={"Origin": house.url})
        assert (answer.status_code, answer.headers["location"]) == (303, "/problems/crates?x=1")
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("contestbox_01234567=")
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        for elsewhere in (
            "https://evil.example/",
            "//evil.example/",
            "/\\evil.example",
            "javascript:alert(1)",
            "/a\nb",
        ):
            answer = client.post("/sign-in", data={**form, "next": elsewhere}, headers={"Origin": house.url})
            assert answer.headers["location"] == "/"


def test_a_wrong_password_leads_back_to_the_form(house: House) -> None:
    """A browser comes back to the form with the reason, a program gets 401."""
    form = {"username": "team2", "password": "wrong", "next": "/board"}
    with house.client() as client:
        browser = client.post("/sign-in", data=form, headers={"Origin": house.url, "Accept": "text/html"})
        assert browser.status_code == 303
        assert browser.headers["location"] == "/sign-in?refused=401&username=team2&next=%2Fboard"
        assert "set-cookie" not in browser.headers
        program = client.post("/sign-in", data=form)
        assert (program.status_code, program.json()["code"]) == (401, 401)


def test_signing_out_ends_the_session_at_once(house: House) -> None:
    """The cookie of a session that ended is nobody's, also when it is sent again."""
    with house.browser("team1") as browser:
        name, value = next(iter(browser.cookies.items()))
        assert browser.post("/sign-out").status_code == 303
        with house.client() as thief:
            assert thief.get("/whoami", headers={"Cookie": f"{name}={value}"}).json() == {"username": ""}


def test_a_foreign_page_cannot_send_forms(house: House) -> None:
    """A form of another site is refused, with cookie and without; so is one of unknown origin with a cookie."""
    with house.browser("team1") as browser, house.client() as client:
        for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}):
            assert browser.post("/echo", headers=headers).status_code == 403
            assert client.post("/sign-in", data={"username": "a"}, headers=headers).status_code == 403
        del browser.headers["Origin"]
        assert browser.post("/echo").status_code == 403
        assert browser.post("/echo", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
        assert browser.post("/echo", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200
        assert browser.post("/echo", headers={"Origin": house.url}).status_code == 200


def test_flask_learns_who_asked_and_nothing_that_the_visitor_made_up(house: House) -> None:
    """The visitor's own X-Contestbox and X-Forwarded headers never arrive; address, scheme and arrival do."""
    forged = {
        "X-Contestbox-Secret": "guess",
        "X-Contestbox-Class": "jury",
        "X-Contestbox-Arrived": "1",
        "X-Forwarded-For": "6.6.6.6",
        "X-Forwarded-Proto": "https",
        "Forwarded": "for=6.6.6.6",
        "X-Ours": "hop",
        "Connection": "x-ours, keep-alive",
    }
    with house.client() as client:
        told = client.get("/echo?a=%20b&a=c", headers=forged).json()
    sent = dict(told["headers"])
    assert told["address"] == "127.0.0.1"
    assert told["scheme"] == "http"
    assert told["path"] == "/echo?a=%20b&a=c"
    assert sent["x-contestbox-secret"] == house.secret
    assert int(sent["x-contestbox-arrived"]) > 1_600_000_000_000
    assert sent["host"] == f"127.0.0.1:{house.ports.people}"
    assert not {"x-contestbox-class", "forwarded", "x-ours"} & set(sent)


def test_without_the_secret_flask_is_closed(house: House) -> None:
    """Whoever reaches the socket but not the secret gets 403."""
    import httpx2

    with httpx2.Client(transport=httpx2.HTTPTransport(uds=str(house.pages_socket)), base_url="http://x") as client:
        answer = client.get("/echo")
        assert (answer.status_code, answer.json()["code"]) == (403, 403)
        assert client.get("/echo", headers={"X-Contestbox-Secret": "guess"}).status_code == 403
        assert client.get("/echo", headers={"X-Contestbox-Secret": house.secret}).status_code == 200
    assert house.pages_socket.parent.stat().st_mode & 0o777 == 0o700


def test_a_large_form_passes_and_a_too_large_one_does_not(house: House) -> None:
    """2 MiB arrive whole by way of a file; over 8 MiB is 413 before it is read."""
    with house.client("team1") as client:
        told = client.post("/echo", content=b"x" * (2 * 1024 * 1024), headers={"Origin": house.url}).json()
        assert told["size"] == 2 * 1024 * 1024
        answer = client.post("/echo", content=b"x" * (9 * 1024 * 1024))
        assert (answer.status_code, answer.headers["connection"]) == (413, "close")


def test_redirects_and_raw_paths_are_left_alone(house: House) -> None:
    """The gate follows no redirect, and an encoded slash stays one segment for Flask's own reading."""
    with house.client() as client:
        answer = client.get("/go")
        assert (answer.status_code, answer.headers["location"]) == (302, "/elsewhere")
        assert client.get("/echo/a%2Fb%20c").json()["path"].startswith("/echo/a/b c")


def test_a_file_that_flask_names_is_sent_by_the_gate(house: House) -> None:
    """The bytes come whole with the page's own type; an unknown blob is 404; the internal header never leaves the house."""
    data = bytes(range(256)) * 2000
    with house.client() as client:
        answer = client.get(f"/file/{house.blobs.put(data)}")
        assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, data, "text/plain")
        assert "x-contestbox-blob" not in answer.headers
        answer = client.get(f"/file/{hashlib.sha256(b'nothing').hexdigest()}")
        assert answer.status_code == 404
        assert "x-contestbox-blob" not in answer.headers


def test_a_page_that_grew_out_of_bounds_is_a_fault(house: House, expected_warnings: list[str]) -> None:
    """Flask must not send over a mebibyte: the visitor gets 500 with an incident id, the log the reason."""
    expected_warnings.append("at GET /large")
    with house.client() as client:
        answer = client.get("/large")
    assert (answer.status_code, answer.json()["code"]) == (500, 500)
    assert "incident" in answer.json()["message"]


def test_the_board_is_drawn_once_for_everybody(house: House, pages: EchoPages) -> None:
    """Ten visitors get the same bytes, drawn once without anybody's cookie; the jury gets its own; news make it new."""
    with house.browser("team1") as team, house.client() as nobody, house.browser("juror") as juror:
        seen = {team.get("/fragments/board").text for _ in range(5)} | {
            nobody.get("/fragments/board").text for _ in range(5)
        }
        assert len(seen) == 1
        assert seen.pop().rstrip().endswith("for public cookie=")
        assert "for jury cookie=" in juror.get("/fragments/board").text
        first = nobody.get("/fragments/board")
        assert nobody.get("/fragments/board", headers={"If-None-Match": first.headers["etag"]}).status_code == 304
        assert first.headers["cache-control"] == "private, no-cache"
        assert first.headers["content-encoding"] == "gzip"
        drawn = pages.draws["/fragments/board", "public"]
        house.services.bell.ring(["board"])
        after = nobody.get("/fragments/board")
        assert pages.draws["/fragments/board", "public"] == drawn + 1
        assert after.text != first.text
        assert "for own" in nobody.get("/fragments/board?made-up=1").text


def test_a_crowd_after_news_makes_flask_draw_once(house: House, pages: EchoPages) -> None:
    """Thirty visitors come at once after a change: one drawing serves them all."""
    drawn = pages.draws["/fragments/board", "public"]
    house.services.bell.ring(["board"])
    with house.client() as client, ThreadPoolExecutor(30) as pool:
        texts = {answer.text for answer in pool.map(client.get, ["/fragments/board"] * 30)}
    assert len(texts) == 1
    assert pages.draws["/fragments/board", "public"] == drawn + 1


def test_a_signed_in_visitor_gets_a_board_page_of_their_own(house: House) -> None:
    """The whole page names its visitor, so only strangers share one."""
    with house.browser("team1") as team, house.client() as nobody:
        assert "for own" in team.get("/board").text
        assert "for public" in nobody.get("/board").text


def test_static_files_stay_fresh_for_ever_under_their_version(house: House) -> None:
    """The right version is immutable, any other is asked again; nothing outside of the folder is found."""
    with house.client() as client:
        from web.gate.static import load_static

        version = load_static(house.folder / "static").version
        answer = client.get(f"/static/{version}/app.css")
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-type"].startswith("text/css")
        assert answer.headers["content-encoding"] == "gzip"
        assert client.get("/static/old/app.css").headers["cache-control"] == "no-cache"
        for path in ("/static/x/../gate/pages.sock", "/static/x/%2e%2e/%2e%2e/etc/passwd", "/static/x/none.css"):
            assert client.get(path).status_code == 404


def test_every_answer_carries_what_keeps_pages_safe(house: House) -> None:
    """Pages, errors and files alike: no sniffing, no frames, own sources only, no server's name."""
    with house.client() as client:
        for answer in (client.get("/echo"), client.get("/nowhere"), client.get("/static/x/app.css")):
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["x-frame-options"] == "DENY"
            assert "default-src 'self'" in answer.headers["content-security-policy"]
            assert answer.headers["server"] == "contestbox"
            assert len(answer.headers.get_list("date")) == 1


def test_a_page_waits_for_a_place_and_everybody_is_served(house: House, pages: EchoPages) -> None:
    """Sixteen slow pages take all of Flask; a submission by API still gets in, and the pages end well."""
    with ThreadPoolExecutor(20) as pool, house.client() as client, house.client("team1") as program:
        slow = [pool.submit(client.get, "/hold") for _ in range(16)]
        for _ in range(16):
            assert pages.held.acquire(timeout=10)
        code = base64.b64encode(b"print(1)").decode()
        body = {"problem_id": "crates", "language": "python3", "files": [{"name": "a.py", "data": code}]}
        assert program.post("/api/v1/submissions", json=body).status_code == 202
        waiting = pool.submit(client.get, "/echo")
        pages.let_go.set()
        assert [one.result(10).text for one in slow] == ["done"] * 16
        assert waiting.result(10).status_code == 200
