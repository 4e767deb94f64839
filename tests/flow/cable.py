"""A bad cable between a judge machine and the server: a relay of bytes that a test cuts, unplugs or makes deaf."""

from __future__ import annotations

import contextlib
import socket
import threading


class Cable:
    """A relay of bytes on loopback. It breaks after `cut_after` bytes towards the machine, `cuts_left` times; `unplug` is until `plug`."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.cuts_left = 0
        self.cut_after = 1 << 40
        self.unplugged = False
        self.deaf = threading.Event()
        """Set: what runs over the cable now is swallowed without a word; a new connection works."""
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def unplug(self) -> None:
        self.unplugged = True
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def plug(self) -> None:
        self.unplugged = False

    def close(self) -> None:
        self.unplug()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)
        for one in self._open:
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self.unplugged:
                near.close()
                continue
            self.deaf = threading.Event()
            far = socket.create_connection(("127.0.0.1", self._target))
            self._open += [near, far]
            threading.Thread(target=self._pump, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self._pump, args=(far, near, True), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, to_machine: bool) -> None:
        seen, deaf = 0, self.deaf
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                seen += len(data)
                if deaf.is_set():
                    continue
                if to_machine and seen > self.cut_after and self.cuts_left > 0:
                    self.cuts_left -= 1
                    break
                target.sendall(data)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
