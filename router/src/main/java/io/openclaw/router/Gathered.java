package io.openclaw.router;

import io.vertx.core.buffer.Buffer;

/** Chunks put together; a single one, the usual case, is not copied. Event loop only. */
final class Gathered {
  private Buffer whole = Buffer.buffer();
  private boolean mine;

  int length() {
    return whole.length();
  }

  void add(Buffer chunk) {
    if (whole.length() == 0) {
      whole = chunk;
      return;
    }
    if (!mine) {
      whole = Buffer.buffer(2 * (whole.length() + chunk.length())).appendBuffer(whole);
      mine = true;
    }
    whole.appendBuffer(chunk);
  }

  Buffer whole() {
    return whole;
  }
}
