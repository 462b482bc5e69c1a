/*
 * send.h
 *		From a claimed job to bytes on the wire, and from the bytes that come
 *		back to the job.
 */
#ifndef PAYCORE_SEND_H
#define PAYCORE_SEND_H

#include "common/paycore.h"
#include "delivery/job.h"
#include "http/http.h"

/* True if it is on the wire; false if it has ended already (no network, or it could not be started). */
extern bool pc_send(HttpPool *pool, PcJob *job);

/* The next job that has been answered, or was lost; NULL if none. */
extern PcJob *pc_receive(HttpPool *pool);

/* Gives back the memory of the answer and the job. */
extern void pc_send_done(PcJob *job);

#endif							/* PAYCORE_SEND_H */
