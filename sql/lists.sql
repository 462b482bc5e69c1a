--
-- Pages of rows, newest first, and the way from a gateway's id to a row.
--

CREATE FUNCTION paycore.list_billing_accounts(
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.billing_account
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_list';
COMMENT ON FUNCTION paycore.list_billing_accounts IS 'A page (at most 1000) of the tenant''s billing accounts, newest first; after is the last id of the page before.';

CREATE FUNCTION paycore.list_payment_methods(
	billing_account_id uuid DEFAULT NULL,
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.payment_method
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_list';
COMMENT ON FUNCTION paycore.list_payment_methods IS 'A page of the payment methods of an account, or of the tenant, newest first; after is the last id of the page before.';

CREATE FUNCTION paycore.list_payment_intents(
	billing_account_id uuid DEFAULT NULL,
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.payment_intent
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_list';
COMMENT ON FUNCTION paycore.list_payment_intents IS 'A page of the payment intents of an account, or of the tenant, newest first; after is the last id of the page before.';

CREATE FUNCTION paycore.list_payments(
	billing_account_id uuid DEFAULT NULL,
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.payment
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_list';
COMMENT ON FUNCTION paycore.list_payments IS 'A page of the payments of an account, or of the tenant, newest first; after is the last id of the page before.';

CREATE FUNCTION paycore.list_refunds(
	billing_account_id uuid DEFAULT NULL,
	credit_note_id uuid DEFAULT NULL,
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.refund
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_list';
COMMENT ON FUNCTION paycore.list_refunds IS 'A page of the refunds of an account, of those that a credit note gives, or of the tenant, newest first; after is the last id of the page before.';

CREATE FUNCTION paycore.list_payouts(
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.payout
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_list';
COMMENT ON FUNCTION paycore.list_payouts IS 'A page of the tenant''s payouts, newest first; after is the last id of the page before.';

CREATE FUNCTION paycore.list_balance_transactions(
	payout_id uuid DEFAULT NULL,
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.balance_transaction
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_list';
COMMENT ON FUNCTION paycore.list_balance_transactions IS 'A page of the balance transactions in a payout, or of the tenant, newest first; after is the last id of the page before.';

CREATE FUNCTION paycore.payment_history(
	billing_account_id uuid,
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.payment
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_payment_history';
COMMENT ON FUNCTION paycore.payment_history IS 'A page of an account''s payments, newest first; after is the last id of the page before.';

CREATE FUNCTION paycore.status_history(object_id uuid) RETURNS SETOF paycore.status_change
LANGUAGE C STABLE ROWS 10
AS 'MODULE_PATHNAME', 'paycore_status_history';
COMMENT ON FUNCTION paycore.status_history IS 'Every step of an object''s status, oldest first.';

CREATE FUNCTION paycore.billing_account_by_psp_id(psp_id text, gateway_account text DEFAULT 'default') RETURNS paycore.billing_account
LANGUAGE C STABLE STRICT
AS 'MODULE_PATHNAME', 'paycore_billing_account_by_psp_id';
COMMENT ON FUNCTION paycore.billing_account_by_psp_id IS 'The row of a customer at the gateway, by its id there; NULL where there is none.';

CREATE FUNCTION paycore.payment_method_by_psp_id(psp_id text, gateway_account text DEFAULT 'default') RETURNS paycore.payment_method
LANGUAGE C STABLE STRICT
AS 'MODULE_PATHNAME', 'paycore_payment_method_by_psp_id';
COMMENT ON FUNCTION paycore.payment_method_by_psp_id IS 'The row of a payment method at the gateway, by its id there; NULL where there is none.';

CREATE FUNCTION paycore.payment_intent_by_psp_id(psp_id text, gateway_account text DEFAULT 'default') RETURNS paycore.payment_intent
LANGUAGE C STABLE STRICT
AS 'MODULE_PATHNAME', 'paycore_payment_intent_by_psp_id';
COMMENT ON FUNCTION paycore.payment_intent_by_psp_id IS 'The row of a payment intent at the gateway, by its id there; NULL where there is none.';

CREATE FUNCTION paycore.payment_by_psp_id(psp_id text, gateway_account text DEFAULT 'default') RETURNS paycore.payment
LANGUAGE C STABLE STRICT
AS 'MODULE_PATHNAME', 'paycore_payment_by_psp_id';
COMMENT ON FUNCTION paycore.payment_by_psp_id IS 'The row of a charge at the gateway, by its id there; NULL where there is none.';

CREATE FUNCTION paycore.refund_by_psp_id(psp_id text, gateway_account text DEFAULT 'default') RETURNS paycore.refund
LANGUAGE C STABLE STRICT
AS 'MODULE_PATHNAME', 'paycore_refund_by_psp_id';
COMMENT ON FUNCTION paycore.refund_by_psp_id IS 'The row of a refund at the gateway, by its id there; NULL where there is none.';

CREATE FUNCTION paycore.payout_by_psp_id(psp_id text, gateway_account text DEFAULT 'default') RETURNS paycore.payout
LANGUAGE C STABLE STRICT
AS 'MODULE_PATHNAME', 'paycore_payout_by_psp_id';
COMMENT ON FUNCTION paycore.payout_by_psp_id IS 'The row of a payout at the gateway, by its id there; NULL where there is none.';

CREATE FUNCTION paycore.list_disputes(
	billing_account_id uuid DEFAULT NULL,
	payment_id uuid DEFAULT NULL,
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.dispute
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_list';
COMMENT ON FUNCTION paycore.list_disputes IS 'A page of the disputes of a payment, of an account, or of the tenant, newest first; after is the last id of the page before.';

CREATE FUNCTION paycore.list_early_fraud_warnings(
	billing_account_id uuid DEFAULT NULL,
	payment_id uuid DEFAULT NULL,
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.early_fraud_warning
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_list';
COMMENT ON FUNCTION paycore.list_early_fraud_warnings IS 'A page of the early fraud warnings of a payment, of an account, or of the tenant, newest first; after is the last id of the page before.';

CREATE FUNCTION paycore.list_reviews(
	billing_account_id uuid DEFAULT NULL,
	payment_id uuid DEFAULT NULL,
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.review
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_list';
COMMENT ON FUNCTION paycore.list_reviews IS 'A page of the reviews of a payment, of an account, or of the tenant, newest first; after is the last id of the page before.';

CREATE FUNCTION paycore.dispute_by_psp_id(psp_id text, gateway_account text DEFAULT 'default') RETURNS paycore.dispute
LANGUAGE C STABLE STRICT
AS 'MODULE_PATHNAME', 'paycore_dispute_by_psp_id';
COMMENT ON FUNCTION paycore.dispute_by_psp_id IS 'The row of a dispute at the gateway, by its id there; NULL where there is none.';
