"""WhatsApp through Twilio: as ``integrations.twilio.channel`` has it, and what WhatsApp adds."""

import json
from collections.abc import Mapping

from integrations.channels.twilio_whatsapp.manifest import MANIFEST
from integrations.messages import Kind, OutboundMessage
from integrations.twilio.channel import TwilioChannel
from kit.text import clean


class TwilioWhatsapp(TwilioChannel):
    """The WhatsApp channel over Twilio. Numbers are written ``whatsapp:+4915112345678``."""

    manifest = MANIFEST
    prefix = "whatsapp:"

    def words(self, form: Mapping[str, str]) -> tuple[str, str | None, Kind]:
        """A pressed button or row, a place, or the text.

        Source: https://www.twilio.com/docs/messaging/guides/webhook-request ("WhatsApp-specific
        parameters").
        """
        body = clean(form.get("Body", ""))
        for payload, title in (("ButtonPayload", "ButtonText"), ("ListId", "ListTitle")):
            if chosen := clean(form.get(payload, "")):
                return chosen, clean(form.get(title, "")) or body or None, Kind.TEXT
        if form.get("Latitude") and form.get("Longitude"):
            named = clean(", ".join(v for v in (form.get("Label"), form.get("Address")) if v))
            place = clean(f"{form['Latitude']}, {form['Longitude']}")
            return f"Location: {named + ' ' if named else ''}({place})", None, Kind.LOCATION
        return body, None, Kind.TEXT

    def content(self, message: OutboundMessage) -> dict[str, str]:
        """A template as Twilio's Content API has it: ``Template.name`` is its SID (``HX…``).

        Source: https://www.twilio.com/docs/content/send-templates-created-with-the-content-template-builder.
        """
        if message.template is None:
            return super().content(message)
        gaps = {str(n): text for n, text in enumerate(message.template.parameters, 1)}
        template = {"ContentSid": message.template.name}
        return template | ({"ContentVariables": json.dumps(gaps)} if gaps else {})
