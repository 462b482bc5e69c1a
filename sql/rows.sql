--
-- Row types: the contract of each table.  API functions return these;
-- init() makes one plain table of each.
--

CREATE TYPE paycore.gateway_account AS (
	id uuid,
	tenant_id text,
	name text,
	gateway text,
	psp_account_id text,
	livemode boolean,
	adopt text,
	status text,
	paused_reason text,
	paused_at timestamptz,
	rate_limit integer,
	endpoint_rate_limit integer,
	max_in_flight integer,
	checked_at timestamptz,
	metadata jsonb,
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.gateway_account IS 'An account at a payment gateway: its kind, its pinned identity, its pace. Its secrets are in the secrets file under the same name.';

CREATE TYPE paycore.billing_account AS (
	id uuid,
	tenant_id text,
	name text,
	email text,
	phone text,
	currency paycore.currency,
	external_ref text,
	gateway_account text,
	psp_customer_id text,
	status text,
	status_reason text,
	address_line1 text,
	address_line2 text,
	city text,
	state text,
	postal_code text,
	country text,
	locale text,
	tax_id text,
	tax_exempt text,
	credit_limit paycore.money_cents,
	auto_charge boolean,
	allowed_payment_methods text[],
	dunning_policy_id uuid,
	metadata jsonb,
	gw_time timestamptz,
	gw_digest bytea,
	gw_doubt boolean,
	gw_deleted boolean,
	closed_at timestamptz,
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.billing_account IS 'Whom we bill: a customer with one currency, one gateway account and, once needed, one customer object at the gateway. auto_charge: whether runs charge its invoices. dunning_policy_id: whose steps its failures have, where that is not the tenant''s default.';

CREATE TYPE paycore.payment_method AS (
	id uuid,
	tenant_id text,
	billing_account_id uuid,
	gateway_account text,
	psp_payment_method_id text,
	status text,
	type text,
	brand text,
	last4 text,
	exp_month smallint,
	exp_year smallint,
	fingerprint text,
	funding text,
	country text,
	wallet text,
	details jsonb,
	billing_details jsonb,
	error_code text,
	error_message text,
	metadata jsonb,
	gw_time timestamptz,
	gw_digest bytea,
	gw_doubt boolean,
	attached_at timestamptz,
	detached_at timestamptz,
	created_at timestamptz,
	updated_at timestamptz,
	is_default boolean
);
COMMENT ON TYPE paycore.payment_method IS 'A saved payment method: the gateway''s token and what may be shown of it, never card data.';

CREATE TYPE paycore.payment_intent AS (
	id uuid,
	tenant_id text,
	billing_account_id uuid,
	gateway_account text,
	psp_intent_id text,
	status paycore.intent_status,
	amount paycore.money_cents,
	amount_capturable paycore.money_cents,
	amount_received paycore.money_cents,
	capture_method text,
	confirmation_method text,
	off_session boolean,
	setup_future_usage text,
	payment_method text,
	payment_method_types text[],
	method_details jsonb,
	description text,
	statement_descriptor_suffix text,
	return_url text,
	client_secret text,
	next_action jsonb,
	error_type text,
	error_code text,
	decline_code text,
	error_message text,
	cancellation_reason text,
	psp_latest_charge_id text,
	capture_before timestamptz,
	payment_id uuid,
	invoice_id uuid,
	subscription_id uuid,
	gateway_params jsonb,
	metadata jsonb,
	livemode boolean,
	webhook_count integer,
	last_webhook_at timestamptz,
	duplicate_suspected boolean,
	gw_time timestamptz,
	gw_digest bytea,
	gw_doubt boolean,
	sweeps integer,
	next_sweep_at timestamptz,
	succeeded_at timestamptz,
	canceled_at timestamptz,
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.payment_intent IS 'The wish to take an amount from an account, through all its tries, until it succeeds or is canceled.';

CREATE TYPE paycore.payment_attempt AS (
	id uuid,
	tenant_id text,
	payment_intent_id uuid,
	psp_charge_id text,
	outcome text,
	amount paycore.money_cents,
	payment_method text,
	error_type text,
	error_code text,
	decline_code text,
	advice_code text,
	network_advice_code text,
	network_decline_code text,
	error_message text,
	method_details jsonb,
	source text,
	attempted_at timestamptz,
	created_at timestamptz
);
COMMENT ON TYPE paycore.payment_attempt IS 'One try to charge an intent and how it ended; a decline lives here, never in the intent''s status.';

CREATE TYPE paycore.payment AS (
	id uuid,
	tenant_id text,
	billing_account_id uuid,
	payment_intent_id uuid,
	gateway_account text,
	psp_charge_id text,
	status paycore.payment_status,
	authorized paycore.money_cents,
	gross paycore.money_cents,
	captured_at timestamptz,
	settled_gross paycore.money_cents,
	fee paycore.money_cents,
	fee_details jsonb,
	platform_fee paycore.money_cents,
	net paycore.money_cents,
	exchange_rate numeric,
	balance_transaction_ids text[],
	available_on timestamptz,
	settled_at timestamptz,
	settlement_parts jsonb,
	failure_code text,
	failure_message text,
	failure_balance_transaction text,
	refund_reserved paycore.money_cents,
	refunded paycore.money_cents,
	dispute_held paycore.money_cents,
	over_returned boolean,
	method_type text,
	method_details jsonb,
	description text,
	receipt_number text,
	receipt_email text,
	receipt_url text,
	external_ref text,
	metadata jsonb,
	livemode boolean,
	reconciled boolean,
	reconciled_at timestamptz,
	reconciliation_notes text,
	gw_time timestamptz,
	gw_digest bytea,
	gw_doubt boolean,
	authorized_at timestamptz,
	failed_at timestamptz,
	canceled_at timestamptz,
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.payment IS 'Money taken: immutable once known, but for counters kept by guards and bookkeeping. gross is the captured amount; the settlement group (settled_gross, fee, net ...) is written once, as a whole.';

CREATE TYPE paycore.refund AS (
	id uuid,
	tenant_id text,
	payment_id uuid,
	payment_intent_id uuid,
	billing_account_id uuid,
	gateway_account text,
	psp_refund_id text,
	kind text,
	status paycore.refund_status,
	amount paycore.money_cents,
	reason text,
	requested_by text,
	approved_by text,
	approved_at timestamptz,
	failure_reason text,
	failure_balance_transaction text,
	balance_transaction_id text,
	pending_reason text,
	next_action jsonb,
	receipt_number text,
	destination_details jsonb,
	dispute_id uuid,
	credit_note_id uuid,
	description text,
	metadata jsonb,
	duplicate_suspected boolean,
	gw_time timestamptz,
	gw_digest bytea,
	gw_doubt boolean,
	sweeps integer,
	next_sweep_at timestamptz,
	submitted_at timestamptz,
	succeeded_at timestamptz,
	failed_at timestamptz,
	canceled_at timestamptz,
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.refund IS 'Money given back on a payment, or (kind auth_release) an authorisation that the gateway let go, which reserves nothing. credit_note_id: the credit note that gives it back.';

CREATE TYPE paycore.status_change AS (
	id uuid,
	tenant_id text,
	object_type text,
	object_id text,
	from_status text,
	to_status text,
	changed_at timestamptz,
	actor text,
	source text,
	reason text,
	xact bigint,
	seq bigint
);
COMMENT ON TYPE paycore.status_change IS 'One step of one object''s status: when, by whom, through what door (api, webhook, response, poll, sql) and why; seq is its place in the change feed, xact the transaction that made it (paycore.xact_tag()).';

CREATE TYPE paycore.change_consumer AS (
	tenant_id text,
	name text,
	seen pg_snapshot,
	seen_era integer,
	seen_seq bigint,
	page pg_snapshot,
	page_era integer,
	page_seq bigint,
	page_floor bigint,
	acknowledged bigint,
	floor_seq bigint,
	mark_xid bigint,
	mark_seq bigint,
	created_at timestamptz,
	acknowledged_at timestamptz
);
COMMENT ON TYPE paycore.change_consumer IS 'Who reads the change feed, and how far: everything of the snapshot seen has been acknowledged, and of the snapshot page everything up to the place acknowledged. floor_seq: no change that is not in seen lies at or below it.';

CREATE TYPE paycore.idempotency_key AS (
	tenant_id text,
	key text,
	operation text,
	request_digest bytea,
	object_type text,
	object_id uuid,
	created_at timestamptz,
	expires_at timestamptz
);
COMMENT ON TYPE paycore.idempotency_key IS 'A key the application gave with a request, what the request was, and the object it made.';

CREATE TYPE paycore.outbox_row AS (
	id uuid,
	tenant_id text,
	seq bigint,
	gateway_account text,
	operation text,
	object_type text,
	object_id uuid,
	lane uuid,
	depends_on uuid[],
	params jsonb,
	status text,
	attempts integer,
	uncounted integer,
	next_attempt_at timestamptz,
	not_before timestamptz,
	is_read boolean,
	lease_until timestamptz,
	leased_by integer,
	send_by timestamptz,
	first_sent_at timestamptz,
	last_sent_at timestamptz,
	idempotency_key text,
	method text,
	path text,
	body text,
	api_version text,
	on_account text,
	instance text,
	database_oid oid,
	origin text,
	adopted_at timestamptz,
	resolve_step integer,
	resolve_cursor text,
	http_status integer,
	request_id text,
	error_type text,
	error_code text,
	error_message text,
	created_at timestamptz,
	finished_at timestamptz
);
COMMENT ON TYPE paycore.outbox_row IS 'One request to a gateway: what is asked, the frozen bytes once it was first sent, and how far it got.';

CREATE TYPE paycore.webhook_event AS (
	id uuid,
	tenant_id text,
	gateway_account text,
	event_id text,
	type text,
	api_version text,
	livemode boolean,
	event_created timestamptz,
	object_type text,
	psp_object_id text,
	request_idempotency_key text,
	payload jsonb,
	status text,
	error_code text,
	error_message text,
	attempts integer,
	next_attempt_at timestamptz,
	receive_count integer,
	received_at timestamptz,
	last_received_at timestamptz,
	processed_at timestamptz
);
COMMENT ON TYPE paycore.webhook_event IS 'An event of a gateway, kept once by its id, and what became of it: processed, ignored, failed (to be retried) or rejected (never trusted).';

CREATE TYPE paycore.payout AS (
	id uuid,
	tenant_id text,
	gateway_account text,
	psp_payout_id text,
	status paycore.payout_status,
	amount paycore.money_cents,
	automatic boolean,
	type text,
	method text,
	description text,
	statement_descriptor text,
	arrival_date timestamptz,
	reconciliation_status text,
	psp_balance_transaction_id text,
	failure_balance_transaction text,
	failure_code text,
	failure_message text,
	original_payout text,
	reversed_by text,
	trace_id text,
	metadata jsonb,
	livemode boolean,
	transactions_read_at timestamptz,
	reconciled boolean,
	reconciled_at timestamptz,
	reconciliation_notes text,
	gw_time timestamptz,
	gw_digest bytea,
	gw_doubt boolean,
	sweeps integer,
	next_sweep_at timestamptz,
	paid_at timestamptz,
	failed_at timestamptz,
	canceled_at timestamptz,
	initiated_at timestamptz,
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.payout IS 'Money on its way from the balance at the gateway to the bank; paid means that it is expected there, and it may still come back.';

CREATE TYPE paycore.balance_transaction AS (
	id uuid,
	tenant_id text,
	gateway_account text,
	psp_balance_transaction_id text,
	type text,
	reporting_category text,
	status text,
	amount paycore.money_cents,
	fee paycore.money_cents,
	net paycore.money_cents,
	exchange_rate numeric,
	fee_details jsonb,
	description text,
	psp_source_id text,
	source_type text,
	source_tenant_id text,
	payment_id uuid,
	refund_id uuid,
	dispute_id uuid,
	source_payout_id uuid,
	payout_id uuid,
	available_on timestamptz,
	occurred_at timestamptz,
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.balance_transaction IS 'One movement of the balance at the gateway, in the settlement currency: what it was of (payment_id, refund_id, dispute_id, source_payout_id), and the payout that brought it to the bank (payout_id).';

CREATE TYPE paycore.gateway_feed AS (
	id uuid,
	tenant_id text,
	gateway_account text,
	feed text,
	read_to timestamptz,
	reading_to timestamptz,
	reading_from timestamptz,
	started_at timestamptz,
	finished_at timestamptz,
	parts integer,
	pages bigint,
	objects bigint,
	error_message text,
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.gateway_feed IS 'How far a list of a gateway account has been read: what lies before read_to is known here.';

CREATE TYPE paycore.account_transaction AS (
	id uuid,
	tenant_id text,
	billing_account_id uuid,
	amount paycore.money_cents,
	balance_after paycore.money_cents,
	reason text,
	object_type text,
	object_id uuid,
	description text,
	actor text,
	metadata jsonb,
	created_at timestamptz
);
COMMENT ON TYPE paycore.account_transaction IS 'One change of an account''s balance: above zero a credit (we owe the account more), below zero a debit.';

CREATE TYPE paycore.account_balance AS (
	billing_account_id uuid,
	tenant_id text,
	currency paycore.currency,
	balance paycore.money_cents,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.account_balance IS 'What we owe an account in a currency (below zero: what it owes us): the sum of its transactions, kept by a guard.';

CREATE TYPE paycore.ledger_account AS (
	id uuid,
	tenant_id text,
	code text,
	name text,
	kind text,
	currency paycore.currency,
	normal_side text,
	metadata jsonb,
	created_at timestamptz
);
COMMENT ON TYPE paycore.ledger_account IS 'An account of the ledger: a code, a kind (asset, liability, income, expense, equity), one currency, and the side that makes it grow.';

CREATE TYPE paycore.ledger_entry AS (
	id uuid,
	tenant_id text,
	transfer_id uuid,
	debit_account_id uuid,
	credit_account_id uuid,
	amount paycore.money_cents,
	fact text,
	object_id uuid,
	nth integer,
	billing_account_id uuid,
	description text,
	metadata jsonb,
	occurred_at timestamptz,
	recorded_at timestamptz,
	txn bigint
);
COMMENT ON TYPE paycore.ledger_entry IS 'An amount that one account gives and another takes, so that no entry can fail to balance. Entries of one transfer share transfer_id; what a fact of paycore posted names it by fact, object_id and nth (and so do the legs of a transfer of many: transfer, its id, their number).';

CREATE TYPE paycore.ledger_leg AS (
	account_id uuid,
	amount paycore.money_cents
);
COMMENT ON TYPE paycore.ledger_leg IS 'One side of a transfer for post_transfer(): above zero a debit, below zero a credit.';

CREATE TYPE paycore.ledger_balance_row AS (
	account_id uuid,
	tenant_id text,
	horizon bigint,
	debits bigint,
	credits bigint,
	entries bigint,
	rolled_at timestamptz
);
COMMENT ON TYPE paycore.ledger_balance_row IS 'Sums, in minor units, of all entries of a busy account whose txn is below the horizon. Written by roll_up_ledger(); what came later is summed when asked.';

CREATE TYPE paycore.ledger_period AS (
	account_id uuid,
	tenant_id text,
	event_hour timestamptz,
	record_hour timestamptz,
	debits bigint,
	credits bigint,
	entries bigint,
	first_txn bigint,
	last_txn bigint
);
COMMENT ON TYPE paycore.ledger_period IS 'The same sums by the hour in which an entry''s event happened and the hour in which it was recorded: balances at any time in the past.';

CREATE TYPE paycore.ledger_day AS (
	account_id uuid,
	tenant_id text,
	event_day timestamptz,
	record_day timestamptz,
	debits bigint,
	credits bigint
);
COMMENT ON TYPE paycore.ledger_day IS 'The sums of ledger_periods by days of UTC: a balance of long ago reads days, and hours of one day only.';

CREATE TYPE paycore.ledger_clock_row AS (
	one boolean,
	shift bigint
);
COMMENT ON TYPE paycore.ledger_clock_row IS 'What is added to transaction numbers of this server so that they go on where those of restored entries end.';

CREATE TYPE paycore.setup_intent AS (
	id uuid,
	tenant_id text,
	billing_account_id uuid,
	gateway_account text,
	psp_setup_intent_id text,
	status paycore.setup_intent_status,
	usage text,
	payment_method text,
	payment_method_types text[],
	psp_mandate_id text,
	description text,
	return_url text,
	client_secret text,
	next_action jsonb,
	error_type text,
	error_code text,
	decline_code text,
	error_message text,
	cancellation_reason text,
	gateway_params jsonb,
	metadata jsonb,
	livemode boolean,
	gw_time timestamptz,
	gw_digest bytea,
	gw_doubt boolean,
	sweeps integer,
	next_sweep_at timestamptz,
	succeeded_at timestamptz,
	canceled_at timestamptz,
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.setup_intent IS 'The wish to save a payment method for later, with the payer''s confirmation where their bank wants it.';

CREATE TYPE paycore.mandate AS (
	id uuid,
	tenant_id text,
	billing_account_id uuid,
	gateway_account text,
	psp_mandate_id text,
	psp_payment_method_id text,
	status paycore.mandate_status,
	type text,
	method_type text,
	acceptance text,
	accepted_at timestamptz,
	gw_time timestamptz,
	gw_digest bytea,
	gw_doubt boolean,
	activated_at timestamptz,
	ended_at timestamptz,
	livemode boolean,
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.mandate IS 'A payer''s permission to charge a saved method; once inactive (revoked, refused or used up) it stays so.';

CREATE TYPE paycore.dispute AS (
	id uuid,
	tenant_id text,
	payment_id uuid,
	payment_intent_id uuid,
	billing_account_id uuid,
	gateway_account text,
	psp_dispute_id text,
	kind text,
	status paycore.dispute_status,
	amount paycore.money_cents,
	held paycore.money_cents,
	reason text,
	network_reason_code text,
	is_charge_refundable boolean,
	evidence jsonb,
	evidence_due_by timestamptz,
	has_evidence boolean,
	past_due boolean,
	submission_count integer,
	enhanced_eligibility jsonb,
	withdrawn paycore.money_cents,
	withdrawal_ids text[],
	withdrawn_at timestamptz,
	reinstated paycore.money_cents,
	reinstatement_ids text[],
	reinstated_at timestamptz,
	fee paycore.money_cents,
	balance_transactions jsonb,
	error_code text,
	error_message text,
	metadata jsonb,
	livemode boolean,
	gw_time timestamptz,
	gw_digest bytea,
	gw_doubt boolean,
	sweeps integer,
	next_sweep_at timestamptz,
	opened_at timestamptz,
	submitted_at timestamptz,
	closed_at timestamptz,
	reopened_at timestamptz,
	acknowledged_at timestamptz,
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.dispute IS 'A payer''s bank asks a payment back, or asks about it. held is its share of the payment; what was withdrawn and reinstated are facts of their own, whoever won.';

CREATE TYPE paycore.early_fraud_warning AS (
	id uuid,
	tenant_id text,
	payment_id uuid,
	payment_intent_id uuid,
	billing_account_id uuid,
	gateway_account text,
	psp_warning_id text,
	fraud_type text,
	actionable boolean,
	livemode boolean,
	gw_time timestamptz,
	gw_digest bytea,
	warned_at timestamptz,
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.early_fraud_warning IS 'The card''s issuer suspects fraud. While actionable, a full refund may keep a dispute away.';

CREATE TYPE paycore.review AS (
	id uuid,
	tenant_id text,
	payment_id uuid,
	payment_intent_id uuid,
	billing_account_id uuid,
	gateway_account text,
	psp_review_id text,
	is_open boolean,
	reason text,
	opened_reason text,
	closed_reason text,
	livemode boolean,
	gw_time timestamptz,
	gw_digest bytea,
	opened_at timestamptz,
	closed_at timestamptz,
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.review IS 'The gateway wants a person to look at a payment, by a rule or by hand, and how that look ended.';

CREATE TYPE paycore.seller AS (
	tenant_id text,
	name text,
	email text,
	phone text,
	website text,
	address_line1 text,
	address_line2 text,
	city text,
	state text,
	postal_code text,
	country text,
	tax_id text,
	footer text,
	logo text,
	locale text,
	time_zone text,
	tax_rounding text,
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.seller IS 'Who a tenant''s documents are from: at most one row a tenant.';

CREATE TYPE paycore.receipt AS (
	id uuid,
	tenant_id text,
	number text,
	billing_account_id uuid,
	payment_id uuid,
	refund_id uuid,
	amount paycore.money_cents,
	data jsonb,
	actor text,
	issued_at timestamptz
);
COMMENT ON TYPE paycore.receipt IS 'The receipt of a payment, or (refund_id set) of a refund of it: its number, and in data the seller, account, payment and method as they were when it was issued.';

CREATE TYPE paycore.webhook_endpoint AS (
	id uuid,
	tenant_id text,
	name text,
	url text,
	enabled_events text[],
	description text,
	status text,
	disabled_reason text,
	disabled_at timestamptz,
	failing_since timestamptz,
	applies_from bigint,
	instance text,
	database_oid oid,
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.webhook_endpoint IS 'Whom changes are pushed to: an address, and which events it wants. Its pace and pause are those of the gateway account with the same id and name, its secrets are in the secrets file under that name, and how far it is says the change consumer endpoint:name. applies_from: the events it wants are these for changes above this place.';
