"""Results that can be cited: the release that answers, frozen copies, the hash, the citation.

A cited result is named by its query, the release that answered it, and a hash of the answer.
Knows no Flask; asks by ``answering`` like any client.
"""
