-- Of credit notes: what is to stand of each fact, and since when; what could not be refunded is the account's from then on.
SELECT n.id, n.tenant_id, n.billing_account_id,
	CASE WHEN n.voided_at IS NULL THEN n.total OPERATOR(paycore.-) n.tax ELSE z.zero END, z.at, CASE WHEN n.voided_at IS NULL THEN n.tax ELSE z.zero END, z.at,
	CASE WHEN n.voided_at IS NULL THEN n.to_balance OPERATOR(paycore.+) n.refund_failed ELSE z.zero END, z.moved_at,
	CASE WHEN n.voided_at IS NULL THEN n.to_refund OPERATOR(paycore.-) n.refund_failed ELSE z.zero END, z.moved_at,
	CASE WHEN n.voided_at IS NULL THEN n.out_of_band ELSE z.zero END, z.at
FROM @WHOSE@ n, LATERAL (SELECT paycore.money_cents(0, n.currency) AS zero, coalesce(n.voided_at, n.issued_at) AS at, coalesce(n.voided_at,
	CASE WHEN paycore.cents(n.refund_failed) > 0 THEN coalesce((SELECT c.shows FROM paycore.test_clocks c WHERE c.tenant_id = n.tenant_id), now()) END, n.issued_at) AS moved_at) z
WHERE true
