/*
 * snapshot.h
 *		What must be true of a snapshot, whatever the gateway sent.
 */
#ifndef FUZZ_SNAPSHOT_H
#define FUZZ_SNAPSHOT_H

#include "gateway/gateway.h"

extern void check_object(const GwObject *object);
extern void check_event(const GwEvent *event);

/* Sixteen bytes of the object, of all items of a list. */
extern void digest_object(const GwObject *object, StringInfo out);

#endif							/* FUZZ_SNAPSHOT_H */
