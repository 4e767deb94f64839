"""Submitting by form, and what the pages show until the verdict is there."""

from __future__ import annotations

import io

from pages_house import SAME_ORIGIN, PagesHouse, submit_code, text_of

CPP = "#include <iostream>\nint main() { std::cout << 1; }\n"


def test_from_paste_to_verdict(running: PagesHouse) -> None:
    """Pasted code becomes a row that waits, then runs, then is accepted; the balloon is filled."""
    client = running.client("otters")
    sent = submit_code(client, "crates", "", CPP)
    assert (sent.status_code, sent.location) == (303, "/")
    page = client.get("/")
    assert "PENDING" in text_of(page)
    assert "C++" in text_of(page), "the language was read from the code"
    running.compile_and_run(passed=2)
    assert " 2/" in text_of(client.get("/fragments/submissions"))
    running.clock.forward(seconds=60)
    running.services.dispatch.tick()
    running.judge("AC")
    words = text_of(client.get("/"))
    assert "AC" in words
    assert "Accepted" in words
    assert "A: solved first" in client.get("/fragments/summary").get_data(as_text=True)
    assert "★" in text_of(client.get("/fragments/board"))


def test_uploaded_file_names_problem_and_language(running: PagesHouse) -> None:
    """A file called b.py goes to problem B as Python, with nothing chosen."""
    client = running.client("otters")
    data = {"key": "k1", "files": (io.BytesIO(b"print(1)\n"), "b.py"), "next": "/problems/ferry"}
    sent = client.post("/submit", data=data, headers=SAME_ORIGIN, content_type="multipart/form-data")
    assert (sent.status_code, sent.location) == (303, "/problems/ferry")
    words = text_of(client.get("/submissions/1"))
    assert "B · The Last Ferry" in words
    assert "Python" in words
    assert "b.py" in words


def test_compiler_output_is_shown(running: PagesHouse) -> None:
    """After a compile error the team reads what the compiler said, as text."""
    client = running.client("otters")
    submit_code(client, "crates", "cpp", "int main( {")
    running.judge(compiles="main.cpp:1:11: error: expected <b>primary</b> expression")
    page = client.get("/submissions/1").get_data(as_text=True)
    assert "error: expected &lt;b&gt;primary&lt;/b&gt; expression" in page
    assert "Compile error" in page


def test_refused_form_keeps_the_text(running: PagesHouse) -> None:
    """What cannot be guessed is asked for, and the code is still in the form."""
    client = running.client("otters")
    answer = submit_code(client, "crates", "", "what language is this?")
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "The language cannot be told from the file" in page
    assert "what language is this?" in page
    upload = {"key": "k", "files": (io.BytesIO(CPP.encode()), "nothing-like-a-problem.cpp")}
    answer = client.post("/submit", data=upload, headers=SAME_ORIGIN, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "std::cout" in answer.get_data(as_text=True), "the uploaded text is kept as well"
    assert client.post("/submit", data={"key": "k"}, headers=SAME_ORIGIN).status_code == 422


def test_script_gets_sentences_as_json(running: PagesHouse) -> None:
    """The page's script learns the number of the submission, or the sentence and the field to look at."""
    client = running.client("otters")
    headers = {**SAME_ORIGIN, "Accept": "application/json"}
    refused = client.post("/submit", data={"key": "k", "problem": "crates", "code": "??"}, headers=headers)
    assert (refused.status_code, refused.get_json()["fields"]) == (422, {"language": "choose one"})
    sent = client.post("/submit", data={"key": "k", "problem": "crates", "code": CPP}, headers=headers)
    assert (sent.status_code, sent.get_json()) == (202, {"submission_id": "sub_1", "repeated": False})


def test_sending_twice_counts_once(running: PagesHouse) -> None:
    """A form that is sent again after a lost answer is the same submission; another code under its key is refused."""
    client = running.client("otters")
    for _ in range(2):
        assert submit_code(client, "crates", "cpp", CPP, key="same").status_code == 303
    assert text_of(client.get("/")).count("PENDING") == 1
    other = submit_code(client, "crates", "cpp", CPP + "// more", key="same")
    assert other.status_code == 409
    assert 'value="same"' not in other.get_data(as_text=True), "the kept form gets a new key"


def test_after_the_end_nothing_is_taken(running: PagesHouse) -> None:
    """When the contest is over the card says so, and a late form gets a sentence and keeps its text."""
    client = running.client("otters")
    running.clock.forward(minutes=300)
    running.settle()
    page = text_of(client.get("/"))
    assert "Nothing can be submitted now" in page
    assert "not final yet" in page
    late = submit_code(client, "crates", "cpp", CPP)
    assert late.status_code == 403


def test_freeze_hides_others_but_not_the_own(running: PagesHouse) -> None:
    """In the freeze a team still sees its own verdict, while the board shows others a question mark."""
    running.clock.forward(minutes=245)
    running.settle()
    submit_code(running.client("otters"), "crates", "cpp", CPP)
    running.judge("AC")
    assert "AC" in text_of(running.client("otters").get("/fragments/submissions"))
    board = text_of(running.client("compilers").get("/fragments/board"))
    assert "?1" in board
    assert "★" not in board
    assert "★" in text_of(running.client("moreau").get("/fragments/board"))
    assert "Frozen" in text_of(running.client().get("/board"))


def test_unchanged_fragments_are_not_sent_again(running: PagesHouse) -> None:
    """A page that asks for what it has gets 304 without a body; after news it gets the new rows."""
    client = running.client("otters")
    first = client.get("/fragments/submissions")
    again = client.get("/fragments/submissions", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")
    submit_code(client, "crates", "cpp", CPP)
    assert client.get("/fragments/submissions", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_clock_follows_the_server(running: PagesHouse) -> None:
    """The clock's data say what counts down and how far the freeze is."""
    face = running.client().get("/clock.json").get_json()
    assert face["phase"] == "running"
    assert face["counts_to"] == "end"
    assert face["shown_ms"] - face["freeze_in_ms"] == 3600_000
    assert face["freeze_mark"] == 800


def test_jury_sees_every_team(running: PagesHouse) -> None:
    """A juror's overview lists the submissions of all teams with their names."""
    submit_code(running.client("otters"), "crates", "cpp", CPP)
    assert "Greedy Otters" in text_of(running.client("moreau").get("/"))
