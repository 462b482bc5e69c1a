/*
 * settlement.c
 *		What a payment brought in, after the gateway's fee: from the balance
 *		transactions of its charge.
 *
 * The group is written once and whole.  A partial capture has two balance
 * transactions, the charge's and that of the release of the rest; the first
 * to come waits in settlement_parts for the other.
 */
#include "common/paycore.h"

#include "catalog/pg_type.h"
#include "common/number.h"
#include "reduce/internal.h"
#include "utils/array.h"

#define MAX_PARTS 8
#define SETTLEMENT_COLUMNS 9

static PcPlan write_group = PC_PLAN("utmmjmmnTzz",
	"UPDATE paycore.payments SET settled_gross = $3, fee = $4, fee_details = $5, platform_fee = $6, net = $7,"
	" exchange_rate = $8, balance_transaction_ids = $9, available_on = $10, settled_at = $11,"
	" settlement_parts = NULL"
	" WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2 AND settled_at IS NULL");

static PcPlan write_parts = PC_PLAN("utj",
	"UPDATE paycore.payments SET settlement_parts = $3"
	" WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2");

typedef struct Part
{
	GwBalance	balance;
	PcMoney		platform_fee;
	bool		reversal;		/* gives back the uncaptured rest */
} Part;

typedef struct Parts
{
	int			n;
	Part		parts[MAX_PARTS];
} Parts;

static PcMoney
money_of(const Jsonb *json, const char *key, const char *currency_key)
{
	char	   *code = pc_json_text(json, currency_key);
	const PcCurrencyInfo *currency = code != NULL ? pc_currency_by_code(code, strlen(code)) : NULL;
	int64		amount;

	if (currency == NULL || !pc_json_int64(json, key, &amount))
		return GW_NO_MONEY;
	return pc_money_make(currency->numeric_code, amount);
}

static void
read_part(const Jsonb *json, Part *part)
{
	GwBalance  *b = &part->balance;

	memset(part, 0, sizeof(*part));
	b->id = pc_json_text(json, "id");
	b->amount = money_of(json, "amount", "currency");
	b->fee = money_of(json, "fee", "currency");
	b->net = money_of(json, "net", "currency");
	b->exchange_rate = pc_json_text(json, "exchange_rate");
	b->fee_details = pc_json_object(json, "fee_details");
	(void) pc_json_int64(json, "available_on", &b->available_on);
	(void) pc_json_int64(json, "created", &b->created);
	part->platform_fee = money_of(json, "platform_fee", "platform_currency");
	part->reversal = pc_json_bool(json, "reversal", false);
}

static Jsonb *
part_json(const Part *part)
{
	const GwBalance *b = &part->balance;
	PcJsonBuilder j;

	pc_json_begin(&j);
	pc_json_add_text(&j, "id", b->id);
	pc_json_add_text(&j, "currency", pc_currency_by_number(pc_money_currency(b->amount))->code);
	pc_json_add_int64(&j, "amount", pc_money_amount(b->amount));
	pc_json_add_int64(&j, "fee", pc_money_amount(b->fee));
	pc_json_add_int64(&j, "net", pc_money_amount(b->net));
	pc_json_add_text(&j, "exchange_rate", b->exchange_rate);
	if (b->fee_details != NULL)
		pc_json_add_json(&j, "fee_details", b->fee_details);
	pc_json_add_int64(&j, "available_on", b->available_on);
	pc_json_add_int64(&j, "created", b->created);
	if (part->platform_fee != GW_NO_MONEY)
	{
		pc_json_add_int64(&j, "platform_fee", pc_money_amount(part->platform_fee));
		pc_json_add_text(&j, "platform_currency",
						 pc_currency_by_number(pc_money_currency(part->platform_fee))->code);
	}
	pc_json_add_bool(&j, "reversal", part->reversal);
	return pc_json_end(&j);
}

static void
read_parts(const Jsonb *json, Parts *parts)
{
	parts->n = json != NULL ? Min(pc_json_array_length(json), MAX_PARTS) : 0;
	for (int i = 0; i < parts->n; i++)
		read_part(pc_json_element(json, i), &parts->parts[i]);
}

static Jsonb *
parts_json(const Parts *parts)
{
	const Jsonb *items[MAX_PARTS];

	for (int i = 0; i < parts->n; i++)
		items[i] = part_json(&parts->parts[i]);
	return pc_json_array(items, parts->n);
}

/* The charge's own part, if it is there. */
static const Part *
charge_part(const Parts *parts)
{
	for (int i = 0; i < parts->n; i++)
		if (!parts->parts[i].reversal)
			return &parts->parts[i];
	return NULL;
}

/*
 * A part for the charge, and for a partial capture one for the rest; unless
 * the charge's part is of just what was captured.
 */
static bool
is_whole(const PcPaymentRow *row, const Parts *parts)
{
	const Part *charge = charge_part(parts);

	if (charge == NULL || pc_money_currency(row->gross) == 0)
		return false;
	if (row->gross == row->authorized || charge->balance.amount == row->gross)
		return true;
	return parts->n > 1;
}

