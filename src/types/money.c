/*
 * money.c
 *		The SQL type paycore.money_cents: in and out, making and taking apart,
 *		arithmetic.
 */
#include "types/money.h"

#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#ifndef USE_FLOAT8_BYVAL
#error "paycore needs a platform that passes eight bytes by value"
#endif

void
pc_money_mismatch(PcMoney a, PcMoney b)
{
	char		left[PC_MONEY_TEXT_LEN];
	char		right[PC_MONEY_TEXT_LEN];

	ereport(ERROR,
			errcode(ERRCODE_PC_CURRENCY_MISMATCH),
			errmsg("amounts of two currencies do not mix: %s and %s",
				   pc_money_to_text(a, left), pc_money_to_text(b, right)),
			errhint("Convert one of them, or group by currency(amount)."));
}

void
pc_money_overflow(PcCurrency currency)
{
	char		limit[PC_MONEY_TEXT_LEN];

	ereport(ERROR,
			errcode(ERRCODE_PC_MONEY_RANGE),
			errmsg("amount of money out of range"),
			errdetail("The largest amount is %s.", pc_money_format(currency, PC_MONEY_MAX, limit)),
			errhint("Split the amount, or sum as numeric."));
}

PcMoney
pc_money_make(PcCurrency currency, int64 amount)
{
	if (!pc_money_in_range(amount))
		pc_money_overflow(currency);
	return pc_money_pack(currency, amount);
}

char *
pc_money_to_text(PcMoney m, char *buf)
{
	return pc_money_format(pc_money_currency(m), pc_money_amount(m), buf);
}

/* Turns a failure of the parser into an error, soft where the caller can take one. */
static Datum
refuse_text(Node *escontext, PcMoneyParse failure, const char *text, const PcMoneyParts *parts)
{
	char		limit[PC_MONEY_TEXT_LEN];

	switch (failure)
	{
		case PC_PARSE_UNKNOWN_CURRENCY:
			pc_soft_error(escontext, (Datum) 0,
						  errcode(ERRCODE_PC_UNKNOWN_CURRENCY),
						  errmsg("unknown currency in amount of money: \"%s\"", text),
						  errdetail("\"%.*s\" is no ISO 4217 code.", parts->code_len, parts->code),
						  errhint("paycore.currencies() lists the codes."));
		case PC_PARSE_NO_MINOR_UNIT:
			pc_soft_error(escontext, (Datum) 0,
						  errcode(ERRCODE_PC_NO_MINOR_UNIT),
						  errmsg("currency without a minor unit in amount of money: \"%s\"", text),
						  errdetail("ISO 4217 gives %s (%s) no number of decimals.",
									parts->currency->code, parts->currency->name),
						  errhint("Amounts need a currency that people pay with."));
		case PC_PARSE_SCALE:
			pc_soft_error(escontext, (Datum) 0,
						  errcode(ERRCODE_PC_MONEY_SCALE),
						  errmsg("too many decimals in amount of money: \"%s\"", text),
						  errdetail("%s has %d decimals, the text has %d.",
									parts->currency->code, parts->currency->exponent, parts->decimals),
						  errhint("Round it with paycore.round_money(number, currency, rounding)."));
		case PC_PARSE_RANGE:
			pc_soft_error(escontext, (Datum) 0,
						  errcode(ERRCODE_PC_MONEY_RANGE),
						  errmsg("amount of money out of range: \"%s\"", text),
						  errdetail("The largest amount is %s.",
									pc_money_format(parts->currency->numeric_code, PC_MONEY_MAX, limit)),
						  errhint("Split the amount."));
		default:
			pc_soft_error(escontext, (Datum) 0,
						  errcode(ERRCODE_PC_MONEY_SYNTAX),
						  errmsg("invalid amount of money: \"%s\"", text),
						  errhint("Write 12.34 USD or USD 12.34, without thousands separators."));
	}
}

PG_FUNCTION_INFO_V1(paycore_money_in);
PGDLLEXPORT Datum
paycore_money_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	PcMoneyParts parts;
	PcMoneyParse outcome = pc_money_parse(text, &parts);

	if (outcome != PC_PARSED)
		return refuse_text(PC_ESCONTEXT(fcinfo), outcome, text, &parts);
	PG_RETURN_PC_MONEY(pc_money_pack(parts.currency->numeric_code, parts.amount));
}

PG_FUNCTION_INFO_V1(paycore_money_out);
PGDLLEXPORT Datum
paycore_money_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(pc_money_to_text(PG_GETARG_PC_MONEY(0), palloc(PC_MONEY_TEXT_LEN)));
}

