-- A conversation here is what one shopper writes on one channel until they are silent for 24 hours.
WITH spoken AS (
  SELECT c.channel, m.conversation_id, m.at, m.id,
         m.at - lag(m.at) OVER (PARTITION BY m.conversation_id ORDER BY m.id) < interval '24 hours'
           AS goes_on
  FROM messages m JOIN conversations c ON c.id = m.conversation_id
  WHERE m.author = 'shopper'
    AND m.at >= CAST(:since AS timestamptz) - interval '24 hours'
    AND m.at < CAST(:until AS timestamptz) + interval '7 days'
),
-- Each runs from its first message to the beginning of the next one in the same place.
talks AS (
  SELECT channel, conversation_id, at AS began,
         coalesce(lead(at) OVER (PARTITION BY conversation_id ORDER BY id), 'infinity') AS ended
  FROM spoken WHERE goes_on IS NOT TRUE
),
-- What tells that two conversations are one person's: the place, or what an order proved in it says.
people AS (
  SELECT DISTINCT conversation_id, 'place ' || conversation_id AS sign FROM talks
  UNION SELECT id, 'phone ' || proved_phone FROM conversations WHERE proved_phone IS NOT NULL
  UNION SELECT p.conversation_id, s.sign
  FROM identity_proofs p JOIN orders o ON o.id = p.order_id
  CROSS JOIN LATERAL (VALUES ('order ' || o.id), ('phone ' || o.phone), ('email ' || o.email)) s(sign)
  WHERE s.sign IS NOT NULL
),
back AS (
  SELECT DISTINCT t.conversation_id, t.began
  FROM talks t
  JOIN people mine ON mine.conversation_id = t.conversation_id
  JOIN people theirs ON theirs.sign = mine.sign
  JOIN talks again ON again.conversation_id = theirs.conversation_id
   AND again.began > t.began AND again.began <= t.began + interval '7 days'
),
judged AS (
  SELECT t.channel, (t.began AT TIME ZONE :zone)::date AS day,
         t.began < CAST(:now AS timestamptz) - interval '7 days' AS settled,
         EXISTS (SELECT FROM tickets k WHERE k.conversation_id = t.conversation_id
                 AND k.opened_at >= t.began AND k.opened_at < t.ended)
         OR EXISTS (SELECT FROM messages m WHERE m.conversation_id = t.conversation_id
                    AND m.author = 'agent' AND m.at >= t.began AND m.at < t.ended) AS handed_over,
         EXISTS (SELECT FROM messages m WHERE m.conversation_id = t.conversation_id
                 AND m.author = 'bot' AND m.at >= t.began AND m.at < t.ended) AS answered,
         b.began IS NOT NULL AS came_back
  FROM talks t LEFT JOIN back b ON b.conversation_id = t.conversation_id AND b.began = t.began
  WHERE t.began >= :since AND t.began < :until
    AND (CAST(:channel AS text) IS NULL OR t.channel = :channel)
)
-- The share is of the conversations that are more than seven days old: of the others nobody knows yet.
SELECT day, channel,
       count(*) AS conversations,
       count(*) FILTER (WHERE handed_over) AS handed_over,
       count(*) FILTER (WHERE answered AND NOT handed_over) AS without_a_person,
       count(*) FILTER (WHERE answered AND NOT handed_over AND came_back) AS came_back,
       count(*) FILTER (WHERE settled) AS settled,
       round(100.0 * count(*) FILTER (WHERE settled AND answered AND NOT handed_over AND NOT came_back)
             / nullif(count(*) FILTER (WHERE settled), 0), 1) AS share
FROM judged
GROUP BY GROUPING SETS ((), (day), (channel), (day, channel))
ORDER BY day NULLS FIRST, channel NULLS FIRST
