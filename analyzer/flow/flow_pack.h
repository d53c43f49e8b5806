/* flow_pack.h - a flow as bytes: what is kept in the database and handed over between processes.
 *
 * The bytes are those of the arrays in memory, so that they are read at the speed of a copy; only the
 * program that wrote them reads them (its build is part of every key they are kept under).
 */
#ifndef FLOW_PACK_H
#define FLOW_PACK_H

#include "bytes.h"
#include "flow.h"

struct bytes flow_pack(const struct flow *flow, struct arena *arena);

/* The flow of the bytes, which stay in use as long as it is; NULL: they are not those of a flow. */
struct flow *flow_unpack(struct bytes bytes, struct arena *arena);

#endif
