"""Frequent given names: the most frequent in Sweden in the last three centuries, and elsewhere.

Folded: ASCII letters, lower case.
"""

_NAMES = """
anders andreas anna anne anton arne arthur astrid august axel barbro bengt bertil birger birgit
birgitta bjorn bo brita britta bror carin carl carolina catarina cecilia charles charlotta charlotte
christer christian christina daniel david edvard ebba einar elin elisabet elisabeth elsa emil emma
erik eric erika ernst eva ewa folke frans fredrik frida fritz georg george gerda gertrud gosta
greta gudrun gunhild gunilla gunnar gustaf gustav hanna hans harald hedvig helena helge henrik
henry herman hilda hjalmar hugo hakan ida inga inger ingeborg ingegerd ingemar ingrid ivar jacob
jakob jan jean jens jenny joel johan johann johannes john jonas josef joseph julia karin karl
karolina katarina kerstin kjell klas knut kristina lars lena lennart leif linnea louise lovisa
magnus maj margareta margit maria marie marta martin mary mats matilda michael mikael mikaela
monica monika nils olof olov oscar oskar otto ove paul peter per pehr petter philip pierre ragnar
richard robert rolf ruben rudolf rune ruth samuel sara sigrid sigurd siv sofia sonja sten stig
sven sture susanna svante thomas tomas torsten tore ulf ulla ulrika victor viktor viola vilhelm
wilhelm william
"""

COMMON_GIVEN = frozenset(_NAMES.split())
