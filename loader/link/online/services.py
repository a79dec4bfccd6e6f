"""The services that can be asked, and the pace, budget and rest of each. Times are seconds.

https://www.mediawiki.org/wiki/Wikimedia_APIs/Rate_limits, https://www.wikidata.org/wiki/
Wikidata:Data_access, https://developer.api.oclc.org/viaf-api, https://id.loc.gov/techcenter/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from loader.provider.http import is_loopback

DAY = 24 * 3600


@dataclass(frozen=True, slots=True)
class Service:
    """One service.

    url: where its requests begin. pause: between two of them. budget: requests a day (UTC).
    attempts: at one question. rest: for how long it is left alone once it refuses, twice as long
    each time it goes on refusing. keep: for how long an answer holds.
    patience: a longer Retry-After counts as refusing.
    """

    name: str
    url: str
    pause: float
    budget: int
    attempts: int
    rest: float
    keep: float
    patience: float = 120.0


SERVICES = {
    service.name: service
    for service in (
        Service(
            "wikidata-query",
            "https://query.wikidata.org/sparql",
            pause=2.0,
            budget=2_000,
            attempts=3,
            rest=15 * 60,
            keep=30 * DAY,
        ),
        Service(
            "wikidata",
            "https://www.wikidata.org/w/api.php",
            pause=1.0,
            budget=10_000,
            attempts=3,
            rest=15 * 60,
            keep=30 * DAY,
        ),
        # Its firewall blocks those who ask again after a refusal.
        Service(
            "viaf",
            "https://viaf.org",
            pause=30.0,
            budget=500,
            attempts=1,
            rest=3600,
            keep=180 * DAY,
        ),
        Service(
            "lc",
            "https://id.loc.gov",
            pause=2.0,
            budget=5_000,
            attempts=3,
            rest=15 * 60,
            keep=90 * DAY,
        ),
    )
}


def choose_services(elsewhere: Mapping[str, str]) -> dict[str, Service]:
    """Return the services. elsewhere: name to another URL; one on this machine needs no pause.

    Raises KeyError for a name that none of them has.
    """
    found = dict(SERVICES)
    for name, url in elsewhere.items():
        pause = 0.0 if is_loopback(url) else found[name].pause
        found[name] = replace(found[name], url=url.rstrip("/"), pause=pause)
    return found
