--
-- Usage thresholds: what raises an alert, or an invoice, once so much is used.
--

CREATE TYPE paycore.usage_threshold AS (
	id uuid,
	tenant_id text,
	billing_account_id uuid,
	subscription_id uuid,
	meter_id uuid,
	quantity numeric,
	amount paycore.money_cents,
	action text,
	recurs text,
	description text,
	metadata jsonb,
	set_at timestamptz,
	removed_at timestamptz,
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.usage_threshold IS 'So much usage of a subscription, or (none named) of each of an account''s, within a billing period: a quantity of a meter, or what it costs by its prices, before discounts and taxes (meter_id null: all that is metered). action: alert, or invoice, which also bills what was used so far. recurs: in each period, or once.';

CREATE TYPE paycore.usage_alert AS (
	id uuid,
	tenant_id text,
	threshold_id uuid,
	billing_account_id uuid,
	subscription_id uuid,
	meter_id uuid,
	status text,
	action text,
	once boolean,
	period_start timestamptz,
	period_end timestamptz,
	quantity numeric,
	amount paycore.money_cents,
	raised_at timestamptz,
	invoice_id uuid,
	created_at timestamptz
);
COMMENT ON TYPE paycore.usage_alert IS 'A threshold that usage of a subscription has reached within a period, with what it came to when that was noticed. status: raised; where an invoice was asked for, then invoiced, or dropped, for there was nothing to bill.';

CREATE FUNCTION paycore.set_usage_threshold(
	meter text DEFAULT NULL,
	quantity numeric DEFAULT NULL,
	amount paycore.money_cents DEFAULT NULL,
	billing_account_id uuid DEFAULT NULL,
	subscription_id uuid DEFAULT NULL,
	action text DEFAULT 'alert',
	recurs text DEFAULT 'period',
	description text DEFAULT NULL,
	metadata jsonb DEFAULT '{}'
) RETURNS paycore.usage_threshold
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_set_usage_threshold';
COMMENT ON FUNCTION paycore.set_usage_threshold IS 'Watches the usage of a subscription, or of each of an account''s, for a quantity of a meter or an amount of money within a billing period. action: alert, or invoice (bill what was used so far). recurs: period (in each), or once. The same again gives the one that is there.';

CREATE FUNCTION paycore.remove_usage_threshold(id uuid) RETURNS paycore.usage_threshold
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_remove_usage_threshold';
COMMENT ON FUNCTION paycore.remove_usage_threshold IS 'Watches no longer; alerts that were raised stay.';

CREATE FUNCTION paycore.list_usage_thresholds(
	billing_account_id uuid DEFAULT NULL,
	subscription_id uuid DEFAULT NULL,
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.usage_threshold
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_list';
COMMENT ON FUNCTION paycore.list_usage_thresholds IS 'A page of the usage thresholds of an account and its subscriptions, of a subscription alone, or of the tenant, newest first; after is the last id of the page before.';

CREATE FUNCTION paycore.list_usage_alerts(
	billing_account_id uuid DEFAULT NULL,
	subscription_id uuid DEFAULT NULL,
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.usage_alert
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_list';
COMMENT ON FUNCTION paycore.list_usage_alerts IS 'A page of the usage alerts of an account, of a subscription, or of the tenant, newest first; after is the last id of the page before.';

REVOKE EXECUTE ON FUNCTION paycore.set_usage_threshold, paycore.remove_usage_threshold FROM PUBLIC;
