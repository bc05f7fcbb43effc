"""Answer a question about the shop from its articles."""

from bot.actions.fallback import ActionFallback


class ActionFaq(ActionFallback):
    """Answer, offer a choice, or say that it was not understood: what the fallback does, too."""

    def name(self) -> str:
        """The name the domain knows this action by."""
        return "action_faq"
