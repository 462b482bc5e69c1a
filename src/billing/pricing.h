/*
 * pricing.h
 *		What a price makes of a quantity.
 *
 * Numbers are numeric datums in major units of the currency, never in short
 * form; 0 stands for one that is not there.
 */
#ifndef PAYCORE_PRICING_H
#define PAYCORE_PRICING_H

#include "common/number.h"
#include "types/money_round.h"
#include "utils/array.h"

typedef enum PcPriceModel
{
	PC_PRICE_FLAT,				/* unit_price, once */
	PC_PRICE_PER_UNIT,
	PC_PRICE_GRADUATED,			/* each tier prices its part of the quantity */
	PC_PRICE_VOLUME,			/* the tier of the quantity prices all of it */
	PC_PRICE_PACKAGE,			/* unit_price for each package begun */
	PC_PRICE_PERCENTAGE			/* of an amount in major units */
} PcPriceModel;

typedef struct PcPriceTier
{
	Datum		up_to;			/* 0 in the last */
	Datum		unit_price;
	Datum		flat_fee;
} PcPriceTier;

typedef struct PcPrice
{
	PcPriceModel model;
	PcCurrency	currency;
	Datum		unit_price;
	PcPriceTier *tiers;
	int			tier_count;
	Datum		package_size;
	Datum		free_units;
	PcMoney		minimum;		/* 0, which no currency has, = none */
	PcMoney		maximum;
	PcRounding	rounding;
} PcPrice;

/* A line of the account: quantity * unit_price + flat_fee = exact. */
typedef struct PcPriceStep
{
	Datum		from;			/* the tier's bounds: from < units <= up_to */
	Datum		up_to;
	Datum		quantity;
	Datum		unit_price;
	Datum		flat_fee;
	Datum		exact;			/* major units, not rounded */
} PcPriceStep;

/*
 * Reads the arguments of price_amount(), price_steps(): a price that makes
 * sense and the quantity that is charged for.  Raises PY042, PY001, and what a
 * currency that takes no new amounts raises.
 */
extern Datum pc_price_from_arguments(FunctionCallInfo fcinfo, PcPrice *price);

/* The tiers of a composite array, checked. */
extern int	pc_price_tiers(ArrayType *array, PcPriceTier **tiers);

#endif							/* PAYCORE_PRICING_H */
