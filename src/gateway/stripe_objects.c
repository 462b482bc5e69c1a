/*
 * stripe_objects.c
 *		Stripe's objects as neutral snapshots.
 *
 * An object is read where its essentials (id, status, amount) are there and
 * sensible; everything else may be missing.
 */
#include "common/text.h"
#include "gateway/stripe.h"

#include "types/lifecycle.h"

#define MAX_LIST 100

static bool
is_object(const Jsonb *json, const char *name)
{
	char	   *object = pc_json_string(json, "object");

	return object != NULL && strcmp(object, name) == 0;
}

/* Money in essentials is never negative. */
static bool
essential_money(const Jsonb *json, const char *key, PcMoney *money)
{
	*money = gw_field_money(json, key);
	return *money != GW_NO_MONEY && pc_money_amount(*money) >= 0;
}

static bool
known_status(const PcLifecycle *lifecycle, const char *status)
{
	return status != NULL && pc_state_by_name(lifecycle, status) >= 0;
}

static void
read_failure(const Jsonb *json, GwError *failure)
{
	Jsonb	   *outcome = pc_json_object(json, "outcome");

	failure->code = pc_json_string(json, "failure_code");
	failure->message = pc_json_string(json, "failure_message");
	if (failure->code == NULL)
		return;
	failure->type = pstrdup("card_error");
	failure->decline_code = pc_json_string(outcome, "reason");
	failure->advice_code = pc_json_string(outcome, "advice_code");
	failure->network_advice_code = pc_json_string(outcome, "network_advice_code");
	failure->network_decline_code = pc_json_string(outcome, "network_decline_code");
	failure->charge_id = gw_field_id(json, "id");
}

static void
read_charge_method(const Jsonb *json, GwCharge *c)
{
	Jsonb	   *details = pc_json_object(json, "payment_method_details");
	Jsonb	   *of_type;

	c->method_id = gw_field_id(json, "payment_method");
	c->method_type = pc_json_string(details, "type");
	if (c->method_type == NULL)
		return;
	of_type = pc_json_object(details, c->method_type);
	c->method_details = gw_safe_details(c->method_type, of_type);
	c->capture_before = gw_field_time(of_type, "capture_before");
}

static bool
is_charge_status(const char *status)
{
	return status != NULL && (strcmp(status, "pending") == 0 ||
							  strcmp(status, "succeeded") == 0 ||
							  strcmp(status, "failed") == 0);
}

static GwCharge *
read_charge(const Jsonb *json)
{
	GwCharge   *c = palloc0(sizeof(GwCharge));

	c->id = gw_field_id(json, "id");
	c->status = pc_json_string(json, "status");
	if (c->id == NULL || !is_charge_status(c->status) ||
		!essential_money(json, "amount", &c->amount))
		return NULL;
	c->captured = pc_json_bool(json, "captured", false);
	c->refunded = pc_json_bool(json, "refunded", false);
	c->disputed = pc_json_bool(json, "disputed", false);
	c->amount_captured = gw_field_money(json, "amount_captured");
	c->application_fee = gw_field_money(json, "application_fee_amount");
	c->intent_id = gw_field_id(json, "payment_intent");
	c->customer_id = gw_field_id(json, "customer");
	c->balance_transaction_id = gw_field_id(json, "balance_transaction");
	c->balance = gw_read_balance(pc_json_object(json, "balance_transaction"));
	c->failure_balance_transaction = gw_field_id(json, "failure_balance_transaction");
	read_failure(json, &c->failure);
	read_charge_method(json, c);
	c->description = pc_json_string(json, "description");
	c->receipt_email = pc_json_string(json, "receipt_email");
	c->receipt_number = pc_json_string(json, "receipt_number");
	c->receipt_url = pc_json_string(json, "receipt_url");
	c->metadata = gw_field_metadata(json);
	c->created = gw_field_time(json, "created");
	c->livemode = pc_json_bool(json, "livemode", false);
	return c;
}

/* "created" and "failed" are states of ours that no gateway's object is in. */
static bool
is_intent_status(const char *status)
{
	return known_status(&pc_intent_lifecycle, status) &&
		strcmp(status, "created") != 0 && strcmp(status, "failed") != 0;
}

static GwIntent *
read_intent(const Jsonb *json)
{
	GwIntent   *i = palloc0(sizeof(GwIntent));

	i->id = gw_field_id(json, "id");
	i->status = pc_json_string(json, "status");
	if (i->id == NULL || !is_intent_status(i->status) ||
		!essential_money(json, "amount", &i->amount))
		return NULL;
	i->amount_capturable = gw_field_money(json, "amount_capturable");
	i->amount_received = gw_field_money(json, "amount_received");
	i->customer_id = gw_field_id(json, "customer");
	i->method_id = gw_field_id(json, "payment_method");
	i->latest_charge_id = gw_field_id(json, "latest_charge");
	i->latest_charge = read_charge(pc_json_object(json, "latest_charge"));
	i->client_secret = pc_json_string(json, "client_secret");
	i->next_action = pc_json_object(json, "next_action");
	gw_read_error(pc_json_object(json, "last_payment_error"), &i->last_error);
	i->cancellation_reason = pc_json_string(json, "cancellation_reason");
	i->capture_method = pc_json_string(json, "capture_method");
	i->confirmation_method = pc_json_string(json, "confirmation_method");
	i->setup_future_usage = pc_json_string(json, "setup_future_usage");
	i->description = pc_json_string(json, "description");
	i->metadata = gw_field_metadata(json);
	i->created = gw_field_time(json, "created");
	i->canceled_at = gw_field_time(json, "canceled_at");
	i->livemode = pc_json_bool(json, "livemode", false);
	return i;
}

