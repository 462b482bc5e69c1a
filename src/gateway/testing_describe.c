/*
 * testing_describe.c
 *		Neutral snapshots as jsonb, for the tests' doors (test builds).
 */
#include "gateway/testing.h"

#ifdef PAYCORE_FAULT_POINTS

static const char *const verdicts[] = {
	[GW_OK] = "ok",
	[GW_DECLINED] = "declined",
	[GW_REFUSED] = "refused",
	[GW_UNEXPECTED_STATE] = "unexpected_state",
	[GW_BUSY] = "busy",
	[GW_UNAUTHORIZED] = "unauthorized",
	[GW_KEY_REUSED] = "key_reused",
	[GW_RETRY] = "retry",
	[GW_UNKNOWN] = "unknown"
};

static const char *const kinds[] = {
	[GW_KIND_NONE] = "none",
	[GW_KIND_INTENT] = "intent",
	[GW_KIND_CHARGE] = "charge",
	[GW_KIND_REFUND] = "refund",
	[GW_KIND_CUSTOMER] = "customer",
	[GW_KIND_METHOD] = "method",
	[GW_KIND_ACCOUNT] = "account",
	[GW_KIND_SETUP] = "setup",
	[GW_KIND_MANDATE] = "mandate",
	[GW_KIND_DISPUTE] = "dispute",
	[GW_KIND_WARNING] = "warning",
	[GW_KIND_REVIEW] = "review",
	[GW_KIND_LIST] = "list",
	[GW_KIND_PAYOUT] = "payout",
	[GW_KIND_BALANCE] = "balance"
};

