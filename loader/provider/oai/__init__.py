"""OAI-PMH 2.0: requests, answers read strictly, page after page of a list.

https://openarchives.org/OAI/openarchivesprotocol.html
"""
