/*
 * gateway_params.c
 *		What an application adds to a request for its gateway alone.
 */
#include "common/paycore.h"

#include "api/api.h"
#include "common/card_data.h"

/* What paycore itself answers for, and says by arguments of their own. */
static const char *const ours[] = {
	"amount", "currency", "customer", "metadata", "confirm", "expand", "payment_method",
	"capture_method", "off_session", "return_url", "setup_future_usage", "description", NULL
};

/* As a gateway takes at most; many requests are claimed at once, and their bytes with them. */
#define MAX_SIZE (128 * 1024)

static void
check_size(const Jsonb *params)
{
	if (params != NULL && (VARSIZE(params) > MAX_SIZE ||
						   strlen(JsonbToCString(NULL, unconstify(JsonbContainer *, &params->root), VARSIZE(params))) > MAX_SIZE))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("gateway_params are longer than %d bytes", MAX_SIZE)));
}

void
pc_check_gateway_params(const Jsonb *params)
{
	char	   *key;

	pc_check_object(params, "gateway_params");
	check_size(params);
	if (params != NULL && pc_card_data_in_json(params, &key) != PC_NO_CARD_DATA)
		ereport(ERROR,
				(errcode(ERRCODE_PC_CARD_DATA),
				 errmsg("gateway_params hold what looks like card data"),
				 errhint("Card data goes from the payer's browser to the gateway; give its token here.")));
	for (int i = 0; params != NULL && ours[i] != NULL; i++)
	{
		if (getKeyJsonValueFromContainer((JsonbContainer *) &params->root, ours[i], strlen(ours[i]), NULL) != NULL)
			ereport(ERROR,
					(errcode(ERRCODE_PC_INVALID_ARGUMENT),
					 errmsg("gateway_params may not contain %s", ours[i]),
					 errhint("It has an argument of its own, or is paycore's to say.")));
	}
}

void
pc_check_return_url(const char *url)
{
	pc_check_length(url, "return_url", 2048);
	if (url != NULL && strstr(url, "://") == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("return_url must be an absolute URL")));
}
