-- Asked for once, when a ticket is closed. Who does not answer is not a happy shopper: the share that
-- answered stands beside the mean.
SELECT (r.asked_at AT TIME ZONE :zone)::date AS day, c.channel,
       count(*) AS asked,
       count(r.score) AS given,
       round(100.0 * count(r.score) / nullif(count(*), 0), 1) AS share,
       round(avg(r.score), 2) AS mean,
       count(*) FILTER (WHERE r.score >= 4) AS good,
       count(*) FILTER (WHERE r.score <= 2) AS bad
FROM ratings r JOIN conversations c ON c.id = r.conversation_id
WHERE r.asked_at >= :since AND r.asked_at < :until
  AND (CAST(:channel AS text) IS NULL OR c.channel = :channel)
GROUP BY GROUPING SETS ((), (1), (c.channel), (1, c.channel))
ORDER BY day NULLS FIRST, channel NULLS FIRST
