/*
 * snapshot.c
 *		What must be true of a snapshot, whatever the gateway sent: ids of a
 *		length that the tables hold, known statuses, amounts in range and of a
 *		currency that has them, times that are times.
 */
#include "harness.h"

#include "snapshot.h"

#include "common/card_data.h"
#include "gateway/gateway.h"
#include "lib/stringinfo.h"
#include "reduce/digest.h"
#include "types/lifecycle.h"
#include "utils/fmgrprotos.h"

#define LAST_SECOND INT64CONST(253402300799)	/* of the year 9999 */

static void
check_id(const char *id, bool required)
{
	must(id != NULL || !required);
	must(id == NULL || (*id != '\0' && strlen(id) <= 255));
}

static void
check_time(int64 time)
{
	must(time >= 0 && time <= LAST_SECOND);
}

static void
check_money(PcMoney money, bool required, int64 least)
{
	const PcCurrencyInfo *currency = pc_currency_by_number(pc_money_currency(money));

	must(money != GW_NO_MONEY || !required);
	if (money == GW_NO_MONEY)
		return;
	must(currency != NULL && currency->exponent >= 0);
	must(pc_money_in_range(pc_money_amount(money)) && pc_money_amount(money) >= least);
}

static void
check_status(const PcLifecycle *lifecycle, const char *status)
{
	must(status != NULL && pc_state_by_name(lifecycle, status) >= 0);
}

static void
check_error(const GwError *error)
{
	check_id(error->charge_id, false);
	check_id(error->method_id, false);
}

/* What is kept of a payment method, and of where a refund went. */
static void
check_details(const Jsonb *details)
{
	char	   *key;

	must(details == NULL || pc_card_data_in_json(details, &key) == PC_NO_CARD_DATA);
}

