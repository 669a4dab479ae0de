package io.openclaw.router;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;

/** A region's whole answer, in memory: it can still be thrown away for a better one. */
record HeldAnswer(int region, int status, MultiMap headers, Buffer body) {}
