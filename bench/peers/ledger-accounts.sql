--
-- The same accounts for both, their ids to be told from a number.
--

INSERT INTO paycore.ledger_accounts (id, code, kind, currency, normal_side)
	SELECT ('00000000-0000-7000-8000-' || 100000000000 + n)::uuid, 'account ' || n, 'liability', 'USD', 'credit'
	FROM generate_series(1, 10000) n;
INSERT INTO peer.accounts (id, currency)
	SELECT ('00000000-0000-7000-8000-' || 100000000000 + n)::uuid, 'USD' FROM generate_series(1, 10000) n;
