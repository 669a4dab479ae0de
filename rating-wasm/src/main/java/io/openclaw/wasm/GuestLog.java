package io.openclaw.wasm;

import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import run.endive.runtime.Memory;

/**
 * Where a module's {@code env.log} goes: the logger {@code io.openclaw.wasm}, at level DEBUG. It
 * takes {@link #MESSAGES_MAX} messages of one call, of {@link #BYTES_MAX} bytes each, without
 * control characters; what is beyond is dropped. Belongs to one instance.
 */
final class GuestLog {
  /** Messages of one rating. */
  static final int MESSAGES_MAX = 10;

  /** Bytes of one message. */
  static final int BYTES_MAX = 200;

  private static final System.Logger LOG = System.getLogger("io.openclaw.wasm");

  private final String model;
  private int messages;

  GuestLog(String model) {
    this.model = model;
  }

  /** The next call begins. */
  void begin() {
    messages = 0;
  }

  /** How many messages the call has logged, or would have. */
  int messages() {
    return messages;
  }

  /** One message; outside of the memory it traps, as any access would. */
  void log(Memory memory, int at, int length) {
    byte[] text = memory.readBytes(at, Math.min(length, BYTES_MAX));
    if (messages >= MESSAGES_MAX) {
      return;
    }
    messages++;
    LOG.log(
        Level.DEBUG,
        () ->
            model
                + ": "
                + new String(text, StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}", " ")
                + (length > BYTES_MAX ? " …" : ""));
  }
}
