/*
 * card_text.c
 *		Looks for card numbers, IBANs and security codes in free text.
 *
 * Digits are read in groups, as people write them.  What is glued to letters
 * (ids, hashes), belongs to a UUID, a decimal fraction or a phone number, or
 * is grouped as no card is, is left alone.
 */
#include "common/paycore.h"

#include "common/card_data.h"

#define MAX_DIGITS	19
#define FEWEST_DIGITS 12		/* of what is looked for, but security codes */
#define PHONE_DIGITS 15
#define MAX_GAP		3

#define GAP_NONE	0
#define GAP_SPACE	1
#define GAP_DASH	2
#define GAP_DOT		4
#define GAP_LINE	8

typedef struct DigitGroup
{
	int			start;
	int			n;
	int			gap;			/* before it: a set of GAP_*, GAP_NONE = it starts anew */
	int			phone_digits;	/* since a plus sign, these included; 0 = none */
} DigitGroup;

typedef struct CardScan
{
	const char *text;
	int			len;
	bool		said_so;
	int			ngroups;
	DigitGroup		groups[MAX_DIGITS];
	PcCardSpot *spot;
} CardScan;

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

static bool
is_alnum(char c)
{
	return is_digit(c) || is_letter(c);
}

static bool
same_letters(const char *text, int len, const char *word)
{
	int			n = (int) strlen(word);

	return len >= n && pg_strncasecmp(text, word, n) == 0;
}

/* Bytes of the separator at text, its kind in *kind; 0 = none. */
static int
separator(const char *text, int len, int *kind)
{
	unsigned char c = (unsigned char) text[0];
	unsigned char second = len > 1 ? (unsigned char) text[1] : 0;
	unsigned char third = len > 2 ? (unsigned char) text[2] : 0;

	if (c == ' ' || c == '\t' || c == '-' || c == '.' || c == '_')
	{
		*kind = c == '-' ? GAP_DASH : c == '.' ? GAP_DOT : c == '_' ? GAP_LINE : GAP_SPACE;
		return 1;
	}
	if (c == 0xC2 && second == 0xA0)	/* no-break space */
	{
		*kind = GAP_SPACE;
		return 2;
	}
	/* U+2000 to U+200A and U+202F are spaces; U+2010 to U+2015 and U+2212 are dashes. */
	if (c == 0xE2 && second == 0x80 && (third <= 0x8A || third == 0xAF) && third >= 0x80)
		*kind = GAP_SPACE;
	else if (c == 0xE2 && ((second == 0x80 && third >= 0x90 && third <= 0x95) || (second == 0x88 && third == 0x92)))
		*kind = GAP_DASH;
	else
		return 0;
	return 3;
}

/* What parts the group at start from the end of the one before. */
static int
gap_between(const CardScan *s, int end, int start)
{
	int			kinds = GAP_NONE;
	int			count = 0;

	while (end < start)
	{
		int			kind;
		int			bytes = separator(s->text + end, start - end, &kind);

		if (bytes == 0 || ++count > MAX_GAP)
			return GAP_NONE;
		kinds |= kind;
		end += bytes;
	}
	return kinds;
}

/* 4-4-4-4 and the like, 4-6-5, 4-6-4, 6-13, or in ones and twos. */
static bool
is_grouped_like_a_card(const DigitGroup *groups, int n)
{
	bool		fours = true;
	bool		small = true;

	for (int i = 0; i < n; i++)
	{
		fours &= groups[i].n % 4 == 0 || (i == n - 1 && groups[i].n <= 4);
		small &= groups[i].n <= 2;
	}
	if (n == 1 || fours || small)
		return true;
	if (n == 3 && groups[0].n == 4 && groups[1].n == 6)
		return groups[2].n == 5 || groups[2].n == 4;
	if (n == 4 && groups[0].n == 4)
		return groups[1].n == 3 && groups[2].n == 3 && groups[3].n == 3;
	return n == 2 && groups[0].n == 6;
}

/* Half of a number with a point in it is no number of its own. */
static bool
is_cut_at_a_point(const CardScan *s, const DigitGroup *first, const DigitGroup *last)
{
	int			end = last->start + last->n;

	return first->gap == GAP_DOT ||
		(end + 1 < s->len && s->text[end] == '.' && is_digit(s->text[end + 1]));
}

static bool
is_card(CardScan *s, const DigitGroup *first, int n)
{
	const DigitGroup *last = first + n - 1;
	char		digits[MAX_DIGITS];
	int			count = 0;

	for (int i = 0; i < n; i++)
	{
		memcpy(digits + count, s->text + first[i].start, first[i].n);
		count += first[i].n;
	}
	if (last->phone_digits > 0 && last->phone_digits <= PHONE_DIGITS)
		return false;
	if (!is_grouped_like_a_card(first, n) || is_cut_at_a_point(s, first, last) ||
		!pc_is_card_number(digits, count, s->said_so))
		return false;
	s->spot->what = PC_CARD_NUMBER;
	s->spot->start = first->start;
	s->spot->len = last->start + last->n - first->start;
	return true;
}

/* Numbers that end with the newest group, parted in one manner throughout. */
static bool
ends_a_card(CardScan *s)
{
	int			last = s->ngroups - 1;
	int			count = 0;

	for (int first = last; first >= 0; first--)
	{
		count += s->groups[first].n;
		if (count > MAX_DIGITS)
			return false;
		if (count >= FEWEST_DIGITS && is_card(s, &s->groups[first], last - first + 1))
			return true;
		if (s->groups[first].gap == GAP_NONE || (first < last && s->groups[first].gap != s->groups[first + 1].gap))
			return false;
	}
	return false;
}

