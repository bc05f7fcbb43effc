"""What a short message asks of the answer before it: "is that normal?", "who has it?". Pure.

Such a message has no meaning of its own, and so no intent: alone, "how long do they keep it?" is
anybody's question. Only whole sentences are known, never a word in a long message.
"""

import re
from enum import StrEnum
from typing import Final

MOST_CHARS: Final = 100


class Aspect(StrEnum):
    """What is asked. The first ten are asked of parcels in some states, the others of any."""

    KEEP = "keep"  # until when a pickup point keeps it, its hours, and where it is
    COLLECT = "collect"  # who may fetch it, and with what
    PAY = "pay"
    PAPERS = "papers"
    AGAIN = "again"  # when they try the next time
    FETCH = "fetch"  # oneself, after they tried in vain
    CARD = "card"  # there is none of them
    PROOF = "proof"  # who took it, where, and when
    GONE = "gone"  # it is not there
    DONE = "done"  # they looked already, or have paid
    CARRIER = "carrier"
    CHASE = "chase"
    MISSED = "missed"  # that was no answer
    DOUBT = "doubt"
    NORMAL = "normal"
    NEXT = "next"
    EXPLAIN = "explain"


# Words that stand for others in the sayings; " ..." is up to five words of any kind.
_WORDS: Final = {
    "IT": "(it|that|this|them|(my|the) (parcel|package|order|delivery))",
    "THEY": "(they|them|he|she|you|u|the (driver|courier|carrier|shop|depot|locker))",
    "CAN": "(can|could|would|will|shall|may|might)",
    "DO": "(do|did|should|shall|must|will|would|can|could|are)",
    "IS": "('?s| is| are| was)",
    " ...": r"( [\w']+){0,5}",
}
_BEFORE: Final = (
    r"((ok|okay|k|so|and|but|well|hm+|um|yes|yeah|no|oh|right|sorry|thanks|thx|ty|please|pls|wait|then"
    r"|also|just|lol|i mean|tell me|do you know|any idea|i don'?t know|(can|could) (you|u) tell me)\b"
    r"[\s,.…-]*)*"
)
_AFTER: Final = (
    r"([\s,]+(now|then|next|please|pls|though|exactly|again|anyway|for me|actually|mate|or not|at all"
    r"|today|already|(about|with) (it|that|this)|to me))*"
)

