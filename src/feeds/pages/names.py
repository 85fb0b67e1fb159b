"""Fixed words and names of pages: formats, kinds of feeds, errors (pure).

Owns messages that are looked up by a code. Must not know a page or a template.
"""

from __future__ import annotations

from feeds.i18n import N_
from feeds.model import Kind

FORMATS = (
    ("atom", "Atom", "application/atom+xml"),
    ("rss", "RSS", "application/rss+xml"),
    ("json", "JSON", "application/feed+json"),
)
# What a new site says of itself until somebody sets another sentence.
DESCRIPTION = N_("News by country and topic")
GROUPS = {
    "all": N_("All news"),
    Kind.COUNTRY.value: N_("Countries"),
    Kind.REGION.value: N_("Regions"),
    Kind.TOPIC.value: N_("Topics"),
}
KINDS = {
    Kind.COUNTRY.value: N_("Country"),
    Kind.REGION.value: N_("Region"),
    Kind.TOPIC.value: N_("Topic"),
}
ERRORS = {
    400: N_("We could not understand that request."),
    403: N_("That is not allowed."),
    405: N_("That is not possible here."),
    410: N_("What stood here is gone for good."),
    413: N_("That is more than this site accepts at once."),
    429: N_("That was a little fast. Please wait a minute and try again."),
    503: N_("The site is busy or being looked after. Please try again in a few minutes."),
}
