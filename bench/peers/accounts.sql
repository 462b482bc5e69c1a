--
-- The same gateway account and billing accounts as paycore's.
--

INSERT INTO gateway_accounts (name, gateway, livemode, status) VALUES ('default', 'stripe', false, 'paused');
INSERT INTO billing_accounts (id, name, currency, psp_customer_id)
	SELECT ('00000000-0000-7000-8000-' || 100000000000 + n)::uuid, 'Account ' || n, 'USD', 'cus_' || n
	FROM generate_series(1, 10000) n;
