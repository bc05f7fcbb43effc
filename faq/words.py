"""From a question to the words that tell it from another question."""

import re
from functools import lru_cache
from typing import Final

import snowballstemmer

from faq import places
from faq.places import plain

__all__ = ["MOST_WORDS", "is_about_an_order", "plain", "same_words", "words"]

_ENGLISH_STOP_WORDS: Final = """
a about after again all already also am an and any anyone are as ask at available be because
been before being but buy by can cant could d did didnt do does doesnt doing done dont down for
from get gets getting give go going got had has hasnt have havent having he hello help her hey
hi him his how i id if ill im in into is isnt it its ive just know let like ll m many may maybe
me might mine more much must my need no not now of off offer ok on one only or other our out
please pls policy possible question re s said say see sell she should so some somebody someone
something still t take tell than thank thanks that the their them then there these they thing
things this those to too u until up ur us use ve very want wanted wants was wasnt way we were
what whats when where wheres which while who why will wish with wont would yes yet you your
yours
"""

_SPANISH_STOP_WORDS: Final = """
a al algo alguien algun alguna ante aun cada como con cual cuales cuando de del desde donde e el
ella en entre era es esa ese eso esta estan estas este esto estos favor fue gracias ha hace hacen
hacer hago hay he hola la las le lo los mas me mi mis muy nos o os para pero por porque puede pueden
puedo podeis que quien quiero quisiera saber se si sin sobre son soy su sus tan tengo teneis tiene
tienen tu tus un una uno unos usted ustedes va voy y ya yo ahora asi cuanta cuantas cuanto cuantos
dar decir dice dime doy estoy estais hasta luego mucha muchas mucho muchos nada necesita necesito
nosotros nuestra nuestro ser solo tambien tener toda todas todo todos ver vosotros vuestra vuestro
"""
_FRENCH_STOP_WORDS: Final = """
a ai au aux avec avez avoir bonjour c ca ce ces cet cette chez combien comment d dans de des deja
dois doit du elle en encore est et etait etes etre eu fait faire faut il ils j je l la le les leur
lui m ma mais me mes moi mon n ne nos notre nous on ont ou par pas peut peux plait pour pourquoi
pouvez puis qu quand que quel quelle quelles quels qui quoi s sa sans se ses si sont sur t ta te
tes toi ton tout tres tu un une vais veux vos votre voudrais vous y ainsi aurai avait avais beaucoup
besoin cherche cherches comme dire dites donc donne etaient etais fais merci notre pourrais
rien sera serait seront sommes souhaite tous toute toutes vas vont voulez
"""
_GERMAN_STOP_WORDS: Final = """
aber als also am an auch auf aus bei bin bis bitte da danke das dass dem den der des dich die dir
doch du ein eine einem einen einer eines er es etwas euch eure fur gibt habe haben hallo hat hatte
ich ihr ihre ihren ihrer im in ist ja kann kannst konnen konnt mal man mein meine meinem meinen
meiner mich mir mit mochte muss nach nicht noch nun nur ob oder schon sein seine sich sie sind so
soll und uns unser vom von war warum was wann welche welcher welches wenn wer werden wie will wir
wird wo wurde zu zum zur bekomme bekommen bekommt brauche brauchen diese diesem diesen dieser dieses
hab habt heisst ist's keine keinen kein liebe machen macht seid seit sagen sagt is viel vielen war
waren wieviel wurden wollen wollte
"""

# What a question is wrapped in. "where", "when" and "how" are here too: what is asked *about*
# chooses the article, and "where is my refund" wants the same one as "when do I get my refund".
STOP_WORDS: Final = {
    "en": frozenset(_ENGLISH_STOP_WORDS.split()),
    "es": frozenset(_SPANISH_STOP_WORDS.split()),
    "fr": frozenset(_FRENCH_STOP_WORDS.split()),
    "de": frozenset(_GERMAN_STOP_WORDS.split()),
}

# Words that mean the same in a shop; the right one stands for all.
_SAME: Final = {
    "en": {
        "abroad": "overseas international foreign country worldwide outside europe",
        "arrive": "come came reach",
        "change": "edit modify amend",
        "christmas": "xmas",
        "collect": "pickup",
        "cost": "price charge fee postage pricing",
        "damage": "broken crushed smashed cracked torn",
        "day": "date",
        "deliver": "delivery ship shipping shipment dispatch post",
        "duty": "customs tariff",
        "exchange": "swap",
        "fast": "quick quickly soon",
        "free": "gratis",
        "gift": "present",
        "last": "latest deadline cutoff",
        "lost": "missing lose vanish disappear",
        "parcel": "package packet box",
        "pay": "payment paid",
        "refund": "reimburse reimbursement money",
        "repair": "fix mend",
        "return": "back",
        "size": "sizing",
        "status": "shipped dispatched posted",
        "voucher": "coupon",
        "warranty": "guarantee",
        "weekend": "saturday sunday",
    },
    "es": {
        "abroad": "extranjero internacional mundo",
        "cambiar": "modificar",
        "coste": "precio cuesta cuestan tarifa vale",
        "enviar": "envio envios entrega entregar entregais enviais",
        "pagar": "pago pagos",
        "paquete": "caja bulto",
        "regalo": "obsequio",
        "reembolso": "dinero devuelven",
        "talla": "tamano medida",
        "ultimo": "limite",
    },
    "fr": {
        "abroad": "etranger international monde",
        "changer": "modifier",
        "cout": "prix coute coutent tarif frais",
        "livraison": "livrer livrez envoi envoyer expedition expediez",
        "payer": "paiement payement",
        "colis": "paquet carton",
        "retour": "retourner renvoyer renvoi",
        "remboursement": "rembourser rembourse argent",
        "taille": "mesure",
        "dernier": "limite",
    },
    "de": {
        "abroad": "ausland international weltweit",
        "andern": "bearbeiten",
        "kosten": "preis kostet gebuhr porto versandkosten",
        "liefern": "lieferung versand versenden versendet verschicken verschickt liefert",
        "bezahlen": "zahlung zahlen bezahlung",
        "paket": "sendung packchen",
        "retoure": "zuruckgeben zurucksenden zuruckschicken rucksendung ruckgabe umtausch",
        "erstattung": "geld ruckerstattung",
        "grosse": "mass",
        "geschenk": "prasent",
    },
}
SAME_WORDS: Final = {
    lang: {same: word for word, others in groups.items() for same in others.split()}
    for lang, groups in _SAME.items()
}

