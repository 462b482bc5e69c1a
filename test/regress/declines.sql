--
-- What declines and errors mean for the payer and for the next try.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
CREATE TEMPORARY TABLE fact (kind text, code text, expected text);
\set codes :srcdir '/data/gateway_codes.txt'
\o /dev/null
SELECT pg_read_file(:'codes') AS content \gset
\o
INSERT INTO fact SELECT split_part(l, ' ', 1), split_part(l, ' ', 2), split_part(l, ' ', 3)
FROM regexp_split_to_table(trim(E'\n' FROM :'content'), E'\n') l;
-- Every code that is documented is in the table, in its class, with its cap.
SELECT count(*) AS documented FROM fact;
SELECT f.* FROM fact f LEFT JOIN paycore.gateway_error_codes() c USING (kind, code)
WHERE c.code IS NULL OR (f.expected <> '' AND c.class <> split_part(f.expected, ':', 1))
	OR (f.expected LIKE '%:2' AND c.max_retries <> 2);
SELECT count(*) = count(DISTINCT (kind, code)) AS each_once, bool_and(payer_message <> '') AS all_have_words,
	bool_and((class = 'retry_later') = (max_retries > 0)) AS retries_where_later,
	bool_and((class = 'retry_later') = (retry_after IS NOT NULL)) AS time_where_later
FROM paycore.gateway_error_codes();
-- The payer hears nothing of fraud, of lost or stolen cards, or of a list.
SELECT kind, code, payer_message FROM paycore.gateway_error_codes() WHERE payer_message ~* 'fraud|lost|stolen|block|black|risk|pick';
SELECT string_agg(code, ' ' ORDER BY code) AS hidden, count(DISTINCT payer_message) AS words FROM paycore.gateway_error_codes() WHERE hidden;
SELECT (SELECT payer_message FROM paycore.explain_error('card_declined', 'stolen_card'))
	= (SELECT payer_message FROM paycore.explain_error('card_declined', 'generic_decline')) AS same_words;
-- Also not where the class comes from elsewhere.
SELECT class, decided_by, payer_message FROM paycore.explain_error('card_declined', 'lost_card', 'try_again_later');
-- Precedence: advice, network advice, decline code, code, type.
CREATE FUNCTION pg_temp.explain(VARIADIC args text[]) RETURNS TABLE (class text, decided_by text, retry_in interval, retries_left int, party text,
	known boolean, payer_message text) LANGUAGE sql AS $$
	SELECT e.class, e.decided_by, e.retry_at - '2026-01-01', e.retries_left, e.party, e.known, e.payer_message
	FROM paycore.explain_error(args[1], args[2], args[3], args[4], args[5], coalesce(args[6]::int, 1), '2026-01-01') e $$;
SELECT * FROM pg_temp.explain('card_declined', 'insufficient_funds', 'do_not_try_again', '02', 'card_error');
SELECT * FROM pg_temp.explain('card_declined', 'insufficient_funds', NULL, '03', 'card_error');
SELECT * FROM pg_temp.explain('card_declined', 'insufficient_funds', NULL, NULL, 'card_error');
SELECT * FROM pg_temp.explain('expired_card', NULL, NULL, NULL, 'card_error');
SELECT * FROM pg_temp.explain(NULL, NULL, NULL, NULL, 'api_error');
-- Advice that says when: the network's own time, and never sooner than the decline's.
SELECT * FROM pg_temp.explain('card_declined', 'insufficient_funds', 'try_again_later');
SELECT * FROM pg_temp.explain('card_declined', 'generic_decline', NULL, '26');
-- Later and later, then another method.
SELECT n, e.class, e.retry_in, e.retries_left FROM generate_series(1, 4) n, pg_temp.explain('card_declined', 'do_not_honor', NULL, NULL, NULL, n::text) e;
SELECT n, e.class, e.retry_in, e.retries_left FROM unnest(ARRAY[1, 2, 3, 8, 9, 15, 16, 2147483647]) n,
	pg_temp.explain('processing_error', NULL, NULL, NULL, NULL, n::text) e;
SELECT n, e.retry_in FROM generate_series(1, 3) n, pg_temp.explain(NULL, NULL, NULL, '24', NULL, n::text) e;
-- Unknown codes: as generic_decline; an unknown detail of a known code leaves the code; no error, no advice.
SELECT * FROM pg_temp.explain('card_declined', 'new_in_2030');
SELECT * FROM pg_temp.explain('new_in_2030');
SELECT * FROM pg_temp.explain('new_in_2030', NULL, NULL, NULL, 'invalid_request_error');
SELECT * FROM pg_temp.explain('expired_card', 'new_in_2030');
SELECT * FROM pg_temp.explain(NULL, NULL, 'new_in_2030', '99');
SELECT class FROM paycore.explain_error();
-- Rows: an intent that was declined, twice with one method.
SELECT id AS ada FROM paycore.create_billing_account('Ada', currency => 'USD', gateway => 'default') \gset
SELECT id AS pi FROM paycore.create_payment_intent(:'ada', '5 USD', 'pm_card_chargeCustomerFail', true, off_session => true) \gset
SELECT class FROM paycore.explain_payment_intent(:'pi');
CALL paycore.drain_outbox();
SELECT status, error_code, decline_code, error_class, payer_message, retries_left, retry_at - (SELECT max(attempted_at) FROM paycore.payment_attempts) AS retry_in
FROM paycore.payment_intents_overview WHERE id = :'pi';
SELECT status FROM paycore.confirm_payment_intent(:'pi', 'pm_card_chargeCustomerFail');
CALL paycore.drain_outbox();
SELECT error_class, retries_left, retry_at - attempted_at AS retry_in FROM paycore.payment_attempts_overview WHERE payment_intent_id = :'pi' ORDER BY id;
-- Another method starts anew.
SELECT status FROM paycore.confirm_payment_intent(:'pi', 'pm_card_visa_chargeDeclinedInsufficientFunds');
CALL paycore.drain_outbox();
SELECT class, payer_message, retries_left, retry_at > now() + '23 hours' AS tomorrow FROM paycore.explain_payment_intent(:'pi');
SELECT status FROM paycore.confirm_payment_intent(:'pi', 'pm_card_visa');
CALL paycore.drain_outbox();
SELECT status, error_class, payer_message FROM paycore.payment_intents_overview WHERE id = :'pi';
SELECT class FROM paycore.explain_payment_intent(:'pi');
SELECT class FROM paycore.explain_payment_intent(gen_random_uuid());
SELECT * FROM paycore.verify();
