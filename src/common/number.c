/*
 * number.c
 *		Numeric values that are made once, and those in messages.
 */
#include "common/number.h"

#include "utils/memutils.h"

#define LONGEST_TEXT 60

Datum
pc_number_keep(Datum *kept, int64 value, int decimals)
{
	if (*kept == 0)
	{
		MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);

		*kept = NumericGetDatum(int64_div_fast_to_numeric(value, decimals));
		MemoryContextSwitchTo(caller);
	}
	return *kept;
}

Datum
pc_number_zero(void)
{
	static Datum zero = 0;

	return pc_number_keep(&zero, 0, 0);
}

char *
pc_number_text(Datum number)
{
	char	   *text = DatumGetCString(DirectFunctionCall1(numeric_out, number));

	if (strlen(text) > LONGEST_TEXT)
		text = numeric_out_sci(DatumGetNumeric(number), 20);
	return text;
}
