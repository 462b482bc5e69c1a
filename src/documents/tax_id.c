/*
 * tax_id.c
 *		Which of a party's numbers a tax id is: one for VAT has another name on
 *		documents than that of a tax office.
 */
#include "common/paycore.h"

#include "documents/page.h"

#define MAX_LENGTH 14

/* Lengths after the country's two letters, as VIES has them; digits: nothing else. */
static const struct
{
	char		country[3];
	int			shortest;
	int			longest;
	bool		digits;
}			forms[] = {
	{"AT", 9, 9, false}, {"BE", 10, 10, true}, {"BG", 9, 10, true}, {"CY", 9, 9, false}, {"CZ", 8, 10, true},
	{"DE", 9, 9, true}, {"DK", 8, 8, true}, {"EE", 9, 9, true}, {"EL", 9, 9, true}, {"ES", 9, 9, false},
	{"FI", 8, 8, true}, {"FR", 11, 11, false}, {"GB", 9, 12, true}, {"HR", 11, 11, true}, {"HU", 8, 8, true},
	{"IE", 8, 9, false}, {"IT", 11, 11, true}, {"LT", 9, 12, true}, {"LU", 8, 8, true}, {"LV", 11, 11, true},
	{"MT", 8, 8, true}, {"NL", 12, 12, false}, {"PL", 10, 10, true}, {"PT", 9, 9, true}, {"RO", 2, 10, true},
	{"SE", 12, 12, true}, {"SI", 8, 8, true}, {"SK", 10, 10, true}, {"XI", 9, 12, true},
};

/* Without what people put between the characters; NULL where it is longer than any, or holds something else. */
static char *
bare(const char *tax_id)
{
	char	   *text = palloc(MAX_LENGTH + 1);
	size_t		n = 0;

	for (const char *c = tax_id; *c != '\0'; c++)
	{
		if (strchr(" .-", *c) != NULL)
			continue;
		if (n == MAX_LENGTH || IS_HIGHBIT_SET(*c) || !isalnum((unsigned char) *c))
			return NULL;
		text[n++] = (char) pg_ascii_toupper((unsigned char) *c);
	}
	text[n] = '\0';
	return text;
}

bool
pc_is_vat_id(const char *tax_id)
{
	const char *text = bare(tax_id);
	int			length = text != NULL ? (int) strlen(text) - 2 : 0;

	for (size_t i = 0; i < lengthof(forms) && length > 0; i++)
	{
		if (strncmp(text, forms[i].country, 2) == 0)
			return length >= forms[i].shortest && length <= forms[i].longest &&
				(!forms[i].digits || (int) strspn(text + 2, "0123456789") == length);
	}
	return false;
}
