/*
 * number.c
 *		What quantities, prices and rates may be.
 */
#include "billing/number.h"

void
pc_refuse_number(Datum number, const char *what, const char *whose, int nth, const char *why, const char *hint)
{
	ereport(ERROR,
			errcode(ERRCODE_PC_INVALID_ARGUMENT),
			nth == 0 ? errmsg("%s %s: %s", what, why, pc_number_text(number))
			: whose == NULL ? errmsg("%s %d %s: %s", what, nth, why, pc_number_text(number))
			: errmsg("%s of %s %d %s: %s", what, whose, nth, why, pc_number_text(number)),
			errhint("%s", hint));
}

void
pc_check_number(Datum number, const char *what, const char *whose, int nth)
{
	if (numeric_is_nan(DatumGetNumeric(number)) || numeric_is_inf(DatumGetNumeric(number)))
		pc_refuse_number(number, what, whose, nth, "is not finite", "Give a number.");
	if (pc_number_compare(number, pc_number_zero()) < 0)
		pc_refuse_number(number, what, whose, nth, "is negative", "Give a number from 0 up.");
	if (DatumGetInt32(DirectFunctionCall1(numeric_scale, number)) > PC_NUMBER_DECIMALS)
		pc_refuse_number(number, what, whose, nth, psprintf("has more than %d decimals", PC_NUMBER_DECIMALS), "Round it first.");
}
