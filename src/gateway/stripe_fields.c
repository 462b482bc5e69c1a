/*
 * stripe_fields.c
 *		Single fields of Stripe's objects.
 */
#include "gateway/stripe.h"

#define MAX_ID_LEN		255
#define MAX_UNIX_TIME	INT64CONST(253402300799)	/* the last second of the year 9999 */

char *
gw_field_id(const Jsonb *json, const char *key)
{
	char	   *id = pc_json_string(json, key);

	if (id == NULL)
		id = pc_json_string(pc_json_object(json, key), "id");
	return id != NULL && *id != '\0' && strlen(id) <= MAX_ID_LEN ? id : NULL;
}

int64
gw_field_time(const Jsonb *json, const char *key)
{
	int64		seconds;

	return pc_json_int64(json, key, &seconds) && seconds > 0 && seconds <= MAX_UNIX_TIME ?
		seconds : 0;
}

PcMoney
gw_field_money(const Jsonb *json, const char *key)
{
	char	   *currency = pc_json_string(json, "currency");
	int64		amount;
	PcMoney		money;

	if (currency == NULL || !pc_json_int64(json, key, &amount) ||
		!gw_stripe_amount_in(amount, currency, &money))
		return GW_NO_MONEY;
	return money;
}

void
gw_read_error(const Jsonb *json, GwError *error)
{
	error->type = pc_json_string(json, "type");
	error->code = pc_json_string(json, "code");
	error->decline_code = pc_json_string(json, "decline_code");
	error->advice_code = pc_json_string(json, "advice_code");
	error->network_advice_code = pc_json_string(json, "network_advice_code");
	error->network_decline_code = pc_json_string(json, "network_decline_code");
	error->message = pc_json_string(json, "message");
	error->charge_id = gw_field_id(json, "charge");
	error->method_id = gw_field_id(json, "payment_method");
}

Jsonb *
gw_field_metadata(const Jsonb *json)
{
	Jsonb	   *metadata = pc_json_object(json, "metadata");

	return metadata != NULL && JB_ROOT_IS_OBJECT(metadata) ? metadata : NULL;
}
