/*
 * number.h
 *		Arithmetic over numeric values, as the server does it: exact, but for division.
 */
#ifndef PAYCORE_NUMBER_H
#define PAYCORE_NUMBER_H

#include "common/paycore.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

/*
 * A constant, value / 10^decimals, kept for the session where a static variable
 * says: to make one costs as much as to add.
 */
extern Datum pc_number_keep(Datum *kept, int64 value, int decimals);
extern Datum pc_number_zero(void);

/* The number for a message: a long one in powers of ten. */
extern char *pc_number_text(Datum number);

static inline Datum
pc_number_from_int(int64 value)
{
	return NumericGetDatum(int64_to_numeric(value));
}

static inline Datum
pc_number_parse(const char *text)
{
	return DirectFunctionCall3(numeric_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

static inline Datum
pc_number_add(Datum a, Datum b)
{
	return DirectFunctionCall2(numeric_add, a, b);
}

static inline Datum
pc_number_subtract(Datum a, Datum b)
{
	return DirectFunctionCall2(numeric_sub, a, b);
}

static inline Datum
pc_number_multiply(Datum a, Datum b)
{
	return DirectFunctionCall2(numeric_mul, a, b);
}

static inline int
pc_number_compare(Datum a, Datum b)
{
	return DatumGetInt32(DirectFunctionCall2(numeric_cmp, a, b));
}

/* Cut off to so many decimals. */
static inline Datum
pc_number_truncate(Datum a, int decimals)
{
	return DirectFunctionCall2(numeric_trunc, a, Int32GetDatum(decimals));
}

#endif							/* PAYCORE_NUMBER_H */
