"""The posts behind the two letters that end an international number (UPU S10).

Source: the letters are ISO 3166-1 alpha-2, as UPU S10-12 says; the posts are the UPU's designated
operators (https://www.upu.int/en/universal-postal-union/about-upu/member-countries).
"""

from collections.abc import Mapping
from typing import Final

# Slugs of our adapters come first; the others are names only. A country without a row here has
# ``post_`` and its letters.
_NAMED: Final = {
    "AE": "emirates_post",
    "AR": "correo_argentino",
    "AT": "austrian_post",
    "AU": "australia_post",
    "BE": "bpost",
    "BG": "bulgarian_posts",
    "BR": "correios",
    "CA": "canada_post",
    "CH": "swiss_post",
    "CL": "correos_chile",
    "CN": "china_post",
    "CO": "4_72",
    "CY": "cyprus_post",
    "CZ": "ceska_posta",
    "DE": "dhl",
    "DK": "postnord",
    "EE": "omniva",
    "ES": "correos",
    "FI": "posti",
    "FR": "la_poste",
    "GB": "royal_mail",
    "GG": "guernsey_post",
    "GR": "elta",
    "HK": "hongkong_post",
    "HR": "hrvatska_posta",
    "HU": "magyar_posta",
    "ID": "pos_indonesia",
    "IE": "an_post",
    "IL": "israel_post",
    "IM": "isle_of_man_post",
    "IN": "india_post",
    "IS": "islandspostur",
    "IT": "poste_italiane",
    "JE": "jersey_post",
    "JP": "japan_post",
    "KR": "korea_post",
    "KZ": "kazpost",
    "LI": "liechtensteinische_post",
    "LT": "lietuvos_pastas",
    "LU": "post_luxembourg",
    "LV": "latvijas_pasts",
    "MT": "malta_post",
    "MX": "correos_de_mexico",
    "MY": "pos_malaysia",
    "NL": "postnl",
    "NO": "posten_norge",
    "NZ": "new_zealand_post",
    "PH": "phlpost",
    "PL": "poczta_polska",
    "PT": "ctt",
    "RO": "posta_romana",
    "RS": "posta_srbije",
    "RU": "russian_post",
    "SA": "saudi_post",
    "SE": "postnord",
    "SG": "singapore_post",
    "SI": "posta_slovenije",
    "SK": "slovenska_posta",
    "TH": "thailand_post",
    "TR": "ptt",
    "TW": "chunghwa_post",
    "UA": "ukrposhta",
    "US": "usps",
    "VN": "vietnam_post",
    "ZA": "south_african_post_office",
}

_COUNTRIES: Final = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT
BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG ER ES
ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HN HR HT HU ID IE
IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV
LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP
NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ
SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA
VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""

POSTS: Final[Mapping[str, tuple[str, ...]]] = {
    country: (_NAMED.get(country, f"post_{country.lower()}"),) for country in _COUNTRIES.split()
}
