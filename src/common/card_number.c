/*
 * card_number.c
 *		Card numbers by issuer, length and check digit.
 *
 * One number in ten has a right check digit, so that alone would refuse many
 * an order number: the issuer's range and its lengths must fit, too.
 */
#include "common/paycore.h"

#include "common/card_data.h"

#define LENGTH(n) (1u << (n))
#define TO_19	(LENGTH(16) | LENGTH(17) | LENGTH(18) | LENGTH(19))

/* First six digits; lengths that the network issues. */
static const struct
{
	int			from;
	int			to;
	uint32		lengths;
}			issuers[] = {
	{400000, 499999, LENGTH(16) | LENGTH(19)},	/* Visa */
	{510000, 559999, LENGTH(16)},	/* Mastercard */
	{222100, 272099, LENGTH(16)},
	{340000, 349999, LENGTH(15)},	/* American Express */
	{370000, 379999, LENGTH(15)},
	{300000, 305999, LENGTH(14) | LENGTH(16)},	/* Diners Club */
	{309500, 309599, LENGTH(14) | LENGTH(16)},
	{360000, 369999, LENGTH(14) | LENGTH(16)},
	{380000, 399999, LENGTH(14) | LENGTH(16)},
	{352800, 358999, LENGTH(16)},	/* JCB */
	{601100, 601199, LENGTH(16) | LENGTH(19)},	/* Discover */
	{644000, 659999, LENGTH(16) | LENGTH(19)},
	{620000, 629999, LENGTH(16) | LENGTH(17) | LENGTH(19)},	/* UnionPay */
	{810000, 817199, LENGTH(16) | LENGTH(17) | LENGTH(19)},
	{501800, 502099, LENGTH(12) | LENGTH(13) | LENGTH(14) | LENGTH(15) | TO_19},	/* Maestro */
	{503800, 503899, LENGTH(12) | LENGTH(13) | LENGTH(14) | LENGTH(15) | TO_19},
	{589300, 589399, LENGTH(12) | LENGTH(13) | LENGTH(14) | LENGTH(15) | TO_19},
	{630400, 630499, LENGTH(12) | LENGTH(13) | LENGTH(14) | LENGTH(15) | TO_19},
	{675900, 676399, LENGTH(12) | LENGTH(13) | LENGTH(14) | LENGTH(15) | TO_19},
	{220000, 220499, LENGTH(16) | LENGTH(17) | LENGTH(18) | LENGTH(19)},	/* Mir */
	{506099, 506198, LENGTH(16) | LENGTH(19)},	/* Verve */
	{508500, 508999, LENGTH(16)},	/* RuPay */
	{606985, 608500, LENGTH(16)},
	{817200, 820199, LENGTH(16)},
	{606282, 606282, LENGTH(16)},	/* Hipercard */
	{636368, 636368, LENGTH(16)},	/* Elo */
	{979200, 979289, LENGTH(16)},	/* Troy */
};

static bool
has_issuer(const char *digits, int n, bool said_so)
{
	int			first = 0;

	for (int i = 0; i < 6; i++)
		first = first * 10 + (digits[i] - '0');
	for (size_t i = 0; i < lengthof(issuers); i++)
	{
		if (first >= issuers[i].from && first <= issuers[i].to && (issuers[i].lengths & LENGTH(n)) != 0)
			return true;
	}
	/* Visa's numbers of 13 digits are long gone, but for where the text says that it is one. */
	return said_so && n == 13 && digits[0] == '4';
}

static bool
luhn(const char *digits, int n)
{
	int			sum = 0;

	for (int i = n - 1, place = 0; i >= 0; i--, place++)
	{
		int			digit = digits[i] - '0';

		if (place % 2 == 1)
			digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
		sum += digit;
	}
	return sum % 10 == 0;
}

/* UPC, EAN and shipping containers: a check digit with weights 3 and 1. */
static bool
is_trade_number(const char *digits, int n)
{
	int			sum = 0;

	if (n != 12 && n != 13 && n != 18)
		return false;
	for (int i = n - 1, place = 0; i >= 0; i--, place++)
		sum += (digits[i] - '0') * (place % 2 == 1 ? 3 : 1);
	return sum % 10 == 0;
}

static int
cnpj_check(const char *digits, int n)
{
	int			sum = 0;

	for (int i = n - 1, weight = 2; i >= 0; i--, weight = weight == 9 ? 2 : weight + 1)
		sum += (digits[i] - '0') * weight;
	return sum % 11 < 2 ? 0 : 11 - sum % 11;
}

/* A Brazilian company's number has as many digits as a Diners card, and two check digits of its own. */
static bool
is_company_number(const char *digits, int n)
{
	return n == 14 && cnpj_check(digits, 12) == digits[12] - '0' && cnpj_check(digits, 13) == digits[13] - '0';
}

bool
pc_is_card_number(const char *digits, int n, bool said_so)
{
	return n >= 12 && n <= 19 && luhn(digits, n) && has_issuer(digits, n, said_so) &&
		!is_trade_number(digits, n) && !is_company_number(digits, n);
}
