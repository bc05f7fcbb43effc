"""Messages that a person must see, and those that only sound like them."""

import pytest

from bot.actions.contract import Reason
from bot.actions.safety import check

GRAVE = {
    Reason.RISK_OF_HARM: """
        I just want to kill myself
        there's no point in living any more
        i don't want to be here anymore honestly
        im going to kill your driver
        I will burn down your warehouse
        if it isn't here today I'm going to come down there and burn the place down
        I know where you live
        the driver threatened me
        your courier assaulted my family, he grabbed me by the arm
        the charger caught fire on my desk
    """,
    Reason.LEGAL_THREAT: """
        you will hear from my lawyer
        my solicitor is writing to you
        I’m going to sue you
        see you in court, taking you to small claims
        I am considering legal action
        I'll report you to trading standards
        next step is consumer court
        my attorney will contact you about order 1001
    """,
    Reason.PAYMENT_FRAUD: """
        someone used my credit card on your site
        there is an unauthorised charge from you on my account
        I never authorised this payment
        my card was stolen and somebody bought shoes from you with it
        fraudulent transaction from your shop
        I'm going to do a chargeback
    """,
    Reason.DATA_LEAK: """
        I can see another customer's address in my account
        have you had a data breach
        you leaked my details
        your website has been hacked
        I got a phishing mail in your name
        when I log in I see someone else's orders
    """,
    Reason.PRESS: """
        I'm a journalist with the Daily News
        I am a freelance reporter writing about couriers
        press enquiry about your delivery times
        working on a story about late parcels, comment for the article?
        I'm going to the papers with this
    """,
}
HARMLESS = """
    this wait is killing me
    I'd kill for those boots
    my daughter is dying to get her doll
    the lamp goes on and off
    is there a bomb bag in a size L
    do these candles burn down evenly
    how long does the fire starter burn
    the law books I ordered are missing
    do I need a lawyer for a divorce
    the judge costume hasn't come
    where is the court shoe I ordered
    my card was charged twice
    was my card charged yet
    can you deliver to my account address
    my account says delivered
    can I see other orders
    I got someone else's parcel
    you sent me somebody else's order
    got another email saying delivered
    is your return address data on the label
    I read the times on the tracking page
    press the doorbell please
    I ordered the Daily Mail crossword book
    please hit the bell when you come
    we close for inventory so tell the truck to hit us Monday
    does the drill come with a battery
    I'm dead serious, where is it
    my order is in danger of missing the party
    stop the delivery
"""


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (reason, line.strip())
        for reason, lines in GRAVE.items()
        for line in lines.strip().splitlines()
    ],
)
def test_a_person_must_see(reason, text):
    assert check(text) is reason
    assert check(f"where is my order 1001?\n{text.upper()}") is reason


@pytest.mark.parametrize("text", [line.strip() for line in HARMLESS.strip().splitlines()])
def test_the_bot_may_answer(text):
    assert check(text) is None


def test_harm_comes_first():
    assert check("I will sue you and then kill myself") is Reason.RISK_OF_HARM
