"""SMS through Twilio: as ``integrations.twilio.channel`` has it, with plain numbers."""

from integrations.channels.twilio_sms.manifest import MANIFEST
from integrations.twilio.channel import TwilioChannel


class TwilioSms(TwilioChannel):
    """The SMS channel."""

    manifest = MANIFEST
