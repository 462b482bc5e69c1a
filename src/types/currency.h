/*
 * currency.h
 *		ISO 4217 currencies: two bytes by value, the numeric code.
 */
#ifndef PAYCORE_CURRENCY_H
#define PAYCORE_CURRENCY_H

#include "common/paycore.h"

typedef uint16 PcCurrency;

typedef struct PcCurrencyInfo
{
	PcCurrency	numeric_code;
	char		code[4];
	int8		exponent;		/* decimals of a minor unit; -1 = none (metals, test codes) */
	bool		withdrawn;		/* read from old rows and gateways, refused in new amounts */
	const char *name;
} PcCurrencyInfo;

/* NULL where the code is unknown.  Text: exactly three letters, any case. */
extern const PcCurrencyInfo *pc_currency_by_number(PcCurrency numeric_code);
extern const PcCurrencyInfo *pc_currency_by_code(const char *code, size_t len);

#define DatumGetPcCurrency(d)		((PcCurrency) DatumGetInt16(d))
#define PcCurrencyGetDatum(c)		Int16GetDatum((int16) (c))
#define PG_GETARG_PC_CURRENCY(n)	DatumGetPcCurrency(PG_GETARG_DATUM(n))
#define PG_RETURN_PC_CURRENCY(c)	return PcCurrencyGetDatum(c)

#endif							/* PAYCORE_CURRENCY_H */
