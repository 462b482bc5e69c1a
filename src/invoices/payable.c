/*
 * payable.c
 *		An invoice under a verb's lock, with its open payment intent, and how it
 *		is charged.
 *
 * The intent is locked before the invoice, as by the gateway's word, whose
 * guards go on from the intent to the invoice.
 */
#include "common/paycore.h"

#include "common/args.h"
#include "invoices/pay.h"
#include "types/money_args.h"

void
inv_lock_subscription_of(const PcApiCall *call, const pg_uuid_t *invoice)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT 1 FROM paycore.subscriptions s WHERE s.tenant_id = $2 "
								 "AND s.id = (SELECT i.subscription_id FROM paycore.invoices i WHERE i.id = $1 AND i.tenant_id = $2) FOR UPDATE");
	Datum		values[2] = {UUIDPGetDatum(invoice), CStringGetTextDatum(call->tenant)};

	pc_execute(&plan, values, NULL, false, 1);
}

static bool
find_intent(const PcApiCall *call, const pg_uuid_t *invoice, pg_uuid_t *id)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT i.id FROM paycore.payment_intents i WHERE i.invoice_id = $1 AND i.tenant_id = $2 "
								 "AND i.status OPERATOR(paycore.<>) 'succeeded'::paycore.intent_status "
								 "AND i.status OPERATOR(paycore.<>) 'canceled'::paycore.intent_status "
								 "AND i.status OPERATOR(paycore.<>) 'failed'::paycore.intent_status");
	Datum		values[2] = {UUIDPGetDatum(invoice), CStringGetTextDatum(call->tenant)};

	if (pc_execute(&plan, values, NULL, false, 1) == 0)
		return false;
	*id = pc_get_id(0, 1);
	return true;
}

/* Locked, and still open. */
static bool
lock_intent(const PcApiCall *call, const pg_uuid_t *id, PcIntent *intent)
{
	pc_intent_lock(call, id, intent);
	return intent->status != INTENT_SUCCEEDED && intent->status != INTENT_CANCELED && intent->status != INTENT_FAILED;
}

static void
lock_invoice(const PcApiCall *call, const pg_uuid_t *id, Payable *payable)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT billing_account_id, subscription_id, status, coalesce(number, id::text), amount_due, "
								 "amount_paid OPERATOR(paycore.+) balance_applied "
								 "FROM paycore.invoices WHERE id = $1 AND tenant_id = $2 FOR NO KEY UPDATE");

	pc_api_find(call, &plan, "invoice", id);
	payable->id = *id;
	payable->account = pc_get_id(0, 1);
	payable->has_subscription = pc_get_uuid(0, 2, &payable->subscription);
	payable->status = (InvoiceStatus) pc_get_state(0, 3);
	payable->number = pc_get_cstring(0, 4);
	payable->due = pc_get_money(0, 5);
	payable->applied = pc_get_money(0, 6);
}

void
inv_lock_payable(const PcApiCall *call, const pg_uuid_t *id, Payable *payable)
{
	pg_uuid_t	before,
				now;

	memset(payable, 0, sizeof(*payable));
	if (find_intent(call, id, &before))
		payable->has_intent = lock_intent(call, &before, &payable->intent);
	lock_invoice(call, id, payable);
	/* One that was made meanwhile: who made it held the invoice, and has committed. */
	if (!payable->has_intent && find_intent(call, id, &now))
		payable->has_intent = lock_intent(call, &now, &payable->intent);
}

void
inv_find_method(const PcApiCall *call, const Payable *payable, PayMethod *method)
{
	static PcPlan plan = PC_PLAN("tuu", "SELECT m.given, m.looks, m.brand, m.fingerprint FROM paycore.invoice_method($1, $2, $3) m WHERE m.given IS NOT NULL");
	PcArgs		a = {0};

	memset(method, 0, sizeof(*method));
	pc_arg_text(&a, call->tenant);
	pc_arg_uuid(&a, payable->has_subscription ? &payable->subscription : NULL);
	pc_arg_uuid(&a, &payable->account);
	if (pc_execute_args(&plan, &a, false) == 0)
		return;
	method->given = pc_get_cstring(0, 1);
	method->looks = pc_get_cstring(0, 2);
	method->brand = pc_get_cstring(0, 3);
	method->fingerprint = pc_get_cstring(0, 4);
}

static bool
is_being_canceled(const PcApiCall *call, const PcIntent *intent)
{
	return pc_outbox_unfinished(GW_INTENT_CANCEL, call->tenant, &intent->id, false, NULL, NULL);
}

bool
inv_in_flight(const PcApiCall *call, const Payable *payable)
{
	const PcIntent *intent = &payable->intent;

	return payable->has_intent &&
		(intent->status == INTENT_PROCESSING || intent->status == INTENT_REQUIRES_CAPTURE ||
		 pc_intent_is_being_confirmed(call, intent) ||
		 is_being_canceled(call, intent));
}

static Datum
charge_anew(const PcApiCall *call, const Payable *payable, Charge *charge)
{
	PcNewIntent intent = {
		.id = charge->id,
		.account_id = payable->account,
		.amount = payable->due,
		.given_method = charge->given_method,
		.confirm = charge->confirm,
		.capture_method = "automatic_async",
		.off_session = charge->off_session,
		.description = psprintf("Invoice %s", payable->number),
		.metadata = charge->metadata,
		.return_url = charge->return_url,
		.gateway_params = charge->gateway_params,
		.no_method_types = true,
		.has_invoice = true,
		.invoice_id = payable->id,
		.has_subscription = payable->has_subscription,
		.subscription_id = payable->subscription
	};

	return pc_intent_create(call, &intent);
}

Datum
inv_charge(const PcApiCall *call, Payable *payable, Charge *charge)
{
	PcIntent   *intent = &payable->intent;
	PcConfirm	confirm = {
		.given_method = charge->given_method, .return_url = charge->return_url, .gateway_params = charge->gateway_params,
		.set_off_session = true, .off_session = charge->off_session
	};

	if (!payable->has_intent)
		return charge_anew(call, payable, charge);
	charge->id = intent->id;
	if (intent->amount != payable->due)
		(void) pc_intent_update(call, intent, &payable->due, NULL);
	if (charge->confirm)
	{
		PcGatewayAccount gateway;

		pc_gateway_account(call, intent->gateway_account, &gateway);
		pc_refuse_manual(&gateway, "confirm a payment intent");
		return pc_intent_confirm(call, intent, &confirm);
	}
	return pc_api_read(PC_PAYMENT_INTENTS, call, &intent->id);
}

void
inv_align_intent(const PcApiCall *call, const pg_uuid_t *invoice)
{
	Payable		payable;

	inv_lock_payable(call, invoice, &payable);
	if (!payable.has_intent || is_being_canceled(call, &payable.intent))
		return;
	if (payable.status != INVOICE_OPEN && payable.status != INVOICE_UNCOLLECTIBLE)
	{
		/* What is on its way to be tried is stopped, if it can be; a debit cannot. */
		if (payable.intent.status != INTENT_PROCESSING)
			(void) pc_intent_cancel(call, &payable.intent, "abandoned");
	}
	else if (payable.intent.amount != payable.due && !inv_in_flight(call, &payable))
		(void) pc_intent_update(call, &payable.intent, &payable.due, NULL);
}
