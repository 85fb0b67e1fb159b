"""One browser and one demo site for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from browser.served import ServedSite, Visitor, served_site
from needs import program
from postgres import schemas

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
    return program("chromium", "chromium-browser", package="chromium")


@pytest.fixture(scope="package")
def site(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSite]:
    with served_site(tmp_path_factory.mktemp("browser") / "site") as served:
        yield served


@pytest.fixture(scope="package")
def postgres_site(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSite]:
    """The same demo, with everything that is stored in PostgreSQL."""
    folder = tmp_path_factory.mktemp("browser") / "site"
    with schemas() as new_schema, served_site(folder, new_schema()) as served:
        assert served.parts.store.where.startswith("postgresql://")
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