# fmt: off
# ruff: noqa: E501 - one saying a line
_SAYINGS: Final = {
    Aspect.KEEP: """
        (for )?how (long|many days) (do|does|will|can|would|is) (they|IT|the [a-z]+) (keep|hold|store|stay|wait|be|kept|held|there) ...
        how long (do|have) (i|we) (got|have)( left)?( to (collect|fetch|pick|get) ...)?
        (until|till|by) when( (do|must|can|should) (i|we) ...)?
        when DO (i|we) (have to |need to )?(collect|fetch|pick) ...
        (when|what|where)?(IS)? ?(their|the|its) (opening )?(hours|times|address|opening) ...
        (what |and )?if (i|we) (can'?t|cannot|don'?t) (make it|come|go|collect|fetch|get|pick) ...
        when (are|is|do|does) (they|it|the [a-z]+) (open|close|shut) ...
        where (exactly )?(is|'s) (it|that|this|there|the (pickup|collection) point|the shop|the locker)
        which (shop|pickup point|locker|depot|place) ...
        """,
    Aspect.COLLECT: """
        DO (i|we) (need|have to|bring|show)( to)? ... (id|passport|code|card|ident[a-z]+) ...
        what DO (i|we) (need|bring|take|show)( to (collect|fetch|pick|get|bring|show) ...)?
        CAN ((some|any)(one|body)( else)?|(my|a) [a-z]+|he|she) (collect|fetch|get|pick) ...
        (i have|i'?ve got|there was|got) no (code|message|pin) ...
        i( have|'ve)? (lost|don'?t have|can'?t find|never got|deleted) (the|my|a|any) (code|message|pin) ...
        """,
    Aspect.PAY: """
        how much( is| are| will| do| does| would)?( it| that| they| this| i| we| the [a-z]+)?( be| cost| have to| need to| pay| owe| want| to)*
        (how|where|who|why) DO (i|we) (have to )?pay ...
        (i|we) ?(won'?t|will not|'m not|am not) (pay|paying) ...
        """,
    Aspect.PAPERS: """
        (what|which) (papers?|documents?|paperwork|information|form) ...
        what do (they|customs) (need|want) ...
        (how|where) DO (i|we) (send|upload|give) (IT|those|the [a-z]+)( to ...)?
        who DO (i|we) (call|ring|contact|ask|write to|speak to|talk to|send IT to)( about IT)?
        """,
    Aspect.AGAIN: """
        (when )?DO (they|he|she|the (driver|courier)) (going to )?(try|come|coming|deliver|be back) ...
        """,
    Aspect.FETCH: """
        CAN (i|we) (just )?(collect|fetch|get|pick) IT ...
        CAN ((some|any)(one|body)( else)?|my [a-z]+|he|she) (collect|fetch|get|pick|take) ...
        """,
    Aspect.CARD: """
        (i|we|there)( was| is| got| have| had| see| saw| found| never| didn'?t| get| find)+ (no|a|any|the) (card|note|slip|message) ...
        no (card|note|slip|message)
        (what|which) (card|note|slip)
        (i|we|somebody|someone) (was|were) (at )?(home|in|there|open) ...
        """,
    Aspect.PROOF: """
        (which|what) (neighbou?r|safe place|locker) ...
        who (signed|took|accepted|has signed|delivered) ...
        where (did|have) THEY (leave|left|put|drop) ...
        (when|what time) (was|did|were) (IT|THEY|the [a-z]+) (deliver[a-z]*|left|arrive|come|leave) ...
        where(IS| was) the (safe place|neighbou?r|locker)
        (is|was|do you have|CAN i (see|have)|have you got|got)( there)? (a|any|the) (photo|picture|pic|proof|signature|gps) ...
        """,
    Aspect.GONE: """
        (i|we) (don'?t|do not|didn'?t|haven'?t|never) (have|got|get|receive|received|see|find) (IT|anything|one) ...
        (it|that|the [a-z]+)('s not|'s nowhere| isn'?t| is not) (here|there|anywhere)
        (there'?s |there is )?(nothing|no (parcel|package|box)) (here|there|came|arrived)
        (that|this|it)IS (a lie|not true|nonsense|rubbish|impossible)
        (it|that) (isn'?t|hasn'?t|wasn'?t|didn'?t)
        """,
    Aspect.DONE: """
        ((i|we|have|i'?ve|we'?ve|already) )*(looked|checked|searched)( (IT|there|everywhere|already|with|the|my|all|in|around) ...)?
        ((i|we|have|i'?ve|we'?ve|already) )*asked (them|everybody|everyone|my [a-z]+|the [a-z]+) ...
        ((i|we|have|i'?ve|we'?ve|already) )*paid( IT)?( already)?( at (the )?checkout| for IT)?
        ((i|we|have|i'?ve|we'?ve|already) )*sent (IT|those|the [a-z]+)( to them| off| in)?
        (nobody|no ?one|none of them|they|the neighbou?rs?) (has|have|haven'?t|don'?t have|got) (seen |got )?(it|anything) ...
        """,
    Aspect.CARRIER: """
        (which|what|who'?s|who is)( the)? (carrier|courier|delivery (company|firm|service)|shipper) ...
        which company( is it| has it)?
        who( has| have| is|'?s)?( got| has| have| with| delivering| bringing| carrying| shipping)* IT
        who (is it|'s it) with
        """,
    Aspect.CHASE: r"""
        (CAN (you|u|someone|somebody)|please|you should|why don'?t you) (please |just )*(chase|contact|ring|call|phone|ask|nudge|speak to|talk to)( up)? (?!me\b|us\b)[a-z']+ ...
        (chase|ring|call|phone|ask) (them|it|ups|the (carrier|courier|depot|driver))( up)?
        (CAN (you|u)|please) (please )?(look into|find out|sort|investigate|do something|follow up)( (on )?IT| out| with them)?
        (please )?do (that|it|so|something)( about IT)?
        (CAN (you|u) )?(just )?(send|ship) (me )?(another|a new|a replacement|it again)( one)?
        (open|start) (it|that|a search|the (search|return))
        """,
    Aspect.MISSED: """
        (that'?s |this is )?not what (i|we) (asked|meant|wanted|said)( for| about)?
        (you|u) (didn'?t|did not|haven'?t|don'?t) (answer|answered|understand|listen|read) ...
        """,
    Aspect.DOUBT: """
        (are|r) (you|u|they) (really |quite )?(sure|certain|serious)( (about|of) [a-z]+)?
        (really|but)
        (is )?(that|this|it) (really )?(right|true|correct)
        (that|this|it)(IS)?( just)? (not (true|right|correct|possible)|wrong|impossible|a lie|nonsense|rubbish)
        (that|this|it) (can'?t|cannot) be( right| true)?
        (it|that) (isn'?t|hasn'?t|wasn'?t|didn'?t|is not|has not|was not)
        CAN (you|u) (guarantee|promise) (it|that|this)
        (it|the (app|site|website|tracking|page|e?-?mail)) (says|said|shows) (?!deliv|attempt|missed|left|customs|back)[a-z]+( [a-z]+)?
        i (didn'?t|never|did not|haven'?t) (cancel|refuse|return|reject|change|say)[a-z]*( it| that| this| anything)?
        the address is (right|correct|fine|ok)
        """,
    Aspect.NORMAL: """
        (is|are) (IT|they|these) (all )?(normal|usual|ok|okay|bad|typical|common|fine)
        (that'?s )?normal
        DO (i|we) (be |need to |have to |start to )*(worr[a-z]+|concerned|panic[a-z]*)
        """,
    Aspect.NEXT: """
        what (should|shall|can|do|must|could|would) (i|we) (have to |need to |supposed to )?do
        what (will|are|do) (they|you|u) (going to )do
        (now what|what now|now)
        what happens
        how long DO (i|we) (have to |need to )?wait( for (IT|an answer))?
        DO (i|we) (just |have to |keep )?wait(ing)?( a bit| longer| any longer| more| for it)?
        (what |and )?if (IT|they) (doesn'?t|don'?t|never|does not) (come|arrive|turn up|move|show up) ...
        how long (does|will|would) (that|this|it) (usually )?take
        """,
    Aspect.EXPLAIN: """
        what (does|do|did|is|would) (that|this|it|they|you|all (that|this)|quiet|held|overdue) (even |actually |supposed to )?mean(ing)?
        (huh|meaning|meaning what|explain|i (don'?t|do not) (get|understand)( it| that| this)?)
        what( do (you|u) mean( by that)?)?
        whatIS (that|this|it) (even )?(mean|meaning|supposed to mean)
        (why|how come)( not)?
        (why|y|how come) (is|was|has|hasn'?t|isn'?t|did|didn'?t|does) IT( (so|still|being|not|taking|going|coming))*( [a-z]+)?( back| long)?
        (why|y|how come) (so|not) [a-z]+
        (is it|it'?s|is that) (really )?(lost|stuck|gone)
        whatIS wrong( with (IT|the address))?
        whatIS (taking so long|going on|the (problem|hold ?up|delay|matter))
        """,
}
# fmt: on


