"""What the shop says first: to whom, by which channel, and when.

From a parcel's change to a message, each folder knows only those below it::

    pages        what agents see of it, and where a shopper ends it
    outbox       telling a person: decided, handed over, looked after until it has arrived
    messages     the words, by kind of message and language
    milestones   what a parcel has come to, kept once
    policy       the shop's wishes, the shopper's choices, quiet hours, prices
    news, models the words of all of them, and the tables
"""
