"""WhatsApp through Twilio."""

from integrations.channels.twilio_whatsapp.adapter import TwilioWhatsapp
from integrations.channels.twilio_whatsapp.manifest import MANIFEST

__all__ = ["MANIFEST", "TwilioWhatsapp"]