#define TEXT(field)		pc_json_add_text(&b, #field, o->field)
#define JSON(field)		pc_json_add_json(&b, #field, o->field)
#define TIME(field) \
	do { if (o->field != 0) pc_json_add_int64(&b, #field, o->field); } while (0)
#define FLAG(field)		do { if (o->field) pc_json_add_bool(&b, #field, true); } while (0)
#define MONEY(field)	add_money(&b, #field, o->field)

static void
add_money(PcJsonBuilder *b, const char *key, PcMoney money)
{
	char		text[PC_MONEY_TEXT_LEN];

	if (money != GW_NO_MONEY)
		pc_json_add_text(b, key, pc_money_to_text(money, text));
}

static Jsonb *
describe_error(const GwError *o)
{
	PcJsonBuilder b;
	Jsonb	   *result;

	pc_json_begin(&b);
	TEXT(type);
	TEXT(code);
	TEXT(decline_code);
	TEXT(advice_code);
	TEXT(network_advice_code);
	TEXT(network_decline_code);
	TEXT(message);
	TEXT(charge_id);
	TEXT(method_id);
	result = pc_json_end(&b);
	return JB_ROOT_COUNT(result) == 0 ? NULL : result;
}

static Jsonb *
describe_balance(const GwBalance *o)
{
	PcJsonBuilder b;

	if (o == NULL)
		return NULL;
	pc_json_begin(&b);
	TEXT(id);
	TEXT(type);
	TEXT(status);
	TEXT(source_id);
	TEXT(description);
	MONEY(amount);
	MONEY(fee);
	MONEY(net);
	TEXT(exchange_rate);
	TEXT(reporting_category);
	JSON(fee_details);
	TIME(available_on);
	TIME(created);
	return pc_json_end(&b);
}

static Jsonb *
describe_charge(const GwCharge *o)
{
	PcJsonBuilder b;

	if (o == NULL)
		return NULL;
	pc_json_begin(&b);
	TEXT(id);
	TEXT(status);
	FLAG(captured);
	FLAG(refunded);
	MONEY(amount);
	MONEY(amount_captured);
	MONEY(application_fee);
	TEXT(intent_id);
	TEXT(customer_id);
	TEXT(method_id);
	TEXT(balance_transaction_id);
	pc_json_add_json(&b, "balance", describe_balance(o->balance));
	TEXT(failure_balance_transaction);
	pc_json_add_json(&b, "failure", describe_error(&o->failure));
	TEXT(method_type);
	JSON(method_details);
	TEXT(description);
	TEXT(receipt_email);
	TEXT(receipt_number);
	TEXT(receipt_url);
	TIME(capture_before);
	JSON(metadata);
	TIME(created);
	FLAG(livemode);
	return pc_json_end(&b);
}

static Jsonb *
describe_intent(const GwIntent *o)
{
	PcJsonBuilder b;

	pc_json_begin(&b);
	TEXT(id);
	TEXT(status);
	MONEY(amount);
	MONEY(amount_capturable);
	MONEY(amount_received);
	TEXT(customer_id);
	TEXT(method_id);
	TEXT(latest_charge_id);
	pc_json_add_json(&b, "latest_charge", describe_charge(o->latest_charge));
	TEXT(client_secret);
	JSON(next_action);
	pc_json_add_json(&b, "last_error", describe_error(&o->last_error));
	TEXT(cancellation_reason);
	TEXT(capture_method);
	TEXT(confirmation_method);
	TEXT(setup_future_usage);
	TEXT(description);
	JSON(metadata);
	TIME(created);
	TIME(canceled_at);
	FLAG(livemode);
	return pc_json_end(&b);
}

static Jsonb *
describe_refund(const GwRefund *o)
{
	PcJsonBuilder b;

	pc_json_begin(&b);
	TEXT(id);
	TEXT(status);
	MONEY(amount);
	TEXT(charge_id);
	TEXT(intent_id);
	TEXT(reason);
	TEXT(failure_reason);
	TEXT(pending_reason);
	TEXT(balance_transaction_id);
	pc_json_add_json(&b, "balance", describe_balance(o->balance));
	TEXT(failure_balance_transaction);
	TEXT(receipt_number);
	JSON(next_action);
	JSON(destination_details);
	JSON(metadata);
	FLAG(auth_release);
	TIME(created);
	return pc_json_end(&b);
}

static Jsonb *
describe_customer(const GwCustomer *o)
{
	PcJsonBuilder b;

	pc_json_begin(&b);
	TEXT(id);
	FLAG(deleted);
	TEXT(name);
	TEXT(email);
	TEXT(phone);
	JSON(address);
	TEXT(default_method_id);
	JSON(metadata);
	TIME(created);
	FLAG(livemode);
	return pc_json_end(&b);
}

static Jsonb *
describe_method(const GwMethod *o)
{
	PcJsonBuilder b;

	pc_json_begin(&b);
	TEXT(id);
	TEXT(customer_id);
	TEXT(type);
	TEXT(brand);
	TEXT(last4);
	TIME(exp_month);
	TIME(exp_year);
	TEXT(fingerprint);
	TEXT(funding);
	TEXT(country);
	TEXT(wallet);
	JSON(billing_details);
	JSON(details);
	JSON(metadata);
	TIME(created);
	FLAG(livemode);
	return pc_json_end(&b);
}

static Jsonb *
describe_payout(const GwPayout *o)
{
	PcJsonBuilder b;

	pc_json_begin(&b);
	TEXT(id);
	TEXT(status);
	MONEY(amount);
	FLAG(automatic);
	TEXT(type);
	TEXT(method);
	TEXT(description);
	TEXT(statement_descriptor);
	TEXT(reconciliation_status);
	TEXT(balance_transaction_id);
	TEXT(failure_balance_transaction);
	TEXT(failure_code);
	TEXT(failure_message);
	TEXT(original_payout);
	TEXT(reversed_by);
	TEXT(trace_id);
	JSON(metadata);
	TIME(arrival_date);
	TIME(created);
	FLAG(livemode);
	return pc_json_end(&b);
}

static Jsonb *
describe_mandate(const GwMandate *o)
{
	PcJsonBuilder b;

	if (o == NULL)
		return NULL;
	pc_json_begin(&b);
	TEXT(id);
	TEXT(status);
	TEXT(type);
	TEXT(method_id);
	TEXT(method_type);
	TEXT(acceptance);
	TIME(accepted_at);
	FLAG(livemode);
	return pc_json_end(&b);
}

static Jsonb *
describe_setup(const GwSetup *o)
{
	PcJsonBuilder b;

	pc_json_begin(&b);
	TEXT(id);
	TEXT(status);
	TEXT(usage);
	TEXT(customer_id);
	TEXT(method_id);
	pc_json_add_json(&b, "method", o->method != NULL ? describe_method(o->method) : NULL);
	TEXT(mandate_id);
	pc_json_add_json(&b, "mandate", describe_mandate(o->mandate));
	TEXT(client_secret);
	JSON(next_action);
	pc_json_add_json(&b, "last_error", describe_error(&o->last_error));
	TEXT(cancellation_reason);
	TEXT(description);
	JSON(metadata);
	TIME(created);
	FLAG(livemode);
	return pc_json_end(&b);
}

static Jsonb *
describe_balances(const GwDispute *d)
{
	const Jsonb **items = palloc(sizeof(Jsonb *) * Max(d->nbalances, 1));

	for (int i = 0; i < d->nbalances; i++)
		items[i] = describe_balance(d->balances[i]);
	return pc_json_array(items, d->nbalances);
}

static Jsonb *
describe_dispute(const GwDispute *o)
{
	PcJsonBuilder b;

	pc_json_begin(&b);
	TEXT(id);
	TEXT(status);
	MONEY(amount);
	TEXT(charge_id);
	TEXT(intent_id);
	TEXT(kind);
	TEXT(reason);
	TEXT(network_reason_code);
	FLAG(is_charge_refundable);
	JSON(evidence);
	TIME(due_by);
	FLAG(has_evidence);
	FLAG(past_due);
	TIME(submission_count);
	JSON(enhanced_eligibility);
	pc_json_add_json(&b, "balances", describe_balances(o));
	JSON(metadata);
	TIME(created);
	FLAG(livemode);
	return pc_json_end(&b);
}

static Jsonb *
describe_warning(const GwWarning *o)
{
	PcJsonBuilder b;

	pc_json_begin(&b);
	TEXT(id);
	TEXT(charge_id);
	TEXT(intent_id);
	TEXT(fraud_type);
	FLAG(actionable);
	TIME(created);
	FLAG(livemode);
	return pc_json_end(&b);
}

static Jsonb *
describe_review(const GwReview *o)
{
	PcJsonBuilder b;

	pc_json_begin(&b);
	TEXT(id);
	TEXT(charge_id);
	TEXT(intent_id);
	FLAG(open);
	TEXT(reason);
	TEXT(opened_reason);
	TEXT(closed_reason);
	TIME(created);
	FLAG(livemode);
	return pc_json_end(&b);
}

static Jsonb *describe_object(const GwObject *object);

static Jsonb *
describe_items(const GwObject *list)
{
	const Jsonb **items = palloc(sizeof(Jsonb *) * Max(list->nitems, 1));

	for (int i = 0; i < list->nitems; i++)
		items[i] = describe_object(&list->items[i]);
	return pc_json_array(items, list->nitems);
}

static Jsonb *
describe_snapshot(const GwObject *o)
{
	switch (o->kind)
	{
		case GW_KIND_INTENT:
			return describe_intent(o->u.intent);
		case GW_KIND_CHARGE:
			return describe_charge(o->u.charge);
		case GW_KIND_REFUND:
			return describe_refund(o->u.refund);
		case GW_KIND_CUSTOMER:
			return describe_customer(o->u.customer);
		case GW_KIND_METHOD:
			return describe_method(o->u.method);
		case GW_KIND_SETUP:
			return describe_setup(o->u.setup);
		case GW_KIND_MANDATE:
			return describe_mandate(o->u.mandate);
		case GW_KIND_DISPUTE:
			return describe_dispute(o->u.dispute);
		case GW_KIND_WARNING:
			return describe_warning(o->u.warning);
		case GW_KIND_REVIEW:
			return describe_review(o->u.review);
		case GW_KIND_LIST:
			return describe_items(o);
		case GW_KIND_PAYOUT:
			return describe_payout(o->u.payout);
		case GW_KIND_BALANCE:
			return describe_balance(o->u.balance);
		default:
			return NULL;
	}
}

static Jsonb *
describe_object(const GwObject *o)
{
	PcJsonBuilder b;

	pc_json_begin(&b);
	pc_json_add_text(&b, "kind", kinds[o->kind]);
	TEXT(id);
	FLAG(livemode);
	FLAG(has_more);
	pc_json_add_json(&b, "is", describe_snapshot(o));
	return pc_json_end(&b);
}

Jsonb *
gw_describe_answer(const GwAnswer *answer)
{
	PcJsonBuilder b;

	pc_json_begin(&b);
	pc_json_add_text(&b, "verdict", verdicts[answer->verdict]);
	pc_json_add_json(&b, "error", describe_error(&answer->error));
	if (answer->object.kind != GW_KIND_NONE)
		pc_json_add_json(&b, "object", describe_object(&answer->object));
	return pc_json_end(&b);
}

Jsonb *
gw_describe_event(const GwEvent *o)
{
	PcJsonBuilder b;

	pc_json_begin(&b);
	TEXT(id);
	TEXT(type);
	TEXT(api_version);
	TEXT(account);
	FLAG(livemode);
	TIME(created);
	TEXT(request_key);
	TEXT(object_type);
	TEXT(object_id);
	FLAG(same_version);
	FLAG(is_creation);
	JSON(previous);
	pc_json_add_json(&b, "object", describe_object(&o->object));
	return pc_json_end(&b);
}

#endif							/* PAYCORE_FAULT_POINTS */