PG_FUNCTION_INFO_V1(paycore_money_recv);
PGDLLEXPORT Datum
paycore_money_recv(PG_FUNCTION_ARGS)
{
	PcMoney		m = pq_getmsgint64((StringInfo) PG_GETARG_POINTER(0));
	PcCurrency	currency = pc_money_currency(m);

	pc_currency_check_usable(currency);
	PG_RETURN_PC_MONEY(pc_money_make(currency, pc_money_amount(m)));
}

PG_FUNCTION_INFO_V1(paycore_money_send);
PGDLLEXPORT Datum
paycore_money_send(PG_FUNCTION_ARGS)
{
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendint64(&buf, PG_GETARG_PC_MONEY(0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

PG_FUNCTION_INFO_V1(paycore_money_make);
PGDLLEXPORT Datum
paycore_money_make(PG_FUNCTION_ARGS)
{
	PcCurrency	currency = PG_GETARG_PC_CURRENCY(1);

	pc_currency_check_active(currency);
	PG_RETURN_PC_MONEY(pc_money_make(currency, PG_GETARG_INT64(0)));
}

PG_FUNCTION_INFO_V1(paycore_money_cents);
PGDLLEXPORT Datum
paycore_money_cents(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(pc_money_amount(PG_GETARG_PC_MONEY(0)));
}

PG_FUNCTION_INFO_V1(paycore_money_currency);
PGDLLEXPORT Datum
paycore_money_currency(PG_FUNCTION_ARGS)
{
	PG_RETURN_PC_CURRENCY(pc_money_currency(PG_GETARG_PC_MONEY(0)));
}

PG_FUNCTION_INFO_V1(paycore_money_add);
PGDLLEXPORT Datum
paycore_money_add(PG_FUNCTION_ARGS)
{
	PG_RETURN_PC_MONEY(pc_money_add(PG_GETARG_PC_MONEY(0), PG_GETARG_PC_MONEY(1)));
}

PG_FUNCTION_INFO_V1(paycore_money_subtract);
PGDLLEXPORT Datum
paycore_money_subtract(PG_FUNCTION_ARGS)
{
	PG_RETURN_PC_MONEY(pc_money_subtract(PG_GETARG_PC_MONEY(0), PG_GETARG_PC_MONEY(1)));
}

PG_FUNCTION_INFO_V1(paycore_money_negate);
PGDLLEXPORT Datum
paycore_money_negate(PG_FUNCTION_ARGS)
{
	PG_RETURN_PC_MONEY(pc_money_negate(PG_GETARG_PC_MONEY(0)));
}

PG_FUNCTION_INFO_V1(paycore_money_abs);
PGDLLEXPORT Datum
paycore_money_abs(PG_FUNCTION_ARGS)
{
	PcMoney		m = PG_GETARG_PC_MONEY(0);

	PG_RETURN_PC_MONEY(pc_money_amount(m) < 0 ? pc_money_negate(m) : m);
}

static PcMoney
money_times(PcMoney m, int64 factor)
{
	int64		amount;

	if (pg_mul_s64_overflow(pc_money_amount(m), factor, &amount))
		pc_money_overflow(pc_money_currency(m));
	return pc_money_make(pc_money_currency(m), amount);
}

PG_FUNCTION_INFO_V1(paycore_money_times);
PGDLLEXPORT Datum
paycore_money_times(PG_FUNCTION_ARGS)
{
	PG_RETURN_PC_MONEY(money_times(PG_GETARG_PC_MONEY(0), PG_GETARG_INT64(1)));
}

PG_FUNCTION_INFO_V1(paycore_times_money);
PGDLLEXPORT Datum
paycore_times_money(PG_FUNCTION_ARGS)
{
	PG_RETURN_PC_MONEY(money_times(PG_GETARG_PC_MONEY(1), PG_GETARG_INT64(0)));
}

PG_FUNCTION_INFO_V1(paycore_money_ratio);
PGDLLEXPORT Datum
paycore_money_ratio(PG_FUNCTION_ARGS)
{
	PcMoney		a = PG_GETARG_PC_MONEY(0);
	PcMoney		b = PG_GETARG_PC_MONEY(1);

	if (!pc_money_same_currency(a, b))
		pc_money_mismatch(a, b);
	return DirectFunctionCall2(numeric_div,
							   NumericGetDatum(int64_to_numeric(pc_money_amount(a))),
							   NumericGetDatum(int64_to_numeric(pc_money_amount(b))));
}
