"""Month and weekday names in English, Spanish, French, Portuguese and German.

Data only: folded (lower case, no accents), one row a month, full names first
and short forms after the bar. Each name means one month in all five languages.
"""

from __future__ import annotations

_MONTHS = """
january enero janvier janeiro januar janner | jan ene janv
february febrero fevrier fevereiro februar | feb febr fevr fev
march marzo mars marco marz maerz | mar mrz mzo
april abril avril | apr abr avr
may mayo mai maio |
june junio juin junho juni | jun
july julio juillet julho juli | jul juil juill
august agosto aout | aug ago agto
september septiembre setiembre septembre setembro | sep sept set
october octubre octobre outubro oktober | oct out okt
november noviembre novembre novembro | nov
december diciembre decembre dezembro dezember | dec dic dez
"""

# Of languages whose dates are not read here, but told of.
_ABROAD = """
gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre
januari februari maart mei juni juli augustus
gener febrer marc maig juny juliol agost setembre desembre
stycznia lutego marca kwietnia maja czerwca lipca sierpnia wrzesnia pazdziernika listopada grudnia
ocak subat nisan mayıs haziran temmuz agustos eylul ekim kasım aralık
maret agustus oktober desember januar februar marts maj
tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesakuuta heinakuuta elokuuta syyskuuta lokakuuta
marraskuuta joulukuuta
ianuarie februarie martie aprilie iunie iulie septembrie octombrie noiembrie decembrie
ledna unora brezna dubna kvetna cervna cervence srpna zari rijna listopadu prosince
sijecnja veljace ozujka travnja svibnja lipnja srpnja kolovoza rujna listopada studenoga prosinca
"""

_WEEKDAYS = """
monday tuesday wednesday thursday friday saturday sunday
mon tue tues wed thu thur thurs fri sat sun
lunes martes miercoles jueves viernes sabado domingo
lun mar mie jue vie sab dom
lundi mardi mercredi jeudi vendredi samedi dimanche
mer jeu ven sam dim
segunda terca quarta quinta sexta
segunda-feira terca-feira quarta-feira quinta-feira sexta-feira
seg ter qua qui sex
montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag
mo di mi fr sa so
"""


def _rows() -> list[tuple[list[str], list[str]]]:
    rows = (row.split("|") for row in _MONTHS.strip().splitlines())
    return [(names.split(), short.split()) for names, short in rows]


FULL = {name: month for month, (names, _) in enumerate(_rows(), 1) for name in names}
MONTHS = FULL | {name: month for month, (_, short) in enumerate(_rows(), 1) for name in short}
ABROAD = frozenset(_ABROAD.split()) - MONTHS.keys()
WEEKDAYS = frozenset(_WEEKDAYS.split())
