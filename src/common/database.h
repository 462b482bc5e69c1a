/*
 * database.h
 *		Which database this is, as objects at a gateway are marked with it.
 */
#ifndef PAYCORE_DATABASE_H
#define PAYCORE_DATABASE_H

#include "common/paycore.h"

/*
 * "instance/oid": the metadata value paycore_db.  A copy of the database with
 * another instance name or oid does not take the original's objects for its
 * own.  Cached in the backend, valid until the next call.
 */
extern const char *pc_database_mark(void);

#endif							/* PAYCORE_DATABASE_H */
