/*
 * money_text.c
 *		Amounts of money, currencies and billing intervals as text: what is read
 *		is in range and reads the same when written; amounts are what the
 *		server's numeric says they are.
 */
#include "harness.h"

#include "types/interval.h"
#include "types/money.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

extern Datum paycore_money_in(PG_FUNCTION_ARGS);
extern Datum paycore_money_out(PG_FUNCTION_ARGS);
extern Datum paycore_currency_in(PG_FUNCTION_ARGS);
extern Datum paycore_currency_out(PG_FUNCTION_ARGS);
extern Datum paycore_interval_in(PG_FUNCTION_ARGS);
extern Datum paycore_interval_out(PG_FUNCTION_ARGS);

typedef struct Reading
{
	PGFunction	function;
	char	   *text;
	Datum		value;
} Reading;

static void
read_text(void *argument)
{
	Reading    *reading = argument;

	reading->value = DirectFunctionCall1(reading->function, CStringGetDatum(reading->text));
}

static Numeric
numeric_of(const char *text)
{
	return DatumGetNumeric(DirectFunctionCall3(numeric_in, CStringGetDatum(text),
											   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
}

/* The number without its code, times 10 to the power of the exponent. */
static Numeric
minor_units(const char *text, int exponent)
{
	size_t		start = strcspn(text, "+-0123456789");
	size_t		len = strspn(text + start, "+-.0123456789");
	Numeric		number = numeric_of(pnstrdup(text + start, len));

	return DatumGetNumeric(DirectFunctionCall2(numeric_mul, NumericGetDatum(number),
											   NumericGetDatum(numeric_of(psprintf("1e%d", exponent)))));
}

static void
check_amount(const char *text, PcMoney money)
{
	const PcCurrencyInfo *currency = pc_currency_by_number(pc_money_currency(money));
	int64		amount = pc_money_amount(money);
	Reading		again = {.function = paycore_money_in};

	must(currency != NULL && currency->exponent >= 0);
	must(pc_money_in_range(amount));
	must(DatumGetBool(DirectFunctionCall2(numeric_eq, NumericGetDatum(int64_to_numeric(amount)),
										  NumericGetDatum(minor_units(text, currency->exponent)))));
	again.text = DatumGetCString(DirectFunctionCall1(paycore_money_out, PcMoneyGetDatum(money)));
	must(strlen(again.text) < PC_MONEY_TEXT_LEN);
	must(fuzz_sqlstate(read_text, &again) == 0 && DatumGetPcMoney(again.value) == money);
}

static void
check_refusal(int sqlstate)
{
	must(sqlstate == ERRCODE_PC_MONEY_SYNTAX || sqlstate == ERRCODE_PC_UNKNOWN_CURRENCY ||
		 sqlstate == ERRCODE_PC_NO_MINOR_UNIT || sqlstate == ERRCODE_PC_MONEY_SCALE ||
		 sqlstate == ERRCODE_PC_MONEY_RANGE);
}

static void
check_currency(char *text)
{
	Reading		reading = {.function = paycore_currency_in, .text = text};
	int			sqlstate = fuzz_sqlstate(read_text, &reading);

	must(sqlstate == 0 || sqlstate == ERRCODE_PC_UNKNOWN_CURRENCY);
	if (sqlstate == 0)
		must(pg_strcasecmp(text, DatumGetCString(DirectFunctionCall1(paycore_currency_out, reading.value))) == 0);
}

static void
check_interval(char *text)
{
	Reading		reading = {.function = paycore_interval_in, .text = text};
	Reading		again = {.function = paycore_interval_in};
	int			sqlstate = fuzz_sqlstate(read_text, &reading);
	PcInterval	interval = DatumGetPcInterval(reading.value);

	must(sqlstate == 0 || sqlstate == ERRCODE_PC_INTERVAL_SYNTAX || sqlstate == ERRCODE_PC_INTERVAL_RANGE);
	if (sqlstate != 0)
		return;
	must(interval != 0 && interval >= -PC_INTERVAL_MAX_MONTHS && interval <= PC_INTERVAL_MAX_DAYS);
	again.text = DatumGetCString(DirectFunctionCall1(paycore_interval_out, reading.value));
	must(strlen(again.text) < PC_INTERVAL_TEXT_LEN);
	must(fuzz_sqlstate(read_text, &again) == 0 && DatumGetPcInterval(again.value) == interval);
}

void
fuzz_one(const char *data, size_t size)
{
	Reading		reading = {.function = paycore_money_in, .text = fuzz_text(data, size)};
	int			sqlstate = fuzz_sqlstate(read_text, &reading);

	if (sqlstate == 0)
		check_amount(reading.text, DatumGetPcMoney(reading.value));
	else
		check_refusal(sqlstate);
	check_currency(reading.text);
	check_interval(reading.text);
}