/*
 * Stripe lets go of an uncaptured rest by a refund of its own making, which
 * gives nothing back to anybody.
 */
static bool
is_auth_release(const Jsonb *json, const GwRefund *r)
{
	Jsonb	   *charge = pc_json_object(json, "charge");
	const char *category = r->balance != NULL ? r->balance->reporting_category : NULL;

	return pc_is(r->reason, "expired_uncaptured_charge") ||
		pc_is(category, "partial_capture_reversal") ||
		(is_object(charge, "charge") && !pc_json_bool(charge, "captured", true));
}

static GwRefund *
read_refund(const Jsonb *json)
{
	GwRefund   *r = palloc0(sizeof(GwRefund));

	r->id = gw_field_id(json, "id");
	r->status = pc_json_string(json, "status");
	if (r->id == NULL || !known_status(&pc_refund_lifecycle, r->status) ||
		strcmp(r->status, "requested") == 0 || !essential_money(json, "amount", &r->amount))
		return NULL;
	r->charge_id = gw_field_id(json, "charge");
	r->intent_id = gw_field_id(json, "payment_intent");
	r->reason = pc_json_string(json, "reason");
	r->failure_reason = pc_json_string(json, "failure_reason");
	r->pending_reason = pc_json_string(json, "pending_reason");
	r->balance_transaction_id = gw_field_id(json, "balance_transaction");
	r->balance = gw_read_balance(pc_json_object(json, "balance_transaction"));
	r->failure_balance_transaction = gw_field_id(json, "failure_balance_transaction");
	r->receipt_number = pc_json_string(json, "receipt_number");
	r->next_action = pc_json_object(json, "next_action");
	r->destination_details = gw_safe_json(pc_json_object(json, "destination_details"));
	r->metadata = gw_field_metadata(json);
	r->auth_release = is_auth_release(json, r);
	r->created = gw_field_time(json, "created");
	return r;
}

/* Deleted customers come back as a stub: id, object, deleted. */
static GwCustomer *
read_customer(const Jsonb *json)
{
	GwCustomer *c = palloc0(sizeof(GwCustomer));

	c->id = gw_field_id(json, "id");
	if (c->id == NULL)
		return NULL;
	c->deleted = pc_json_bool(json, "deleted", false);
	c->name = pc_json_string(json, "name");
	c->email = pc_json_string(json, "email");
	c->phone = pc_json_string(json, "phone");
	c->address = pc_json_object(json, "address");
	c->default_method_id = gw_field_id(pc_json_object(json, "invoice_settings"),
									   "default_payment_method");
	c->metadata = gw_field_metadata(json);
	c->created = gw_field_time(json, "created");
	c->livemode = pc_json_bool(json, "livemode", false);
	return c;
}

static int
small_int(const Jsonb *json, const char *key, int max)
{
	int64		number;

	return pc_json_int64(json, key, &number) && number > 0 && number <= max ? (int) number : 0;
}

static GwMethod *
read_method(const Jsonb *json)
{
	GwMethod   *m = palloc0(sizeof(GwMethod));
	Jsonb	   *own;

	m->id = gw_field_id(json, "id");
	m->type = pc_json_string(json, "type");
	if (m->id == NULL || m->type == NULL)
		return NULL;
	m->details = gw_safe_details(m->type, pc_json_object(json, m->type));
	own = m->details;
	m->customer_id = gw_field_id(json, "customer");
	m->brand = pc_json_string(own, "brand");
	m->last4 = pc_json_string(own, "last4");
	m->exp_month = small_int(own, "exp_month", 12);
	m->exp_year = small_int(own, "exp_year", 9999);
	m->fingerprint = pc_json_string(own, "fingerprint");
	m->funding = pc_json_string(own, "funding");
	m->country = pc_json_string(own, "country");
	m->wallet = pc_json_text2(own, "wallet", "type");
	m->billing_details = gw_safe_json(pc_json_object(json, "billing_details"));
	m->metadata = gw_field_metadata(json);
	m->created = gw_field_time(json, "created");
	m->livemode = pc_json_bool(json, "livemode", false);
	return m;
}

