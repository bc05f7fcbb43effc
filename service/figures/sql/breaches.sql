-- A breach: the moment that the shopper had been promised passed without an answer.
SELECT (t.opened_at AT TIME ZONE :zone)::date AS day, c.channel,
       count(*) AS handoffs,
       count(t.breached_at) AS breaches,
       round(100.0 * count(t.breached_at) / nullif(count(*), 0), 1) AS share
FROM tickets t JOIN conversations c ON c.id = t.conversation_id
WHERE t.opened_at >= :since AND t.opened_at < :until AND t.merged_into_id IS NULL
  AND (CAST(:channel AS text) IS NULL OR c.channel = :channel)
GROUP BY GROUPING SETS ((), (1), (c.channel), (1, c.channel))
ORDER BY day NULLS FIRST, channel NULLS FIRST
