--
-- Subscriptions: who has agreed to pay what, how often, and since when.
--

CREATE TYPE paycore.test_clock AS (
	tenant_id text,
	shows timestamptz, -- The time that billing takes it to be.
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.test_clock IS 'The time that billing takes it to be for a tenant, until it is moved on.';

CREATE TYPE paycore.subscription AS (
	id uuid,
	tenant_id text,
	billing_account_id uuid, -- Who pays.
	status paycore.subscription_status, -- How far it is.
	currency paycore.currency,
	every paycore.billing_interval, -- How long a period is.
	anchor timestamptz, -- From when periods are counted.
	time_zone text, -- The time zone they are counted in.
	starts_at timestamptz, -- When it starts.
	trial_end timestamptz, -- When its trial ends.
	period_start timestamptz, -- Beginning of the current period.
	period_end timestamptz, -- End of the current period.
	billed_until timestamptz, -- What lies before is billed, or was never owed.
	next_bill_at timestamptz, -- When a billing run has something to do for it.
	change_at timestamptz, -- When its next scheduled change is due.
	collection text, -- charge_automatically or send_invoice.
	days_until_due integer, -- Days from finalisation until its invoices are due.
	payment_method text, -- What it is charged with; null: the account's default.
	dunning_policy_id uuid, -- Whose steps follow failed charges; null: the account's.
	minimum paycore.money_cents, -- What a period costs at least.
	description text, -- Text on its invoices.
	external_ref text, -- The application's own id of it.
	cancel_at timestamptz, -- When it ends, unless keep_subscription() is called before.
	cancel_reason text, -- Why.
	canceled_at timestamptz, -- When that was asked for.
	ended_at timestamptz, -- When it ended.
	paused_at timestamptz, -- When it was paused.
	resumes_at timestamptz, -- When it goes on by itself.
	parked_at timestamptz, -- When it could not be billed: it waits for retry_billing().
	parked_reason text, -- Why.
	mrr paycore.money_cents, -- What it brings in a month; null: nothing yet.
	mrr_since timestamptz, -- Since when it is so much.
	metadata jsonb,
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.subscription IS 'What an account pays for again and again.';

CREATE TYPE paycore.subscription_item AS (
	id uuid,
	tenant_id text,
	subscription_id uuid, -- The subscription.
	billing_account_id uuid,
	product_id uuid, -- What is sold.
	price_id uuid, -- At what price.
	quantity numeric, -- How many.
	exclusive boolean, -- Whether the account may have the product only once.
	starts_at timestamptz, -- From when on.
	ends_at timestamptz, -- Until when; null: it goes on.
	replaces_id uuid, -- The item that it came in place of.
	metadata jsonb,
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.subscription_item IS 'So many of a price. What it is never changes: another price or quantity is another item, which replaces it.';

CREATE FUNCTION paycore.set_test_clock(at timestamptz) RETURNS paycore.test_clock
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_set_test_clock';
COMMENT ON FUNCTION paycore.set_test_clock IS 'Sets the time that billing takes it to be for this tenant, or moves it on. Only where no gateway account of the tenant takes real money.';

CREATE FUNCTION paycore.remove_test_clock() RETURNS boolean
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_remove_test_clock';
COMMENT ON FUNCTION paycore.remove_test_clock IS 'Billing goes by the real time again; false where it did already.';

CREATE FUNCTION paycore.billing_now() RETURNS timestamptz
LANGUAGE C STABLE
AS 'MODULE_PATHNAME', 'paycore_billing_now';
COMMENT ON FUNCTION paycore.billing_now IS 'The time that billing takes it to be for this tenant: its test clock''s, or that of the transaction.';

CREATE FUNCTION paycore.create_subscription(
	billing_account_id uuid,
	items jsonb,
	details jsonb DEFAULT '{}',
	idempotency_key text DEFAULT NULL
) RETURNS paycore.subscription
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_create_subscription';
COMMENT ON FUNCTION paycore.create_subscription IS 'Subscribes an account. items: an array of objects of price (its id or code), quantity (1), exclusive (false), metadata. details: starts_at, trial_days, trial_end, anchor, time_zone, collection (charge_automatically or send_invoice), days_until_due, payment_method, dunning_policy (its name), minimum, description, external_ref, cancel_at, metadata.';

CREATE FUNCTION paycore.update_subscription(
	id uuid,
	changes jsonb
) RETURNS paycore.subscription
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_update_subscription';
COMMENT ON FUNCTION paycore.update_subscription IS 'Changes what is named in changes: collection, days_until_due, payment_method, dunning_policy, minimum, description, external_ref, metadata; trial_end, of one that is trialing: a time that is not to come ends the trial now.';

CREATE FUNCTION paycore.cancel_subscription(
	id uuid,
	at_period_end boolean DEFAULT true,
	reason text DEFAULT NULL
) RETURNS paycore.subscription
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_cancel_subscription';
COMMENT ON FUNCTION paycore.cancel_subscription IS 'Ends a subscription when its period does, or now.';

CREATE FUNCTION paycore.keep_subscription(id uuid) RETURNS paycore.subscription
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_keep_subscription';
COMMENT ON FUNCTION paycore.keep_subscription IS 'Takes back a cancellation that has not come to pass yet.';

CREATE FUNCTION paycore.pause_subscription(
	id uuid,
	resumes_at timestamptz DEFAULT NULL,
	reason text DEFAULT NULL
) RETURNS paycore.subscription
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_pause_subscription';
COMMENT ON FUNCTION paycore.pause_subscription IS 'Bills nothing more until it is resumed: by resume_subscription(), or at resumes_at.';

CREATE FUNCTION paycore.resume_subscription(id uuid) RETURNS paycore.subscription
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_resume_subscription';
COMMENT ON FUNCTION paycore.resume_subscription IS 'Goes on with a paused subscription: within the period that is billed already, or else with a new one from now on.';

CREATE FUNCTION paycore.retry_billing(id uuid) RETURNS paycore.subscription
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_retry_billing';
COMMENT ON FUNCTION paycore.retry_billing(uuid) IS 'Lets the next run_billing() try a parked subscription again.';

CREATE FUNCTION paycore.retry_billing() RETURNS bigint
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_retry_all_billing';
COMMENT ON FUNCTION paycore.retry_billing() IS 'Lets the next run_billing() try all parked subscriptions of the tenant again; returns how many there were.';

CREATE FUNCTION paycore.entitled(
	billing_account_id uuid,
	feature text
) RETURNS boolean
LANGUAGE C STABLE STRICT
AS 'MODULE_PATHNAME', 'paycore_entitled';
COMMENT ON FUNCTION paycore.entitled IS 'Whether a product that the account is subscribed to now has the feature.';

CREATE FUNCTION paycore.allowance(
	billing_account_id uuid,
	feature text
) RETURNS numeric
LANGUAGE C STABLE STRICT
AS 'MODULE_PATHNAME', 'paycore_allowance';
COMMENT ON FUNCTION paycore.allowance IS 'How much of the feature the account has: what its products allow in all; Infinity where one has no limit, 0 where none has the feature.';

CREATE FUNCTION paycore.list_subscriptions(
	billing_account_id uuid DEFAULT NULL,
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.subscription
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_list';
COMMENT ON FUNCTION paycore.list_subscriptions IS 'A page of the subscriptions of an account, or of the tenant, newest first; after is the last id of the page before.';
