"""What each provider takes from us, as far as we ask it for anything: names, types and limits.

Facts transcribed from the providers' own descriptions:

- Twilio: ``CreateMessage`` in its OpenAPI, https://github.com/twilio/twilio-oai.
- Telegram: https://core.telegram.org/bots/api (Bot API 10.1).
- Meta: https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages; Meta publishes
  no machine-readable description.

``problems_of_…`` give what is wrong with a request, in words; nothing where it is right.
"""

import json
import re

HTTP_URL = re.compile(r"https?://[^\s]+")

# Field → pattern. One of each tuple in TWILIO_ONE_OF must be there.
TWILIO_FIELDS = {
    "To": re.compile(r"(whatsapp:)?\+[1-9]\d{1,14}"),
    "From": re.compile(r"(whatsapp:)?\+[1-9]\d{1,14}"),
    "MessagingServiceSid": re.compile(r"MG[0-9a-fA-F]{32}"),
    "Body": re.compile(r"(?s).{1,1600}"),
    "MediaUrl": HTTP_URL,
    "StatusCallback": HTTP_URL,
    "ContentSid": re.compile(r"HX[0-9a-fA-F]{32}"),
    "ContentVariables": re.compile(r"(?s)\{.*\}"),
}
TWILIO_REQUIRED = ("To",)
TWILIO_ONE_OF = (("From", "MessagingServiceSid"), ("Body", "MediaUrl", "ContentSid"))

# Method → field → (type, required). A type is a Python type, a list of one, a name below, or a
# tuple of names, told apart by the field that each requires.
TELEGRAM_METHODS = {
    "sendMessage": {
        "chat_id": (int, True),
        "text": (str, True),
        "reply_markup": (("InlineKeyboardMarkup", "ReplyKeyboardMarkup"), False),
    },
    "sendPhoto": {
        "chat_id": (int, True),
        "photo": (str, True),
        "caption": (str, False),
        "reply_markup": ("InlineKeyboardMarkup", False),
    },
    "sendChatAction": {"chat_id": (int, True), "action": (str, True)},
    "answerCallbackQuery": {"callback_query_id": (str, True)},
    "getFile": {"file_id": (str, True)},
    "getUpdates": {
        "offset": (int, False),
        "timeout": (int, False),
        "allowed_updates": ([str], False),
    },
    "setWebhook": {
        "url": (str, True),
        "secret_token": (str, False),
        "allowed_updates": ([str], False),
    },
    "deleteWebhook": {},
}
TELEGRAM_TYPES = {
    "ReplyKeyboardMarkup": {
        "keyboard": ([["KeyboardButton"]], True),
        "resize_keyboard": (bool, False),
        "one_time_keyboard": (bool, False),
    },
    "KeyboardButton": {"text": (str, True), "request_contact": (bool, False)},
    "InlineKeyboardMarkup": {"inline_keyboard": ([["InlineKeyboardButton"]], True)},
    "InlineKeyboardButton": {
        "text": (str, True),
        "callback_data": (str, False),
        "url": (str, False),
    },
}
# (method or type, field) → longest, in the count given.
TELEGRAM_LONGEST = {
    ("sendMessage", "text"): 4096,  # UTF-16 units
    ("sendPhoto", "caption"): 1024,  # UTF-16 units
    ("InlineKeyboardButton", "callback_data"): 64,  # bytes
    ("setWebhook", "secret_token"): 256,
}
TELEGRAM_ACTIONS = {"typing"}

# Path into a message's JSON → longest, in code points.
META_LONGEST = {
    "text.body": 4096,
    "image.caption": 1024,
    "interactive.body.text": 1024,
    "interactive.action.button": 20,
    "interactive.action.buttons[].reply.id": 256,
    "interactive.action.buttons[].reply.title": 20,
    "interactive.action.sections[].rows[].id": 200,
    "interactive.action.sections[].rows[].title": 24,
    "interactive.action.sections[].rows[].description": 72,
}
META_FIELDS = {
    "text": {"body", "preview_url"},
    "image": {"link", "caption"},
    "interactive": {"type", "body", "action"},
    "template": {"name", "language", "components"},
}


