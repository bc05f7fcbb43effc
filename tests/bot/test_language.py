"""Which language a message is in, where that must be known."""

import pytest
import yaml

from bot.actions.language import foreign
from tests.bot.conftest import BOT


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("wo ist mein Paket? Bestellung 1001", "de"),
        ("donde esta mi pedido", "es"),
        ("je n'ai pas reçu mon colis", "fr"),
        ("dov'è il mio ordine?", "it"),
        ("waar is mijn pakket?", "nl"),
        ("gdzie jest moja paczka", "pl"),
        ("onde está a minha encomenda", "pt"),
        ("Где моя посылка?", "ru"),
        ("我的包裹在哪里", "zh"),
        ("أين طلبي", "ar"),
        ("मेरा ऑर्डर कहाँ है", "other"),
        ("私の荷物はどこですか", "other"),
        ("siparişim nerede acaba", "other"),
        ("1001 ana@example.com", None),
        ("pkg??", None),
        ("", None),
        ("👍👍👍", None),
        ("order to Straße des 17. Juni, München please", None),
    ],
)
def test_language(text, language):
    assert foreign(text) == language


def test_what_english_speakers_write_is_english():
    """Thousands of ways of asking, slips and shorthand and all."""
    texts = [
        line.strip().removeprefix("- ")
        for file in BOT.glob("data/nlu/**/*.yml")
        for group in yaml.safe_load(file.read_text())["nlu"]
        if "intent" in group
        for line in group["examples"].splitlines()
    ]
    taken = [text for text in texts if foreign(text)]
    assert len(texts) > 1000
    assert len(taken) <= len(texts) / 1000, taken
