/*
 * details.h
 *		Arguments that are a jsonb object of named values: which names there
 *		are, and what each may be.
 */
#ifndef PAYCORE_DETAILS_H
#define PAYCORE_DETAILS_H

#include "common/paycore.h"
#include "utils/jsonb.h"

typedef enum PcDetailKind
{
	PC_DETAIL_TEXT,				/* or null, which removes it */
	PC_DETAIL_NAME,				/* text, never null */
	PC_DETAIL_BOOL,
	PC_DETAIL_COUNT,			/* a whole number from 0 to 2^31 - 1, or null */
	PC_DETAIL_NUMBER,			/* a number from 0 on, as such or as text, or null */
	PC_DETAIL_SIGNED,			/* the same, or one below zero; not null */
	PC_DETAIL_TEXTS,			/* an array of strings, or null */
	PC_DETAIL_OBJECTS,			/* an array of objects */
	PC_DETAIL_METADATA
} PcDetailKind;

/* When it may be named. */
#define PC_DETAIL_GIVEN		1
#define PC_DETAIL_CHANGED	2
#define PC_DETAIL_ALWAYS	(PC_DETAIL_GIVEN | PC_DETAIL_CHANGED)

typedef struct PcDetail
{
	const char *key;
	PcDetailKind kind;
	int			when;
	int			most;			/* characters, or of a count; 0 = the table says */
} PcDetail;

/*
 * Raises PY042 where details (NULL: none) is no object, names what is not
 * among known, or has a value of another kind; whose: "a billing account".
 */
extern void pc_check_details(const Jsonb *details, const PcDetail *known, int nknown, const char *whose, bool change);

/* The same for one value of details. */
extern void pc_check_detail(const Jsonb *details, const PcDetail *detail, const JsonbValue *value, bool change);

/*
 * SET clauses of an UPDATE of row r by changes, which are the argument of that
 * number ($3, where none is said): a column stays as it is where they do not
 * name it.
 */
#define PC_CHANGED(number, column, cast) \
	#column " = CASE WHEN $" #number " ? '" #column "' THEN ($" #number "->>'" #column "')" cast " ELSE r." #column " END"
#define PC_CHANGED_AS(column, cast)	PC_CHANGED(3, column, cast)
#define PC_CHANGED_TEXT(column)		PC_CHANGED(3, column, "")

/* The same of what cannot become null. */
#define PC_CHANGED_GIVEN(column, type)	#column " = coalesce(($3->>'" #column "')::" type ", r." #column ")"
#define PC_CHANGED_BOOL(column)			PC_CHANGED_GIVEN(column, "boolean")
#define PC_CHANGED_METADATA				"metadata = jsonb_strip_nulls(r.metadata || coalesce($3->'metadata', '{}'))"

#endif							/* PAYCORE_DETAILS_H */
