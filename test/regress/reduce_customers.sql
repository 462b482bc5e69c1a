--
-- Reduce: customers and payment methods.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/reduce_setup.sql'
\i :setup
CREATE FUNCTION cu(id text, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('object', 'customer', 'id', id, 'name', 'Ada', 'email', 'ada@example.com', 'metadata', '{}'::jsonb, 'livemode', false) || more $$;
CREATE FUNCTION pm(id text, customer text, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('object', 'payment_method', 'id', id, 'type', 'card', 'customer', customer, 'livemode', false,
		'card', '{"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2030, "country": "US"}'::jsonb) || more $$;
CREATE FUNCTION account(psp text) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' | ', name, email, city, metadata, CASE WHEN gw_doubt THEN 'doubt' END, CASE WHEN gw_deleted THEN 'deleted' END, status)
	FROM paycore.billing_accounts WHERE psp_customer_id = psp $$;
CREATE FUNCTION method(psp text) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', status, type, brand, last4, exp_month, exp_year, attached_at IS NOT NULL, detached_at IS NOT NULL, CASE WHEN gw_doubt THEN 'doubt' END)
	FROM paycore.payment_methods WHERE psp_payment_method_id = psp $$;

-- The first picture is made of ours; later ones bring what changed there.
INSERT INTO paycore.billing_accounts (id, name, email, currency, metadata) VALUES ('00000000-0000-7000-8000-00000000000c', 'Bob', 'bob@example.com', 'USD', '{"tier": 1}');
SELECT answer(cu('cus_bob', '{"name": "Bob", "email": "bob@example.com", "metadata": {"tier": "1", "paycore_account": "x"}}'), 1,
	'{"op": "customer.create", "tenant": "default", "object_type": "billing_account", "object_id": "00000000-0000-7000-8000-00000000000c"}');
SELECT account('cus_bob');
SELECT event(cu('cus_bob', '{"name": "Robert", "email": "bob@example.com", "address": {"city": "Bern"}, "metadata": {"tier": "2"}}'), 5), account('cus_bob');
SELECT event(cu('cus_bob', '{"name": "Older"}'), 4), account('cus_bob');
-- Ties: previous_attributes, else GET.
SELECT event(cu('cus_bob', '{"name": "Bobby", "email": "bob@example.com"}'), 5, 'customer.updated', '{"previous": {"name": "Robert"}}'), account('cus_bob');
SELECT event(cu('cus_bob', '{"name": "Who", "email": "bob@example.com"}'), 5, 'customer.updated', '{"previous": {"name": "Other"}}'), account('cus_bob'), looks();
SELECT forget_looks();
SELECT answer(cu('cus_bob', '{"name": "Bobby", "email": "bob@example.com"}'), 6), account('cus_bob');
-- While an update of ours is unsent, its fields are ours.
INSERT INTO paycore.outbox (gateway_account, operation, object_type, object_id, lane, idempotency_key, instance, database_oid)
	VALUES ('default', 'customer.update', 'billing_account', '00000000-0000-7000-8000-00000000000c', '00000000-0000-7000-8000-00000000000c', 'key', '', 0);
SELECT event(cu('cus_bob', '{"name": "Theirs"}'), 7), account('cus_bob');
SELECT forget_looks();
-- Deleted absorbs.
SELECT event(cu('cus_bob', '{"deleted": true}'), 3), event(cu('cus_bob', '{"name": "Back"}'), 9), account('cus_bob');
-- An e-mail that does not fit stops nothing.
SELECT event(cu('cus_ada', '{"name": "Ada L."}'), 1), event(cu('cus_ada', jsonb_build_object('email', repeat('x', 600))), 2), account('cus_ada');
SELECT event(cu('cus_nobody'), 1);
-- By the mark.
INSERT INTO paycore.billing_accounts (id, name, currency) VALUES ('00000000-0000-7000-8000-00000000000d', 'Cy', 'USD');
SELECT event(cu('cus_cy', jsonb_build_object('metadata', jsonb_build_object('paycore_account', '00000000-0000-7000-8000-00000000000d', 'paycore_tenant', 'default', 'paycore_db', test_mark()))), 1);
SELECT account('cus_cy');

-- Methods.
INSERT INTO paycore.payment_methods (billing_account_id, gateway_account, psp_payment_method_id) VALUES ('00000000-0000-7000-8000-00000000000a', 'default', 'pm_1');
SELECT event(pm('pm_1', NULL), 1), method('pm_1');
SELECT event(pm('pm_1', 'cus_ada'), 2, 'payment_method.attached'), method('pm_1');
SELECT event(pm('pm_1', 'cus_ada', '{"card": {"brand": "visa", "last4": "4242", "exp_month": 1, "exp_year": 2034}}'), 3, 'payment_method.automatically_updated'), method('pm_1');
SELECT event(pm('pm_1', 'cus_ada'), 3), method('pm_1'), looks();
SELECT forget_looks();
SELECT event(pm('pm_1', NULL), 2, 'payment_method.detached', '{"previous": {"customer": "cus_ada"}}'), method('pm_1');
SELECT event(pm('pm_1', 'cus_ada'), 9), method('pm_1');
-- A customer that we know saved one elsewhere.
SELECT event(pm('pm_2', 'cus_ada'), 1), method('pm_2'), event(pm('pm_3', 'cus_nobody'), 1);
SELECT severity, rule, count(*) FROM paycore.verify() GROUP BY 1, 2 ORDER BY 1, 2;
