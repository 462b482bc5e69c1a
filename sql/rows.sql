--
-- Row types: the contract of each table.  API functions return these;
-- init() makes one plain table of each.
--

CREATE TYPE paycore.gateway_account AS (
	id uuid,
	tenant_id text,
	name text, -- Its name here and in the secrets file.
	gateway text, -- stripe, mock or manual; push for an endpoint of the application's.
	psp_account_id text, -- The gateway's id of the account; requests go out only where the key is of this one.
	livemode boolean, -- Whether its keys are for real money; null: not known yet.
	adopt text, -- Which objects that paycore did not make get rows: none, known_customers or all.
	status text, -- active or paused; while it is paused, nothing is sent.
	paused_reason text, -- Why it is paused.
	paused_at timestamptz, -- Since when it is paused.
	rate_limit integer, -- Requests a second, at most.
	endpoint_rate_limit integer, -- Requests a second of one operation, at most.
	max_in_flight integer, -- Requests on the wire at once, at most.
	checked_at timestamptz, -- When its key was last seen to be of psp_account_id; null: it is to be seen again.
	metadata jsonb,
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.gateway_account IS 'An account at a payment gateway: its kind, its pinned identity, its pace. Its secrets are in the secrets file under the same name.';

CREATE TYPE paycore.billing_account AS (
	id uuid,
	tenant_id text,
	name text, -- Name on documents.
	email text, -- Where the gateway sends receipts.
	phone text, -- Telephone number.
	currency paycore.currency, -- The currency of all that it is charged.
	external_ref text, -- The application's own id of it; unique within the tenant.
	gateway_account text,
	psp_customer_id text, -- The gateway's id of it, once it has one there.
	status text, -- active, suspended or closed.
	status_reason text, -- Why it is suspended or closed.
	address_line1 text, -- Street and number.
	address_line2 text, -- What else an address needs.
	city text, -- City.
	state text, -- State, province or region.
	postal_code text, -- Postal code.
	country text, -- Two capital letters of ISO 3166-1.
	locale text, -- Language and region of its documents, such as de-AT.
	tax_id text, -- Its VAT or tax number.
	tax_exempt text, -- none, exempt, or reverse: it accounts for the tax itself.
	credit_limit paycore.money_cents, -- Kept for the application: what it may owe.
	auto_charge boolean, -- Whether billing runs charge its invoices.
	allowed_payment_methods text[], -- Kept for the application: types of methods it may pay with.
	dunning_policy_id uuid, -- Whose steps follow its failed charges; null: the tenant's default.
	metadata jsonb,
	gw_time timestamptz,
	gw_digest bytea,
	gw_doubt boolean,
	gw_deleted boolean, -- Whether the customer was deleted at the gateway.
	closed_at timestamptz, -- When it was closed.
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.billing_account IS 'Whom we bill: a customer with one currency, one gateway account and, once needed, one customer object at the gateway.';

CREATE TYPE paycore.payment_method AS (
	id uuid,
	tenant_id text,
	billing_account_id uuid,
	gateway_account text,
	psp_payment_method_id text, -- The gateway's token.
	status text, -- pending (being attached), attached, failed or detached.
	type text, -- card, sepa_debit, and so on, in the gateway's words.
	brand text, -- Brand of the card.
	last4 text, -- Last digits of card or account.
	exp_month smallint, -- Month of expiry, 1 to 12.
	exp_year smallint, -- Year of expiry.
	fingerprint text, -- The same for the same card or account, whatever the token.
	funding text, -- credit, debit, prepaid or unknown.
	country text, -- Country of the issuer.
	wallet text, -- Wallet that it came from, such as apple_pay.
	details jsonb, -- What else the gateway says of it.
	billing_details jsonb, -- Name and address that go with it.
	error_code text, -- Why it could not be attached.
	error_message text, -- The same in words.
	metadata jsonb,
	gw_time timestamptz,
	gw_digest bytea,
	gw_doubt boolean,
	attached_at timestamptz, -- When it was attached at the gateway.
	detached_at timestamptz, -- When it was detached.
	created_at timestamptz,
	updated_at timestamptz,
	is_default boolean -- Whether the account is charged with it where nothing else is said.
);
COMMENT ON TYPE paycore.payment_method IS 'A saved payment method: the gateway''s token and what may be shown of it, never card data.';

CREATE TYPE paycore.payment_intent AS (
	id uuid,
	tenant_id text,
	billing_account_id uuid,
	gateway_account text,
	psp_intent_id text, -- The gateway's id, once it has answered.
	status paycore.intent_status, -- How far it is; a decline is an attempt, not a status.
	amount paycore.money_cents, -- What is to be taken.
	amount_capturable paycore.money_cents, -- What is authorised and can be captured.
	amount_received paycore.money_cents, -- What was taken.
	capture_method text, -- automatic, automatic_async, or manual: authorised now, taken by capture_payment_intent().
	confirmation_method text, -- automatic or manual.
	off_session boolean, -- Whether the payer is away.
	setup_future_usage text, -- on_session or off_session: the method is saved for that; null: it is not.
	payment_method text, -- The gateway's token of the method it is tried with.
	payment_method_types text[], -- Types of methods that the payer may choose from; null: the gateway's choice.
	method_details jsonb, -- What may be shown of the method of the last charge.
	description text, -- Shown to the payer.
	statement_descriptor_suffix text, -- Added to the text on the payer's statement.
	return_url text, -- Where the payer comes back to.
	client_secret text, -- For the payer's browser, while it is open.
	next_action jsonb, -- What the payer has to do, while status is requires_action.
	error_type text, -- Class of the last error, in the gateway's words.
	error_code text, -- Its code.
	decline_code text, -- The issuer's reason, where it declined.
	error_message text, -- The error in words.
	cancellation_reason text, -- Why it was canceled.
	psp_latest_charge_id text, -- The gateway's id of its last charge.
	capture_before timestamptz, -- Until when the authorised amount can be captured.
	payment_id uuid, -- The payment that it led to.
	invoice_id uuid, -- The invoice that it pays.
	subscription_id uuid, -- The subscription of that invoice.
	gateway_params jsonb, -- More parameters for the gateway.
	metadata jsonb,
	livemode boolean,
	webhook_count integer, -- How many events told of it.
	last_webhook_at timestamptz, -- When the last one came.
	duplicate_suspected boolean, -- It was given up here and lives on at the gateway: the payer may have paid twice.
	gw_time timestamptz,
	gw_digest bytea,
	gw_doubt boolean,
	sweeps integer,
	next_sweep_at timestamptz,
	succeeded_at timestamptz, -- When it succeeded.
	canceled_at timestamptz, -- When it was canceled.
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.payment_intent IS 'The wish to take an amount from an account, through all its tries, until it succeeds or is canceled.';

CREATE TYPE paycore.payment_attempt AS (
	id uuid,
	tenant_id text,
	payment_intent_id uuid, -- What was tried.
	psp_charge_id text, -- The gateway's id of the charge; null: it came to none.
	outcome text, -- declined (by the issuer), failed or succeeded.
	amount paycore.money_cents, -- What was asked for.
	payment_method text, -- The gateway's token of the method.
	error_type text, -- Class of the error, in the gateway's words.
	error_code text, -- Its code.
	decline_code text, -- The issuer's reason.
	advice_code text, -- What the gateway advises: try_again_later, confirm_card_data, do_not_try_again.
	network_advice_code text, -- What the card network advises.
	network_decline_code text, -- The reason in the network's code.
	error_message text, -- The error in words.
	method_details jsonb, -- What may be shown of the method.
	source text, -- What told of it: response, webhook, poll, api or sql.
	attempted_at timestamptz, -- When it was tried, by the gateway's clock.
	created_at timestamptz
);
COMMENT ON TYPE paycore.payment_attempt IS 'One try to charge an intent and how it ended; a decline lives here, never in the intent''s status.';

CREATE TYPE paycore.payment AS (
	id uuid,
	tenant_id text,
	billing_account_id uuid,
	payment_intent_id uuid, -- The intent that it comes of; null: recorded by itself.
	gateway_account text,
	psp_charge_id text, -- The gateway's id of the charge.
	status paycore.payment_status, -- How far it is.
	authorized paycore.money_cents, -- What was authorised.
	gross paycore.money_cents, -- What was captured; null: nothing yet.
	captured_at timestamptz, -- When it was captured.
	settled_gross paycore.money_cents, -- gross in the currency that the gateway settles in.
	fee paycore.money_cents, -- The gateway's fee, in that currency; null: not known yet.
	fee_details jsonb, -- What the fee is made of.
	platform_fee paycore.money_cents, -- The part of the fee that a platform took.
	net paycore.money_cents, -- settled_gross less fee.
	exchange_rate numeric, -- From the currency of gross to that of settled_gross; null: it is the same.
	balance_transaction_ids text[], -- The gateway's balance transactions that say so.
	available_on timestamptz, -- When net can be paid out.
	settled_at timestamptz, -- When fee and net became known; they are written once.
	settlement_parts jsonb, -- Of a partial capture, the balance transactions that came first, until all are known.
	failure_code text, -- Why it failed.
	failure_message text, -- The same in words.
	failure_balance_transaction text, -- The balance transaction that took it back when it failed later.
	refund_reserved paycore.money_cents, -- What refunds under way have set aside.
	refunded paycore.money_cents, -- What was given back.
	dispute_held paycore.money_cents, -- What open and lost disputes hold.
	over_returned boolean, -- Refunds and disputes took back more than gross.
	method_type text, -- Type of the method, such as card.
	method_details jsonb, -- What may be shown of the method.
	description text, -- Shown to the payer.
	receipt_number text, -- The gateway's receipt number.
	receipt_email text, -- Where the gateway sent a receipt.
	receipt_url text, -- The gateway's receipt.
	external_ref text, -- The application's own id of it.
	metadata jsonb,
	livemode boolean,
	reconciled boolean, -- Whether all of it is accounted for in payouts.
	reconciled_at timestamptz, -- When that was last found out.
	reconciliation_notes text, -- What was found.
	gw_time timestamptz,
	gw_digest bytea,
	gw_doubt boolean,
	authorized_at timestamptz, -- When it was authorised.
	failed_at timestamptz, -- When it failed.
	canceled_at timestamptz, -- When the authorisation was let go.
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.payment IS 'Money taken: immutable once known, but for counters kept by guards and bookkeeping. The settlement group (settled_gross, fee, net ...) is written once, as a whole.';

CREATE TYPE paycore.refund AS (
	id uuid,
	tenant_id text,
	payment_id uuid, -- The payment that it is of.
	payment_intent_id uuid, -- The intent of that payment.
	billing_account_id uuid,
	gateway_account text,
	psp_refund_id text, -- The gateway's id, once it has answered.
	kind text, -- refund, or auth_release: an authorisation let go, which gives nothing back.
	status paycore.refund_status, -- How far it is; requested: it waits for approval.
	amount paycore.money_cents, -- What is given back, in the currency of the payment.
	reason text, -- duplicate, fraudulent, requested_by_customer, or the gateway's own.
	requested_by text, -- The role that asked for it.
	approved_by text, -- The role that approved it.
	approved_at timestamptz, -- When it was approved.
	failure_reason text, -- Why it failed.
	failure_balance_transaction text, -- The balance transaction that brought the money back when it failed later.
	balance_transaction_id text, -- The balance transaction that took it off the balance.
	pending_reason text, -- What the gateway waits for.
	next_action jsonb, -- What the payer has to do to get it.
	receipt_number text, -- The gateway's receipt number.
	destination_details jsonb, -- Where the money went, and references to trace it by.
	dispute_id uuid, -- The dispute that it was made for.
	credit_note_id uuid, -- The credit note that it pays.
	description text, -- For the gateway's records.
	metadata jsonb,
	duplicate_suspected boolean, -- It was given up here and lives on at the gateway: the money may go back twice.
	gw_time timestamptz,
	gw_digest bytea,
	gw_doubt boolean,
	sweeps integer,
	next_sweep_at timestamptz,
	submitted_at timestamptz, -- When it was handed to the outbox.
	succeeded_at timestamptz, -- When it succeeded.
	failed_at timestamptz, -- When it failed.
	canceled_at timestamptz, -- When it was canceled.
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.refund IS 'Money given back on a payment, or (kind auth_release) an authorisation that the gateway let go, which reserves nothing.';

CREATE TYPE paycore.status_change AS (
	id uuid,
	tenant_id text,
	object_type text, -- What changed, such as payment_intent.
	object_id text, -- Key of that row.
	from_status text, -- Status before; null: the row is new.
	to_status text, -- Status from then on.
	changed_at timestamptz, -- When.
	actor text, -- The role that changed it.
	source text, -- Through what door: api, webhook, response, poll or sql.
	reason text, -- Why, where that was said.
	xact bigint, -- The transaction that made it, as xact_tag() numbers it.
	seq bigint -- Its place in the change feed.
);
COMMENT ON TYPE paycore.status_change IS 'One step of one object''s status.';

CREATE TYPE paycore.change_consumer AS (
	tenant_id text,
	name text, -- Its name.
	seen pg_snapshot, -- Changes of transactions that this snapshot shows are acknowledged.
	seen_era integer, -- The era of seen: a restore begins a new one.
	seen_seq bigint, -- No change that is in seen lies above this place.
	page pg_snapshot, -- The snapshot of the page it has been given.
	page_era integer, -- The era of page.
	page_seq bigint, -- No change that is in page lies above this place.
	page_floor bigint, -- What floor_seq becomes once all of page is acknowledged.
	acknowledged bigint, -- Place up to which it has acknowledged page.
	floor_seq bigint, -- No change that is not in seen lies at or below this place.
	mark_xid bigint, -- Transactions from this number on have places above mark_seq.
	mark_seq bigint, -- The last place given out when mark_xid was noted.
	created_at timestamptz,
	acknowledged_at timestamptz -- When it last acknowledged.
);
COMMENT ON TYPE paycore.change_consumer IS 'Who reads the change feed, and how far: everything of the snapshot seen has been acknowledged, and of the snapshot page everything up to the place acknowledged.';

CREATE TYPE paycore.idempotency_key AS (
	tenant_id text,
	key text, -- What the application gave.
	operation text, -- The function it was given to.
	request_digest bytea, -- Digest of the arguments: the same key with others is refused.
	object_type text, -- What was made.
	object_id uuid, -- Key of that row.
	created_at timestamptz,
	expires_at timestamptz -- When the key is forgotten.
);
COMMENT ON TYPE paycore.idempotency_key IS 'A key the application gave with a request, what the request was, and the object it made.';

CREATE TYPE paycore.outbox_row AS (
	id uuid,
	tenant_id text,
	seq bigint, -- Its place in the queue.
	gateway_account text,
	operation text, -- What is asked, such as intent.create.
	object_type text, -- What it is about.
	object_id uuid, -- Key of that row.
	lane uuid, -- Requests of one lane go out one after the other.
	depends_on uuid[], -- Requests that must be finished before.
	params jsonb, -- What is asked for, in paycore's terms.
	status text, -- pending, sending, resolving (its outcome is looked into), dead (a person must look), or how it ended: done, declined, refused, obsolete, too_late, withdrawn, expired, discarded.
	attempts integer, -- Tries that count towards paycore.max_attempts.
	uncounted integer, -- Tries that do not, such as those that the gateway refused for its rate.
	next_attempt_at timestamptz, -- When it is tried next.
	not_before timestamptz, -- It is not sent earlier.
	is_read boolean, -- Whether it only reads.
	lease_until timestamptz, -- Until when the process that sends it has it to itself.
	leased_by integer, -- That process, by its pid.
	send_by timestamptz, -- It is not sent any more after that.
	first_sent_at timestamptz, -- When it first went out; from then on its bytes are frozen.
	last_sent_at timestamptz, -- When it last went out.
	idempotency_key text, -- The key it goes out under.
	method text, -- HTTP method, as first sent.
	path text, -- Path, as first sent.
	body text, -- Body, as first sent.
	api_version text, -- Version of the gateway's API that it was first sent with.
	on_account text, -- Connected account that it was first sent for.
	instance text, -- The instance, as the secrets file names it, that may send it.
	database_oid oid, -- The database that may send it.
	origin text, -- Of an adopted one: instance and database that it came from.
	adopted_at timestamptz, -- When adopt_outbox() took it over.
	resolve_step integer, -- Looks at what became of it so far.
	resolve_cursor text, -- Where a list is read on.
	http_status integer, -- Status of the last answer.
	request_id text, -- The gateway's id of the last request.
	error_type text, -- Class of the last error.
	error_code text, -- Its code.
	error_message text, -- The error in words.
	created_at timestamptz,
	finished_at timestamptz -- When it ended.
);
COMMENT ON TYPE paycore.outbox_row IS 'One request to a gateway: what is asked, the frozen bytes once it was first sent, and how far it got.';

CREATE TYPE paycore.webhook_event AS (
	id uuid,
	tenant_id text,
	gateway_account text, -- Name of the gateway account whose secret its signature matched.
	event_id text, -- The gateway's id of it.
	type text, -- What happened, such as charge.refunded.
	api_version text, -- Version of the API that its payload is in.
	livemode boolean, -- Whether it is of real money.
	event_created timestamptz, -- When it happened, by the gateway's clock.
	object_type text, -- What it is about, in the gateway's words.
	psp_object_id text, -- The gateway's id of that.
	request_idempotency_key text, -- Key of the request that caused it.
	payload jsonb, -- The event as it came.
	status text, -- received, processed, ignored (nothing here to change), failed (it is tried again) or rejected (not trusted).
	error_code text, -- SQLSTATE of the last failure.
	error_message text, -- The failure in words.
	attempts integer, -- Tries to process it.
	next_attempt_at timestamptz, -- When it is tried again.
	receive_count integer, -- How often it was received.
	received_at timestamptz, -- When it first came.
	last_received_at timestamptz, -- When it last came.
	processed_at timestamptz -- When it was processed.
);
COMMENT ON TYPE paycore.webhook_event IS 'An event of a gateway, kept once by its id, and what became of it.';

CREATE TYPE paycore.payout AS (
	id uuid,
	tenant_id text,
	gateway_account text,
	psp_payout_id text, -- The gateway's id of it.
	status paycore.payout_status, -- How far it is; paid: expected at the bank, and may still fail.
	amount paycore.money_cents, -- What goes to the bank; below zero: what the gateway takes from it.
	automatic boolean, -- Whether the gateway's schedule made it.
	type text, -- bank_account or card.
	method text, -- standard or instant.
	description text, -- The gateway's description.
	statement_descriptor text, -- The text on the bank's statement.
	arrival_date timestamptz, -- When it is expected at the bank.
	reconciliation_status text, -- Whether the gateway can tell what is in it.
	psp_balance_transaction_id text, -- The balance transaction that took it off the balance.
	failure_balance_transaction text, -- The balance transaction that brought it back.
	failure_code text, -- Why it failed.
	failure_message text, -- The same in words.
	original_payout text, -- The gateway's id of the payout that this one reverses.
	reversed_by text, -- The gateway's id of the payout that reverses this one.
	trace_id text, -- The bank's reference.
	metadata jsonb,
	livemode boolean,
	transactions_read_at timestamptz, -- When all balance transactions in it had been read.
	reconciled boolean, -- Whether what is in it comes to its amount.
	reconciled_at timestamptz, -- When that was last found out.
	reconciliation_notes text, -- What was found.
	gw_time timestamptz,
	gw_digest bytea,
	gw_doubt boolean,
	sweeps integer,
	next_sweep_at timestamptz,
	paid_at timestamptz, -- When it became paid.
	failed_at timestamptz, -- When it failed.
	canceled_at timestamptz, -- When it was canceled.
	initiated_at timestamptz, -- When the gateway made it.
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.payout IS 'Money on its way from the balance at the gateway to the bank; paid means that it is expected there, and it may still come back.';

CREATE TYPE paycore.balance_transaction AS (
	id uuid,
	tenant_id text,
	gateway_account text,
	psp_balance_transaction_id text, -- The gateway's id of it.
	type text, -- What kind of movement, in the gateway's words.
	reporting_category text, -- The same, coarser, as the gateway's reports group it.
	status text, -- pending or available.
	amount paycore.money_cents, -- What moved, before fee; below zero: off the balance.
	fee paycore.money_cents, -- The gateway's fee.
	net paycore.money_cents, -- amount less fee.
	exchange_rate numeric, -- From the currency of its source; null: it is the same.
	fee_details jsonb, -- What the fee is made of.
	description text, -- The gateway's description.
	psp_source_id text, -- The gateway's id of what it is of.
	source_type text, -- payment, refund, dispute or payout, where that is known here.
	source_tenant_id text, -- The tenant of that.
	payment_id uuid, -- The payment that it is of.
	refund_id uuid, -- The refund that it is of.
	dispute_id uuid, -- The dispute that it is of.
	source_payout_id uuid, -- The payout that it is of.
	payout_id uuid, -- The payout that brought it to the bank.
	available_on timestamptz, -- When it can be paid out.
	occurred_at timestamptz, -- When it moved.
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.balance_transaction IS 'One movement of the balance at the gateway, in the settlement currency: what it was of, and the payout that brought it to the bank.';

CREATE TYPE paycore.gateway_feed AS (
	id uuid,
	tenant_id text,
	gateway_account text,
	feed text, -- Which list.
	read_to timestamptz, -- All that was made before is known here.
	reading_to timestamptz, -- Where the reading that is going on, or was last, ends.
	reading_from timestamptz, -- Where it begins.
	started_at timestamptz, -- When it began.
	finished_at timestamptz, -- When it ended; null: it is going on.
	parts integer, -- How many parts are being read at once.
	pages bigint, -- Pages read.
	objects bigint, -- Objects read.
	error_message text, -- What ended it early.
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.gateway_feed IS 'How far a list of a gateway account has been read: what lies before read_to is known here.';

CREATE TYPE paycore.account_transaction AS (
	id uuid,
	tenant_id text,
	billing_account_id uuid,
	amount paycore.money_cents, -- Above zero a credit, below zero a debit.
	balance_after paycore.money_cents, -- The balance after it.
	reason text, -- Why, in the application's or paycore's word.
	object_type text, -- What it was made for.
	object_id uuid, -- Key of that row.
	description text, -- Why, in words.
	actor text, -- The role that made it.
	metadata jsonb,
	created_at timestamptz
);
COMMENT ON TYPE paycore.account_transaction IS 'One change of an account''s balance.';

CREATE TYPE paycore.account_balance AS (
	billing_account_id uuid,
	tenant_id text,
	currency paycore.currency,
	balance paycore.money_cents, -- Sum of its transactions: above zero we owe the account.
	updated_at timestamptz
);
COMMENT ON TYPE paycore.account_balance IS 'What we owe an account in a currency (below zero: what it owes us): the sum of its transactions, kept by a guard.';

CREATE TYPE paycore.ledger_account AS (
	id uuid,
	tenant_id text,
	code text, -- Its code, such as receivables.
	name text, -- What it is called.
	kind text, -- asset, liability, income, expense or equity.
	currency paycore.currency,
	normal_side text, -- debit or credit: the side that makes it grow.
	metadata jsonb,
	created_at timestamptz
);
COMMENT ON TYPE paycore.ledger_account IS 'An account of the ledger: a code, a kind, one currency, and the side that makes it grow.';

CREATE TYPE paycore.ledger_entry AS (
	id uuid,
	tenant_id text,
	transfer_id uuid, -- What entries of one transfer share.
	debit_account_id uuid, -- The account that takes the amount.
	credit_account_id uuid, -- The account that gives it.
	amount paycore.money_cents, -- How much; never below zero.
	fact text, -- What it was posted for, such as charge or refund.
	object_id uuid, -- Key of the row that it was posted for.
	nth integer, -- Which entry of that fact.
	billing_account_id uuid, -- The billing account that it concerns.
	description text, -- Why, in words.
	metadata jsonb,
	occurred_at timestamptz, -- When what it was posted for happened.
	recorded_at timestamptz, -- When it was posted.
	txn bigint -- Number of the transaction that posted it; it never goes back, not after a restore either.
);
COMMENT ON TYPE paycore.ledger_entry IS 'An amount that one account gives and another takes, so that no entry can fail to balance. Entries of one transfer share transfer_id; what a fact of paycore posted names it by fact, object_id and nth (and so do the legs of a transfer of many: transfer, its id, their number).';

CREATE TYPE paycore.ledger_leg AS (
	account_id uuid, -- The ledger account.
	amount paycore.money_cents -- Above zero a debit, below zero a credit.
);
COMMENT ON TYPE paycore.ledger_leg IS 'One side of a transfer for post_transfer(): above zero a debit, below zero a credit.';

CREATE TYPE paycore.ledger_balance_row AS (
	account_id uuid, -- The ledger account.
	tenant_id text,
	horizon bigint, -- Entries of transactions below it are in the sums.
	debits bigint, -- Sum of debits, in minor units.
	credits bigint, -- Sum of credits, in minor units.
	entries bigint, -- How many entries.
	rolled_at timestamptz -- When they were last added up.
);
COMMENT ON TYPE paycore.ledger_balance_row IS 'Sums, in minor units, of all entries of a busy account whose txn is below the horizon. Written by roll_up_ledger(); what came later is summed when asked.';

CREATE TYPE paycore.ledger_period AS (
	account_id uuid, -- The ledger account.
	tenant_id text,
	event_hour timestamptz, -- The hour in which it happened.
	record_hour timestamptz, -- The hour in which it was recorded.
	debits bigint, -- Sum of debits, in minor units.
	credits bigint, -- Sum of credits, in minor units.
	entries bigint, -- How many entries.
	first_txn bigint, -- Least transaction among them.
	last_txn bigint -- Greatest transaction among them.
);
COMMENT ON TYPE paycore.ledger_period IS 'The same sums by the hour in which an entry''s event happened and the hour in which it was recorded: balances at any time in the past.';

CREATE TYPE paycore.ledger_day AS (
	account_id uuid, -- The ledger account.
	tenant_id text,
	event_day timestamptz, -- The day, of UTC, on which it happened.
	record_day timestamptz, -- The day, of UTC, on which it was recorded.
	debits bigint, -- Sum of debits, in minor units.
	credits bigint -- Sum of credits, in minor units.
);
COMMENT ON TYPE paycore.ledger_day IS 'The sums of ledger_periods by days of UTC: a balance of long ago reads days, and hours of one day only.';

CREATE TYPE paycore.ledger_clock_row AS (
	one boolean, -- True: there is one row.
	shift bigint -- What is added to the server's transaction numbers.
);
COMMENT ON TYPE paycore.ledger_clock_row IS 'What is added to transaction numbers of this server so that they go on where those of restored entries end.';

CREATE TYPE paycore.setup_intent AS (
	id uuid,
	tenant_id text,
	billing_account_id uuid,
	gateway_account text,
	psp_setup_intent_id text, -- The gateway's id, once it has answered.
	status paycore.setup_intent_status, -- How far it is.
	usage text, -- on_session or off_session: what the method is saved for.
	payment_method text, -- The gateway's token of the method.
	payment_method_types text[], -- Types of methods that the payer may choose from; null: the gateway's choice.
	psp_mandate_id text, -- The gateway's id of the mandate that it led to.
	description text, -- What it is for.
	return_url text, -- Where the payer comes back to.
	client_secret text, -- For the payer's browser, while it is open.
	next_action jsonb, -- What the payer has to do, while status is requires_action.
	error_type text, -- Class of the last error, in the gateway's words.
	error_code text, -- Its code.
	decline_code text, -- The issuer's reason.
	error_message text, -- The error in words.
	cancellation_reason text, -- Why it was canceled.
	gateway_params jsonb, -- More parameters for the gateway.
	metadata jsonb,
	livemode boolean,
	gw_time timestamptz,
	gw_digest bytea,
	gw_doubt boolean,
	sweeps integer,
	next_sweep_at timestamptz,
	succeeded_at timestamptz, -- When it succeeded.
	canceled_at timestamptz, -- When it was canceled.
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.setup_intent IS 'The wish to save a payment method for later, with the payer''s confirmation where their bank wants it.';

CREATE TYPE paycore.mandate AS (
	id uuid,
	tenant_id text,
	billing_account_id uuid,
	gateway_account text,
	psp_mandate_id text, -- The gateway's id of it.
	psp_payment_method_id text, -- The gateway's token of the method it is for.
	status paycore.mandate_status, -- How far it is; inactive is for good.
	type text, -- single_use or multi_use.
	method_type text, -- Type of the method, such as sepa_debit.
	acceptance text, -- online or offline.
	accepted_at timestamptz, -- When the payer gave it.
	gw_time timestamptz,
	gw_digest bytea,
	gw_doubt boolean,
	activated_at timestamptz, -- When it became active.
	ended_at timestamptz, -- When it became inactive.
	livemode boolean,
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.mandate IS 'A payer''s permission to charge a saved method; once inactive (revoked, refused or used up) it stays so.';

CREATE TYPE paycore.dispute AS (
	id uuid,
	tenant_id text,
	payment_id uuid, -- The payment that is asked back.
	payment_intent_id uuid, -- The intent of that payment.
	billing_account_id uuid,
	gateway_account text,
	psp_dispute_id text, -- The gateway's id of it.
	kind text, -- chargeback, inquiry, compliance, block, resolution or other.
	status paycore.dispute_status, -- Where it stands.
	amount paycore.money_cents, -- What is asked back.
	held paycore.money_cents, -- Its share of the payment, which refunds cannot have.
	reason text, -- Why, in the gateway's words.
	network_reason_code text, -- Why, in the card network's code.
	is_charge_refundable boolean, -- Whether the gateway takes a refund meanwhile.
	evidence jsonb, -- What is staged or was submitted.
	evidence_due_by timestamptz, -- Until when evidence must be submitted.
	has_evidence boolean, -- Whether the gateway has evidence.
	past_due boolean, -- Whether evidence_due_by passed without it.
	submission_count integer, -- How often evidence was submitted.
	enhanced_eligibility jsonb, -- What the gateway says of the networks' special programmes.
	withdrawn paycore.money_cents, -- What was taken off the balance, in its currency.
	withdrawal_ids text[], -- The balance transactions that did.
	withdrawn_at timestamptz, -- When.
	reinstated paycore.money_cents, -- What was given back to the balance.
	reinstatement_ids text[], -- The balance transactions that did.
	reinstated_at timestamptz, -- When.
	fee paycore.money_cents, -- The gateway's fees for it.
	balance_transactions jsonb, -- Its movements, as the gateway tells them.
	error_code text, -- Why the gateway refused the last request.
	error_message text, -- The same in words.
	metadata jsonb,
	livemode boolean,
	gw_time timestamptz,
	gw_digest bytea,
	gw_doubt boolean,
	sweeps integer,
	next_sweep_at timestamptz,
	opened_at timestamptz, -- When it was opened.
	submitted_at timestamptz, -- When evidence was last submitted from here.
	closed_at timestamptz, -- When it was decided.
	reopened_at timestamptz, -- When it was decided otherwise.
	acknowledged_at timestamptz, -- When somebody confirmed to have seen that.
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.dispute IS 'A payer''s bank asks a payment back, or asks about it. What was withdrawn and reinstated are facts of their own, whoever won.';

CREATE TYPE paycore.early_fraud_warning AS (
	id uuid,
	tenant_id text,
	payment_id uuid, -- The payment that is suspected.
	payment_intent_id uuid, -- The intent of that payment.
	billing_account_id uuid,
	gateway_account text,
	psp_warning_id text, -- The gateway's id of it.
	fraud_type text, -- What the issuer suspects.
	actionable boolean, -- Whether a full refund may still keep a dispute away.
	livemode boolean,
	gw_time timestamptz,
	gw_digest bytea,
	warned_at timestamptz, -- When the issuer said so.
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.early_fraud_warning IS 'The card''s issuer suspects fraud. While actionable, a full refund may keep a dispute away.';

CREATE TYPE paycore.review AS (
	id uuid,
	tenant_id text,
	payment_id uuid, -- The payment to look at.
	payment_intent_id uuid, -- The intent of that payment.
	billing_account_id uuid,
	gateway_account text,
	psp_review_id text, -- The gateway's id of it.
	is_open boolean, -- Whether it is open.
	reason text, -- Why it is open, or how it was closed.
	opened_reason text, -- rule or manual.
	closed_reason text, -- How it was closed.
	livemode boolean,
	gw_time timestamptz,
	gw_digest bytea,
	opened_at timestamptz, -- When it was opened.
	closed_at timestamptz, -- When it was closed.
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.review IS 'The gateway wants a person to look at a payment, by a rule or by hand, and how that look ended.';

CREATE TYPE paycore.seller AS (
	tenant_id text,
	name text, -- Name on documents.
	email text, -- Address for questions.
	phone text, -- Telephone number.
	website text, -- Website.
	address_line1 text, -- Street and number.
	address_line2 text, -- What else an address needs.
	city text, -- City.
	state text, -- State, province or region.
	postal_code text, -- Postal code.
	country text, -- Two capital letters of ISO 3166-1.
	tax_id text, -- VAT or tax number.
	footer text, -- Text at the foot of documents.
	logo text, -- Picture at their head: a data: URL.
	locale text, -- Language and region of documents for accounts without one.
	time_zone text, -- Time zone of their dates.
	tax_rounding text, -- line or invoice: where taxes are rounded.
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.seller IS 'Who a tenant''s documents are from: at most one row a tenant.';

CREATE TYPE paycore.receipt AS (
	id uuid,
	tenant_id text,
	number text, -- Its number.
	billing_account_id uuid,
	payment_id uuid, -- The payment that it is of.
	refund_id uuid, -- The refund that it is of; null: it is of the payment itself.
	amount paycore.money_cents, -- What it is for.
	data jsonb, -- What it shows, as it was when it was issued.
	actor text, -- The role that issued it.
	issued_at timestamptz -- When it was issued.
);
COMMENT ON TYPE paycore.receipt IS 'The receipt of a payment or of a refund of it.';

CREATE TYPE paycore.webhook_endpoint AS (
	id uuid,
	tenant_id text,
	name text, -- Its name; endpoint:name in the secrets file.
	url text, -- Where events are posted.
	enabled_events text[], -- Types of events it wants, with * for any.
	description text, -- What it is for.
	status text, -- enabled or disabled.
	disabled_reason text, -- Why it is disabled.
	disabled_at timestamptz, -- When it was disabled.
	failing_since timestamptz, -- Since when no event has got through.
	applies_from bigint, -- Changes above this place are pushed by enabled_events.
	instance text, -- The instance, as the secrets file names it, that may push.
	database_oid oid, -- The database that may push.
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.webhook_endpoint IS 'Whom changes are pushed to: an address, and which events it wants. Its pace and pause are those of the gateway account with the same id and name, its secrets are in the secrets file under that name, and how far it is says the change consumer endpoint:name.';