# What every question about one's own order is made of. Alone they ask for its status, which no
# article can know. A thing must be among them: "which days do you deliver" asks something else.
_ORDER_THINGS: Final = {
    "en": "eta order parcel purchase status track",
    "es": "pedido paquete envio estado seguimiento",
    "fr": "commande colis suivi livraison statut",
    "de": "bestellung paket sendung status lieferung",
}
_ORDER_WORDS: Final = {
    "en": "arrive check day deliver item late number today tomorrow update yesterday",
    "es": "llega llegar llegara numero hoy manana tarde esperando",
    "fr": "arrive arriver arrivera numero aujourd'hui demain retard attends",
    "de": "kommt ankommt nummer heute morgen spat warte bleibt",
}
_NUMBER_DIGITS: Final = 3  # an order number has more than a day or a time

# Two words that are one; joined before anything else.
_JOINED: Final = {
    "en": [
        (re.compile(rf"\b{pattern}\b"), word)
        for pattern, word in [
            (r"pick(ed)?[ -]?up", "pickup"),
            (r"cut[ -]?off", "cutoff"),
            (r"e[ -]mail", "email"),
            (r"gift[ -]?wrap(ped|ping)?", "giftwrap"),
            (r"gift[ -]?(card|voucher)s?", "giftcard"),
            (r"(credit|debit)[ -]cards?", "creditcard"),
            (r"how much", "cost"),
            (r"click (and|&|n) collect", "collect"),
        ]
    ]
}

_AMERICA: Final = re.compile(r"\b[Tt]he us\b|(?<=[a-z] )U\.?S\b\.?")
_AT_HOME: Final = frozenset({"GB", "GG", "JE", "IM"})

_WORD: Final = re.compile(r"[^\W_]+")
_MAX_CHARS: Final = 2_000
MOST_WORDS: Final = 40


def words(text: str, lang: str, *, most: int = MOST_WORDS) -> list[str]:
    """The telling words of a text, each once, in order, in the form in which they are compared.

    Only the first 2,000 characters and ``most`` telling words count: whoever writes more asks a
    person. A foreign country is the word "abroad": what holds for one mostly holds for the others.

    Args:
        lang: ISO 639-1; a language without tables of its own is compared word by word.
    """
    folded = plain(_AMERICA.sub("usa", text[:_MAX_CHARS]))
    for pattern, word in _JOINED.get(lang, ()):
        folded = pattern.sub(word, folded)
    if countries := places.pattern(lang):
        folded = countries.sub(lambda found: _abroad(found[0], lang), folded)
    stop, same = STOP_WORDS.get(lang, frozenset()), same_words(lang)
    found: dict[str, None] = {}
    for word in _WORD.findall(folded.replace("'", " ")):
        if word in stop:
            continue
        stem = _stem(word, lang)
        found[same.get(word) or same.get(stem, stem)] = None
        if len(found) >= most:
            break
    return list(found)


def is_about_an_order(asked: list[str], lang: str) -> bool:
    """Whether ``words`` ask nothing but where an order is; numbers may stand beside them."""
    things, others = _order_words(lang)
    is_thing = [w in things or (w.isdigit() and len(w) >= _NUMBER_DIGITS) for w in asked]
    rest = (word for word, thing in zip(asked, is_thing, strict=True) if not thing)
    return any(is_thing) and all(w in others or any(map(str.isdigit, w)) for w in rest)


def _abroad(name: str, lang: str) -> str:
    return name if places.code(name, lang) in _AT_HOME else "abroad"


@lru_cache
def _order_words(lang: str) -> tuple[frozenset[str], frozenset[str]]:
    things, others = (
        frozenset(words(table.get(lang, ""), lang)) for table in (_ORDER_THINGS, _ORDER_WORDS)
    )
    return things, others


@lru_cache
def same_words(lang: str) -> dict[str, str]:
    """The stem that stands for others, by each of their spellings and stems."""
    same = {other: _stem(word, lang) for other, word in SAME_WORDS.get(lang, {}).items()}
    for other, word in list(same.items()):
        same.setdefault(_stem(other, lang), word)
    return same


@lru_cache(maxsize=50_000)
def _stem(word: str, lang: str) -> str:
    stemmer = _stemmer(lang)
    return str(stemmer.stemWord(word)) if stemmer else word


@lru_cache
def _stemmer(lang: str) -> "snowballstemmer.stemmer | None":
    name = _STEMMERS.get(lang)
    return snowballstemmer.stemmer(name) if name else None


_STEMMERS: Final = {
    "ar": "arabic", "da": "danish", "de": "german", "en": "english", "es": "spanish",
    "fi": "finnish", "fr": "french", "hu": "hungarian", "it": "italian", "nl": "dutch",
    "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sv": "swedish",
    "tr": "turkish",
}  # fmt: skip
