--
-- Views: what is derived, for people and reports.
--

CREATE OR REPLACE VIEW paycore.payments_overview WITH (security_invoker = true) AS
SELECT p.tenant_id, p.id, p.billing_account_id, a.name AS billing_account_name, p.payment_intent_id, p.status,
	p.gross, p.refunded, p.refund_reserved, p.dispute_held,
	CASE WHEN p.status OPERATOR(paycore.=) 'succeeded'::paycore.payment_status
		THEN paycore.money_cents(GREATEST(0::bigint, paycore.cents(p.gross) - paycore.cents(p.refund_reserved)
			- paycore.cents(p.refunded) - paycore.cents(p.dispute_held)), paycore.currency(p.gross)) END AS available_to_refund,
	CASE WHEN paycore.cents(p.refunded) <= 0 AND paycore.cents(p.refund_reserved) > 0 THEN 'pending'
		WHEN paycore.cents(p.refunded) <= 0 THEN 'none'
		WHEN paycore.cents(p.refunded) < paycore.cents(p.gross) THEN 'partial'
		ELSE 'full' END AS refund_state,
	p.over_returned, p.settled_gross, p.fee, p.net,
	round(100.0 * paycore.cents(p.fee) / NULLIF(paycore.cents(p.settled_gross), 0), 4) AS fee_percentage,
	p.method_type, p.gateway_account, p.psp_charge_id, p.external_ref, p.captured_at, p.settled_at, p.available_on,
	p.reconciled, p.created_at
FROM paycore.payments p
JOIN paycore.billing_accounts a ON a.id = p.billing_account_id AND a.tenant_id = p.tenant_id;
COMMENT ON VIEW paycore.payments_overview IS 'Payments with what is derived of them: refund state, what can still be refunded, fee in percent.';

CREATE OR REPLACE VIEW paycore.foreign_outbox WITH (security_invoker = true) AS
SELECT o.tenant_id, o.id, o.seq, o.gateway_account, o.operation, o.object_type, o.object_id, o.status, o.attempts,
	o.first_sent_at, o.created_at, o.instance, o.database_oid
FROM paycore.outbox o
WHERE o.finished_at IS NULL
	AND (o.instance <> paycore.instance()
		OR o.database_oid <> (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database()));
COMMENT ON VIEW paycore.foreign_outbox IS 'Unfinished requests of another instance or database: not sent from here until adopt_outbox().';
