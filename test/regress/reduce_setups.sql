--
-- Setup intents, mandates and card updates as the gateway tells them.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/reduce_setup.sql'
\i :setup
CREATE FUNCTION si(id text, status text, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('object', 'setup_intent', 'id', id, 'status', status, 'usage', 'off_session', 'customer', 'cus_ada',
		'created', 1000000000, 'client_secret', id || '_secret_x', 'metadata', '{}'::jsonb, 'livemode', false) || more $$;
CREATE FUNCTION pm(id text, customer text, month int DEFAULT 12, year int DEFAULT 2030, last4 text DEFAULT '4242') RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('object', 'payment_method', 'id', id, 'type', 'card', 'customer', customer, 'created', 1000000000, 'livemode', false,
		'card', jsonb_build_object('brand', 'visa', 'last4', last4, 'exp_month', month, 'exp_year', year)) $$;
CREATE FUNCTION md(id text, status text, method text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('object', 'mandate', 'id', id, 'status', status, 'type', 'multi_use', 'payment_method', method, 'livemode', false,
		'customer_acceptance', '{"type": "online", "accepted_at": 1000000000}'::jsonb, 'payment_method_details', '{"type": "sepa_debit"}'::jsonb) $$;
CREATE FUNCTION setup(psp text) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', status, payment_method, psp_mandate_id, error_code, CASE WHEN gw_doubt THEN 'doubt' END, CASE WHEN client_secret IS NOT NULL THEN 'secret' END)
	FROM paycore.setup_intents WHERE psp_setup_intent_id = psp $$;
CREATE FUNCTION methods() RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(concat_ws(' ', psp_payment_method_id, status, last4, exp_month || '/' || exp_year, CASE WHEN is_default THEN 'default' END), ', ' ORDER BY psp_payment_method_id)
	FROM paycore.payment_methods $$;
CREATE FUNCTION mandate(psp text) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', status, type, method_type, acceptance, CASE WHEN activated_at IS NOT NULL THEN 'activated' END, CASE WHEN ended_at IS NOT NULL THEN 'ended' END)
	FROM paycore.mandates WHERE psp_mandate_id = psp $$;
CREATE FUNCTION ours_setup() RETURNS uuid LANGUAGE sql AS $$
	INSERT INTO paycore.setup_intents (billing_account_id, gateway_account) VALUES ('00000000-0000-7000-8000-00000000000a', 'default') RETURNING id $$;
-- Bound by the request whose answer it is, by its mark, by the key of an event; never to another gateway account's row.
SELECT ours_setup() AS a, ours_setup() AS b, ours_setup() AS c \gset
SELECT answer(si('seti_a', 'requires_payment_method'), 1, jsonb_build_object('tenant', 'default', 'object_type', 'setup_intent', 'object_id', :'a', 'op', 'setup.create'));
SELECT event(si('seti_b', 'requires_action', jsonb_build_object('metadata', jsonb_build_object('paycore_setup_intent', :'b', 'paycore_tenant', 'default',
	'paycore_account', '00000000-0000-7000-8000-00000000000a', 'paycore_db', test_mark()))), 1);
SELECT event(si('seti_x', 'requires_action', jsonb_build_object('metadata', jsonb_build_object('paycore_setup_intent', :'c', 'paycore_tenant', 'default',
	'paycore_account', '00000000-0000-7000-8000-00000000000a', 'paycore_db', 'another database'))), 1);
SELECT id = :'a', setup(psp_setup_intent_id) FROM paycore.setup_intents WHERE psp_setup_intent_id = 'seti_a';
SELECT id = :'b', setup(psp_setup_intent_id), metadata FROM paycore.setup_intents WHERE psp_setup_intent_id = 'seti_b';
SELECT id = :'c', setup(psp_setup_intent_id) FROM paycore.setup_intents WHERE psp_setup_intent_id = 'seti_x';
-- Older pictures are dropped; over is over.
SELECT event(si('seti_a', 'requires_action'), 5), event(si('seti_a', 'requires_confirmation'), 3), setup('seti_a');
SELECT event(si('seti_a', 'requires_payment_method', '{"last_setup_error": {"type": "card_error", "code": "card_declined"}}'), 6), setup('seti_a');
SELECT event(si('seti_a', 'succeeded', '{"payment_method": "pm_a", "mandate": "mandate_a"}'), 7), setup('seti_a'), looks();
SELECT event(si('seti_a', 'canceled'), 8), setup('seti_a');
SELECT event(si('seti_a', 'succeeded', '{"payment_method": "pm_a", "mandate": "mandate_a"}'), 7);
-- The GETs that follow bring the method and the mandate.
SELECT methods();
SELECT answer(pm('pm_a', 'cus_ada'), 9), answer(md('mandate_a', 'active', 'pm_a'), 9), methods(), mandate('mandate_a');
SELECT forget_looks();
-- Everything in one answer.
SELECT event(si('seti_b', 'succeeded') || jsonb_build_object('payment_method', pm('pm_b', 'cus_ada'), 'mandate', md('mandate_b', 'pending', 'pm_b')), 7), setup('seti_b');
SELECT methods(), mandate('mandate_b'), looks();
-- In one second: two steps ask the gateway.
SELECT ours_setup() AS d \gset
SELECT answer(si('seti_d', 'requires_confirmation'), 20, jsonb_build_object('tenant', 'default', 'object_type', 'setup_intent', 'object_id', :'d', 'op', 'setup.create'));
SELECT event(si('seti_d', 'requires_action'), 20), setup('seti_d');
SELECT event(si('seti_d', 'requires_payment_method'), 20), setup('seti_d'), looks();
SELECT answer(si('seti_d', 'requires_action'), 22), setup('seti_d');
SELECT forget_looks();
-- Mandates: pending, active, inactive and no way back; in any order.
SELECT event(md('mandate_b', 'active', 'pm_b'), 7), mandate('mandate_b');
SELECT event(md('mandate_b', 'pending', 'pm_b'), 7), mandate('mandate_b');
SELECT event(md('mandate_b', 'inactive', 'pm_b'), 9), event(md('mandate_b', 'active', 'pm_b'), 8), event(md('mandate_b', 'active', 'pm_b'), 30), mandate('mandate_b');
-- One of a method that is unknown here: the method is asked for, once.
SELECT event(md('mandate_z', 'active', 'pm_z'), 9), looks();
SELECT forget_looks();
SELECT event(md('mandate_z', 'active', 'pm_z'), 9, 'mandate.updated', '{"parent_sought": true}'), mandate('mandate_z');
SELECT answer(pm('pm_z', 'cus_ada'), 10), event(md('mandate_z', 'active', 'pm_z'), 9), mandate('mandate_z');
-- The network updates a card; an older picture does not undo it.
SELECT event(pm('pm_b', 'cus_ada', 6, 2034, '1881'), 40, 'payment_method.automatically_updated', '{"previous": {"card": {"exp_year": 2030}}}'), methods();
SELECT event(pm('pm_b', 'cus_ada'), 39, 'payment_method.updated'), methods();
-- Detached at the gateway: no default any more, and it does not come back.
SELECT psp_payment_method_id, is_default FROM paycore.set_default_payment_method((SELECT id FROM paycore.payment_methods WHERE psp_payment_method_id = 'pm_b'));
SELECT event(pm('pm_b', NULL, 6, 2034, '1881'), 50, 'payment_method.detached'), event(pm('pm_b', 'cus_ada', 6, 2034, '1881'), 60), methods();
-- Not ours: of an unknown customer; where nothing is adopted.
SELECT event(si('seti_y', 'succeeded', '{"customer": "cus_nobody", "payment_method": "pm_y"}'), 1), setup('seti_y');
UPDATE paycore.gateway_accounts SET adopt = 'none';
SELECT event(si('seti_w', 'requires_action'), 1), event(md('mandate_w', 'active', 'pm_w'), 1), setup('seti_w'), looks();
-- Ours is saved all the same.
SELECT ours_setup() AS e \gset
SELECT answer(si('seti_e', 'succeeded') || jsonb_build_object('payment_method', pm('pm_e', 'cus_ada')), 1,
	jsonb_build_object('tenant', 'default', 'object_type', 'setup_intent', 'object_id', :'e', 'op', 'setup.create')), methods();
-- In another API version: only a hint.
SELECT event(si('seti_d', 'succeeded'), 60, 'setup_intent.succeeded', '{"only_hint": true}'), setup('seti_d'), looks();
-- A mistyped object is none.
SELECT event(si('seti_d', 'nonsense'), 70), event(md('mandate_a', 'nonsense', 'pm_a'), 70), event(si('seti_d', 'failed'), 70), mandate('mandate_a');
SELECT severity, rule, object_type, detail FROM paycore.verify() WHERE rule <> 'a created setup intent is on its way';