/* False where parts are of two currencies: no sum can be told. */
static bool
sum_parts(const Parts *parts, Part *sum)
{
	*sum = *charge_part(parts);
	for (int i = 0; i < parts->n; i++)
	{
		const Part *p = &parts->parts[i];
		PcCurrency	currency = pc_money_currency(sum->balance.amount);

		if (!p->reversal)
			continue;
		if (pc_money_currency(p->balance.amount) != currency)
			return false;
		sum->balance.amount = pc_money_make(currency, pc_money_amount(sum->balance.amount) + pc_money_amount(p->balance.amount));
		sum->balance.fee = pc_money_make(currency, pc_money_amount(sum->balance.fee) + pc_money_amount(p->balance.fee));
		sum->balance.available_on = Max(sum->balance.available_on, p->balance.available_on);
		sum->balance.created = Max(sum->balance.created, p->balance.created);
	}
	sum->balance.net = pc_money_make(pc_money_currency(sum->balance.amount),
									 pc_money_amount(sum->balance.amount) - pc_money_amount(sum->balance.fee));
	return true;
}

/* All parts' fee details in one list. */
static Jsonb *
all_fee_details(const Parts *parts)
{
	const Jsonb *items[MAX_PARTS * 8];
	int			n = 0;

	for (int i = 0; i < parts->n; i++)
	{
		const Jsonb *details = parts->parts[i].balance.fee_details;
		int			length = details != NULL ? pc_json_array_length(details) : 0;

		for (int j = 0; j < length && n < (int) lengthof(items); j++)
			if ((items[n] = pc_json_element(details, j)) != NULL)
				n++;
	}
	return pc_json_array(items, n);
}

static Datum
ids_array(const Parts *parts)
{
	Datum		ids[MAX_PARTS];

	for (int i = 0; i < parts->n; i++)
		ids[i] = CStringGetTextDatum(parts->parts[i].balance.id);
	return PointerGetDatum(construct_array(ids, parts->n, TEXTOID, -1, false, TYPALIGN_INT));
}

static void
add_group(PcArgs *a, const Parts *parts, const Part *sum, const PcSighting *s)
{
	const GwBalance *b = &sum->balance;

	pc_arg_money(a, b->amount);
	pc_arg_money(a, b->fee);
	pc_arg_json(a, all_fee_details(parts));
	pc_arg_money(a, sum->platform_fee);
	pc_arg_money(a, b->net);
	pc_arg(a, b->exchange_rate != NULL ? pc_number_parse(b->exchange_rate) : (Datum) 0, b->exchange_rate == NULL);
	pc_arg(a, ids_array(parts), false);
	pc_arg_time(a, pc_from_unix(b->available_on));
	pc_arg_time(a, b->created != 0 ? pc_from_unix(b->created) : pc_seen_second(s));
}

static void
write_settlement(PcPaymentRow *row, const Parts *parts, const Part *sum, const PcSighting *s)
{
	PcArgs		a = {0};

	pc_arg_uuid(&a, &row->id);
	pc_arg_text(&a, row->tenant);
	add_group(&a, parts, sum, s);
	pc_observe(&write_group, &a, s);
	row->settled = true;
	row->parts = NULL;
}

static void
keep_parts(PcPaymentRow *row, const Parts *parts, const PcSighting *s)
{
	PcArgs		a = {0};

	row->parts = parts_json(parts);
	pc_arg_uuid(&a, &row->id);
	pc_arg_text(&a, row->tenant);
	pc_arg_json(&a, row->parts);
	pc_observe(&write_parts, &a, s);
}

static bool
write_if_whole(PcPaymentRow *row, const Parts *parts, const PcSighting *s)
{
	Part		sum;

	if (!is_whole(row, parts) || !sum_parts(parts, &sum))
		return false;
	write_settlement(row, parts, &sum, s);
	return true;
}

static bool
has_part(const Parts *parts, const char *id)
{
	for (int i = 0; i < parts->n; i++)
		if (pc_same_text(parts->parts[i].balance.id, id))
			return true;
	return false;
}

bool
pc_settlement_knows(const PcPaymentRow *row, const char *balance_id)
{
	Parts		parts;

	read_parts(row->parts, &parts);
	return row->settled || has_part(&parts, balance_id);
}

/* The charge's part stands first, whichever came first. */
static void
add_part(Parts *parts, const GwBalance *balance, PcMoney platform_fee)
{
	bool		reversal = balance->reporting_category != NULL &&
		strcmp(balance->reporting_category, "partial_capture_reversal") == 0;
	int			at = reversal ? parts->n : 0;

	memmove(&parts->parts[at + 1], &parts->parts[at], (parts->n - at) * sizeof(Part));
	parts->parts[at] = (Part) {.balance = *balance, .platform_fee = platform_fee, .reversal = reversal};
	parts->n++;
}

void
pc_settlement_args(PcArgs *a, PcPaymentRow *row, const GwBalance *balance, PcMoney platform_fee, const PcSighting *s)
{
	Parts		parts = {0};
	Part		sum;

	if (balance != NULL)
		add_part(&parts, balance, platform_fee);
	if (balance != NULL && is_whole(row, &parts) && sum_parts(&parts, &sum))
	{
		add_group(a, &parts, &sum, s);
		row->settled = true;
		return;
	}
	for (int i = 0; i < SETTLEMENT_COLUMNS; i++)
		pc_arg_null(a);
}

void
pc_settle(PcPaymentRow *row, const GwBalance *balance, PcMoney platform_fee, const PcSighting *s)
{
	Parts		parts;

	if (row->settled)
		return;
	read_parts(row->parts, &parts);
	if (has_part(&parts, balance->id) || parts.n == MAX_PARTS)
		return;
	add_part(&parts, balance, platform_fee);
	if (!write_if_whole(row, &parts, s))
		keep_parts(row, &parts, s);
}

void
pc_settle_if_whole(PcPaymentRow *row, const PcSighting *s)
{
	Parts		parts;

	if (row->settled || row->parts == NULL)
		return;
	read_parts(row->parts, &parts);
	(void) write_if_whole(row, &parts, s);
}