static void
add_group(CardScan *s, int start, int n)
{
	DigitGroup		group = {.start = start, .n = n};
	const DigitGroup *before = s->ngroups > 0 ? &s->groups[s->ngroups - 1] : NULL;

	if (before != NULL)
		group.gap = gap_between(s, before->start + before->n, start);
	if (start > 0 && s->text[start - 1] == '+')
		group.phone_digits = n;
	else if (group.gap != GAP_NONE && before->phone_digits > 0)
		group.phone_digits = Min(before->phone_digits + n, PHONE_DIGITS + 1);
	if (group.gap == GAP_NONE)
		s->ngroups = 0;
	if (s->ngroups == MAX_DIGITS)
		memmove(s->groups, s->groups + 1, sizeof(DigitGroup) * --s->ngroups);
	s->groups[s->ngroups++] = group;
}

/* Length of the UUID at text, or 0. */
static int
uuid_at(const char *text, int len)
{
	if (len < 36 || (len > 36 && is_alnum(text[36])))
		return 0;
	for (int i = 0; i < 36; i++)
	{
		bool		dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : !isxdigit((unsigned char) text[i]))
			return 0;
	}
	return 36;
}

/* A word between a name of the code and its digits. */
static int
filler_at(const char *text, int len)
{
	static const char *const fillers[] = {"code", "number", "nr", "no", "is", "value", "check digits"};

	for (size_t i = 0; i < lengthof(fillers); i++)
	{
		int			n = (int) strlen(fillers[i]);

		if (same_letters(text, len, fillers[i]) && (len == n || !is_alnum(text[n])))
			return n;
	}
	return 0;
}

/* "CVC: 123" at the name's start: where its three or four digits are. */
static bool
security_code_at(CardScan *s, int at)
{
	static const char *const names[] = {"cvc", "cvv", "security code", "card verification"};
	int			end = 0;
	int			n = 0;

	for (size_t i = 0; i < lengthof(names) && end == 0; i++)
	{
		if (same_letters(s->text + at, s->len - at, names[i]))
			end = at + (int) strlen(names[i]);
	}
	if (end == 0)
		return false;
	if (end + 1 < s->len && s->text[end] == '2' && !is_alnum(s->text[end + 1]))
		end++;
	for (int steps = 0; steps < 12 && end < s->len && !is_digit(s->text[end]); steps++)
	{
		int			filler = filler_at(s->text + end, s->len - end);

		if (filler == 0 && is_letter(s->text[end]))
			return false;
		end += Max(filler, 1);
	}
	while (end + n < s->len && is_digit(s->text[end + n]))
		n++;
	if ((n != 3 && n != 4) || (end + n < s->len && is_letter(s->text[end + n])))
		return false;
	s->spot->what = PC_SECURITY_CODE;
	s->spot->start = end;
	s->spot->len = n;
	return true;
}

/* At a letter: an IBAN, or the name of a security code. */
static bool
found_at_word(CardScan *s, int at)
{
	int			iban = pc_iban_at(s->text + at, s->len - at);

	if (iban == 0)
		return security_code_at(s, at);
	s->spot->what = PC_IBAN;
	s->spot->start = at;
	s->spot->len = iban;
	return true;
}

/* Letters and digits in one go, from at; gives their end. */
static int
word_end(const CardScan *s, int at)
{
	while (at < s->len && is_alnum(s->text[at]))
		at++;
	return at;
}

static int
digits_end(const CardScan *s, int at)
{
	while (at < s->len && is_digit(s->text[at]))
		at++;
	return at;
}

static bool
scan(CardScan *s)
{
	int			at = 0;

	while (at < s->len)
	{
		int			end;

		if (!is_alnum(s->text[at]))
		{
			at++;
			continue;
		}
		end = at + uuid_at(s->text + at, s->len - at);
		if (end == at)
		{
			if (is_letter(s->text[at]) && found_at_word(s, at))
				return true;
			end = word_end(s, at);
			if (digits_end(s, at) == end && end - at <= MAX_DIGITS)
			{
				add_group(s, at, end - at);
				if (ends_a_card(s))
					return true;
			}
			else
				s->ngroups = 0;
		}
		else
			s->ngroups = 0;
		at = end;
	}
	return false;
}

/* One pass that most texts end in: too few digits for a number, and no word for a code. */
static bool
may_hold_any(const char *text, int len, bool *said_so)
{
	int			digits = 0;
	bool		word = false;

	for (int i = 0; i < len; i++)
	{
		char		c = text[i];

		if (is_digit(c))
			digits++;
		else if ((c | 0x20) == 'c' || (c | 0x20) == 's' || (c | 0x20) == 'v')
		{
			const char *rest = text + i;
			int			left = len - i;

			word |= same_letters(rest, left, "cv") || same_letters(rest, left, "security code") ||
				same_letters(rest, left, "card v");
			*said_so |= same_letters(rest, left, "visa") || same_letters(rest, left, "card n") ||
				same_letters(rest, left, "card_n") || same_letters(rest, left, "cardn");
		}
	}
	return digits >= FEWEST_DIGITS || (word && digits >= 3);
}

bool
pc_card_data_in_text(const char *text, int len, PcCardSpot *spot)
{
	CardScan		s = {.text = text, .len = len, .spot = spot};

	memset(spot, 0, sizeof(*spot));
	if (!may_hold_any(text, len, &s.said_so) || !scan(&s))
	{
		spot->what = PC_NO_CARD_DATA;
		return false;
	}
	return true;
}
