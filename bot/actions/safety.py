"""Messages that a person must see whatever the bot could answer. No setting switches this off.

Few patterns, each of whole phrases, so that it is plain what is caught: "my lawyer" who "will hear
from" the shop, not a lawyer's chair that is late. What is caught by mistake costs one ticket.
"""

import re
from collections.abc import Iterable
from typing import Final

from bot.actions.contract import Reason


def check(text: str) -> Reason | None:
    """Why a person must take this message; ``None``: the bot may answer.

    The gravest reason counts where there are several: harm first.
    """
    flat = " ".join(text.lower().replace("’", "'").split())  # noqa: RUF001
    return next((reason for reason, pattern in _PATTERNS if pattern.search(flat)), None)


def _any(phrases: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(rf"(?:{phrase})" for phrase in phrases))


_YOU: Final = (
    r"(?:you(?:r (?:shop|store|company|staff|team|driver)s?| (?:guys|people|lot|all))?|u|ya)"
)
_ME: Final = r"(?:me|myself|us|my family|my kids|my children|someone|somebody|him|her|them)"
_GOING: Final = (
    r"(?:i will|i'll|ill|i'm going to|im going to|i'm gonna|im gonna|gonna|we will|we'll)"
)
_CARD: Final = r"(?:card|bank account|bank details|paypal|account)"

_LAWYER: Final = r"(?:lawyer|solicitor|attorney|barrister|legal team)s?"

