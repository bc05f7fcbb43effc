"""Telegram's errors in our words: the whole table, and nothing but the table.

Telegram gives an HTTP status and a sentence, and no code of its own. A row is found by both: the
first whose status is equal and whose words are in the sentence, whatever their case.

Source: https://core.telegram.org/bots/api#making-requests names the shape but lists no sentences;
these are the known ones, https://github.com/TelegramBotAPI/errors. The last row of a status is for
sentences nobody has listed.
"""

from typing import Final

from integrations.failures import UNKNOWN, Failure, Outlook

_NEVER, _LATER = Outlook.NEVER, Outlook.LATER
_SLOWER, _REFUSED = Outlook.SLOWER, Outlook.REFUSED

ERRORS: Final[tuple[tuple[int, str, Failure], ...]] = (
    (403, "blocked by the user", Failure(_REFUSED, "The shopper has blocked the bot")),
    (403, "user is deactivated", Failure(_NEVER, "The shopper's Telegram account is gone")),
    (
        403,
        "can't initiate conversation",
        Failure(_NEVER, "The shopper has not written to the bot yet, and a bot may not begin"),
    ),
    (403, "", Failure(_NEVER, "The bot may not write to this chat")),
    (400, "user_is_blocked", Failure(_REFUSED, "The shopper has blocked the bot")),
    (400, "chat not found", Failure(_NEVER, "Telegram knows no such chat with our bot")),
    (400, "user not found", Failure(_NEVER, "Telegram knows no such person")),
    (400, "message is too long", Failure(_NEVER, "The message is longer than Telegram takes")),
    (
        400,
        "caption is too long",
        Failure(_NEVER, "The picture's text is longer than Telegram takes"),
    ),
    (400, "text is empty", Failure(_NEVER, "The message has no text")),
    (400, "button_data_invalid", Failure(_NEVER, "A button's value is longer than Telegram takes")),
    (400, "button_url_invalid", Failure(_NEVER, "A link's address is not one Telegram opens")),
    (400, "wrong file identifier", Failure(_NEVER, "Telegram could not use the picture's address")),
    (
        400,
        "failed to get http url content",
        Failure(_LATER, "Telegram could not fetch the picture"),
    ),
    (400, "wrong type of the web page", Failure(_NEVER, "The picture's address shows no picture")),
    (
        400,
        "file is too big",
        Failure(_NEVER, "The file is larger than Telegram gives to bots (20 MB)"),
    ),
    (
        400,
        "query is too old",
        Failure(_NEVER, "The button was pressed too long ago to be answered"),
    ),
    (400, "", Failure(_NEVER, "Telegram did not understand the request")),
    (401, "", Failure(_NEVER, "Telegram refused our key; check TELEGRAM_BOT_TOKEN")),
    (404, "", Failure(_NEVER, "Telegram refused our key; check TELEGRAM_BOT_TOKEN")),
    (409, "", Failure(_LATER, "Another program asks Telegram for this bot's news")),
    (413, "", Failure(_NEVER, "The request is larger than Telegram takes")),
    (429, "", Failure(_SLOWER, "More messages than Telegram takes from the bot")),
)


def failure_of(status: int, sentence: str) -> Failure:
    """The row of an answer; a 5xx is always a passing trouble."""
    if status >= 500:
        return Failure(_LATER, "Telegram had an internal error")
    said = sentence.lower()
    return next((row for code, words, row in ERRORS if code == status and words in said), UNKNOWN)
