/*
 * stripe_balance.c
 *		Stripe's balance transactions and payouts as neutral snapshots.
 */
#include "gateway/stripe.h"

#include "types/lifecycle.h"

#define MAX_RATE_LEN	64

static Jsonb *
fee_details(const Jsonb *json)
{
	Jsonb	   *details = pc_json_object(json, "fee_details");

	return details != NULL && JB_ROOT_IS_ARRAY(details) ? details : NULL;
}

static char *
balance_status(const Jsonb *json)
{
	char	   *status = pc_json_string(json, "status");

	return status != NULL && (strcmp(status, "pending") == 0 || strcmp(status, "available") == 0) ? status : NULL;
}

/* A number, or a text that is one. */
static char *
exchange_rate(const Jsonb *json)
{
	char	   *rate = pc_json_text(json, "exchange_rate");
	char	   *rest = rate;

	if (rate == NULL)
		return NULL;
	rest += strspn(rest, "0123456789");
	if (rest != rate && *rest == '.' && isdigit((unsigned char) rest[1]))
		rest += 1 + strspn(rest + 1, "0123456789");
	return rest != rate && *rest == '\0' && strlen(rate) <= MAX_RATE_LEN ? rate : NULL;
}

GwBalance *
gw_read_balance(const Jsonb *json)
{
	GwBalance  *b = palloc0(sizeof(GwBalance));

	b->id = gw_field_id(json, "id");
	b->amount = gw_field_money(json, "amount");
	b->fee = gw_field_money(json, "fee");
	b->net = gw_field_money(json, "net");
	if (b->id == NULL || b->amount == GW_NO_MONEY || b->fee == GW_NO_MONEY ||
		b->net == GW_NO_MONEY ||
		pc_money_amount(b->amount) - pc_money_amount(b->fee) != pc_money_amount(b->net))
		return NULL;
	b->type = pc_json_string(json, "type");
	b->status = balance_status(json);
	b->source_id = gw_field_id(json, "source");
	b->description = pc_json_string(json, "description");
	b->exchange_rate = exchange_rate(json);
	b->reporting_category = pc_json_string(json, "reporting_category");
	b->fee_details = fee_details(json);
	b->available_on = gw_field_time(json, "available_on");
	b->created = gw_field_time(json, "created");
	return b;
}

/* A plain text, or an object with the text as its value. */
static char *
trace_id(const Jsonb *json)
{
	char	   *text = pc_json_string(json, "trace_id");

	return text != NULL ? text : pc_json_text2(json, "trace_id", "value");
}

GwPayout *
gw_read_payout(const Jsonb *json)
{
	GwPayout   *p = palloc0(sizeof(GwPayout));

	p->id = gw_field_id(json, "id");
	p->status = pc_json_string(json, "status");
	p->amount = gw_field_money(json, "amount");
	if (p->id == NULL || p->amount == GW_NO_MONEY || p->status == NULL ||
		pc_state_by_name(&pc_payout_lifecycle, p->status) < 0)
		return NULL;
	p->automatic = pc_json_bool(json, "automatic", false);
	p->type = pc_json_string(json, "type");
	p->method = pc_json_string(json, "method");
	p->description = pc_json_string(json, "description");
	p->statement_descriptor = pc_json_string(json, "statement_descriptor");
	p->reconciliation_status = pc_json_string(json, "reconciliation_status");
	p->balance_transaction_id = gw_field_id(json, "balance_transaction");
	p->failure_balance_transaction = gw_field_id(json, "failure_balance_transaction");
	p->failure_code = pc_json_string(json, "failure_code");
	p->failure_message = pc_json_string(json, "failure_message");
	p->original_payout = gw_field_id(json, "original_payout");
	p->reversed_by = gw_field_id(json, "reversed_by");
	p->trace_id = trace_id(json);
	p->metadata = gw_field_metadata(json);
	p->arrival_date = gw_field_time(json, "arrival_date");
	p->created = gw_field_time(json, "created");
	p->livemode = pc_json_bool(json, "livemode", false);
	return p;
}
