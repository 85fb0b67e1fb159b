"""A site's own colour can be read, and its own logo and icon are files that every reader can afford."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from feeds.app import brand
from feeds.config.colours import accent_by_day, accent_by_night, contrast
from feeds.errors import ConfigError
from feeds.letters import Letters
from feeds.pages import Pages
from feeds.templating import environment
from golden.pages import sample

ENVIRONMENT = environment([sample.TEMPLATES])


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("#000000", "#ffffff", 21.0), ("#ffffff", "#ffffff", 1.0), ("#777777", "#ffffff", 4.48),
        ("#767676", "#ffffff", 4.54), ("#ff0000", "#ffffff", 4.0), ("#00ff00", "#ffffff", 1.37),
        ("#0000ff", "#ffffff", 8.59), ("#0a0a0a", "#000000", 1.06),
    ],
)  # fmt: skip
def test_contrast_is_reckoned_as_wcag_does(one: str, other: str, wanted: float) -> None:
    assert contrast(one, other) == pytest.approx(wanted, abs=0.01)
    assert contrast(other, one) == contrast(one, other)


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [(accent_by_day, "#767676", "#777777"), (accent_by_night, "#7AD1B3", "#00604a")],
)
def test_an_accent_that_cannot_be_read_is_a_fault(check: Any, good: str, bad: str) -> None:
    assert check(good) == good.lower()
    assert check("") == ""
    with pytest.raises(ValueError, match=r"at least 4\.5:1 to #[0-9a-f]{6} \(this one has [0-9.]+:1\)"):
        check(bad)


def test_a_night_accent_must_be_readable_under_its_own_letters_too() -> None:
    """On the dark ground these have 4.5:1, under dark letters less."""
    close = next(grey for n in range(256) if contrast(grey := f"#{n:02x}{n:02x}{n:02x}", "#111514") >= 4.5)
    assert contrast(close, "#05241b") < 4.5
    with pytest.raises(ValueError, match="#05241b"):
        accent_by_night(close)


@pytest.mark.parametrize("value", ["green", "#0f0", "00604a", "#00604g", "#00604a;}"])
def test_what_is_no_colour_is_told_so(value: str) -> None:
    with pytest.raises(ValueError, match='a colour such as "#00604a"'):
        accent_by_day(value)


def settings(folder: Path, **site: str) -> Any:
    values = {"name": "Newsroom", "logo": "", "favicon": "", "accent": "", "accent_night": "", **site}
    return SimpleNamespace(site=SimpleNamespace(**values), path=lambda name: folder / name)


def test_a_site_without_an_icon_has_its_initial_on_its_accent(tmp_path: Path) -> None:
    found = brand.assets(settings(tmp_path, name=" <ana>", accent="#123456"))
    assert list(found) == ["favicon.svg"]
    assert b">&lt;</text>" in found["favicon.svg"]
    assert b'fill="#123456"' in found["favicon.svg"]
    assert brand.ACCENT.encode() in brand.assets(settings(tmp_path))["favicon.svg"]


def test_own_files_are_published_under_names_of_ours(tmp_path: Path) -> None:
    (tmp_path / "Our Logo.PNG").write_bytes(b"logo")
    (tmp_path / "i.ico").write_bytes(b"icon")
    found = brand.assets(settings(tmp_path, logo="Our Logo.PNG", favicon="i.ico"))
    assert found == {"logo.png": b"logo", "favicon.ico": b"icon"}
    assert brand.named(found, "logo") == "/logo.png"
    assert brand.named(found, "favicon") == "/favicon.ico"
    assert brand.named({}, "logo") == ""


def test_all_faults_of_own_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "big.svg").write_bytes(b"x" * (brand.MOST_BYTES + 1))
    with pytest.raises(ConfigError) as told:
        brand.assets(settings(tmp_path, logo="logo.ico", favicon="none.svg"))
    assert "site.logo: must be a file that ends in .svg, .png" in str(told.value)
    assert "site.favicon: there is no file none.svg there" in str(told.value)
    with pytest.raises(ConfigError, match="must have at most 100,000 bytes"):
        brand.assets(settings(tmp_path, logo="big.svg"))
    (tmp_path / "big.svg").write_bytes(b"x" * brand.MOST_BYTES)
    assert "logo.svg" in brand.assets(settings(tmp_path, logo="big.svg"))


def test_the_style_sheet_ends_with_the_sites_own_accents(tmp_path: Path) -> None:
    assert brand.coloured(b"a{}\n", settings(tmp_path)) == b"a{}\n"
    own = settings(tmp_path, accent="#123456", accent_night="#abcdef")
    assert brand.coloured(b"a{}\n", own) == b"a{}\n:root { --brand: #123456; --brand-night: #abcdef; }\n"
    assert b"night" not in brand.coloured(b"", settings(tmp_path, accent="#123456"))


def test_pages_and_mails_wear_the_brand() -> None:
    own = replace(
        sample.site(), logo="/logo.svg", favicon="/favicon.png", accent="#123456", accent_night="#abcdef"
    )
    page = Pages(ENVIRONMENT, own, sample.VOCABULARY).index([], sample.listings())
    assert b'<link rel="icon" href="/favicon.png">' in page
    assert b'<img class="logo" src="/logo.svg" alt="" width="30" height="30">' in page
    plain = Pages(ENVIRONMENT, sample.site(), sample.VOCABULARY).index([], sample.listings())
    assert b"<img" not in plain
    assert b'rel="icon"' not in plain
    mail = Letters(ENVIRONMENT, own, sample.VOCABULARY).digest(sample.digest(2)).html
    assert "#123456" in mail
    assert "#abcdef" in mail
    assert "#0b5570" not in mail
    assert "#8acbe2" not in mail
