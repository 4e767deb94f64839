"""People who should not be on the cable: a man in the middle, and a stranger who answers nonsense. Real TLS with keys of their own."""

from __future__ import annotations

import contextlib
import http.server
import threading
from collections.abc import Callable

import httpx2

from app.lan.pki import Authority
from app.lan.tls import server_context, unpinned_context


class _Tls:
    """An HTTPS server on a free port of loopback, with a certificate of its own CA."""

    def __init__(self, own: Authority, handler: type[http.server.BaseHTTPRequestHandler]) -> None:
        files = own.server_certificate(["127.0.0.1"])
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        context = server_context(files.certificate, files.key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self.url = f"https://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Rogue:
    """Answers every request with the same bytes and 200; None: with bytes that never end."""

    def __init__(self, own: Authority, answer: bytes | None) -> None:
        self.requests = 0
        self.on_request: Callable[[], object] = lambda: None
        rogue = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                rogue.requests += 1
                rogue.on_request()
                self.send_response(200)
                self.send_header("content-length", str(len(answer) if answer is not None else 1 << 40))
                self.end_headers()
                with contextlib.suppress(OSError):
                    if answer is not None:
                        self.wfile.write(answer)
                    else:
                        while True:
                            self.wfile.write(b" " * 65536)

            def log_message(self, format: str, *arguments: object) -> None:
                """Silent."""

        self._tls = _Tls(own, Handler)
        self.url = self._tls.url

    def close(self) -> None:
        self._tls.close()


class Middle:
    """A man in the middle: TLS with a key of his own to the machine, and to the real server as if he were the machine.

    `forged` is the CA text that he hands on instead of the server's.
    """

    def __init__(self, real: str, own: Authority, forged: str) -> None:
        self._forged = forged
        self._real = httpx2.Client(base_url=real, verify=unpinned_context(), trust_env=False, timeout=30)
        middle = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                answer = middle.pass_on(self.path, body)
                self.send_response(answer.status_code)
                self.send_header("content-length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            def log_message(self, format: str, *arguments: object) -> None:
                """Silent."""

        self._tls = _Tls(own, Handler)
        self.url = self._tls.url

    def pass_on(self, path: str, body: bytes) -> httpx2.Response:
        answer = self._real.post(path, content=body, headers={"content-type": "application/json"})
        if path.endswith("/join") and answer.status_code == 200:
            return httpx2.Response(200, json={**answer.json(), "ca_pem": self._forged})
        return answer

    def close(self) -> None:
        self._tls.close()
        self._real.close()
