"""Many instants are read as each of them is."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sparql_server.engine.columns.storage.byte_strings import Texts
from sparql_server.engine.columns.storage.instants import read_instant, read_instants

_NUMBERS = st.integers(0, 99).map("{:02}".format)
_ZONES = ("Z", "+01:00", "-14:00", "+05:30", "-13:59", "+1:000", "*01:00", "+01:60", "", ".5Z")
_DATES = st.builds(
    "{}{}-{}-{}T{}:{}:{}{}".format,
    *([_NUMBERS] * 2),
    *(st.integers(0, 13).map("{:02}".format), st.integers(0, 32).map("{:02}".format)),
    *([st.integers(0, 61).map("{:02}".format)] * 3),
    st.sampled_from(
        ["Z", "+01:00", "-14:00", "+05:30", "-13:59", "+1:000", "*01:00", "+01:60", "z", "", ".5Z"]
    ),
)
_GOOD = st.datetimes().map(lambda instant: f"{instant:%Y-%m-%dT%H:%M:%S}Z".rjust(20, "0"))


@given(st.lists(_DATES | _GOOD | st.text(max_size=21), max_size=20))
def test_many_instants_are_those_of_each(values: list[str]) -> None:
    encoded = [value.encode() for value in values]
    lengths = np.array(list(map(len, encoded)), np.int64)
    blob = np.frombuffer(b"".join(encoded) + bytes(8), np.uint8)  # read in words of eight bytes
    texts = Texts(blob, np.cumsum(lengths) - lengths, lengths)
    assert read_instants(texts).tolist() == list(map(read_instant, encoded))
