/*
 * iso4217.c
 *		Look-ups in the table of currencies.
 */
#include "types/iso4217.h"

#include <string.h>

#include "types/currency_table.inc"

#define NCURRENCIES ((int) (sizeof(currencies) / sizeof(currencies[0])))

/* Finds a currency by the number it is stored under. */
const PcCurrencyInfo *
pc_currency_by_number(PcCurrency numeric_code)
{
	if (numeric_code >= PC_CURRENCY_NUMBERS || pc_currency_ranks[numeric_code] == 0)
		return NULL;
	return &currencies[pc_currency_ranks[numeric_code] - 1];
}

/* Finds a currency by its three letters, in any case. */
const PcCurrencyInfo *
pc_currency_by_code(const char *code, size_t len)
{
	char		upper[3];
	int			low = 0;
	int			high = NCURRENCIES - 1;

	if (len != sizeof(upper))
		return NULL;
	for (size_t i = 0; i < sizeof(upper); i++)
		upper[i] = code[i] >= 'a' && code[i] <= 'z' ? code[i] - 'a' + 'A' : code[i];
	while (low <= high)
	{
		int			middle = (low + high) / 2;
		int			order = memcmp(upper, currencies[middle].code, sizeof(upper));

		if (order == 0)
			return &currencies[middle];
		if (order < 0)
			high = middle - 1;
		else
			low = middle + 1;
	}
	return NULL;
}

/* Hands out the whole table. */
const PcCurrencyInfo *
pc_currency_list(int *count)
{
	*count = NCURRENCIES;
	return currencies;
}
