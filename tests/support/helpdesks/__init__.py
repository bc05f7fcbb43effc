"""Help desks replayed: each after its vendor's published shapes, over one common core."""

from tests.support.helpdesks import chatwoot, freshdesk, gorgias, zendesk

REPLAYS = {
    "chatwoot": chatwoot.Replay,
    "freshdesk": freshdesk.Replay,
    "gorgias": gorgias.Replay,
    "zendesk": zendesk.Replay,
}
