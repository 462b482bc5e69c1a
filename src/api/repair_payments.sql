-- Payments whose counters are not what their refunds and disputes come to.
UPDATE paycore.payments p SET refund_reserved = s.reserved, refunded = s.refunded, dispute_held = s.held, over_returned = v.over
FROM (
	SELECT q.id, q.tenant_id, coalesce(q.gross, q.authorized) AS captured,
		paycore.money_cents(coalesce(sum(paycore.cents(r.amount)) FILTER (WHERE r.status::text IN ('requested', 'pending', 'requires_action')), 0)::bigint,
			paycore.currency(q.authorized)) AS reserved,
		paycore.money_cents(coalesce(sum(paycore.cents(r.amount)) FILTER (WHERE r.status::text = 'succeeded'), 0)::bigint, paycore.currency(q.authorized)) AS refunded,
		paycore.money_cents(coalesce((SELECT sum(paycore.cents(d.held)) FROM paycore.disputes d WHERE d.payment_id = q.id AND d.tenant_id = q.tenant_id), 0)::bigint,
			paycore.currency(q.authorized)) AS held
	FROM paycore.payments q
	LEFT JOIN paycore.refunds r ON r.payment_id = q.id AND r.tenant_id = q.tenant_id AND r.kind <> 'auth_release'
	GROUP BY q.id, q.tenant_id, q.authorized, q.gross
) s
CROSS JOIN LATERAL (SELECT paycore.cents(s.reserved) + paycore.cents(s.refunded) + paycore.cents(s.held) > paycore.cents(s.captured) AS over) v
WHERE s.id = p.id AND s.tenant_id = p.tenant_id
	AND (p.refund_reserved OPERATOR(paycore.<>) s.reserved OR p.refunded OPERATOR(paycore.<>) s.refunded
		OR p.dispute_held OPERATOR(paycore.<>) s.held OR p.over_returned <> v.over)
