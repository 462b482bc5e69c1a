/*
 * errors.c
 *		paycore.error_codes(): the list of errors.h as rows.
 */
#include "common/paycore.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/formatting.h"

#define ERROR_ROW(name, c3, c4, c5, meaning, action) \
	{ERRCODE_PC_##name, #name, meaning, action},

static const struct
{
	int			sqlstate;
	const char *name;
	const char *meaning;
	const char *action;
}			errors[] = {
	PC_ERRORS(ERROR_ROW)
};

PG_FUNCTION_INFO_V1(paycore_error_codes);
PGDLLEXPORT Datum
paycore_error_codes(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < lengthof(errors); i++)
	{
		Datum		values[4];
		bool		nulls[4] = {false};

		values[0] = CStringGetTextDatum(unpack_sql_state(errors[i].sqlstate));
		values[1] = CStringGetTextDatum(asc_tolower(errors[i].name, strlen(errors[i].name)));
		values[2] = CStringGetTextDatum(errors[i].meaning);
		values[3] = CStringGetTextDatum(errors[i].action);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
