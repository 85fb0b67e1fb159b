"""One browser and one demo site for all tests of this folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from browser.served import ServedSite, Visitor, served_site

# Nothing but this machine can be reached, whatever a page or the browser itself would like.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@pytest.fixture(scope="package")
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None and os.environ.get("CI"):
        pytest.fail("chromium is not installed: CI must not go without the tests of pages in a browser")
    if found is None:
        pytest.skip("chromium is not installed (Debian and Ubuntu: apt install chromium)")
    return found


@pytest.fixture(scope="package")
def site(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSite]:
    with served_site(tmp_path_factory.mktemp("browser") / "site") as served:
        yield served


@pytest.fixture(scope="package")
def browser(chromium: str, site: ServedSite) -> Iterator[Browser]:
    """After the site, whose making needs an event loop of its own."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="package")
def visitor(browser: Browser, site: ServedSite) -> Visitor:
    return Visitor(browser.new_page(), site)


@pytest.fixture(scope="package")
def scriptless(browser: Browser, site: ServedSite) -> Visitor:
    """A visitor whose browser runs no scripts."""
    return Visitor(browser.new_page(java_script_enabled=False), site)
