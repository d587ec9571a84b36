"""Headless Chromium that a test drives: what a page drew, said and asked for."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

PHONE, LAPTOP = 390, 1280  # CSS pixels
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SECONDS = 60


def program(*names: str) -> str:
    """The path of an installed program; nothing is ever downloaded."""
    found = next(filter(None, map(shutil.which, names)), None)
    assert found, f"none of {', '.join(names)} is installed: see `make test-browser`"
    return found


class Page:
    """One page in the browser, and what may be asked about it."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def open(self, file: Path, width: int = LAPTOP) -> Page:
        """Load a file anew, as wide as told, and forget what was logged before."""
        self.resize(width)
        self.driver.get("about:blank")
        self.messages(), self.requests()
        self.driver.get(file.as_uri())
        return self

    def resize(self, width: int) -> None:
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    def ask(self, script: str, *values: object) -> Any:
        """The value of a script."""
        return self.driver.execute_script(script, *values)

    def wait(self, script: str) -> None:
        """Until the value of a script is true."""
        self.until(lambda: self.ask(script), script)

    def until(self, true: Callable[[], object], what: str) -> None:
        """Until something is true; ``what`` is said if it never is."""
        WebDriverWait(self.driver, SECONDS, poll_frequency=0.05).until(lambda _: true(), what)

    def show(self, element: WebElement) -> WebElement:
        """Scroll until an element is in the middle of the screen."""
        self.ask("arguments[0].scrollIntoView({behavior: 'instant', block: 'center'})", element)
        return element

    def hover(self, chart: str, point: str, *values: object) -> str:
        """Move the mouse to a point of a chart, as a script finds it; what the chart then says."""
        self.show(self.one(f"#{chart}"))
        x, y = self.ask(point, chart, *values)
        label = f"return document.querySelector('#{chart} .hoverlayer').textContent"

        def told() -> object:
            for step in (3, 0):  # a mouse moves, it does not appear
                place = {"type": "mouseMoved", "x": x + step, "y": y}
                self.driver.execute_cdp_cmd("Input.dispatchMouseEvent", place)
            return self.ask(label)

        self.until(told, f"a label in {chart}")
        return str(self.ask(label))

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements("css selector", selector)

    def one(self, selector: str) -> WebElement:
        return self.driver.find_element("css selector", selector)

    def touch(self, x: float, y: float, up: float = 0.0) -> None:
        """Put a finger on the screen, draw it upwards so many pixels, and lift it."""
        path = [y - up * step / 10 for step in range(1, 11)] if up else []
        moves = [("touchStart", [y]), *(("touchMove", [at]) for at in path), ("touchEnd", [])]
        for kind, places in moves:
            points = [{"x": x, "y": at} for at in places]
            touch = {"type": kind, "touchPoints": points}
            self.driver.execute_cdp_cmd("Input.dispatchTouchEvent", touch)

    def draw(self) -> int:
        """Scroll through the page until every chart is drawn; returns how many there are."""
        charts = self.all(".plot")
        for chart in charts:
            self.show(chart)
            name = json.dumps(chart.get_attribute("id"))
            self.wait(f"return document.getElementById({name}).querySelector('.main-svg') !== null")
        frame = "return await new Promise(done => requestAnimationFrame(() => done(true)))"
        self.ask(frame)
        return len(charts)

    def messages(self) -> list[str]:
        """What the console said since the last question: errors, warnings, refusals."""
        entries = self.driver.get_log("browser")  # type: ignore[no-untyped-call]  # theirs
        return [entry["message"] for entry in entries]

    def requests(self) -> list[str]:
        """What the page asked for since the last question, less the data that lie in it."""
        entries = self.driver.get_log("performance")  # type: ignore[no-untyped-call]  # theirs
        said = [json.loads(entry["message"])["message"] for entry in entries]
        asked = [one["params"] for one in said if one["method"] == "Network.requestWillBeSent"]
        urls = [one["request"]["url"] for one in asked]
        return [url for url in urls if not url.startswith(("data:", "blob:"))]

    def print(self) -> bytes:
        """The page on paper."""
        done: dict[str, str] = self.driver.execute_cdp_cmd("Page.printToPDF", {})
        return base64.b64decode(done["data"])


@contextmanager
def chromium(folder: Path) -> Iterator[Page]:
    """Start the browser with a profile in ``folder``; files that are saved go there too."""
    options = webdriver.ChromeOptions()
    options.binary_location = program("chromium", "chromium-browser", "google-chrome")
    for flag in (*FLAGS, f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(program("chromedriver")))
    try:
        driver.set_page_load_timeout(SECONDS)
        driver.set_script_timeout(SECONDS)
        saving = {"behavior": "allow", "downloadPath": str(folder)}
        driver.execute_cdp_cmd("Browser.setDownloadBehavior", saving)
        yield Page(driver)
    finally:
        driver.quit()
