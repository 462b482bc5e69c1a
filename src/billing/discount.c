/*
 * discount.c
 *		What coupons take off the lines of an invoice: one after the other, each
 *		off what the ones before have left.
 */
#include "billing/tax.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "common/number.h"
#include "funcapi.h"
#include "types/money_allocate.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"
#include "utils/uuid.h"

/* The columns of discount_term. */
enum
{
	TERM_PERCENT_OFF,
	TERM_AMOUNT_OFF,
	TERM_PRODUCTS,
	TERM_COLUMNS
};

typedef struct Lines
{
	int			count;
	int64	   *left;			/* what is still to be paid, 0 for credits */
	int64	   *eligible;		/* for the term at hand */
	Datum	   *products;
	bool	   *no_product;
	PcCurrency	currency;
} Lines;

pc_noreturn static void refuse(const char *why, const char *hint) pg_attribute_cold;

static void
refuse(const char *why, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_PC_INVALID_ARGUMENT),
			 errmsg("%s", why),
			 errhint("%s", hint)));
}

static void
read_lines(ArrayType *amounts, ArrayType *products, Lines *lines)
{
	Datum	   *elements;
	bool	   *nulls;
	int			n_products;

	deconstruct_array(amounts, ARR_ELEMTYPE(amounts), sizeof(PcMoney), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &elements, &nulls, &lines->count);
	deconstruct_array(products, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR, &lines->products, &lines->no_product, &n_products);
	if (n_products != lines->count)
		refuse("amounts and products are not of one length", "Give the product of each amount, or null.");
	lines->left = palloc_array(int64, lines->count);
	lines->eligible = palloc_array(int64, lines->count);
	for (int i = 0; i < lines->count; i++)
	{
		PcMoney		amount = DatumGetPcMoney(elements[i]);

		if (nulls[i])
			refuse("an amount is NULL", "Give 0 for what is not discounted.");
		if (i == 0)
			lines->currency = pc_money_currency(amount);
		else if (pc_money_currency(amount) != lines->currency)
			pc_money_mismatch(amount, DatumGetPcMoney(elements[0]));
		lines->left[i] = Max(pc_money_amount(amount), 0);
	}
}

/* The product of a line is among those of a term; a term without any takes all. */
static bool
is_for(const Lines *lines, int nth, const Datum *products, int count)
{
	if (count > 0 && lines->no_product[nth])
		return false;
	for (int i = 0; i < count; i++)
	{
		if (memcmp(DatumGetUUIDP(products[i])->data, DatumGetUUIDP(lines->products[nth])->data, UUID_LEN) == 0)
			return true;
	}
	return count == 0;
}

/* Marks what the term is for; returns the sum of it. */
static int64
choose_lines(Lines *lines, const Datum *values, const bool *nulls)
{
	Datum	   *products = NULL;
	bool	   *none;
	int			count = 0;
	int64		sum = 0;

	if (!nulls[TERM_PRODUCTS])
		deconstruct_array(DatumGetArrayTypeP(values[TERM_PRODUCTS]), UUIDOID, UUID_LEN, false, TYPALIGN_CHAR, &products, &none, &count);
	for (int i = 0; i < lines->count; i++)
	{
		lines->eligible[i] = is_for(lines, i, products, count) ? lines->left[i] : 0;
		if (pg_add_s64_overflow(sum, lines->eligible[i], &sum) || !pc_money_in_range(sum))
			refuse("the amounts are too large together", "Bill them on several invoices.");
	}
	return sum;
}

/* What a term takes off so much: nothing where it is an amount of another currency. */
static int64
taken_off(const Lines *lines, const Datum *values, const bool *nulls, int64 sum)
{
	PcMoney		amount;

	if (!nulls[TERM_PERCENT_OFF])
	{
		int64		percent = pc_read_percent(NumericGetDatum(DatumGetNumeric(values[TERM_PERCENT_OFF])), "percent_off", 0);

		return Min(pc_money_amount(pc_money_fraction(pc_money_pack(lines->currency, sum), percent, PC_HUNDRED_PERCENT)), sum);
	}
	if (nulls[TERM_AMOUNT_OFF])
		return 0;
	amount = DatumGetPcMoney(values[TERM_AMOUNT_OFF]);
	return pc_money_currency(amount) == lines->currency ? Min(Max(pc_money_amount(amount), 0), sum) : 0;
}

static void
apply_term(ReturnSetInfo *result, Lines *lines, int term, const Datum *values, const bool *nulls)
{
	int64		sum = choose_lines(lines, values, nulls);
	int64		off = taken_off(lines, values, nulls, sum);
	PcMoney    *shares;

	if (off == 0)
		return;
	shares = palloc_array(PcMoney, lines->count);
	pc_money_allocate(pc_money_pack(lines->currency, off), lines->eligible, lines->count, shares);
	for (int i = 0; i < lines->count; i++)
	{
		if (pc_money_amount(shares[i]) == 0)
			continue;
		lines->left[i] -= pc_money_amount(shares[i]);
		tuplestore_putvalues(result->setResult, result->setDesc,
							 (Datum[]) {Int32GetDatum(i + 1), Int32GetDatum(term), PcMoneyGetDatum(shares[i])}, (bool[]) {false, false, false});
	}
}

/* discount_lines(amounts, products, terms) */
PG_FUNCTION_INFO_V1(paycore_discount_lines);
PGDLLEXPORT Datum
paycore_discount_lines(PG_FUNCTION_ARGS)
{
	ArrayType  *terms = PG_GETARG_ARRAYTYPE_P(2);
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Lines		lines;
	Datum	   *elements;
	bool	   *none;
	int			count;
	TupleDesc	row;

	read_lines(PG_GETARG_ARRAYTYPE_P(0), PG_GETARG_ARRAYTYPE_P(1), &lines);
	deconstruct_array(terms, ARR_ELEMTYPE(terms), -1, false, TYPALIGN_DOUBLE, &elements, &none, &count);
	InitMaterializedSRF(fcinfo, 0);
	row = lookup_rowtype_tupdesc_copy(ARR_ELEMTYPE(terms), -1);
	for (int i = 0; i < count && lines.count > 0; i++)
	{
		HeapTupleHeader header;
		Datum		values[TERM_COLUMNS];
		bool		nulls[TERM_COLUMNS];

		if (none[i])
			continue;
		header = DatumGetHeapTupleHeader(elements[i]);
		heap_deform_tuple(&(HeapTupleData) {.t_len = HeapTupleHeaderGetDatumLength(header), .t_data = header}, row, values, nulls);
		apply_term(result, &lines, i + 1, values, nulls);
	}
	return (Datum) 0;
}
