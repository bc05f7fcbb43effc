"""Words near a number that say what it is. Lower case, accents kept."""

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Directly before or after a number, these say that it is a tracking number.
TRACKING: Final = _words(
    """
    track tracked tracking tracker trackingnumber trackingid parcel parcels package packages
    shipment shipments shipping shipped ship consignment consignments waybill awb airwaybill courier
    carrier delivery deliveries label barcode
    sendung sendungsnummer sendungsverfolgung paket paketnummer pakete suivi colis envoi envío envio
    seguimiento paquete guía spedizione tracciamento pacco zending pakket przesyłka przesyłki
    """
)

# Anywhere in the message, these ask about something that is on its way.
ASKING: Final = _words(
    """
    where wheres arrive arrives arrived arriving delivered deliver late lost missing dispatched sent
    transit stuck status check find locate update news waiting received wo wann où quand dónde
    cuándo livraison lieferung entrega
    """
)

# Directly before or after a number, these say that it is something else.
OTHER: Final = _words(
    """
    order orders ordered invoice invoices receipt bill phone phones telephone tel mobile cell
    cellphone call called calling ring text texted sms whatsapp fax contact reach card visa
    mastercard amex maestro credit debit iban account acct bank sort routing swift bic customer
    client member membership loyalty ticket case claim refund po sku product serial imei isbn
    ean upc gtin vat tax ssn passport licence license policy booking reservation voucher coupon gift
    pin zip postcode postal transaction payment paid pay price cost costs total amount eur usd gbp
    dollars euros pounds date dated born birthday dob qty quantity model quote rma ref reference
    code id item confirmation registration username password
    bestellung bestellnummer bestell rechnung rechnungsnummer kundennummer telefon telefonnummer
    handy handynummer konto karte commande facture téléphone portable compte carte pedido factura
    teléfono móvil cuenta tarjeta ordine fattura telefono bestelling factuur
    """
)

# "Tracking reference", "parcel ID": these name the number itself, and leave the word before them
# to say of what.
OF_SOMETHING: Final = _words("ref reference code id item case")

# Between two numbers of a list.
LINKING: Final = _words("and or & plus und oder et ou y e o en")

# A full stop after these ends no sentence.
SHORTENED: Final = _words("no nr nbr num ref tel")

# What people call carriers, as one or two words.
CARRIERS: Final = {
    "ups": "ups",
    "fedex": "fedex",
    "fed ex": "fedex",
    "federal express": "fedex",
    "usps": "usps",
    "us postal": "usps",
    "dhl": "dhl",
    "dhl express": "dhl_express",
    "deutsche post": "dhl",
    "canada post": "canada_post",
    "postes canada": "canada_post",
    "australia post": "australia_post",
    "auspost": "australia_post",
    "aus post": "australia_post",
    "la poste": "la_poste",
    "laposte": "la_poste",
    "colissimo": "la_poste",
    "gls": "gls",
    "dpd": "dpd",
    "evri": "evri",
    "hermes": "hermes",
    "myhermes": "evri",
    "royal mail": "royal_mail",
    "parcelforce": "parcelforce",
    "parcel force": "parcelforce",
    "yodel": "yodel",
    "amazon logistics": "amazon",
    "ontrac": "ontrac",
    "on trac": "ontrac",
    "lasership": "lasership",
    "purolator": "purolator",
    "canpar": "canpar",
    "old dominion": "old_dominion",
    "gofo": "gofo",
    "landmark global": "landmark",
    "spee dee": "speedee",
    "speedee": "speedee",
    "yunexpress": "yunexpress",
    "yun express": "yunexpress",
    "swiss post": "swiss_post",
    "japan post": "japan_post",
    "china post": "china_post",
    "postnl": "postnl",
    "postnord": "postnord",
    "bpost": "bpost",
    "an post": "an_post",
    "correos": "correos",
}
