/*
 * stripe_disputes.c
 *		Stripe's disputes, early fraud warnings and reviews as neutral snapshots.
 */
#include "gateway/stripe.h"

#include "types/lifecycle.h"

#define MAX_BALANCES	16
#define MAX_SUBMISSIONS 1000

/* A form with many empty fields; only what was filled in is worth keeping. */
static Jsonb *
read_evidence(const Jsonb *json)
{
	Jsonb	   *form = pc_json_object(json, "evidence");
	PcJsonBuilder b;
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	v;
	char	   *key = NULL;

	if (form == NULL || !JB_ROOT_IS_OBJECT(form))
		return NULL;
	pc_json_begin(&b);
	it = JsonbIteratorInit(&form->root);
	while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			key = pnstrdup(v.val.string.val, v.val.string.len);
		else if (token == WJB_VALUE && v.type == jbvString && v.val.string.len > 0)
			pc_json_add_text(&b, key, pc_json_value_text(&v));
		else if (token == WJB_VALUE && v.type == jbvBinary && JsonContainerSize(v.val.binary.data) > 0)
			pc_json_add_json(&b, key, pc_json_object(form, key));
	}
	return pc_json_end(&b);
}

static void
read_balances(const Jsonb *json, GwDispute *d)
{
	Jsonb	   *list = pc_json_object(json, "balance_transactions");
	int			n = list != NULL && JB_ROOT_IS_ARRAY(list) ? pc_json_array_length(list) : 0;

	d->balances = palloc0(sizeof(GwBalance *) * MAX_BALANCES);
	for (int i = 0; i < Min(n, MAX_BALANCES); i++)
	{
		GwBalance  *balance = gw_read_balance(pc_json_element(list, i));

		if (balance != NULL)
			d->balances[d->nbalances++] = balance;
	}
}

static void
read_case(const Jsonb *json, GwDispute *d)
{
	static const char *const kinds[] = {"block", "chargeback", "compliance", "inquiry", "resolution"};
	Jsonb	   *details = pc_json_object(json, "payment_method_details");
	char	   *type = pc_json_string(details, "type");
	Jsonb	   *own = type != NULL ? pc_json_object(details, type) : NULL;
	char	   *kind = pc_json_string(own, "case_type");

	for (int i = 0; kind != NULL && i < lengthof(kinds); i++)
		if (strcmp(kind, kinds[i]) == 0)
			d->kind = kind;
	if (kind != NULL && d->kind == NULL)
		d->kind = pstrdup("other");
	d->network_reason_code = pc_json_string(own, "network_reason_code");
	if (d->network_reason_code == NULL)
		d->network_reason_code = pc_json_string(json, "network_reason_code");
}

static void
read_evidence_details(const Jsonb *json, GwDispute *d)
{
	Jsonb	   *details = pc_json_object(json, "evidence_details");
	int64		count;

	d->due_by = gw_field_time(details, "due_by");
	d->has_evidence = pc_json_bool(details, "has_evidence", false);
	d->past_due = pc_json_bool(details, "past_due", false);
	if (pc_json_int64(details, "submission_count", &count) && count > 0)
		d->submission_count = (int) Min(count, MAX_SUBMISSIONS);
	d->enhanced_eligibility = pc_json_object(details, "enhanced_eligibility");
	if (d->enhanced_eligibility != NULL && JB_ROOT_COUNT(d->enhanced_eligibility) == 0)
		d->enhanced_eligibility = NULL;
}

GwDispute *
gw_read_dispute(const Jsonb *json)
{
	GwDispute  *d = palloc0(sizeof(GwDispute));
	bool		inquiry;

	d->id = gw_field_id(json, "id");
	d->status = pc_json_string(json, "status");
	d->amount = gw_field_money(json, "amount");
	d->charge_id = gw_field_id(json, "charge");
	if (d->id == NULL || d->charge_id == NULL || d->status == NULL ||
		pc_state_by_name(&pc_dispute_lifecycle, d->status) < 0 ||
		d->amount == GW_NO_MONEY || pc_money_amount(d->amount) <= 0)
		return NULL;
	inquiry = strncmp(d->status, "warning_", strlen("warning_")) == 0;
	d->intent_id = gw_field_id(json, "payment_intent");
	d->reason = pc_json_string(json, "reason");
	d->is_charge_refundable = pc_json_bool(json, "is_charge_refundable", inquiry);
	d->evidence = read_evidence(json);
	read_evidence_details(json, d);
	read_case(json, d);
	read_balances(json, d);
	d->metadata = gw_field_metadata(json);
	d->created = gw_field_time(json, "created");
	d->livemode = pc_json_bool(json, "livemode", false);
	return d;
}

GwWarning *
gw_read_warning(const Jsonb *json)
{
	GwWarning  *w = palloc0(sizeof(GwWarning));

	w->id = gw_field_id(json, "id");
	w->charge_id = gw_field_id(json, "charge");
	if (w->id == NULL || w->charge_id == NULL)
		return NULL;
	w->intent_id = gw_field_id(json, "payment_intent");
	w->fraud_type = pc_json_string(json, "fraud_type");
	w->actionable = pc_json_bool(json, "actionable", false);
	w->created = gw_field_time(json, "created");
	w->livemode = pc_json_bool(json, "livemode", false);
	return w;
}

GwReview *
gw_read_review(const Jsonb *json)
{
	GwReview   *r = palloc0(sizeof(GwReview));

	r->id = gw_field_id(json, "id");
	r->charge_id = gw_field_id(json, "charge");
	r->intent_id = gw_field_id(json, "payment_intent");
	if (r->id == NULL || (r->charge_id == NULL && r->intent_id == NULL))
		return NULL;
	r->open = pc_json_bool(json, "open", false);
	r->reason = pc_json_string(json, "reason");
	r->opened_reason = pc_json_string(json, "opened_reason");
	r->closed_reason = pc_json_string(json, "closed_reason");
	r->created = gw_field_time(json, "created");
	r->livemode = pc_json_bool(json, "livemode", false);
	return r;
}
