--
-- Changes of what subscriptions are made of: at once, at the renewal, or at a time.
--

CREATE TYPE paycore.subscription_change AS (
	id uuid,
	tenant_id text,
	subscription_id uuid, -- The subscription.
	billing_account_id uuid,
	items jsonb, -- The changes asked for.
	effective_at timestamptz, -- From when on it is in force.
	at_renewal boolean, -- Whether that is a renewal.
	proration text, -- create (on the next invoice), invoice (at once) or none.
	prorate_by text, -- second or day.
	reason text, -- Why.
	credited paycore.money_cents, -- What of the billed was given back, before taxes on top.
	charged paycore.money_cents, -- What was charged for the rest of the period.
	done_at timestamptz, -- When it was done; null: it is scheduled, or canceled.
	canceled_at timestamptz, -- When it was taken back.
	canceled_reason text, -- Why the billing run took it back.
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.subscription_change IS 'A change of the items of a subscription.';

CREATE FUNCTION paycore.change_subscription(
	id uuid,
	items jsonb,
	effective text DEFAULT 'now',
	proration text DEFAULT 'create',
	prorate_by text DEFAULT 'second',
	reason text DEFAULT NULL,
	idempotency_key text DEFAULT NULL
) RETURNS paycore.subscription_change
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_change_subscription';
COMMENT ON FUNCTION paycore.change_subscription IS 'Changes what a subscription is made of. items: an array of objects; with item (its id, or the code of its price): price, quantity, exclusive, metadata or remove; without: a new item of a price. effective: now, renewal, or a time to come. proration: create (on the next invoice), invoice (on one at once), or none. prorate_by: second or day.';

CREATE FUNCTION paycore.set_quantity(
	item_id uuid,
	quantity numeric,
	effective text DEFAULT 'now',
	proration text DEFAULT 'create',
	prorate_by text DEFAULT 'second',
	reason text DEFAULT NULL
) RETURNS paycore.subscription_change
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_set_quantity';
COMMENT ON FUNCTION paycore.set_quantity IS 'change_subscription() to so many of an item.';

CREATE FUNCTION paycore.preview_change(
	id uuid,
	items jsonb DEFAULT '[]',
	effective text DEFAULT 'now',
	proration text DEFAULT 'create',
	prorate_by text DEFAULT 'second'
) RETURNS paycore.invoice
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_preview_change';
COMMENT ON FUNCTION paycore.preview_change IS 'The first invoice after change_subscription() with the same arguments, which is done and undone: with proration => ''invoice'' what is to be paid now. Without items: the next invoice as things stand. NULL where no invoice comes.';

CREATE FUNCTION paycore.preview_change_lines(
	id uuid,
	items jsonb DEFAULT '[]',
	effective text DEFAULT 'now',
	proration text DEFAULT 'create',
	prorate_by text DEFAULT 'second'
) RETURNS SETOF paycore.invoice_line
LANGUAGE C VOLATILE ROWS 5
AS 'MODULE_PATHNAME', 'paycore_preview_change_lines';
COMMENT ON FUNCTION paycore.preview_change_lines IS 'The lines of preview_change(), in their order.';

CREATE FUNCTION paycore.cancel_scheduled_change(id uuid) RETURNS paycore.subscription_change
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_cancel_scheduled_change';
COMMENT ON FUNCTION paycore.cancel_scheduled_change IS 'Takes back a change whose time has not come yet, or that could not be done.';

CREATE FUNCTION paycore.list_subscription_changes(
	subscription_id uuid,
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.subscription_change
LANGUAGE C STABLE ROWS 5
AS 'MODULE_PATHNAME', 'paycore_list_subscription_changes';
COMMENT ON FUNCTION paycore.list_subscription_changes IS 'A page of the changes of a subscription, done, scheduled and taken back, newest first; after is the last id of the page before.';
