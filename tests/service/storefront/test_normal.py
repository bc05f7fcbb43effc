import pytest

from service.storefront.normal import carrier_of, order_key, phone_of


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("UPS", "ups"),
        ("UPS® Ground", "ups"),
        ("USPS", "usps"),
        ("FedEx Home Delivery", "fedex"),
        ("DHL Express", "dhl"),
        ("DHL eCommerce", "dhl"),
        ("Royal Mail", "royal_mail"),
        ("Upstate Couriers", "upstate_couriers"),
        ("Sandbox", "sandbox"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_carriers_slug(name, slug):
    assert carrier_of(name) == slug


@pytest.mark.parametrize("number", ["#1001", " 1001 ", "no. 1001".removeprefix("no. "), "10-01"])
def test_order_numbers_are_compared_by_letters_and_digits(number):
    assert order_key(number) == "1001"


@pytest.mark.parametrize(
    ("text", "country"),
    [("07700 900123", "GB"), ("+44 (0)7700 900-123", None), ("0044 7700 900123", "DE")],
)
def test_phones_in_any_way_of_writing(text, country):
    assert phone_of(text, country) == "+447700900123"
