"""Many handoffs at once, workers killed, agents leaving: nobody is lost, forgotten or told twice.

``bench/handoff.py`` runs the same with a thousand; here a few, so that it takes seconds.
"""

from bench.handoff import Run


async def test_nothing_is_lost_whatever_dies_and_whoever_leaves(database_url, tmp_path):
    found = await Run(
        database_url, tmp_path, handoffs=20, workers=2, kills=1, agents=4, leaving=1
    ).go()
    assert found.handoffs == 20
    assert found.broken() == {}
