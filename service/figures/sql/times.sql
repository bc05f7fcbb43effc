-- Wall-clock time, nights and Sundays included, from the handoff on. Tickets without an answer yet
-- are counted beside, since leaving them out makes the times look better than they are.
SELECT (t.opened_at AT TIME ZONE :zone)::date AS day, c.channel,
       count(*) AS handoffs,
       count(*) FILTER (WHERE t.first_answer_at IS NULL) AS without_answer,
       round((percentile_cont(0.5) WITHIN GROUP (
         ORDER BY extract(epoch FROM t.first_answer_at - t.opened_at)) / 60)::numeric, 1)
         AS first_answer_median,
       round((percentile_cont(0.9) WITHIN GROUP (
         ORDER BY extract(epoch FROM t.first_answer_at - t.opened_at)) / 60)::numeric, 1)
         AS first_answer_p90,
       round((percentile_cont(0.5) WITHIN GROUP (
         ORDER BY extract(epoch FROM t.closed_at - t.opened_at)) / 3600)::numeric, 1)
         AS resolution_median,
       round((percentile_cont(0.9) WITHIN GROUP (
         ORDER BY extract(epoch FROM t.closed_at - t.opened_at)) / 3600)::numeric, 1)
         AS resolution_p90
FROM tickets t JOIN conversations c ON c.id = t.conversation_id
WHERE t.opened_at >= :since AND t.opened_at < :until AND t.merged_into_id IS NULL
  AND (CAST(:channel AS text) IS NULL OR c.channel = :channel)
GROUP BY GROUPING SETS ((), (1), (c.channel), (1, c.channel))
ORDER BY day NULLS FIRST, channel NULLS FIRST
