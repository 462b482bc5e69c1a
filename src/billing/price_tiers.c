/*
 * price_tiers.c
 *		Reads the tiers of a price: ascending, the last without end.
 */
#include "billing/pricing.h"

#include "access/htup_details.h"
#include "billing/number.h"
#include "utils/typcache.h"

pc_noreturn static void refuse_tiers(int nth, const char *why, const char *hint) pg_attribute_cold;

/* Of one tier, or of all where nth is 0. */
static void
refuse_tiers(int nth, const char *why, const char *hint)
{
	ereport(ERROR,
			errcode(ERRCODE_PC_INVALID_ARGUMENT),
			nth == 0 ? errmsg("tiers %s", why) : errmsg("tier %d %s", nth, why),
			errhint("%s", hint));
}

/* A column of price_tier, from 1; 0 where it is null. */
static Datum
read_column(HeapTuple tuple, TupleDesc row, int column, const char *name, int nth)
{
	bool		isnull;
	Datum		value = heap_getattr(tuple, column, row, &isnull);

	if (isnull)
		return 0;
	value = NumericGetDatum(DatumGetNumeric(value));
	pc_check_number(value, name, "tier", nth);
	return value;
}

static void
read_tier(Datum element, TupleDesc row, PcPriceTier *tier, int nth)
{
	HeapTupleHeader header = DatumGetHeapTupleHeader(element);
	HeapTupleData tuple = {.t_len = HeapTupleHeaderGetDatumLength(header), .t_data = header};

	tier->up_to = read_column(&tuple, row, 1, "up_to", nth);
	tier->unit_price = read_column(&tuple, row, 2, "unit_price", nth);
	tier->flat_fee = read_column(&tuple, row, 3, "flat_fee", nth);
	if (tier->unit_price == 0 && tier->flat_fee == 0)
		refuse_tiers(nth, "has no price", "Give it a unit_price, a flat_fee or both; 0 is a price.");
}

/* The end of each tier against that of the one before. */
static void
check_ends(const PcPriceTier *tiers, int count)
{
	Datum		before = pc_number_zero();

	for (int i = 0; i < count - 1; i++)
	{
		if (tiers[i].up_to == 0)
			refuse_tiers(i + 1, "has no up_to, and others follow", "Only the last tier has no end.");
		if (pc_number_compare(tiers[i].up_to, before) <= 0)
			ereport(ERROR,
					errcode(ERRCODE_PC_INVALID_ARGUMENT),
					errmsg("tier %d ends where it begins, or before", i + 1),
					errdetail("It begins above %s and ends at %s.", pc_number_text(before), pc_number_text(tiers[i].up_to)),
					errhint("Give the tiers in ascending order of up_to, from above 0."));
		before = tiers[i].up_to;
	}
	if (tiers[count - 1].up_to != 0)
		pc_refuse_number(tiers[count - 1].up_to, "up_to", "tier", count, "leaves larger quantities without a price",
						 "Make the up_to of the last tier NULL, or add a tier.");
}

int
pc_price_tiers(ArrayType *array, PcPriceTier **tiers)
{
	Datum	   *elements;
	bool	   *nulls;
	int			count;
	TupleDesc	row;

	if (ARR_NDIM(array) > 1)
		refuse_tiers(0, "have more than one dimension", "Give a one-dimensional array.");
	deconstruct_array(array, ARR_ELEMTYPE(array), -1, false, TYPALIGN_DOUBLE, &elements, &nulls, &count);
	if (count == 0)
		refuse_tiers(0, "are empty", "Give at least one tier, the last with up_to NULL.");
	*tiers = palloc_array(PcPriceTier, count);
	row = lookup_rowtype_tupdesc(ARR_ELEMTYPE(array), -1);
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			refuse_tiers(i + 1, "is NULL", "Leave it out.");
		read_tier(elements[i], row, &(*tiers)[i], i + 1);
	}
	ReleaseTupleDesc(row);
	check_ends(*tiers, count);
	return count;
}
