"""Frequent surnames, which identify nobody: the most frequent in the Nordic countries.

And the most frequent of those that come from elsewhere. Folded: ASCII letters, lower case.
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
schmidt meyer weber fischer clark lewis lee walker hall allen young king wright scott green baker
adams nelson hill campbell mitchell roberts carter phillips evans turner parker collins edwards
stewart morris murphy cook rogers morgan cooper reed bailey bell kelly howard ward cox richardson
wood watson brooks bennett gray james hughes price foster ross thomas taylor moore jackson white
harris thompson robinson wilson davies garcia martinez rodriguez lopez schneider wagner becker
hoffmann schulz bernard dubois durand rossi ivanov
"""

COMMON = frozenset(_NAMES.split())
