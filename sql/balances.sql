--
-- What an account is owed, or owes, between payments.
--

CREATE FUNCTION paycore.credit_account(
	billing_account_id uuid,
	amount paycore.money_cents,
	reason text,
	description text DEFAULT NULL,
	metadata jsonb DEFAULT '{}',
	idempotency_key text DEFAULT NULL
) RETURNS paycore.account_transaction
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_credit_account';
COMMENT ON FUNCTION paycore.credit_account IS 'Adds to what an account is owed, in any currency: a balance per account and currency.';

CREATE FUNCTION paycore.debit_account(
	billing_account_id uuid,
	amount paycore.money_cents,
	reason text,
	description text DEFAULT NULL,
	overdraw boolean DEFAULT false,
	metadata jsonb DEFAULT '{}',
	idempotency_key text DEFAULT NULL
) RETURNS paycore.account_transaction
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_debit_account';
COMMENT ON FUNCTION paycore.debit_account IS 'Takes from what an account is owed; with overdraw => true also more than there is, so that the account owes the rest.';

CREATE FUNCTION paycore.account_balance(billing_account_id uuid, currency paycore.currency DEFAULT NULL) RETURNS paycore.money_cents
LANGUAGE sql STABLE
AS $$
	SELECT coalesce(
		(SELECT b.balance FROM paycore.account_balances b
			WHERE b.billing_account_id OPERATOR(pg_catalog.=) a.id AND b.tenant_id OPERATOR(pg_catalog.=) a.tenant_id
				AND b.currency OPERATOR(paycore.=) coalesce($2, a.currency)),
		paycore.money_cents(0::bigint, coalesce($2, a.currency)))
	FROM paycore.billing_accounts a
	WHERE a.id OPERATOR(pg_catalog.=) $1 AND a.tenant_id OPERATOR(pg_catalog.=) paycore.current_tenant()
$$;
COMMENT ON FUNCTION paycore.account_balance IS 'What an account is owed, in its own currency or the given one; below zero where it owes. NULL: no such account.';

CREATE FUNCTION paycore.list_account_transactions(
	billing_account_id uuid DEFAULT NULL,
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.account_transaction
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_list';
COMMENT ON FUNCTION paycore.list_account_transactions IS 'A page of the changes of an account''s balances, or of the tenant''s, newest first; after is the last id of the page before.';
