/*
 * number.c
 *		Numeric values that are made once.
 */
#include "common/number.h"

#include "utils/memutils.h"

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
