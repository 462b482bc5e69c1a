--
-- Disputes, and what warns of them.
--

CREATE FUNCTION paycore.update_dispute_evidence(
	id uuid,
	evidence jsonb DEFAULT '{}',
	metadata jsonb DEFAULT NULL
) RETURNS paycore.dispute
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_update_dispute_evidence';
COMMENT ON FUNCTION paycore.update_dispute_evidence IS 'Stages evidence for a dispute that needs a response: fields are merged, a null removes its field. The bank sees nothing of it before submit_dispute_evidence().';

CREATE FUNCTION paycore.submit_dispute_evidence(id uuid) RETURNS paycore.dispute
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_submit_dispute_evidence';
COMMENT ON FUNCTION paycore.submit_dispute_evidence IS 'Sends all that is staged to the payer''s bank. Most banks take one submission.';

CREATE FUNCTION paycore.close_dispute(id uuid) RETURNS paycore.dispute
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_close_dispute';
COMMENT ON FUNCTION paycore.close_dispute IS 'Accepts the loss of a dispute that needs a response. There is no way back.';

CREATE FUNCTION paycore.refresh_dispute(id uuid) RETURNS paycore.dispute
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_refresh_dispute';
COMMENT ON FUNCTION paycore.refresh_dispute IS 'Asks the gateway for the status of the dispute, after COMMIT.';

CREATE FUNCTION paycore.acknowledge_dispute(id uuid) RETURNS paycore.dispute
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_acknowledge_dispute';
COMMENT ON FUNCTION paycore.acknowledge_dispute IS 'Says that somebody has seen that a decided dispute was opened again or decided otherwise: health() no longer counts it until it happens again.';

-- own: before it was exchanged, in the currency of what is disputed; null where it was exchanged at a rate that is not
-- known, or between units that are not ours.
CREATE FUNCTION paycore.dispute_movements(disputed paycore.money_cents, balance_transactions jsonb,
	OUT id text, OUT reporting_category text, OUT amount paycore.money_cents, OUT fee paycore.money_cents,
	OUT own paycore.money_cents, OUT occurred_at timestamptz, OUT available_on timestamptz)
RETURNS SETOF record
LANGUAGE sql STABLE ROWS 2
SET search_path = pg_catalog, pg_temp
AS $movements$
SELECT m.id, m.reporting_category, paycore.money_cents(m.amount, m.currency), paycore.money_cents(m.fee, m.currency),
	CASE WHEN m.currency::text = paycore.currency($1)::text THEN paycore.money_cents(m.amount, m.currency)
		WHEN m.rate > 0 THEN paycore.money_cents(CASE WHEN m.amount < 0 THEN -1 ELSE 1 END
			-- The whole of it where the rate makes the amount of that; gateways round either way.
			* CASE WHEN abs(round(paycore.cents($1) * m.rate) - abs(m.amount)) <= 1 THEN paycore.cents($1)
				ELSE round(abs(m.amount) / m.rate)::bigint END, paycore.currency($1)) END,
	to_timestamp(nullif(m.created, 0)), to_timestamp(nullif(m.available_on, 0))
FROM (
	SELECT b ->> 'id' AS id, b ->> 'reporting_category' AS reporting_category, (b ->> 'amount')::bigint AS amount,
		(b ->> 'fee')::bigint AS fee, (b ->> 'currency')::paycore.currency AS currency, (b ->> 'created')::bigint AS created,
		(b ->> 'available_on')::bigint AS available_on,
		CASE WHEN b ->> 'exchange_rate' ~ '^[0-9]+(\.[0-9]+)?$'
			AND NOT ARRAY['ISK', 'UGX', 'MGA'] && ARRAY[b ->> 'currency', paycore.currency($1)::text]
			THEN (b ->> 'exchange_rate')::numeric END AS rate
	FROM jsonb_array_elements($2) b) m
$movements$;
COMMENT ON FUNCTION paycore.dispute_movements(paycore.money_cents, jsonb) IS 'The balance transactions of a dispute, and what each was in the currency of the dispute.';