_PATTERNS: Final[tuple[tuple[Reason, re.Pattern[str]], ...]] = (
    (
        Reason.RISK_OF_HARM,
        _any(
            (
                r"\bkill(?:ing)? (?:myself|my self)\b",
                r"\bsuicid(?:e|al)\b",
                r"\bend (?:my life|it all)\b",
                r"\b(?:don'?t|do not) want to (?:live|be alive|be here) any ?more\b",
                r"\bno (?:reason|point) (?:to live|in living|living)\b",
                r"\b(?:hurt(?:ing)?|harm(?:ing)?|cut(?:ting)?) (?:myself|my self)\b",
                r"\bself[- ]harm(?:ing)?\b",
                r"\bbetter off dead\b",
                r"\bwant to die\b",
                rf"\b{_GOING} (?:\w+ ){{0,3}}(?:kill|hurt|beat up|stab|shoot|burn down|bomb|"
                rf"attack|"
                rf"smash) (?:{_YOU}|the driver|him|her|them|someone|everyone|"
                r"(?:your|the) (?:shop|store|place|office|warehouse|depot|van|driver|staff))\b",
                rf"\b(?:come|coming) (?:round|over|down)? ?(?:there )?(?:with a (?:knife|"
                rf"gun|bat)\b|and "
                rf"(?:kill|hurt|smash|burn) {_YOU})",
                r"\b(?:bomb|burn(?: down)?|set fire to|torch) (?:your|the|this|that) "
                r"(?:shop|store|place|building|office|warehouse|depot|van)\b",
                r"\b(?:i|we) know where you (?:all )?live\b",
                rf"\b(?:threaten(?:ed|s|ing)?|attacked|assault(?:ed|s|ing)?|punched|"
                rf"grabbed) {_ME}\b",
                r"\bin danger\b(?! of)",
                r"\b(?:caught fire|on fire|started smoking|exploded|electric shock|"
                r"electrocuted)\b",
            )
        ),
    ),
    (
        Reason.LEGAL_THREAT,
        _any(
            (
                rf"\b(?:from|with|to|by) (?:my|our|a) {_LAWYER}\b",
                rf"\b(?:my|our) {_LAWYER} (?:will|is|are|has|says|said|would|can|may|"
                rf"advise[sd]?)\b",
                rf"\b(?:call(?:ing|ed)?|get(?:ting)?|hir(?:e|ing)|contact(?:ing|ed)?|"
                rf"involv(?:e|ing)) (?:my|our|a) {_LAWYER}\b",
                rf"\b(?:sue|suing) (?:{_YOU}|this|the|for)\b",
                r"\b(?:legal|court) (?:action|proceedings|steps)\b",
                r"\b(?:take|taking|see) (?:you|u|this|it) (?:all )?(?:to|"
                r"in) (?:small claims|court|the ombudsman)",
                r"\bsmall claims\b",
                r"\bletter before (?:action|claim)\b",
                r"\btrading standards\b",
                r"\b(?:attorney general|consumer (?:court|forum|protection agency)|ombudsman)\b",
                r"\bpolice (?:report|complaint|case)\b",
                r"\b(?:report|reporting) (?:you|u|this|it) to (?:the )?(?:police|"
                r"authorities|bbb|ftc)\b",
                r"\bclass action\b",
                r"\bcease and desist\b",
            )
        ),
    ),
    (
        Reason.PAYMENT_FRAUD,
        _any(
            (
                rf"\b(?:my|our) {_CARD} (?:was|were|has been|have been|is being|got) (?:used|"
                r"hacked|stolen|cloned|compromised)\b(?! (?:on|to) )",
                rf"\b(?:someone|somebody|a stranger|they) (?:has |have |is |"
                rf"are )?(?:us(?:ed|ing)|stole|"
                rf"stolen|hacked|cloned) (?:my|our) (?:\w+ )?{_CARD}\b",
                r"\b(?:fraudulent|unauthori[sz]ed) (?:charge|payment|transaction|order|"
                r"purchase|debit)s?\b",
                r"\b(?:credit|debit|bank|card|payment) ?card fraud\b|\b(?:card|payment) fraud\b",
                r"\bi (?:did not|didn'?t|never) (?:make|made|authori[sz]ed?|"
                r"approved?) (?:this|that|the|any) "
                r"(?:payment|charge|purchase|transaction)\b",
                r"\b(?:charge|payment|transaction|purchase)s? (?:that )?i (?:did not|"
                r"didn'?t|never) "
                r"(?:make|made|authori[sz]ed?|approved?|recogni[sz]e)\b",
                r"\b(?:stolen|cloned) (?:credit |debit )?card\b",
                r"\bidentity theft\b",
                r"\b(?:charge ?back|dispute (?:the|this) (?:charge|payment))\b",
            )
        ),
    ),
    (
        Reason.DATA_LEAK,
        _any(
            (
                r"\bdata (?:breach|leak)\b",
                r"\b(?:security|privacy) breach\b",
                r"\bbreach of (?:my )?(?:data|privacy|gdpr)\b",
                r"\b(?:leaked|sold|exposed) (?:my|our) (?:data|details|information|info|"
                r"e-?mail|address|"
                r"number|phone number)\b",
                r"\bmy (?:data|details|information|info) (?:\w+ ){0,2}(?:leaked|exposed|"
                r"stolen|hacked)\b",
                r"\b(?:see|seeing|shown|got|showing me|can read) (?:\w+ ){0,2}(?:another|"
                r"other|a different) (?:customer|person|people)(?:'?s)? (?:\w+ )?"
                r"(?:details|data|address(?:es)?|e-?mails?|information|account|orders)\b",
                r"\b(?:see|seeing|shown|showing me|can read) (?:\w+ )?some(?:one|body) else'?s "
                r"(?:details|data|address(?:es)?|e-?mails?|information|account|orders?)\b",
                r"\b(?:you've been|you have been|your (?:site|website|system|"
                r"shop) (?:has been|was|is|got)) "
                r"(?:hacked|compromised)\b",
                r"\bphishing\b",
            )
        ),
    ),
    (
        Reason.PRESS,
        _any(
            (
                r"\bi(?:'m| am) (?:a |an |the )?(?:\w+ ){0,3}(?:journalist|reporter|editor)\b",
                r"\b(?:journalist|reporter|producer|editor|correspondent|columnist|writing|"
                r"calling|"
                r"working) (?:from|with|at|for) (?:the |a )?(?:\w+ ){0,2}(?:bbc|guardian|"
                r"times|news\w*|"
                r"daily|paper|magazine|tv|radio|herald|post|telegraph|sun|mail|mirror|"
                r"tribune|observer|"
                r"reuters|cnn|itv|channel \d)\b",
                r"\b(?:press|media) (?:enquir(?:y|ies)|inquir(?:y|ies)|request|office|"
                r"statement)\b",
                r"\b(?:writing|doing|working on) (?:an?|the) (?:article|story|piece|"
                r"report) (?:on|about)\b",
                r"\bcomment (?:on|for) (?:the|a|our|my) (?:record|story|article|piece)\b",
                r"\b(?:go|going|taking (?:this|it)|contact(?:ing)?|"
                r"call(?:ing)?) (?:\w+ )?(?:to )?the "
                r"(?:press|papers|newspapers?|media|news)\b",
            )
        ),
    ),
)
