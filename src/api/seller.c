/*
 * seller.c
 *		set_seller(): who a tenant's documents are from.
 */
#include "common/paycore.h"

#include "api/api.h"
#include "api/details.h"
#include "documents/locale.h"
#include "documents/page.h"

/* A seller is set, so that each of them may be given and changed. */
static const PcDetail known[] = {
	{"name", PC_DETAIL_NAME, PC_DETAIL_ALWAYS, 256},
	{"email", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 512},
	{"phone", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 64},
	{"website", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 512},
	{"address_line1", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 256},
	{"address_line2", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 256},
	{"city", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 256},
	{"state", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 256},
	{"postal_code", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 64},
	{"country", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 2},
	{"tax_id", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 64},
	{"footer", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 2000},
	{"logo", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, PC_LOGO_MAX_BYTES / 3 * 4 + 64},
	{"locale", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 100},
	{"time_zone", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 100},
	{"tax_rounding", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 20},
};

static void
check_has_name(bool has_name)
{
	if (!has_name)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a seller has a name"),
				 errhint("Give {\"name\": \"...\"}, with whatever else is known.")));
}

static void
check_details(const Jsonb *details)
{
	static const char *const roundings[] = {"line", "invoice", NULL};
	char	   *logo = pc_json_string(details, "logo");
	char	   *zone = pc_json_string(details, "time_zone");

	check_has_name(details != NULL);
	pc_check_details(details, known, lengthof(known), "a seller", true);
	pc_check_country(pc_json_string(details, "country"));
	pc_check_locale(pc_json_string(details, "locale"));
	if (zone != NULL && pc_time_zone(zone) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("there is no time zone \"%s\"", zone),
				 errhint("Use a name of pg_timezone_names, such as Europe/Berlin.")));
	if (pc_json_string(details, "tax_rounding") != NULL)
		pc_check_one_of(pc_json_string(details, "tax_rounding"), "tax_rounding", roundings);
	if (logo != NULL && !pc_is_logo(logo))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("logo is no picture that a document may hold"),
				 errhint("Give data:image/png;base64,... (or jpeg, gif, webp) of at most %d kB.", PC_LOGO_MAX_BYTES / 1024)));
}

#define CHANGED(column) PC_CHANGED(2, column, "")
#define GIVEN(column) "$2->>'" #column "'"

/* set_seller(details) */
PG_FUNCTION_INFO_V1(paycore_set_seller);
PGDLLEXPORT Datum
paycore_set_seller(PG_FUNCTION_ARGS)
{
	static PcPlan update = PC_PLAN_ROW("tj",
									   "UPDATE paycore.sellers r SET "
									   CHANGED(name) ", " CHANGED(email) ", " CHANGED(phone) ", " CHANGED(website) ", "
									   CHANGED(address_line1) ", " CHANGED(address_line2) ", " CHANGED(city) ", "
									   CHANGED(state) ", " CHANGED(postal_code) ", " CHANGED(country) ", "
									   CHANGED(tax_id) ", " CHANGED(footer) ", " CHANGED(logo) ", " CHANGED(locale) ", "
									   CHANGED(time_zone) ", " CHANGED(tax_rounding) " WHERE tenant_id = $1 RETURNING %s", PC_SELLERS);
	static PcPlan insert = PC_PLAN_ROW("tj",
									   "INSERT INTO paycore.sellers (tenant_id, name, email, phone, website, address_line1, "
									   "address_line2, city, state, postal_code, country, tax_id, footer, logo, locale, time_zone, tax_rounding) "
									   "VALUES ($1, " GIVEN(name) ", " GIVEN(email) ", " GIVEN(phone) ", " GIVEN(website) ", "
									   GIVEN(address_line1) ", " GIVEN(address_line2) ", " GIVEN(city) ", " GIVEN(state) ", "
									   GIVEN(postal_code) ", " GIVEN(country) ", " GIVEN(tax_id) ", " GIVEN(footer) ", "
									   GIVEN(logo) ", " GIVEN(locale) ", " GIVEN(time_zone) ", " GIVEN(tax_rounding) ") RETURNING %s", PC_SELLERS);
	Jsonb	   *details = pc_getarg_json(fcinfo, 0);
	PcApiCall	call;
	Datum		values[2];
	Datum		row;

	check_details(details);
	pc_api_begin(&call);
	values[0] = CStringGetTextDatum(call.tenant);
	values[1] = JsonbPGetDatum(details);
	if (pc_api_write(&update, values, NULL, NULL) == 0)
	{
		check_has_name(pc_json_string(details, "name") != NULL);
		pc_api_write(&insert, values, NULL, NULL);
	}
	row = pc_row_datum(0, PC_SELLERS);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* is_logo(uri) */
PG_FUNCTION_INFO_V1(paycore_is_logo);
PGDLLEXPORT Datum
paycore_is_logo(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(pc_is_logo(text_to_cstring(PG_GETARG_TEXT_PP(0))));
}
