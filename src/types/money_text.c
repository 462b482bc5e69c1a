/*
 * money_text.c
 *		Amounts of money from text and to text.
 */
#include "types/money_text.h"

#include <inttypes.h>
#include <stdio.h>

typedef struct Number
{
	bool		negative;
	uint64_t	units;			/* all digits read as one integer, held at PC_MONEY_MAX + 1 */
	int			decimals;
} Number;

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static const char *
skip_blanks(const char *p)
{
	while (*p == ' ' || (*p >= '\t' && *p <= '\r'))
		p++;
	return p;
}

/* Appends a digit; whatever lies out of range stays so. */
static uint64_t
append_digit(uint64_t units, int digit)
{
	if (units > PC_MONEY_MAX)
		return units;
	units = units * 10 + digit;
	return units > PC_MONEY_MAX ? (uint64_t) PC_MONEY_MAX + 1 : units;
}

/* Each of the readers returns what follows, or NULL where it finds something else. */
static const char *
read_digits(const char *p, Number *number)
{
	if (!is_digit(*p))
		return NULL;
	for (; is_digit(*p); p++)
	{
		number->units = append_digit(number->units, *p - '0');
		number->decimals++;
	}
	return p;
}

static const char *
read_number(const char *p, Number *number)
{
	*number = (Number) {.negative = *p == '-'};
	if (*p == '-' || *p == '+')
		p++;
	p = read_digits(p, number);
	number->decimals = 0;
	if (p != NULL && *p == '.')
		p = read_digits(p + 1, number);
	return p;
}

static const char *
read_code(const char *p, PcMoneyParts *parts)
{
	parts->code = p;
	while (is_letter(*p))
		p++;
	parts->code_len = p - parts->code;
	return parts->code_len > 0 ? p : NULL;
}

static const char *
read_gap(const char *p)
{
	const char *next = p != NULL ? skip_blanks(p) : NULL;

	return next != p ? next : NULL;
}

/* Splits the text into its number and its code. */
static bool
read_amount(const char *p, Number *number, PcMoneyParts *parts)
{
	p = skip_blanks(p);
	if (is_letter(*p))
	{
		p = read_gap(read_code(p, parts));
		p = p != NULL ? read_number(p, number) : NULL;
	}
	else
	{
		p = read_gap(read_number(p, number));
		p = p != NULL ? read_code(p, parts) : NULL;
	}
	return p != NULL && *skip_blanks(p) == '\0';
}

/* Reads one amount. */
PcMoneyParse
pc_money_parse(const char *text, PcMoneyParts *parts)
{
	Number		number;

	*parts = (PcMoneyParts) {0};
	if (!read_amount(text, &number, parts))
		return PC_PARSE_SYNTAX;
	parts->decimals = number.decimals;
	parts->currency = pc_currency_by_code(parts->code, parts->code_len);
	if (parts->currency == NULL)
		return PC_PARSE_UNKNOWN_CURRENCY;
	if (parts->currency->exponent < 0)
		return PC_PARSE_NO_MINOR_UNIT;
	if (number.decimals > parts->currency->exponent)
		return PC_PARSE_SCALE;
	for (int i = number.decimals; i < parts->currency->exponent; i++)
		number.units = append_digit(number.units, 0);
	if (number.units > PC_MONEY_MAX)
		return PC_PARSE_RANGE;
	parts->amount = number.negative ? -(int64_t) number.units : (int64_t) number.units;
	return PC_PARSED;
}

/* Writes an amount in the form that pc_money_parse() reads. */
char *
pc_money_format(PcCurrency currency, int64_t amount, char *buf)
{
	const PcCurrencyInfo *info = pc_currency_by_number(currency);
	const char *code = info != NULL ? info->code : "???";
	int			exponent = info != NULL && info->exponent > 0 ? info->exponent : 0;
	uint64_t	units = amount < 0 ? -(uint64_t) amount : (uint64_t) amount;
	uint64_t	unit = 1;

	for (int i = 0; i < exponent; i++)
		unit *= 10;
	if (exponent == 0)
		snprintf(buf, PC_MONEY_TEXT_LEN, "%s%" PRIu64 " %s", amount < 0 ? "-" : "", units, code);
	else
		snprintf(buf, PC_MONEY_TEXT_LEN, "%s%" PRIu64 ".%0*" PRIu64 " %s", amount < 0 ? "-" : "",
				 units / unit, exponent, units % unit, code);
	return buf;
}
