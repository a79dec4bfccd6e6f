"""OAI-PMH 2.0: requests, strict reading of answers, paging by resumption tokens.

``harvest`` may ask it. https://openarchives.org/OAI/openarchivesprotocol.html
"""
