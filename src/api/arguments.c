/*
 * arguments.c
 *		Reading and checking the arguments of API functions.
 */
#include "common/paycore.h"

#include "api/api.h"
#include "common/card_data.h"
#include "mb/pg_wchar.h"

#define MAX_CODE 100

char *
pc_getarg_text(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(n));
}

bool
pc_getarg_bool(FunctionCallInfo fcinfo, int n, bool dflt)
{
	return PG_ARGISNULL(n) ? dflt : PG_GETARG_BOOL(n);
}

Jsonb *
pc_getarg_json(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : PG_GETARG_JSONB_P(n);
}

void
pc_check_given(FunctionCallInfo fcinfo, int n, const char *name)
{
	if (PG_ARGISNULL(n))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("%s is missing", name),
				 errhint("Give %s => ... a value that is not null.", name)));
}

pg_uuid_t
pc_getarg_uuid(FunctionCallInfo fcinfo, int n, const char *name)
{
	pc_check_given(fcinfo, n, name);
	return *PG_GETARG_UUID_P(n);
}

char *
pc_getarg_given_text(FunctionCallInfo fcinfo, int n, const char *name)
{
	pc_check_given(fcinfo, n, name);
	return pc_getarg_text(fcinfo, n);
}

PcMoney
pc_getarg_money(FunctionCallInfo fcinfo, int n, const char *name)
{
	pc_check_given(fcinfo, n, name);
	return PG_GETARG_PC_MONEY(n);
}

void
pc_check_positive(PcMoney amount, const char *what)
{
	char		text[PC_MONEY_TEXT_LEN];

	if (pc_money_amount(amount) <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_AMOUNT_NOT_POSITIVE),
				 errmsg("%s must be above zero", what),
				 errdetail("It is %s.", pc_money_to_text(amount, text))));
}

void
pc_check_same_currency(PcMoney amount, PcCurrency currency, const char *whose)
{
	const PcCurrencyInfo *given = pc_currency_by_number(pc_money_currency(amount));
	const PcCurrencyInfo *wanted = pc_currency_by_number(currency);

	if (pc_money_currency(amount) != currency)
		ereport(ERROR,
				(errcode(ERRCODE_PC_CURRENCY_MISMATCH),
				 errmsg("amount is in %s, but the %s is in %s", given->code, whose, wanted->code),
				 errhint("Give the amount in %s.", wanted->code)));
}

void
pc_check_one_of(const char *value, const char *name, const char *const *allowed)
{
	StringInfoData list;

	if (value == NULL)
		return;
	initStringInfo(&list);
	for (int i = 0; allowed[i] != NULL; i++)
	{
		if (strcmp(value, allowed[i]) == 0)
			return;
		appendStringInfo(&list, "%s%s", i > 0 ? ", " : "", allowed[i]);
	}
	ereport(ERROR,
			(errcode(ERRCODE_PC_INVALID_ARGUMENT),
			 errmsg("%s has no value \"%s\"", name, value),
			 errdetail("Known values: %s.", list.data)));
}

void
pc_check_length(const char *value, const char *name, int max)
{
	int			length;

	if (value == NULL)
		return;
	length = pg_mbstrlen(value);
	if (length < 1 || length > max)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("%s must have 1 to %d characters", name, max),
				 errdetail("It has %d.", length)));
}

void
pc_check_country(const char *country)
{
	if (country != NULL && (strlen(country) != 2 || strspn(country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 2))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("\"%s\" is no country code", country),
				 errhint("Give two capitals, such as DE.")));
}

void
pc_check_code(const char *code)
{
	pc_check_length(code, "code", MAX_CODE);
	if (code != NULL && (isspace((unsigned char) code[0]) || isspace((unsigned char) code[strlen(code) - 1])))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("code \"%s\" begins or ends with white space", code)));
}

void
pc_taken(const char *what, const char *argument, const char *value)
{
	ereport(ERROR,
			(errcode(ERRCODE_PC_INVALID_ARGUMENT),
			 errmsg("there is a %s with the %s \"%s\" already", what, argument, value),
			 errhint("Choose another %s.", argument)));
}

void
pc_check_no_card_data(const char *value, const char *name)
{
	PcCardSpot	spot;

	if (value != NULL && pc_card_data_in_text(value, (int) strlen(value), &spot))
		ereport(ERROR,
				(errcode(ERRCODE_PC_CARD_DATA),
				 errmsg("%s holds what looks like %s", name, pc_card_data_phrase(spot.what))));
}

void
pc_check_object(const Jsonb *value, const char *name)
{
	if (value != NULL && !JB_ROOT_IS_OBJECT(value))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("%s must be a JSON object", name)));
}

Jsonb *
pc_texts_as_json(Datum array)
{
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in,
											  CStringGetDatum(TextDatumGetCString(DirectFunctionCall1(array_to_json, array)))));
}