static void
check_rate(const char *rate)
{
	if (rate != NULL)
		(void) DirectFunctionCall3(numeric_in, CStringGetDatum(rate), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

static void
check_balance(const GwBalance *b)
{
	if (b == NULL)
		return;
	check_id(b->id, true);
	check_id(b->source_id, false);
	check_money(b->amount, true, -PC_MONEY_MAX);
	check_money(b->fee, true, -PC_MONEY_MAX);
	check_money(b->net, true, -PC_MONEY_MAX);
	must(pc_money_same_currency(b->amount, b->fee) && pc_money_same_currency(b->amount, b->net));
	must(pc_money_amount(b->amount) - pc_money_amount(b->fee) == pc_money_amount(b->net));
	check_rate(b->exchange_rate);
	check_time(b->available_on);
	check_time(b->created);
}

static void
check_charge(const GwCharge *c)
{
	if (c == NULL)
		return;
	check_id(c->id, true);
	check_id(c->intent_id, false);
	check_id(c->customer_id, false);
	check_id(c->method_id, false);
	check_id(c->balance_transaction_id, false);
	check_id(c->failure_balance_transaction, false);
	check_status(&pc_payment_lifecycle, c->status);
	check_money(c->amount, true, 0);
	check_money(c->amount_captured, false, -PC_MONEY_MAX);
	check_money(c->application_fee, false, -PC_MONEY_MAX);
	check_balance(c->balance);
	check_error(&c->failure);
	check_details(c->method_details);
	check_time(c->capture_before);
	check_time(c->created);
}

static void
check_intent(const GwIntent *i)
{
	check_status(&pc_intent_lifecycle, i->status);
	check_money(i->amount, true, 0);
	check_money(i->amount_capturable, false, -PC_MONEY_MAX);
	check_money(i->amount_received, false, -PC_MONEY_MAX);
	check_id(i->id, true);
	check_id(i->customer_id, false);
	check_id(i->method_id, false);
	check_id(i->latest_charge_id, false);
	check_charge(i->latest_charge);
	check_error(&i->last_error);
	check_time(i->created);
	check_time(i->canceled_at);
}

static void
check_refund(const GwRefund *r)
{
	check_status(&pc_refund_lifecycle, r->status);
	check_money(r->amount, true, 0);
	check_id(r->id, true);
	check_id(r->charge_id, false);
	check_id(r->intent_id, false);
	check_balance(r->balance);
	check_details(r->destination_details);
	check_time(r->created);
}

static void
check_dispute(const GwDispute *d)
{
	check_status(&pc_dispute_lifecycle, d->status);
	check_money(d->amount, true, 1);
	check_id(d->id, true);
	check_id(d->charge_id, true);
	check_id(d->intent_id, false);
	must(d->submission_count >= 0 && d->nbalances >= 0);
	for (int i = 0; i < d->nbalances; i++)
		check_balance(d->balances[i]);
	check_time(d->due_by);
	check_time(d->created);
}

static void
check_method(const GwMethod *m)
{
	if (m == NULL)
		return;
	check_id(m->id, true);
	check_id(m->customer_id, false);
	must(m->type != NULL);
	must(m->exp_month >= 0 && m->exp_month <= 12 && m->exp_year >= 0 && m->exp_year <= 9999);
	check_details(m->details);
	check_details(m->billing_details);
	check_time(m->created);
}

static void
check_mandate(const GwMandate *m)
{
	if (m == NULL)
		return;
	check_status(&pc_mandate_lifecycle, m->status);
	check_id(m->id, true);
	check_id(m->method_id, true);
	check_time(m->accepted_at);
}

static void
check_setup(const GwSetup *i)
{
	check_status(&pc_setup_lifecycle, i->status);
	check_id(i->id, true);
	check_id(i->customer_id, false);
	check_id(i->method_id, false);
	check_id(i->mandate_id, false);
	check_method(i->method);
	check_mandate(i->mandate);
	check_error(&i->last_error);
	check_time(i->created);
}

static void
check_payout(const GwPayout *p)
{
	check_status(&pc_payout_lifecycle, p->status);
	check_money(p->amount, true, -PC_MONEY_MAX);
	check_id(p->id, true);
	check_id(p->balance_transaction_id, false);
	check_id(p->original_payout, false);
	check_id(p->reversed_by, false);
	check_time(p->arrival_date);
	check_time(p->created);
}

static void
check_list(const GwObject *list)
{
	must(list->nitems >= 0 && list->nitems <= 100);
	for (int i = 0; i < list->nitems; i++)
	{
		must(list->items[i].kind != GW_KIND_LIST);
		check_object(&list->items[i]);
	}
}

void
check_object(const GwObject *object)
{
	check_id(object->id, object->kind != GW_KIND_NONE && object->kind != GW_KIND_LIST);
	switch (object->kind)
	{
		case GW_KIND_INTENT:
			check_intent(object->u.intent);
			break;
		case GW_KIND_CHARGE:
			check_charge(object->u.charge);
			break;
		case GW_KIND_REFUND:
			check_refund(object->u.refund);
			break;
		case GW_KIND_CUSTOMER:
			check_id(object->u.customer->default_method_id, false);
			check_time(object->u.customer->created);
			break;
		case GW_KIND_METHOD:
			check_method(object->u.method);
			break;
		case GW_KIND_PAYOUT:
			check_payout(object->u.payout);
			break;
		case GW_KIND_BALANCE:
			check_balance(object->u.balance);
			break;
		case GW_KIND_SETUP:
			check_setup(object->u.setup);
			break;
		case GW_KIND_MANDATE:
			check_mandate(object->u.mandate);
			break;
		case GW_KIND_DISPUTE:
			check_dispute(object->u.dispute);
			break;
		case GW_KIND_WARNING:
			check_id(object->u.warning->charge_id, true);
			check_time(object->u.warning->created);
			break;
		case GW_KIND_REVIEW:
			must(object->u.review->charge_id != NULL || object->u.review->intent_id != NULL);
			check_time(object->u.review->created);
			break;
		case GW_KIND_LIST:
			check_list(object);
			break;
		case GW_KIND_ACCOUNT:
		case GW_KIND_NONE:
			break;
	}
}

void
check_event(const GwEvent *event)
{
	check_id(event->id, true);
	check_id(event->account, false);
	check_id(event->object_id, false);
	must(event->type != NULL);
	check_time(event->created);
	must(event->object.kind == GW_KIND_NONE || event->object.id == NULL || event->object_id == NULL ||
		 strcmp(event->object.id, event->object_id) == 0);
	check_object(&event->object);
}

static bytea *
digest_of(const GwObject *o)
{
	switch (o->kind)
	{
		case GW_KIND_INTENT:
			return pc_digest_intent(o->u.intent);
		case GW_KIND_CHARGE:
			return pc_digest_charge(o->u.charge);
		case GW_KIND_REFUND:
			return pc_digest_refund(o->u.refund);
		case GW_KIND_CUSTOMER:
			return pc_digest_customer(o->u.customer);
		case GW_KIND_METHOD:
			return pc_digest_method(o->u.method);
		case GW_KIND_PAYOUT:
			return pc_digest_payout(o->u.payout);
		case GW_KIND_SETUP:
			return pc_digest_setup(o->u.setup);
		case GW_KIND_MANDATE:
			return pc_digest_mandate(o->u.mandate);
		case GW_KIND_DISPUTE:
			return pc_digest_dispute(o->u.dispute);
		case GW_KIND_WARNING:
			return pc_digest_warning(o->u.warning);
		case GW_KIND_REVIEW:
			return pc_digest_review(o->u.review);
		default:
			return NULL;
	}
}

void
digest_object(const GwObject *object, StringInfo out)
{
	bytea	   *digest = digest_of(object);

	if (digest != NULL)
	{
		must(VARSIZE(digest) == VARHDRSZ + PC_DIGEST_LEN);
		appendBinaryStringInfo(out, VARDATA(digest), PC_DIGEST_LEN);
	}
	for (int i = 0; object->kind == GW_KIND_LIST && i < object->nitems; i++)
		digest_object(&object->items[i], out);
}
