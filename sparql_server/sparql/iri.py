"""The syntax of IRIs, as far as a request is concerned; the store knows the rest.

RFC 3987, 2.2, https://www.rfc-editor.org/rfc/rfc3987#section-2.2
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address

# A scheme, and nothing that the grammar has nowhere: space, controls, and <>"{}|\^`.
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20\x7f<>\"{}|\\^`]*")
# A name or IPv4 address as names are registered, or an IPv6 address; and a port.
_HOST = re.compile(r"(?:[A-Za-z0-9._~-]{1,255}|\[(?P<ipv6>[0-9A-Fa-f:.]{2,45})\])(?::[0-9]{0,10})?")
_USUAL_HOST = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


def is_absolute(text: str) -> bool:
    """Tell whether a text is an absolute IRI, not a relative one and nothing else.

    >>> is_absolute("https://libris.kb.se/x#it"), is_absolute("/x"), is_absolute("a b:c")
    (True, False, False)
    """
    return _ABSOLUTE.fullmatch(text) is not None


def is_host(text: str) -> bool:
    """Tell whether a text is what a Host field may say, so that addresses can be made with it.

    RFC 9110, 7.2, https://www.rfc-editor.org/rfc/rfc9110#section-7.2, without the percent-encoding
    and the punctuation that names in the DNS don't have.

    >>> is_host("localhost:8080"), is_host("[::1]"), is_host('a"><b>'), is_host("a:b@c")
    (True, True, False, False)
    """
    match = _HOST.fullmatch(text)
    if match is None:
        return False
    try:
        return match["ipv6"] is None or bool(IPv6Address(match["ipv6"]))
    except AddressValueError:
        return False


def is_usual_host(text: str) -> bool:
    """Tell whether a host is one that Werkzeug makes addresses with; of others it makes none.

    >>> is_usual_host("localhost:8080"), is_usual_host("my_service"), is_usual_host("a:99999999")
    (True, False, False)
    """
    return _USUAL_HOST.fullmatch(text) is not None
