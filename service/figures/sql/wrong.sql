-- Answers of the bot that an agent called wrong, by what the bot took the question for.
SELECT (w.at AT TIME ZONE :zone)::date AS day, c.channel,
       coalesce(w.made_from ->> 'article',
                jsonb_path_query_first(w.made_from, '$.turn[*].parse_data.intent.name') #>> '{}',
                'not known') AS about,
       count(*) AS wrong_answers,
       count(w.mended_at) AS mended
FROM wrong_answers w
JOIN messages m ON m.id = w.message_id
JOIN conversations c ON c.id = m.conversation_id
WHERE w.at >= :since AND w.at < :until
  AND (CAST(:channel AS text) IS NULL OR c.channel = :channel)
GROUP BY GROUPING SETS ((3), (1, 3), (c.channel, 3), (1, c.channel, 3))
ORDER BY day NULLS FIRST, channel NULLS FIRST, wrong_answers DESC, about
