/*
 * card_data.c
 *		Card data in jsonb, and what is left when it is masked.
 */
#include "common/paycore.h"

#include "common/card_data.h"
#include "common/json.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

const char *
pc_card_data_phrase(PcCardData what)
{
	static const char *const phrases[] = {"nothing", "a card number", "a full IBAN", "a card's security code"};

	return phrases[what];
}

static const char *
word_of(PcCardData what)
{
	static const char *const words[] = {NULL, "card_number", "iban", "security_code"};

	return words[what];
}

/* A key such as "cvc" or "Security-Code". */
static bool
names_a_security_code(const char *key)
{
	static const char *const names[] = {
		"cvc", "cvc2", "cvv", "cvv2", "csc", "cvn", "cardcvc", "cardcvv", "cvccode", "cvvcode", "securitycode",
		"cardsecuritycode", "cardverificationcode"
	};
	char		plain[32];
	int			n = 0;

	for (; *key != '\0'; key++)
	{
		if (*key == '_' || *key == '-' || *key == ' ')
			continue;
		if (n == (int) sizeof(plain) - 1)
			return false;
		plain[n++] = pg_tolower((unsigned char) *key);
	}
	plain[n] = '\0';
	for (size_t i = 0; i < lengthof(names); i++)
	{
		if (strcmp(plain, names[i]) == 0)
			return true;
	}
	return false;
}

static bool
is_three_or_four_digits(const char *text)
{
	size_t		n = strspn(text, "0123456789");

	return (n == 3 || n == 4) && text[n] == '\0';
}

PcCardData
pc_card_data_in_value(const JsonbValue *value, const char *key)
{
	PcCardSpot	spot;
	char	   *text;

	if (value->type != jbvString && value->type != jbvNumeric)
		return PC_NO_CARD_DATA;
	text = pc_json_value_text(value);
	if (key != NULL && names_a_security_code(key) && is_three_or_four_digits(text))
		return PC_SECURITY_CODE;
	if (key != NULL && strlen(text) == 13)
		text = psprintf("%s: %s", key, text);	/* the key may say that it is a card's */
	return pc_card_data_in_text(text, (int) strlen(text), &spot) ? spot.what : PC_NO_CARD_DATA;
}

PcCardData
pc_card_data_in_json(const Jsonb *json, char **key)
{
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	v;
	PcCardData	what = PC_NO_CARD_DATA;

	*key = NULL;
	if (JB_ROOT_COUNT(json) == 0)
		return PC_NO_CARD_DATA;
	it = JsonbIteratorInit(unconstify(JsonbContainer *, &json->root));
	while (what == PC_NO_CARD_DATA && (token = JsonbIteratorNext(&it, &v, false)) != WJB_DONE)
	{
		if (token == WJB_KEY)
		{
			what = pc_card_data_in_value(&v, NULL);
			*key = what == PC_NO_CARD_DATA ? pc_json_value_text(&v) : NULL;
		}
		else if (token == WJB_VALUE)
			what = pc_card_data_in_value(&v, *key);
		else if (token == WJB_ELEM)
			what = pc_card_data_in_value(&v, NULL);
	}
	return what;
}

char *
pc_card_data_masked(const char *text, int len)
{
	char	   *copy = pnstrdup(text, len);
	PcCardSpot	spot;

	while (pc_card_data_in_text(copy, len, &spot))
	{
		/* Each spot loses a digit at least, so this ends. */
		for (int i = spot.start; i < spot.start + spot.len; i++)
		{
			if (copy[i] >= '0' && copy[i] <= '9')
				copy[i] = '*';
		}
	}
	return copy;
}

static void
set_text(JsonbValue *value, char *text)
{
	value->type = jbvString;
	value->val.string.val = text;
	value->val.string.len = (int) strlen(text);
}

/* Masked where the text itself says what it is; whole where its key does. */
static void
mask_scalar(JsonbValue *value, const char *key)
{
	bool		number = value->type == jbvNumeric;
	char	   *text;

	if (pc_card_data_in_value(value, key) == PC_NO_CARD_DATA)
		return;
	text = pc_json_value_text(value);
	set_text(value, pc_card_data_masked(text, (int) strlen(text)));
	if (number || pc_card_data_in_value(value, key) != PC_NO_CARD_DATA)
		set_text(value, pstrdup("***"));
}

Jsonb *
pc_card_data_masked_json(const Jsonb *json)
{
	PcJsonbState state = {0};
	JsonbIterator *it = JsonbIteratorInit(unconstify(JsonbContainer *, &json->root));
	JsonbIteratorToken token;
	JsonbValue	v;
	char	   *key = NULL;

	while ((token = JsonbIteratorNext(&it, &v, false)) != WJB_DONE)
	{
		if (token == WJB_KEY)
		{
			mask_scalar(&v, NULL);
			key = pc_json_value_text(&v);
		}
		else if (token == WJB_VALUE || token == WJB_ELEM)
			mask_scalar(&v, token == WJB_VALUE ? key : NULL);
		if (token == WJB_KEY || token == WJB_VALUE || token == WJB_ELEM)
			pc_jsonb_push(&state, token, &v);
		else
			pc_jsonb_push(&state, token, token == WJB_BEGIN_ARRAY && v.val.array.rawScalar ? &v : NULL);
	}
	return JsonbValueToJsonb(state.result);
}

/* card_data_in(text): card_number, iban, security_code, or NULL */
PG_FUNCTION_INFO_V1(paycore_card_data_in_text);
PGDLLEXPORT Datum
paycore_card_data_in_text(PG_FUNCTION_ARGS)
{
	text	   *t = PG_GETARG_TEXT_PP(0);
	PcCardSpot	spot;

	if (!pc_card_data_in_text(VARDATA_ANY(t), VARSIZE_ANY_EXHDR(t), &spot))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(word_of(spot.what)));
}

/* card_data_in(jsonb) */
PG_FUNCTION_INFO_V1(paycore_card_data_in_json);
PGDLLEXPORT Datum
paycore_card_data_in_json(PG_FUNCTION_ARGS)
{
	char	   *key;
	PcCardData	what = pc_card_data_in_json(PG_GETARG_JSONB_P(0), &key);

	if (what == PC_NO_CARD_DATA)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(word_of(what)));
}
