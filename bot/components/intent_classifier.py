"""The Rasa side of ``intents``."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier as RasaIntentClassifier
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME as UNSURE
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.intents import Guess, IntentModel
from kit.embedding import embedder


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(RasaIntentClassifier, GraphComponent):
    """Sets the intent: the likeliest, or ``out_of_scope``, or ``nlu_fallback`` where it is unsure.

    Needs no tokens and no features before it: it makes its own.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The settings.

        ``unsure_below``: the probability under which the likeliest intent is not believed.
        ``letters``: how much letters count beside meaning.
        ``int8``: whether the sentence model computes in 8 bits.
        """
        return {"unsure_below": 0.2, "letters": 0.3, "int8": True}

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._unsure_below: float = config["unsure_below"]
        self._letters: float = config["letters"]
        self._embedder = embedder(int8=config["int8"])
        self._storage = storage
        self._resource = resource
        self._model: IntentModel | None = None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentClassifier:
        """Make an untrained one."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> IntentClassifier:
        """Read the trained one out of the model's archive, and get the sentence model ready."""
        classifier = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            classifier._model = IntentModel.load(folder)
        classifier._model.guess(["warm up"], classifier._embedder)
        return classifier

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the examples and write what was learnt."""
        examples = [one for one in training_data.intent_examples if one.get(TEXT)]
        texts, intents = ([one.get(key) for one in examples] for key in (TEXT, INTENT))
        self._model = IntentModel.train(texts, intents, self._embedder, letters=self._letters)
        with self._storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing behind it learns from its answers."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the intent and the ranking of each message that has a text."""
        spoken = [message for message in messages if (message.get(TEXT) or "").strip()]
        if self._model is None or not spoken:
            return messages
        guesses = self._model.guess([message.get(TEXT) for message in spoken], self._embedder)
        for message, guess in zip(spoken, guesses):  # noqa: B905
            ranking = self._ranking(guess)
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking[:10], add_to_output=True)
        return messages

    def _ranking(self, guess: Guess) -> list[dict[str, Any]]:
        others = [
            {"name": name, "confidence": sure}
            for name, sure in guess.intents
            if name != guess.intent
        ]
        decided = {"name": guess.intent, "confidence": guess.confidence}
        if guess.confidence < self._unsure_below:
            return [{"name": UNSURE, "confidence": 1 - guess.confidence}, decided, *others]
        return [decided, *others]