def problems_of_twilio(form):
    """What is wrong with the fields of a request to create a message."""
    yield from (f"unknown field {name}" for name in form.keys() - TWILIO_FIELDS.keys())
    yield from (f"{name} is missing" for name in TWILIO_REQUIRED if name not in form)
    for names in TWILIO_ONE_OF:
        if not form.keys() & set(names):
            yield f"one of {names} is missing"
    for name, value in form.items():
        pattern = TWILIO_FIELDS.get(name)
        if pattern and not pattern.fullmatch(value):
            yield f"{name}: {value[:60]!r} does not match {pattern.pattern}"
    if "ContentVariables" in form and not all(
        isinstance(v, str) for v in json.loads(form["ContentVariables"]).values()
    ):
        yield "ContentVariables are not texts"


def problems_of_telegram(method, form):
    """What is wrong with a call of a method, its fields as a form carries them."""
    fields = TELEGRAM_METHODS.get(method)
    if fields is None:
        yield f"unknown method {method}"
        return
    given = {}
    for name, text in form.items():
        wanted = fields.get(name, (str, False))[0]
        try:
            given[name] = text if wanted is str else json.loads(text)
        except ValueError:
            yield f"{method}.{name} is not JSON"
    yield from _telegram_fields(method, given, fields)
    if given.get("action", "typing") not in TELEGRAM_ACTIONS:
        yield f"unknown action {given['action']}"


def _telegram_fields(where, given, fields):
    yield from (f"{where}: unknown field {name}" for name in given.keys() - fields.keys())
    for name, (wanted, required) in fields.items():
        if name in given:
            yield from _telegram_value(f"{where}.{name}", given[name], wanted)
            longest = TELEGRAM_LONGEST.get((where, name))
            if longest and _length(where, given[name]) > longest:
                yield f"{where}.{name} is longer than {longest}"
        elif required:
            yield f"{where}.{name} is missing"


def _telegram_value(where, value, wanted):
    if isinstance(wanted, tuple):
        wanted = next((n for n in wanted if _required(n) <= value.keys()), wanted[0])
    if isinstance(wanted, list):
        if isinstance(value, list):
            for one in value:
                yield from _telegram_value(where, one, wanted[0])
        else:
            yield f"{where} is not a list"
    elif isinstance(wanted, str):
        yield from _telegram_fields(wanted, value, TELEGRAM_TYPES[wanted])
    elif type(value) is not wanted or value == "":
        yield f"{where}: {value!r} is not a {wanted.__name__}"


def _required(name):
    return {field for field, (_, required) in TELEGRAM_TYPES[name].items() if required}


def _length(where, text):
    if where == "InlineKeyboardButton":
        return len(text.encode())
    return len(text.encode("utf-16-le")) // 2


def problems_of_meta(body):
    """What is wrong with the JSON of a call of ``/{phone number id}/messages``."""
    if body.get("messaging_product") != "whatsapp":
        yield "messaging_product is not whatsapp"
    if body.get("status") == "read":
        if not isinstance(body.get("message_id"), str):
            yield "no message_id"
        if body.get("typing_indicator") not in (None, {"type": "text"}):
            yield "typing_indicator"
        return
    kind = body.get("type")
    if kind not in META_FIELDS or kind not in body:
        yield f"unknown type {kind}"
        return
    if not re.fullmatch(r"[1-9]\d{6,14}", body.get("to", "")) and "recipient" not in body:
        yield "neither a number in `to` nor a `recipient`"
    known = {"messaging_product", "recipient_type", "to", "recipient", "type", kind}
    yield from (f"unknown field {name}" for name in body.keys() - known)
    yield from (f"{kind}: unknown field {n}" for n in body[kind].keys() - META_FIELDS[kind])
    for path, longest in META_LONGEST.items():
        for text in _at(body, path.split(".")):
            if not isinstance(text, str) or not 0 < len(text) <= longest:
                yield f"{path}: {len(text)} code points, {longest} at most"
    buttons = list(_at(body, ["interactive", "action", "buttons[]", "reply", "id"]))
    rows = list(_at(body, ["interactive", "action", "sections[]", "rows[]", "id"]))
    if len(buttons) > 3 or len(rows) > 10:
        yield "more than 3 buttons or 10 rows"
    if len(set(buttons)) != len(buttons) or len(set(rows)) != len(rows):
        yield "two options with one id"


def _at(value, path):
    if not path:
        yield value
        return
    name, rest = path[0], path[1:]
    inner = value.get(name.removesuffix("[]")) if isinstance(value, dict) else None
    if inner is None:
        return
    if name.endswith("[]"):
        for one in inner:
            yield from _at(one, rest)
    else:
        yield from _at(inner, rest)
