-- What came of each trigger's news, among what was told, or withheld to compare, in a span.
-- A "contact" is a shopper's message within 48 hours, in a conversation that has proved the order or
-- is with its number; STOP and its like are none. Only news older than 48 hours can be judged.
WITH decided AS (
    SELECT m.id, m.trigger, m.order_id, m.decided_at, m.notification_id,
        m.state = 'told' AS told, m.decided_at <= :now - interval '48 hours' AS settled
    FROM milestones m
    WHERE m.decided_at >= :since AND m.decided_at < :until
        AND (m.state = 'told' OR m.why = 'holdout')
), sent AS (
    SELECT d.id,
        bool_or(coalesce(g.delivery IN ('delivered', 'read'), e.state = 'delivered', false))
            AS delivered,
        bool_or(o.ref IS NOT NULL) AS clicked,
        sum(s.cost / (SELECT count(*) FROM milestones n
            WHERE n.notification_id = s.notification_id)) AS cost,
        bool_or(EXISTS (
            SELECT FROM consent_requests c JOIN conversations v ON v.id = c.conversation_id
            WHERE c.kind = 'stop_messages' AND c.address = s.address AND v.id = g.conversation_id
                AND c.at BETWEEN d.decided_at AND d.decided_at + interval '48 hours'
        )) AS stopped
    FROM decided d
    JOIN sendings s ON s.notification_id = d.notification_id AND s.state <> 'held'
    LEFT JOIN messages g ON g.id = s.message_id
    LEFT JOIN mails e ON e.id = s.mail_id
    LEFT JOIN opened_links o ON o.ref = s.id
    GROUP BY d.id
), talks AS (
    SELECT p.order_id, p.conversation_id FROM identity_proofs p
    WHERE p.order_id IN (SELECT order_id FROM decided)
    UNION
    SELECT o.id, c.id FROM orders o
    JOIN conversations c ON o.phone IN (c.address, c.proved_phone)
    WHERE o.id IN (SELECT order_id FROM decided)
), wrote AS (
    SELECT DISTINCT d.id
    FROM decided d
    JOIN talks t ON t.order_id = d.order_id
    JOIN messages g ON g.conversation_id = t.conversation_id AND g.author = 'shopper'
        AND g.at > d.decided_at AND g.at <= d.decided_at + interval '48 hours'
    WHERE NOT EXISTS (SELECT FROM consent_requests c
        WHERE c.conversation_id = g.conversation_id AND c.at = g.at)
), unchosen AS (
    SELECT DISTINCT d.id
    FROM decided d
    JOIN notification_choices n ON n.order_id = d.order_id AND NOT n.wanted
        AND n.at BETWEEN d.decided_at AND d.decided_at + interval '48 hours'
)
SELECT d.trigger,
    count(*) FILTER (WHERE d.told) AS sent,
    count(*) FILTER (WHERE s.delivered) AS delivered,
    count(*) FILTER (WHERE s.clicked) AS clicked,
    count(*) FILTER (WHERE d.told AND (s.stopped OR u.id IS NOT NULL)) AS opted_out,
    coalesce(sum(s.cost), 0) AS cost,
    count(*) FILTER (WHERE d.told AND d.settled) AS with_message,
    count(*) FILTER (WHERE d.told AND d.settled AND w.id IS NOT NULL) AS wrote_with,
    count(*) FILTER (WHERE NOT d.told AND d.settled) AS without_message,
    count(*) FILTER (WHERE NOT d.told AND d.settled AND w.id IS NOT NULL) AS wrote_without
FROM decided d
LEFT JOIN sent s ON s.id = d.id
LEFT JOIN wrote w ON w.id = d.id
LEFT JOIN unchosen u ON u.id = d.id
GROUP BY d.trigger
