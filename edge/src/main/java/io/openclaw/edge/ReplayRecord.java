package io.openclaw.edge;

import io.openclaw.domain.WireException;
import io.openclaw.domain.WireReader;
import io.openclaw.domain.WireWriter;
import java.nio.ByteBuffer;

/**
 * An answer kept for its idempotency key, as it stands on disk: version 1, when, hash of tenant,
 * API key and idempotency key, hash of the body, tenant, model, the answer's bytes.
 *
 * @param atMillis when it was given, wall-clock time
 */
@SuppressWarnings("ArrayRecordComponent") // never changed
record ReplayRecord(
    long atMillis, Hash256 id, Hash256 body, String tenant, String model, byte[] answer) {
  private static final byte VERSION = 1;
  private static final int NAME_BYTES_MAX = 1024;

  byte[] write() {
    WireWriter out = new WireWriter(2 * Hash256.BYTES + answer.length + 128);
    out.put(VERSION);
    out.fixed(atMillis);
    out.put(id.bytes());
    out.put(body.bytes());
    out.string(tenant);
    out.string(model);
    out.put(answer);
    return out.bytes();
  }

  /** Reads a record. */
  static ReplayRecord read(byte[] bytes) {
    try {
      WireReader in = new WireReader(bytes);
      byte version = in.next();
      if (version != VERSION) {
        throw new IllegalArgumentException("version " + version + " (expected: " + VERSION + ")");
      }
      return new ReplayRecord(
          in.fixed(),
          Hash256.read(ByteBuffer.wrap(in.take(Hash256.BYTES))),
          Hash256.read(ByteBuffer.wrap(in.take(Hash256.BYTES))),
          in.string(NAME_BYTES_MAX),
          in.string(NAME_BYTES_MAX),
          in.rest());
    } catch (WireException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }
}