def _sentence(sayings: str) -> re.Pattern[str]:
    """Any one of them, one a line, with small words before it and after."""
    lines = "|".join(line.strip() for line in sayings.strip().splitlines())
    for short, long in _WORDS.items():
        lines = re.sub(rf"(?<![A-Z]){re.escape(short)}(?![A-Z])", long.replace("\\", r"\\"), lines)
    groups = re.sub(r"\((?!\?)", "(?:", f"{_BEFORE}({lines}){_AFTER}")
    return re.compile(groups)


_PATTERNS: Final = {aspect: _sentence(sayings) for aspect, sayings in _SAYINGS.items()}
_SMALL: Final = re.compile(_BEFORE)
_ENDS: Final = re.compile(r"[?!.…\n]+")


def aspects_of(text: str) -> tuple[Aspect, ...]:
    """What a message asks of the answer before it, in the order of ``Aspect``; empty: nothing.

    Of several sentences the last counts, and each must be such a question, or small words.
    """
    flat = text.lower().replace("’", "'")  # noqa: RUF001
    if len(flat) > MOST_CHARS:
        return ()
    asked: tuple[Aspect, ...] = ()
    for sentence in _ENDS.split(flat):
        said = " ".join(sentence.split()).strip(" ,;:-")
        found = tuple(one for one, pattern in _PATTERNS.items() if pattern.fullmatch(said))
        if not found and said and not _SMALL.fullmatch(said):
            return ()
        asked = found or asked
    return asked
