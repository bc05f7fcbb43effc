"""WhatsApp through Meta's Cloud API."""

from integrations.channels.whatsapp_cloud.adapter import WhatsappCloud
from integrations.channels.whatsapp_cloud.manifest import MANIFEST

__all__ = ["MANIFEST", "WhatsappCloud"]