static GwMandate *
read_mandate(const Jsonb *json)
{
	GwMandate  *m = palloc0(sizeof(GwMandate));
	Jsonb	   *acceptance = pc_json_object(json, "customer_acceptance");

	m->id = gw_field_id(json, "id");
	m->status = pc_json_string(json, "status");
	m->method_id = gw_field_id(json, "payment_method");
	if (m->id == NULL || m->method_id == NULL || !known_status(&pc_mandate_lifecycle, m->status))
		return NULL;
	m->type = pc_json_string(json, "type");
	m->method_type = pc_json_text2(json, "payment_method_details", "type");
	m->acceptance = pc_json_string(acceptance, "type");
	m->accepted_at = gw_field_time(acceptance, "accepted_at");
	m->livemode = pc_json_bool(json, "livemode", false);
	return m;
}

/* "created" and "failed" are states of ours. */
static bool
is_setup_status(const char *status)
{
	return known_status(&pc_setup_lifecycle, status) &&
		strcmp(status, "created") != 0 && strcmp(status, "failed") != 0;
}

static GwSetup *
read_setup(const Jsonb *json)
{
	GwSetup    *i = palloc0(sizeof(GwSetup));
	Jsonb	   *method = pc_json_object(json, "payment_method");
	Jsonb	   *mandate = pc_json_object(json, "mandate");

	i->id = gw_field_id(json, "id");
	i->status = pc_json_string(json, "status");
	if (i->id == NULL || !is_setup_status(i->status))
		return NULL;
	i->usage = pc_json_string(json, "usage");
	i->customer_id = gw_field_id(json, "customer");
	i->method_id = gw_field_id(json, "payment_method");
	i->method = is_object(method, "payment_method") ? read_method(method) : NULL;
	i->mandate_id = gw_field_id(json, "mandate");
	i->mandate = is_object(mandate, "mandate") ? read_mandate(mandate) : NULL;
	i->client_secret = pc_json_string(json, "client_secret");
	i->next_action = pc_json_object(json, "next_action");
	gw_read_error(pc_json_object(json, "last_setup_error"), &i->last_error);
	i->cancellation_reason = pc_json_string(json, "cancellation_reason");
	i->description = pc_json_string(json, "description");
	i->metadata = gw_field_metadata(json);
	i->created = gw_field_time(json, "created");
	i->livemode = pc_json_bool(json, "livemode", false);
	return i;
}

static void
set_object(GwObject *object, GwKind kind, void *snapshot, bool livemode)
{
	if (snapshot == NULL)
		return;
	object->kind = kind;
	object->livemode = livemode;
	object->u.intent = snapshot;
}

/* Items that cannot be read keep their place as kind NONE: the cursor needs the last id. */
static void
read_list(const Jsonb *json, GwObject *object)
{
	Jsonb	   *data = pc_json_object(json, "data");

	if (data == NULL || !JB_ROOT_IS_ARRAY(data))
		return;
	object->kind = GW_KIND_LIST;
	object->has_more = pc_json_bool(json, "has_more", false);
	object->nitems = Min(pc_json_array_length(data), MAX_LIST);
	object->items = palloc0(sizeof(GwObject) * Max(object->nitems, 1));
	for (int i = 0; i < object->nitems; i++)
	{
		Jsonb	   *item = pc_json_element(data, i);

		/* A list in a list is nothing Stripe sends: no recursion on a stranger's word. */
		if (!is_object(item, "list"))
			gw_read_object(item, &object->items[i]);
	}
}

void
gw_read_object(const Jsonb *json, GwObject *object)
{
	bool		livemode = pc_json_bool(json, "livemode", false);

	memset(object, 0, sizeof(*object));
	object->id = gw_field_id(json, "id");
	object->created = gw_field_time(json, "created");
	if (is_object(json, "payment_intent"))
		set_object(object, GW_KIND_INTENT, read_intent(json), livemode);
	else if (is_object(json, "charge"))
		set_object(object, GW_KIND_CHARGE, read_charge(json), livemode);
	else if (is_object(json, "refund"))
		set_object(object, GW_KIND_REFUND, read_refund(json), livemode);
	else if (is_object(json, "customer"))
		set_object(object, GW_KIND_CUSTOMER, read_customer(json), livemode);
	else if (is_object(json, "payment_method"))
		set_object(object, GW_KIND_METHOD, read_method(json), livemode);
	else if (is_object(json, "payout"))
		set_object(object, GW_KIND_PAYOUT, gw_read_payout(json), livemode);
	else if (is_object(json, "balance_transaction"))
		set_object(object, GW_KIND_BALANCE, gw_read_balance(json), livemode);
	else if (is_object(json, "setup_intent"))
		set_object(object, GW_KIND_SETUP, read_setup(json), livemode);
	else if (is_object(json, "mandate"))
		set_object(object, GW_KIND_MANDATE, read_mandate(json), livemode);
	else if (is_object(json, "dispute"))
		set_object(object, GW_KIND_DISPUTE, gw_read_dispute(json), livemode);
	else if (is_object(json, "radar.early_fraud_warning"))
		set_object(object, GW_KIND_WARNING, gw_read_warning(json), livemode);
	else if (is_object(json, "review"))
		set_object(object, GW_KIND_REVIEW, gw_read_review(json), livemode);
	else if (is_object(json, "account") && object->id != NULL)
	{
		object->kind = GW_KIND_ACCOUNT;
		object->livemode = livemode;
	}
	else if (is_object(json, "list"))
		read_list(json, object);
}
