"""What mail programs support of HTML and CSS, from the data of the npm package `caniemail` (MIT).

    npm pack caniemail && tar xzf caniemail-*.tgz && python scripts/make_mail_support.py package

Writes tests/mail_support.json: for each feature the newest finding for Gmail, Outlook and Apple Mail on each
of their platforms: y supported, a in part, n not, u unknown. The suite holds our mails against it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "tests" / "mail_support.json"
FAMILIES = ("gmail", "outlook", "apple-mail")
# Gone since 2025; Outlook for Windows before 2019 renders like 2019.
LEFT_OUT = {("outlook", "windows-mail")}


def main(folder: str) -> None:
    package = json.loads((Path(folder) / "package.json").read_text())
    data = json.loads((Path(folder) / "data" / "caniemail.json").read_text())
    features = {feature["slug"]: newest(feature["stats"]) for feature in data["data"]}
    kept = {
        "source": f"caniemail {package['version']} (npm, MIT), data of {data['last_update_date'][:10]}",
        "features": {
            slug: found for slug, found in sorted(features.items()) if slug.startswith(("css-", "html-"))
        },
    }
    lines = (
        json.dumps(kept, separators=(",", ":"))
        .replace('},"', '},\n"')
        .replace('"features":{', '"features":{\n')
    )
    TARGET.write_text(lines + "\n")
    print(f"{TARGET.name}: {len(kept['features'])} features")


def newest(stats: dict[str, dict[str, dict[str, str]]]) -> dict[str, str]:
    """The last finding for each program on each platform, without its notes."""
    return {
        f"{family}/{platform}": list(findings.values())[-1][:1]
        for family in FAMILIES
        for platform, findings in stats.get(family, {}).items()
        if findings and (family, platform) not in LEFT_OUT
    }


if __name__ == "__main__":
    main(sys.argv[1])
