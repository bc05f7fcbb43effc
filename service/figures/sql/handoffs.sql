-- One ticket is one handoff; a merged one counts with the ticket that took its place.
SELECT (t.opened_at AT TIME ZONE :zone)::date AS day, c.channel, t.reason, count(*) AS handoffs
FROM tickets t JOIN conversations c ON c.id = t.conversation_id
WHERE t.opened_at >= :since AND t.opened_at < :until AND t.merged_into_id IS NULL
  AND (CAST(:channel AS text) IS NULL OR c.channel = :channel)
GROUP BY GROUPING SETS ((t.reason), (1, t.reason), (c.channel, t.reason), (1, c.channel, t.reason))
ORDER BY day NULLS FIRST, channel NULLS FIRST, handoffs DESC, t.reason
