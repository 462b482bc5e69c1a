/*
 * currency.h
 *		ISO 4217 currencies: two bytes by value, the numeric code.
 */
#ifndef PAYCORE_CURRENCY_H
#define PAYCORE_CURRENCY_H

#include "common/paycore.h"
#include "types/iso4217.h"

#define DatumGetPcCurrency(d)		((PcCurrency) DatumGetInt16(d))
#define PcCurrencyGetDatum(c)		Int16GetDatum((int16) (c))
#define PG_GETARG_PC_CURRENCY(n)	DatumGetPcCurrency(PG_GETARG_DATUM(n))
#define PG_RETURN_PC_CURRENCY(c)	return PcCurrencyGetDatum(c)

/* Raises unless new amounts may be in this currency: assigned, not withdrawn, with a minor unit. */
extern void pc_currency_check_active(PcCurrency currency);

/* As above, but withdrawn currencies pass: for what a gateway or an old row says. */
extern const PcCurrencyInfo *pc_currency_check_usable(PcCurrency currency);

#endif							/* PAYCORE_CURRENCY_H */
