--
-- How invoices are collected, and what is done where that fails.
--

CREATE TYPE paycore.dunning_policy AS (
	id uuid,
	tenant_id text,
	name text, -- Its name.
	is_default boolean, -- Whether it is the tenant's default.
	steps jsonb, -- For each class of decline, after how long the next step is taken.
	max_attempts integer, -- How often an invoice is charged, at most.
	grace interval, -- How long after the first failure all is over.
	final_action text, -- pause, cancel, write_off or nothing.
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.dunning_policy IS 'What is done where an invoice is not paid: for each class of decline, after how long each next step is taken; how often a card is charged at most; and what happens when the steps are done and the grace, from the first failure on, is over.';

CREATE TYPE paycore.collection AS (
	id uuid,
	tenant_id text,
	invoice_id uuid, -- The invoice.
	billing_account_id uuid,
	subscription_id uuid, -- Its subscription.
	status text, -- collecting (first charge), retrying (a charge failed, another one is to come), awaiting_payer (the payer has to do something), parked (it could not be tried), exhausted (all was tried), settled (paid) or closed (void or written off).
	policy_id uuid, -- The dunning policy it goes by.
	payment_intent_id uuid, -- The last charge.
	attempts integer, -- Charges so far.
	step integer, -- Steps of dunning so far.
	class text, -- Class of the last failure: retry_later, new_method, authenticate, never, or invoice (overdue).
	error_code text, -- Code of the last failure.
	decline_code text, -- The issuer's reason.
	method text, -- The gateway's token of the method charged last.
	brand text, -- Brand of that card.
	fingerprint text, -- Its fingerprint.
	last_attempt_at timestamptz, -- When it was last charged.
	next_action_at timestamptz, -- When something is to be done next.
	past_due_since timestamptz, -- When the first failure was.
	note text, -- Why it is parked.
	stirred boolean, -- Something happened that the next run has to look at.
	last_heard_id uuid, -- The last attempt or bounce that was looked at.
	ended_at timestamptz, -- When it was settled or closed.
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.collection IS 'How the money of an invoice that is due is being got.';

CREATE TYPE paycore.dunning_step AS (
	id uuid,
	tenant_id text,
	collection_id uuid, -- The collection.
	invoice_id uuid, -- Its invoice.
	kind text, -- What happened, such as charged, declined, reminded or recovered.
	class text, -- Class of the failure.
	error_code text, -- Its code.
	decline_code text, -- The issuer's reason.
	brand text, -- Brand of the card.
	fingerprint text, -- Its fingerprint.
	note text, -- More in words.
	happened_at timestamptz, -- When, by the billing clock.
	next_action_at timestamptz, -- When something is to be done next.
	created_at timestamptz
);
COMMENT ON TYPE paycore.dunning_step IS 'One thing that happened to a collection: charged, declined, bounced, no_method, action_required, reminded, capped, method_changed, parked, overdue, paused, canceled, written_off, given_up, recovered. Append-only, and in the change feed.';

CREATE FUNCTION paycore.stir_collections() RETURNS trigger LANGUAGE C
AS 'MODULE_PATHNAME', 'paycore_stir_collections';
COMMENT ON FUNCTION paycore.stir_collections() IS 'Trigger guard of what collections depend on: the next run looks at them. AFTER INSERT OR UPDATE FOR EACH ROW; the arguments are the column of collections to look by, and the row''s own.';

CREATE FUNCTION paycore.default_dunning_steps() RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN jsonb_build_object(
	'retry_later', jsonb_build_array('1 day', '3 days', '5 days', '7 days'),
	'new_method', jsonb_build_array('3 days', '7 days'),
	'authenticate', jsonb_build_array('1 day', '3 days', '7 days'),
	'never', jsonb_build_array('3 days', '7 days'),
	'invoice', jsonb_build_array('3 days', '7 days', '14 days'));
COMMENT ON FUNCTION paycore.default_dunning_steps IS 'The steps of a policy that says none, and of tenants without one.';

CREATE FUNCTION paycore.next_dunning_step(
	steps jsonb,
	class text,
	step integer,
	since timestamptz,
	last_step timestamptz
) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN step OPERATOR(pg_catalog.<) coalesce(jsonb_array_length(steps OPERATOR(pg_catalog.->) class), 0)
	THEN since OPERATOR(pg_catalog.+) ((steps OPERATOR(pg_catalog.->) class) OPERATOR(pg_catalog.->>) step)::interval
	ELSE greatest(last_step, since OPERATOR(pg_catalog.+) '1 day'::interval) END;
COMMENT ON FUNCTION paycore.next_dunning_step IS 'When the step of that number (from 0) of a class is to be taken, counted from since; once there is none, the last step: not before its time, and not the day after.';

CREATE FUNCTION paycore.invoice_method(
	tenant_id text,
	subscription_id uuid,
	billing_account_id uuid,
	OUT given text,
	OUT looks text,
	OUT brand text,
	OUT fingerprint text
) RETURNS record
LANGUAGE sql STABLE
AS $$
	SELECT g.given, coalesce(nullif(concat_ws(' ', m.psp_payment_method_id, m.exp_year, m.exp_month, m.fingerprint), ''), g.given), m.brand, m.fingerprint
	FROM (SELECT coalesce(
		(SELECT s.payment_method FROM paycore.subscriptions s
			WHERE s.id OPERATOR(pg_catalog.=) $2 AND s.tenant_id OPERATOR(pg_catalog.=) $1
				AND NOT EXISTS (SELECT FROM paycore.payment_methods d WHERE d.billing_account_id OPERATOR(pg_catalog.=) $3 AND d.tenant_id OPERATOR(pg_catalog.=) $1
					AND s.payment_method OPERATOR(pg_catalog.=) ANY (ARRAY[d.id::text, d.psp_payment_method_id])
					AND d.status OPERATOR(pg_catalog.=) ANY (ARRAY['failed', 'detached']))),
		(SELECT d.id::text FROM paycore.payment_methods d WHERE d.billing_account_id OPERATOR(pg_catalog.=) $3 AND d.tenant_id OPERATOR(pg_catalog.=) $1
			AND d.is_default AND d.status OPERATOR(pg_catalog.<>) ALL (ARRAY['failed', 'detached']))) AS given) g
	LEFT JOIN paycore.payment_methods m ON m.billing_account_id OPERATOR(pg_catalog.=) $3 AND m.tenant_id OPERATOR(pg_catalog.=) $1
		AND g.given OPERATOR(pg_catalog.=) ANY (ARRAY[m.id::text, m.psp_payment_method_id])
	LIMIT 1
$$;
COMMENT ON FUNCTION paycore.invoice_method IS 'What an invoice is charged to where nothing is named: the subscription''s method, unless it is gone, else the account''s default; looks changes with the card.';

CREATE FUNCTION paycore.create_dunning_policy(
	name text,
	steps jsonb DEFAULT '{}',
	max_attempts integer DEFAULT 8,
	grace interval DEFAULT '21 days',
	final_action text DEFAULT 'nothing',
	is_default boolean DEFAULT true
) RETURNS paycore.dunning_policy
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_create_dunning_policy';
COMMENT ON FUNCTION paycore.create_dunning_policy IS 'A policy of dunning. steps: for a class (retry_later, new_method, authenticate, never; invoice, for those that are sent) an array of delays, each from the step before; a class that is not named has paycore.default_dunning_steps(). final_action: pause, cancel, write_off or nothing.';

CREATE FUNCTION paycore.set_default_dunning_policy(id uuid) RETURNS paycore.dunning_policy
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_set_default_dunning_policy';
COMMENT ON FUNCTION paycore.set_default_dunning_policy IS 'The policy of all that fails from now on.';

CREATE FUNCTION paycore.collect_invoices(as_of timestamptz DEFAULT NULL, batch_size integer DEFAULT 1000) RETURNS bigint
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_collect_invoices';
COMMENT ON FUNCTION paycore.collect_invoices IS 'One batch of what run_billing() does about invoices that are due: charges them, hears what became of charges, and takes the next steps of dunning. Returns how many collections it did something about.';

CREATE FUNCTION paycore.retry_collection(invoice_id uuid) RETURNS paycore.collection
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_retry_collection';
COMMENT ON FUNCTION paycore.retry_collection IS 'Lets the next run charge the invoice, whatever dunning has planned; also one that is parked.';

CREATE FUNCTION paycore.list_collections(
	billing_account_id uuid DEFAULT NULL,
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.collection
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_list';
COMMENT ON FUNCTION paycore.list_collections IS 'A page of the collections of an account, or of the tenant, newest first; after is the last id of the page before.';

REVOKE EXECUTE ON FUNCTION paycore.create_dunning_policy, paycore.set_default_dunning_policy, paycore.collect_invoices,
	paycore.retry_collection FROM PUBLIC;
