"""SMS through Twilio."""

from integrations.channels.twilio_sms.adapter import TwilioSms
from integrations.channels.twilio_sms.manifest import MANIFEST

__all__ = ["MANIFEST", "TwilioSms"]
