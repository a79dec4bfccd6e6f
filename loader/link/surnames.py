"""Surnames that say little about who somebody is: the most frequent ones in the Nordic countries.

And a few that are as frequent elsewhere. Folded: ASCII letters, lower case.
"""

_NAMES = """
andersson andersen anderson johansson johansen johnson karlsson carlsson carlson nilsson nielsen
nilsen eriksson eriksen ericsson larsson larsen olsson olsen persson pedersen pettersson petersson
petersen svensson svendsen gustafsson gustavsson jonsson jensen jansson janson hansson hansen
bengtsson jonson danielsson danielsen mattsson lindberg lindstrom lindgren lindqvist axelsson berg
bergstrom lundberg lundgren lundqvist lund jakobsson jacobsson jakobsen sandberg sandstrom bergman
forsberg sjoberg wallin engstrom eklund danielson hakansson lofgren nystrom holm holmberg holmgren
bjork wikstrom isaksson fransson bergqvist nyberg strom soderberg kristensen christensen sorensen
rasmussen jorgensen madsen thomsen poulsen kristiansen karlsen berge haugen hagen johannessen
korhonen virtanen makinen nieminen makela smith jones brown williams miller davis martin muller
schmidt meyer weber fischer
"""

COMMON = frozenset(_NAMES.split())
