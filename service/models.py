"""All tables, so that whoever needs the whole schema imports one module."""

from service.accounts import models as accounts
from service.attachments import models as attachments
from service.audit import models as audit
from service.consent import models as consent
from service.conversations import models as conversations
from service.demo import models as demo
from service.dialogue import models as dialogue
from service.edd import models as edd
from service.faq import models as faq
from service.helpdesks import models as helpdesks
from service.inbox import models as inbox
from service.mail import models as mail
from service.notifications import models as notifications
from service.storefront import models as storefront
from service.tracking import models as tracking
from service.tracking_page import models as tracking_page

__all__ = [
    "accounts",
    "attachments",
    "audit",
    "consent",
    "conversations",
    "demo",
    "dialogue",
    "edd",
    "faq",
    "helpdesks",
    "inbox",
    "mail",
    "notifications",
    "storefront",
    "tracking",
    "tracking_page",
]
