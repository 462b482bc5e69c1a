/*
 * movement.c
 *		Balance transactions of disputes: read, kept, and taken back to the
 *		currency of the payment.
 */
#include "common/paycore.h"

#include "common/number.h"
#include "types/movement.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

static PcMoney
money_of(const Jsonb *item, const char *key)
{
	char	   *code = pc_json_string(item, "currency");
	const PcCurrencyInfo *currency = code != NULL ? pc_currency_by_code(code, strlen(code)) : NULL;
	int64		amount;

	if (currency == NULL || !pc_json_int64(item, key, &amount) || !pc_money_in_range(amount))
		return 0;
	return pc_money_pack(currency->numeric_code, amount);
}

int
pc_movements(const Jsonb *list, PcMovement *movements)
{
	int			length = pc_json_array_length(list);
	int			n = 0;

	for (int i = 0; i < length && n < PC_MAX_MOVEMENTS; i++)
	{
		Jsonb	   *item = pc_json_element(list, i);
		PcMovement *m = &movements[n];

		memset(m, 0, sizeof(*m));
		m->id = pc_json_string(item, "id");
		m->amount = money_of(item, "amount");
		if (m->id == NULL || m->amount == 0)
			continue;
		m->category = pc_json_string(item, "reporting_category");
		m->fee = money_of(item, "fee");
		m->exchange_rate = pc_json_string(item, "exchange_rate");
		(void) pc_json_int64(item, "available_on", &m->available_on);
		(void) pc_json_int64(item, "created", &m->created);
		n++;
	}
	return n;
}

Jsonb *
pc_movement_stored(const PcMovement *m)
{
	PcJsonBuilder b;

	pc_json_begin(&b);
	pc_json_add_text(&b, "id", m->id);
	pc_json_add_text(&b, "reporting_category", m->category);
	pc_json_add_int64(&b, "amount", pc_money_amount(m->amount));
	pc_json_add_int64(&b, "fee", pc_money_amount(m->fee));
	pc_json_add_text(&b, "currency", pc_currency_by_number(pc_money_currency(m->amount))->code);
	pc_json_add_text(&b, "exchange_rate", m->exchange_rate);
	pc_json_add_int64(&b, "available_on", m->available_on);
	pc_json_add_int64(&b, "created", m->created);
	return pc_json_end(&b);
}

bool
pc_movement_is_fee(const PcMovement *m)
{
	return m->category != NULL && strcmp(m->category, "fee") == 0;
}

/* Gateways count these in units of their own, and their rates are between those. */
static bool
has_other_units(PcCurrency currency)
{
	const char *code = pc_currency_by_number(currency)->code;

	return strcmp(code, "ISK") == 0 || strcmp(code, "UGX") == 0 || strcmp(code, "MGA") == 0;
}

static bool
is_rate(const char *text)
{
	size_t		whole = strspn(text, "0123456789");
	size_t		decimals = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") + 1 : 0;

	return whole > 0 && decimals != 1 && text[whole + decimals] == '\0' && strspn(text, "0.") < strlen(text);
}

static int64
rounded(Datum number)
{
	return DatumGetInt64(DirectFunctionCall1(numeric_int8, DirectFunctionCall2(numeric_round, number, Int32GetDatum(0))));
}

bool
pc_movement_original(const PcMovement *m, PcMoney disputed, PcMoney *original)
{
	PcCurrency	currency = pc_money_currency(disputed);
	int64		amount = pc_money_amount(m->amount);
	int64		whole = pc_money_amount(disputed);
	Datum		rate;

	*original = m->amount;
	if (pc_money_same_currency(m->amount, disputed))
		return true;
	if (m->exchange_rate == NULL || !is_rate(m->exchange_rate) ||
		has_other_units(currency) || has_other_units(pc_money_currency(m->amount)))
		return false;
	rate = pc_number_parse(m->exchange_rate);
	/* Gateways round either way. */
	if (llabs(rounded(DirectFunctionCall2(numeric_mul, NumericGetDatum(int64_to_numeric(whole)), rate)) - llabs(amount)) > 1)
		whole = rounded(DirectFunctionCall2(numeric_div, NumericGetDatum(int64_to_numeric(llabs(amount))), rate));
	*original = pc_money_make(currency, amount < 0 ? -whole : whole);
	return true;
}
