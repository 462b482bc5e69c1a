--
-- Usage thresholds: what raises an alert, or an invoice, once so much is used.
--

CREATE TYPE paycore.usage_threshold AS (
	id uuid,
	tenant_id text,
	billing_account_id uuid,
	subscription_id uuid, -- Whose usage; null: of each subscription of the account.
	meter_id uuid, -- Which usage; null: all that is metered, by what it costs.
	quantity numeric, -- From this quantity on, or null.
	amount paycore.money_cents, -- From what it costs, before discounts and taxes, or null.
	action text, -- alert, or invoice: what was used so far is billed.
	recurs text, -- period (in each) or once.
	description text, -- What it is for.
	metadata jsonb,
	set_at timestamptz, -- When it was set, by the billing clock.
	removed_at timestamptz, -- When it was removed.
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.usage_threshold IS 'So much usage of a subscription, or of each of an account''s, within a billing period: a quantity of a meter, or what it costs by its prices.';

CREATE TYPE paycore.usage_alert AS (
	id uuid,
	tenant_id text,
	threshold_id uuid, -- The threshold.
	billing_account_id uuid,
	subscription_id uuid, -- Whose usage.
	meter_id uuid, -- Which usage.
	status text, -- raised, invoiced, or dropped: there was nothing to bill.
	action text, -- alert or invoice.
	once boolean, -- Whether the threshold is for once.
	period_start timestamptz, -- Beginning of the period.
	period_end timestamptz, -- End of the period.
	quantity numeric, -- What usage came to when that was noticed.
	amount paycore.money_cents, -- What it cost then.
	raised_at timestamptz, -- When, by the billing clock.
	invoice_id uuid, -- The invoice that billed it.
	created_at timestamptz
);
COMMENT ON TYPE paycore.usage_alert IS 'A threshold that usage of a subscription has reached within a period.';

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
