"""Control Chromium over its DevTools pipe, with the standard library only.

``--remote-debugging-pipe`` makes the browser read commands on descriptor 3 and write answers on
descriptor 4, JSON messages each closed by a zero byte.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from select import select
from types import TracebackType
from typing import Any

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
]


def find_chromium() -> str | None:
    """Return the path of a Chromium, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Page:
    """One browser tab: open a file, run JavaScript, move the mouse, press keys, take screenshots."""

    def __init__(
        self, width: int = 1280, height: int = 900, scheme: str = "light", timeout_s: float = 60.0
    ) -> None:
        self.problems: list[str] = []
        self._size, self._scheme, self._timeout_s = (width, height), scheme, timeout_s
        self._profile = tempfile.mkdtemp(prefix="vqa-chromium-")
        command_out, command_in = os.pipe()
        answer_out, answer_in = os.pipe()
        program = find_chromium()
        assert program is not None, "chromium is not installed"
        # Chromium expects the pipes as descriptors 3 and 4; the shell duplicates them to these numbers
        script = f'exec "$0" "$@" 3<&{command_out} 4>&{answer_in}'
        self._process = subprocess.Popen(
            ["/bin/bash", "-c", script, program, *FLAGS, f"--user-data-dir={self._profile}", "about:blank"],
            pass_fds=(command_out, answer_in),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(command_out)
        os.close(answer_in)
        self._write, self._read = command_in, answer_out
        self._buffer, self._next, self._session = b"", 0, ""

    def __enter__(self) -> Page:
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self._call(f"{domain}.enable")
        self.resize(*self._size)
        self.scheme(self._scheme)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(timeout=20)
        os.close(self._write)
        os.close(self._read)
        shutil.rmtree(self._profile, ignore_errors=True)

    def open(self, path: Path, fragment: str = "") -> None:
        """Open a file and wait until it is drawn."""
        self._call("Page.navigate", url="about:blank")
        self._call("Page.navigate", url=path.resolve().as_uri() + fragment)
        deadline = time.monotonic() + self._timeout_s
        while self.js("document.readyState") != "complete" or self.js("location.href") == "about:blank":
            if time.monotonic() > deadline:
                raise TimeoutError(f"{path} did not finish loading")
            time.sleep(0.05)
        self.settle()

    def settle(self) -> None:
        """Wait for two animation frames, after which observers and layout have run."""
        self.js("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")

    def js(self, expression: str) -> Any:
        """Return the value of a JavaScript expression (promises are awaited)."""
        answer = self._call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"])[:600])
        return answer["result"].get("value")

    def resize(self, width: int, height: int, *, phone: bool = False) -> None:
        """Set the size of the tab in CSS pixels."""
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=phone,
        )

    def scheme(self, name: str) -> None:
        """Set the preferred colour scheme, ``light`` or ``dark``."""
        self._call(
            "Emulation.setEmulatedMedia", media="", features=[{"name": "prefers-color-scheme", "value": name}]
        )

    def hover(self, x: float, y: float) -> None:
        """Move the mouse to a position in the window."""
        self._call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        self.settle()

    def click(self, x: float, y: float) -> None:
        """Press and release the left mouse button."""
        for kind in ("mousePressed", "mouseReleased"):
            self._call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        self.settle()

    def key(self, name: str) -> None:
        """Press a key such as ``ArrowRight``, ``Enter`` or ``Tab``."""
        text = {"Enter": "\r"}.get(name)
        codes = {"Enter": 13, "Tab": 9, "ArrowRight": 39, "ArrowLeft": 37, "Escape": 27}
        more: dict[str, Any] = {"text": text} if text else {}
        self._call(
            "Input.dispatchKeyEvent", type="keyDown", key=name, windowsVirtualKeyCode=codes[name], **more
        )
        self._call("Input.dispatchKeyEvent", type="keyUp", key=name, windowsVirtualKeyCode=codes[name])
        self.settle()

    def screenshot(self, path: Path, *, whole: bool = True) -> Path:
        """Save the whole page, or the visible part, as PNG."""
        data = self._call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        path.write_bytes(base64.b64decode(data))
        return path

    def pdf(self, path: Path) -> Path:
        """Save the page as PDF, as it is printed."""
        path.write_bytes(base64.b64decode(self._call("Page.printToPDF", printBackground=True)["data"]))
        return path

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._next += 1
        message: dict[str, Any] = {"id": self._next, "method": method, "params": parameters}
        if self._session and not method.startswith("Target."):
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + self._timeout_s
        while True:
            reply = self._receive(deadline)
            if reply.get("id") == self._next:
                if "error" in reply:
                    raise RuntimeError(f"{method}: {reply['error']}")
                return dict(reply["result"])
            self._note(reply)

    def _receive(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select([self._read], [], [], left)[0]:
                raise TimeoutError("chromium did not answer")
            piece = os.read(self._read, 1 << 20)
            if not piece:
                raise ConnectionError("chromium closed the connection")
            self._buffer += piece
        first, self._buffer = self._buffer.split(b"\0", 1)
        return dict(json.loads(first))

    def _note(self, event: dict[str, Any]) -> None:
        """Record errors and warnings of the browser console."""
        kind, detail = event.get("method"), event.get("params", {})
        if kind == "Runtime.exceptionThrown":
            self.problems.append(json.dumps(detail["exceptionDetails"])[:600])
        elif kind == "Runtime.consoleAPICalled" and detail["type"] in ("error", "warning", "assert"):
            self.problems.append(json.dumps(detail["args"])[:600])
        elif kind == "Log.entryAdded" and detail["entry"]["level"] in ("error", "warning"):
            self.problems.append(json.dumps(detail["entry"])[:600])
