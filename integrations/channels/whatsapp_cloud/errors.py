"""The Cloud API's error codes in our words: the whole table, and nothing but the table.

They come as ``error.code`` in an answer and as ``statuses[].errors[].code`` in a webhook.

Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes.
Meta says "try again later" for those marked as passing or too fast; the rest it says to mend.
"""

from typing import Final

from integrations.failures import Failure, Outlook

_NEVER, _LATER = Outlook.NEVER, Outlook.LATER
_SLOWER, _REFUSED = Outlook.SLOWER, Outlook.REFUSED

ERRORS: Final[dict[str, Failure]] = {
    # Too fast
    "4": Failure(_SLOWER, "Our app makes more calls than Meta allows"),
    "80007": Failure(_SLOWER, "Our WhatsApp account sends more than Meta allows"),
    "130429": Failure(_SLOWER, "More messages a second than our number may send"),
    "131048": Failure(
        _SLOWER, "Meta slows our number down: too many people blocked or reported it"
    ),
    "131056": Failure(_SLOWER, "Too many messages to this person in a short time"),
    "133016": Failure(_SLOWER, "Our number was registered too often in a short time"),
    # Our app, account and number
    "0": Failure(_NEVER, "Meta refused our access token; make a new one"),
    "3": Failure(_NEVER, "Our access token may not send messages"),
    "10": Failure(_NEVER, "Our access token may not send messages"),
    "33": Failure(_NEVER, "Our phone number ID does not exist any more"),
    "190": Failure(_NEVER, "Our access token has expired; make a new one"),
    "200": Failure(_NEVER, "Our access token may not send messages"),
    "368": Failure(_NEVER, "Meta restricts our account for a breach of its rules"),
    "130497": Failure(_NEVER, "Our account may not send to this country"),
    "131005": Failure(_NEVER, "Our access token may not send messages"),
    "131031": Failure(_NEVER, "Meta has locked our account"),
    "131037": Failure(_NEVER, "Our number needs a display name that Meta has approved"),
    "131042": Failure(_NEVER, "Meta cannot charge us; see the account's payment settings"),
    "131045": Failure(_NEVER, "Our number is not registered"),
    "133010": Failure(_NEVER, "Our number is not registered"),
    "131057": Failure(_LATER, "Our account is being moved or serviced by Meta"),
    "133004": Failure(_LATER, "Meta's server is not available"),
    # The shopper
    "130403": Failure(_REFUSED, "The shopper refuses our messages"),
    "130472": Failure(
        _NEVER, "Meta keeps this person free of marketing messages for an experiment"
    ),
    "131021": Failure(_NEVER, "The shopper's number is our own"),
    "131026": Failure(
        _NEVER, "Not deliverable: not on WhatsApp, an old version, or its terms are not accepted"
    ),
    "131030": Failure(_NEVER, "A test number sends only to the numbers on its list"),
    "131047": Failure(
        _NEVER, "More than 24 hours since the shopper wrote: only a template is taken now"
    ),
    "131049": Failure(_NEVER, "Meta chose not to deliver it, to spare this person"),
    "131050": Failure(_REFUSED, "The shopper has opted out of our marketing messages"),
    "131062": Failure(_NEVER, "This kind of message needs a phone number, and WhatsApp hides it"),
    # The message
    "100": Failure(_NEVER, "Meta did not understand the request"),
    "131008": Failure(_NEVER, "The request lacks something Meta needs"),
    "131009": Failure(_NEVER, "A value in the request is not valid"),
    "131051": Failure(_NEVER, "Meta does not support this kind of message"),
    "131052": Failure(_NEVER, "The shopper's file could not be fetched"),
    "131053": Failure(_NEVER, "The picture could not be used"),
    "132000": Failure(_NEVER, "The template has another number of gaps"),
    "132001": Failure(_NEVER, "The template does not exist in this language, or is not approved"),
    "132005": Failure(_NEVER, "The template is too long with its gaps filled"),
    "132007": Failure(_NEVER, "The template breaks WhatsApp's rules"),
    "132012": Failure(_NEVER, "The template's gaps were filled wrongly"),
    "132015": Failure(_NEVER, "Meta has paused the template for its poor quality"),
    "132016": Failure(_NEVER, "Meta has switched the template off for its poor quality"),
    # Passing troubles
    "1": Failure(_LATER, "Meta had an internal error"),
    "2": Failure(_LATER, "Meta's API is overloaded or down"),
    "131000": Failure(_LATER, "Meta had an internal error"),
    "131016": Failure(_LATER, "Meta's API is overloaded or down"),
}
