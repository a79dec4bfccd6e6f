"""The words that generated titles, names and notes are made of."""

GIVEN = (
    "Anna Erik Maria Lars Karin Nils Elsa Johan Ingrid Anders Kerstin Per Lena Olof Birgitta "
    "Gustav Märta Åke Sara Bengt Ulla Sven Eva Göran Astrid Karl Sofia Jan Emma Mikael Hanna "
    "Björn Ebba Magnus Agnes Fredrik Alva Henrik Selma Gunnar Tove Rolf Moa Kjell Vera Stig "
    "Frida Arne Ida Torsten Linnéa Hans Juni Oskar Maja Viktor Elin Simon Saga Axel Ronja "
    "Ivar Klara Hugo"
).split()
FAMILY = (
    "Andersson Johansson Karlsson Nilsson Eriksson Larsson Olsson Persson Svensson Gustafsson "
    "Lindberg Lindström Lindgren Berg Bergström Sandberg Holm Åström Öberg Ekman Nyström Forsberg "
    "Hedlund Sjöberg Wallin Engström Eklund Dahl Strand Norén Blom Ljung Asp Björk Hagström Käll "
    "Ström Ahlgren Sundin Falk Wik Rask Modig Frisk Stolpe Hammar Granqvist Löfgren Viklund Åberg "
    "Östlund Palm Rosén Sköld Törnqvist Uggla Widell Ytterberg Zetterlund Borg Ceder Ekstrand"
).split()
ADJECTIVES = (
    "stilla mörka långa sista första glömda vita röda gröna blå svenska gamla nya vilda heliga "
    "dolda lyckliga ensamma fria stora lilla kalla varma djupa höga tysta ljusa förlorade okända "
    "levande"
).split()
NOUNS = (
    "skogen havet staden huset resan natten dagen vintern sommaren kyrkan skolan vägen boken "
    "trädgården fjället ön älven bruket torget arkivet drömmen minnet modern fadern barnet "
    "systern grannen fågeln vargen björnen renen isen snön elden bron hamnen fabriken gården "
    "kvarnen slottet kriget freden språket sången bilden kartan ordet brevet världen riket"
).split()
FIELDS = (
    "historia ekonomi språk musik konst politik juridik medicin teknik religion arkitektur "
    "pedagogik biologi geologi kemi fysik matematik filosofi psykologi sociologi folkliv "
    "hantverk jordbruk fiske skogsbruk sjöfart handel industri litteratur teater film idrott "
    "matlagning trädgård textil keramik astronomi botanik zoologi statistik"
).split()
QUALITIES = (
    "äldre modern jämförande svensk nordisk praktisk allmän tillämpad regional internationell "
    "offentlig privat tidig sen medeltida samisk finsk baltisk europeisk klassisk"
).split()
TOPICS_IN_ENGLISH = (
    "Forests Rivers Harbors Churches Schools Libraries Archives Gardens Mountains Islands "
    "Bridges Markets Letters Maps Languages Songs Paintings Photographs Weaving Pottery Reindeer "
    "Wolves Birds Fishes Winter Ice Migration Railroads Mining Agriculture Trade Navigation"
).split()
PLACES = (
    "Stockholm Göteborg Malmö Uppsala Lund Umeå Linköping Örebro Västerås Norrköping Helsingborg "
    "Jönköping Gävle Borås Sundsvall Eskilstuna Karlstad Växjö Halmstad Östersund Kalmar Visby "
    "Falun Skövde Kiruna Jokkmokk Luleå Helsingfors Köpenhamn Oslo"
).split()
PUBLISHERS = (
    "Almens Bergvik Cederblad Drakens Ekorrens Fyrbåkens Granskogens Havsörnens Isbergs Järvens "
    "Korpens Lövsångarens Månskärets Norrskenets Ormbunkens Pilgrimens Rimfrostens Strandens "
    "Tallbackens Uvens Vinterhamnens Ängens Åsens Öarnas"
).split()
IMPRINTS = ("förlag", "bokförlag", "tryckeri", "förlagsaktiebolag", "skriftserie")
PROSE = (
    "boken berättelsen studien handlar om och med i en ett den det som där efter före under liv "
    "arbete människor platser tider samhälle natur kultur minnen källor forskning frågor svar "
    "samtal beskriver undersöker visar följer genom från till mellan först sedan aldrig alltid "
    "kvinnor män barn bygder handlingar bilder tabeller register noter"
).split()
