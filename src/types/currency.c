/*
 * currency.c
 *		The SQL type paycore.currency.
 *
 * Withdrawn codes can be read, or old rows could not be restored; it is the
 * makers of new amounts that refuse them.
 */
#include "types/currency.h"

#include "common/hashfn.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/sortsupport.h"

/* Raises unless amounts can be counted in the currency at all. */
const PcCurrencyInfo *
pc_currency_check_usable(PcCurrency currency)
{
	const PcCurrencyInfo *info = pc_currency_by_number(currency);

	if (info == NULL)
		ereport(ERROR,
				errcode(ERRCODE_PC_UNKNOWN_CURRENCY),
				errmsg("unknown currency number %d", currency));
	if (info->exponent < 0)
		ereport(ERROR,
				errcode(ERRCODE_PC_NO_MINOR_UNIT),
				errmsg("currency %s has no minor unit", info->code),
				errdetail("ISO 4217 gives %s (%s) no number of decimals.", info->code, info->name),
				errhint("Amounts need a currency that people pay with."));
	return info;
}

/* Raises unless new amounts may be in the currency. */
void
pc_currency_check_active(PcCurrency currency)
{
	const PcCurrencyInfo *info = pc_currency_check_usable(currency);

	if (info->withdrawn)
		ereport(ERROR,
				errcode(ERRCODE_PC_WITHDRAWN_CURRENCY),
				errmsg("currency %s was withdrawn", info->code),
				errdetail("Old amounts in %s can be read, but no new ones made.", info->code),
				errhint("Use %s.", info->successor));
}

/* The row of a stored currency; a value that is no currency can only be corruption. */
static const PcCurrencyInfo *
currency_info(PcCurrency currency)
{
	const PcCurrencyInfo *info = pc_currency_by_number(currency);

	if (info == NULL)
		ereport(ERROR,
				errcode(ERRCODE_DATA_CORRUPTED),
				errmsg("stored currency number %d is unassigned", currency));
	return info;
}

PG_FUNCTION_INFO_V1(paycore_currency_in);
PGDLLEXPORT Datum
paycore_currency_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	const PcCurrencyInfo *info = pc_currency_by_code(text, strlen(text));

	if (info == NULL)
		pc_soft_error(PC_ESCONTEXT(fcinfo), (Datum) 0,
					  errcode(ERRCODE_PC_UNKNOWN_CURRENCY),
					  errmsg("unknown currency: \"%s\"", text),
					  errhint("Use a three-letter ISO 4217 code such as USD; paycore.currencies() lists them."));
	PG_RETURN_PC_CURRENCY(info->numeric_code);
}

PG_FUNCTION_INFO_V1(paycore_currency_out);
PGDLLEXPORT Datum
paycore_currency_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(pstrdup(currency_info(PG_GETARG_PC_CURRENCY(0))->code));
}

PG_FUNCTION_INFO_V1(paycore_currency_recv);
PGDLLEXPORT Datum
paycore_currency_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	PcCurrency	currency = (PcCurrency) pq_getmsgint(buf, 2);

	if (pc_currency_by_number(currency) == NULL)
		ereport(ERROR,
				errcode(ERRCODE_PC_UNKNOWN_CURRENCY),
				errmsg("unknown currency number %d in binary input", currency));
	PG_RETURN_PC_CURRENCY(currency);
}

PG_FUNCTION_INFO_V1(paycore_currency_send);
PGDLLEXPORT Datum
paycore_currency_send(PG_FUNCTION_ARGS)
{
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendint16(&buf, PG_GETARG_PC_CURRENCY(0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

PG_FUNCTION_INFO_V1(paycore_currency_exponent);
PGDLLEXPORT Datum
paycore_currency_exponent(PG_FUNCTION_ARGS)
{
	const PcCurrencyInfo *info = currency_info(PG_GETARG_PC_CURRENCY(0));

	if (info->exponent < 0)
		PG_RETURN_NULL();
	PG_RETURN_INT32(info->exponent);
}

PG_FUNCTION_INFO_V1(paycore_currency_numeric);
PGDLLEXPORT Datum
paycore_currency_numeric(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(currency_info(PG_GETARG_PC_CURRENCY(0))->iso_number);
}

PG_FUNCTION_INFO_V1(paycore_currency_name);
PGDLLEXPORT Datum
paycore_currency_name(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(currency_info(PG_GETARG_PC_CURRENCY(0))->name));
}

PG_FUNCTION_INFO_V1(paycore_currencies);
PGDLLEXPORT Datum
paycore_currencies(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	int			count;
	const PcCurrencyInfo *list = pc_currency_list(&count);

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < count; i++)
	{
		Datum		values[5];
		bool		nulls[5] = {false};

		values[0] = PcCurrencyGetDatum(list[i].numeric_code);
		values[1] = Int32GetDatum(list[i].iso_number);
		values[2] = Int32GetDatum(list[i].exponent);
		nulls[2] = list[i].exponent < 0;
		values[3] = CStringGetTextDatum(list[i].name);
		values[4] = BoolGetDatum(list[i].withdrawn);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

static inline int
currency_order(PcCurrency a, PcCurrency b)
{
	return pc_currency_rank(a) - pc_currency_rank(b);
}

#define CURRENCY_COMPARISON(name, op) \
	PG_FUNCTION_INFO_V1(paycore_currency_##name); \
	PGDLLEXPORT Datum \
	paycore_currency_##name(PG_FUNCTION_ARGS) \
	{ \
		PG_RETURN_BOOL(currency_order(PG_GETARG_PC_CURRENCY(0), PG_GETARG_PC_CURRENCY(1)) op 0); \
	}

CURRENCY_COMPARISON(eq, ==)
CURRENCY_COMPARISON(ne, !=)
CURRENCY_COMPARISON(lt, <)
CURRENCY_COMPARISON(le, <=)
CURRENCY_COMPARISON(gt, >)
CURRENCY_COMPARISON(ge, >=)

PG_FUNCTION_INFO_V1(paycore_currency_cmp);
PGDLLEXPORT Datum
paycore_currency_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(currency_order(PG_GETARG_PC_CURRENCY(0), PG_GETARG_PC_CURRENCY(1)));
}

static int
currency_sort_order(Datum a, Datum b, SortSupport support)
{
	return currency_order(DatumGetPcCurrency(a), DatumGetPcCurrency(b));
}

PG_FUNCTION_INFO_V1(paycore_currency_sortsupport);
PGDLLEXPORT Datum
paycore_currency_sortsupport(PG_FUNCTION_ARGS)
{
	((SortSupport) PG_GETARG_POINTER(0))->comparator = currency_sort_order;
	PG_RETURN_VOID();
}

PG_FUNCTION_INFO_V1(paycore_currency_hash);
PGDLLEXPORT Datum
paycore_currency_hash(PG_FUNCTION_ARGS)
{
	return hash_uint32(PG_GETARG_PC_CURRENCY(0));
}

PG_FUNCTION_INFO_V1(paycore_currency_hash_extended);
PGDLLEXPORT Datum
paycore_currency_hash_extended(PG_FUNCTION_ARGS)
{
	return hash_uint32_extended(PG_GETARG_PC_CURRENCY(0), PG_GETARG_INT64(1));
}
