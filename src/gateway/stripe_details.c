/*
 * stripe_details.c
 *		What may be stored of a payment method: how it looks, never what it is.
 *
 * Cards are copied by a list of what is allowed.  Of the other types, whose
 * fields nobody can list, everything is copied but what names or looks like
 * card data or a full account number.
 */
#include "gateway/stripe.h"

#include "common/card_data.h"
#include "utils/fmgrprotos.h"

static const char *const card_fields[] = {
	"amount_authorized", "brand", "capture_before", "checks", "country", "display_brand",
	"exp_month", "exp_year", "extended_authorization", "fingerprint", "funding",
	"incremental_authorization", "installments", "last4", "multicapture", "network", "networks",
	"overcapture", "regulated_status", "three_d_secure", "three_d_secure_usage", "wallet", NULL
};

static const char *const forbidden[] = {
	"account_number", "card_number", "client_secret", "cvc", "cvc2", "cvv", "cvv2",
	"dynamic_last4", "emv_auth_data", "iban", "number", "pan", "pin", "pin_block", "track1",
	"track2", "track_data", NULL
};

static bool
listed(const JsonbValue *key, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strlen(*list) == key->val.string.len &&
			pg_strncasecmp(*list, key->val.string.val, key->val.string.len) == 0)
			return true;
	return false;
}

/* 13 to 19 digits with a right check digit, however they are grouped. */
static bool
looks_like_card_number(const char *text, int len)
{
	int			sum = 0;
	int			ndigits = 0;

	for (int i = len - 1; i >= 0; i--)
	{
		int			digit = text[i] - '0';

		if (text[i] == ' ' || text[i] == '-')
			continue;
		if (digit < 0 || digit > 9)
			return false;
		if (ndigits++ % 2 == 1)
			digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
		sum += digit;
	}
	return ndigits >= 13 && ndigits <= 19 && sum % 10 == 0;
}

/* key is what it stands under, NULL = none. */
static bool
must_not_be_stored(const JsonbValue *value, const char *key)
{
	char	   *text;

	if (value->type != jbvString && value->type != jbvNumeric)
		return false;
	text = pc_json_value_text(value);
	return looks_like_card_number(text, strlen(text)) || pc_card_data_in_value(value, key) != PC_NO_CARD_DATA;
}

/* A key that is card data goes with its value: jsonb knows no null key. */
static bool
may_stay(const JsonbValue *key, const char *const *allowed)
{
	return !listed(key, forbidden) && !must_not_be_stored(key, NULL) && (allowed == NULL || listed(key, allowed));
}

/* Copies all but what is forbidden; at the top level only the allowed keys, where given. */
static Jsonb *
copy_safe(const Jsonb *json, const char *const *allowed)
{
	PcJsonbState state = {0};
	JsonbIterator *it = JsonbIteratorInit(unconstify(JsonbContainer *, &json->root));
	JsonbIteratorToken token;
	JsonbValue	v;
	JsonbValue	null = {.type = jbvNull};
	char	   *key = NULL;
	int			depth = 0;

	while ((token = JsonbIteratorNext(&it, &v, false)) != WJB_DONE)
	{
		if (token == WJB_KEY && !may_stay(&v, depth == 1 ? allowed : NULL))
		{
			JsonbIteratorNext(&it, &v, true);	/* its value, whole */
			continue;
		}
		if (token == WJB_BEGIN_OBJECT || token == WJB_BEGIN_ARRAY)
			depth++;
		else if (token == WJB_END_OBJECT || token == WJB_END_ARRAY)
			depth--;
		if (token == WJB_KEY)
		{
			key = pc_json_value_text(&v);
			pc_jsonb_push(&state, token, &v);
		}
		else if (token == WJB_VALUE || token == WJB_ELEM)
			pc_jsonb_push(&state, token, must_not_be_stored(&v, token == WJB_VALUE ? key : NULL) ? &null : &v);
		else
			pc_jsonb_push(&state, token, NULL);
	}
	return JsonbValueToJsonb(state.result);
}

/* A wallet is worth knowing by type; the rest of it holds addresses and device numbers. */
static Jsonb *
with_wallet_type_only(Jsonb *details)
{
	char	   *type = pc_json_text2(details, "wallet", "type");
	PcJsonBuilder wallet;
	PcJsonBuilder whole;
	Jsonb	   *extra;

	if (pc_json_path(details, "wallet", NULL) == NULL)
		return details;
	pc_json_begin(&wallet);
	pc_json_add_text(&wallet, "type", type);
	pc_json_begin(&whole);
	pc_json_add_json(&whole, "wallet", pc_json_end(&wallet));
	extra = pc_json_end(&whole);
	return DatumGetJsonbP(DirectFunctionCall2(jsonb_concat, JsonbPGetDatum(details),
											  JsonbPGetDatum(extra)));
}

Jsonb *
gw_safe_json(const Jsonb *json)
{
	return json == NULL ? NULL : copy_safe(json, NULL);
}

Jsonb *
gw_safe_details(const char *type, const Jsonb *details)
{
	bool		is_card = type != NULL &&
		(strcmp(type, "card") == 0 || strcmp(type, "card_present") == 0 ||
		 strcmp(type, "interac_present") == 0);

	if (details == NULL || !JB_ROOT_IS_OBJECT(details))
		return NULL;
	return with_wallet_type_only(copy_safe(details, is_card ? card_fields : NULL));
}
