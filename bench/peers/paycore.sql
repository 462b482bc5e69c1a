--
-- The data of the SQL path: a gateway account that nobody drains, 10,000 accounts whose customers exist.
--

UPDATE paycore.gateway_accounts SET gateway = 'stripe', livemode = false, status = 'paused' WHERE name = 'default';
INSERT INTO paycore.billing_accounts (id, name, currency, psp_customer_id)
	SELECT ('00000000-0000-7000-8000-' || 100000000000 + n)::uuid, 'Account ' || n, 'USD', 'cus_' || n
	FROM generate_series(1, 10000) n;
VACUUM ANALYZE;
