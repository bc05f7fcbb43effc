"""Twilio's error codes in our words: the whole table, and nothing but the table.

They come as ``code`` in an answer of the API and as ``ErrorCode`` in a delivery report.

Source: https://www.twilio.com/docs/api/errors. Whether a code is worth another try is our reading
of Twilio's "possible solutions"; Twilio itself does not say it.
"""

from typing import Final

from integrations.failures import Failure, Outlook

_NEVER, _LATER = Outlook.NEVER, Outlook.LATER
_SLOWER, _REFUSED = Outlook.SLOWER, Outlook.REFUSED

ERRORS: Final[dict[str, Failure]] = {
    # Our account and its settings
    "10001": Failure(_NEVER, "Our Twilio account is not active"),
    "20003": Failure(
        _NEVER, "Twilio refused our key; check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"
    ),
    "20404": Failure(_NEVER, "Twilio does not know the account or the sender we named"),
    "20429": Failure(_SLOWER, "Twilio takes no more requests from us right now"),
    "20500": Failure(_LATER, "Twilio had an internal error"),
    "20503": Failure(_LATER, "Twilio is not available"),
    "21212": Failure(_NEVER, "Our sender's number is not valid; check the sender's setting"),
    "21408": Failure(
        _NEVER, "Our Twilio account may not send to this country; allow it in Geo permissions"
    ),
    "21603": Failure(_NEVER, "No sender is set"),
    "21606": Failure(_NEVER, "Our sender's number cannot send to this number"),
    "21608": Failure(_NEVER, "A trial account of Twilio sends to verified numbers only"),
    "21659": Failure(_NEVER, "The sender's number does not belong to our Twilio account"),
    "21660": Failure(_NEVER, "The sender's number belongs to another Twilio account"),
    "21701": Failure(_NEVER, "Twilio does not know the messaging service that is set as sender"),
    "21703": Failure(_NEVER, "The messaging service has no sender"),
    "21704": Failure(_NEVER, "The messaging service has no phone number"),
    "21705": Failure(_NEVER, "The messaging service set as sender is not valid"),
    "21730": Failure(_LATER, "Twilio is under maintenance"),
    "30002": Failure(_NEVER, "Our Twilio account is suspended"),
    "30018": Failure(_NEVER, "The carrier there wants our sender registered first"),
    "30024": Failure(_NEVER, "The carrier there does not take our kind of number"),
    "30032": Failure(_NEVER, "Our toll-free number is not verified yet"),
    "30034": Failure(_NEVER, "Our number is not registered for messages in the USA (A2P 10DLC)"),
    "30037": Failure(_NEVER, "Sending is switched off for our Twilio account"),
    "30040": Failure(_NEVER, "The carrier there wants our sender registered first"),
    "30041": Failure(_NEVER, "Our sender is not registered for messages to the United Kingdom"),
    # The shopper's number
    "21211": Failure(_NEVER, "This is not a valid phone number"),
    "21217": Failure(_NEVER, "This is not a valid phone number"),
    "21604": Failure(_NEVER, "There is no phone number to send to"),
    "21610": Failure(_REFUSED, "The shopper has opted out: STOP was sent to our number"),
    "21612": Failure(_NEVER, "Twilio has no way from our sender to this number"),
    "21614": Failure(_NEVER, "This is not a mobile number"),
    "21635": Failure(_NEVER, "This is a landline"),
    "21910": Failure(_NEVER, "Sender and shopper are on different channels"),
    "30003": Failure(_LATER, "The phone could not be reached: off, out of range, or roaming"),
    "30004": Failure(_NEVER, "The shopper or their carrier blocks our messages"),
    "30005": Failure(_NEVER, "The number is unknown or no longer in service"),
    "30006": Failure(_NEVER, "A landline, or a carrier that cannot be reached"),
    "30011": Failure(_NEVER, "The phone takes no pictures by SMS"),
    # The message
    "21617": Failure(_NEVER, "The message is longer than Twilio takes"),
    "21619": Failure(_NEVER, "The message has no text and no picture"),
    "21620": Failure(_NEVER, "Twilio cannot use the picture's address"),
    "21654": Failure(_NEVER, "A template was asked for but not named"),
    "21655": Failure(_NEVER, "Twilio does not know this template"),
    "21656": Failure(_NEVER, "The template's gaps were filled wrongly"),
    "30007": Failure(_NEVER, "The carrier or Twilio filtered the message as unwanted"),
    "30010": Failure(_NEVER, "The message costs more than the limit that is set"),
    "30019": Failure(_NEVER, "The message is larger than the carrier takes"),
    "30036": Failure(_NEVER, "The message waited too long and expired"),
    "30038": Failure(_NEVER, "The message was filtered as a one-time password"),
    "30450": Failure(_NEVER, "Twilio blocked the message as a possible fraud"),
    # Passing troubles on the way
    "14107": Failure(_SLOWER, "More messages a second than our sender may send"),
    "21611": Failure(_SLOWER, "Too many messages are waiting at our number"),
    "30001": Failure(_SLOWER, "Too many messages are waiting at Twilio"),
    "30008": Failure(_LATER, "The carrier reported a failure without a reason"),
    "30017": Failure(_LATER, "The carrier's network is congested"),
    "30020": Failure(_LATER, "Twilio had an internal error"),
    "30021": Failure(_LATER, "Twilio had an internal error"),
    "30022": Failure(_SLOWER, "More messages a second than the carrier allows us"),
    "30023": Failure(
        _NEVER, "Our day's messages to this carrier are used up until midnight, Pacific time"
    ),
    "30027": Failure(
        _NEVER, "Our day's messages to T-Mobile are used up until midnight, Pacific time"
    ),
    "30410": Failure(_LATER, "The carrier did not answer in time"),
    "30485": Failure(_LATER, "The message could not be delivered; the carrier gave no reason"),
    # WhatsApp and other channels
    "63001": Failure(_NEVER, "WhatsApp refused Twilio's key for our sender"),
    "63003": Failure(_NEVER, "This number is not on WhatsApp"),
    "63005": Failure(_NEVER, "WhatsApp did not accept the content"),
    "63006": Failure(_NEVER, "WhatsApp cannot show this content"),
    "63007": Failure(_NEVER, "Our WhatsApp sender is not set up at Twilio"),
    "63008": Failure(_NEVER, "The WhatsApp channel is set up wrongly at Twilio"),
    "63009": Failure(_LATER, "WhatsApp had an internal error"),
    "63011": Failure(_NEVER, "Twilio could not read the request"),
    "63012": Failure(_LATER, "WhatsApp had an internal error"),
    "63013": Failure(_NEVER, "The message breaks WhatsApp's rules"),
    "63016": Failure(
        _NEVER, "More than 24 hours since the shopper wrote: WhatsApp takes only a template now"
    ),
    "63018": Failure(_SLOWER, "More messages than WhatsApp takes from our sender"),
    "63019": Failure(_LATER, "The picture could not be fetched"),
    "63020": Failure(_NEVER, "Twilio is not linked to our Meta business account"),
    "63021": Failure(_NEVER, "WhatsApp did not accept the content"),
    "63023": Failure(_LATER, "WhatsApp reported a failure without a reason"),
    "63024": Failure(_NEVER, "This number cannot get WhatsApp messages"),
    "63027": Failure(_NEVER, "The template does not exist in this language"),
    "63028": Failure(_NEVER, "The template has another number of gaps"),
    "63029": Failure(_LATER, "The phone could not load the template"),
    "63030": Failure(_NEVER, "Twilio does not take one of the request's parameters"),
    "63031": Failure(_NEVER, "The shopper's number is our own sender"),
    "63032": Failure(_NEVER, "WhatsApp does not deliver to this person for now"),
    "63038": Failure(_NEVER, "Our Twilio account's messages of the day are used up"),
}
