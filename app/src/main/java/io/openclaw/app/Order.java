package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonWriter;
import java.util.Arrays;

/**
 * A person's word, for all regions. Of two the later one holds, of equally late ones the one whose
 * JSON is larger.
 */
interface Order {
  /** Milliseconds of Unix time, or one more than the version it was said upon. */
  long version();

  /** Where it was said. */
  String region();

  Json.Obj json();

  default byte[] bytes() {
    return JsonWriter.write(json());
  }

  /** Whether this one holds where the other was said too. */
  default boolean overrules(Order other) {
    return version() != other.version()
        ? version() > other.version()
        : Arrays.compareUnsigned(bytes(), other.bytes()) > 0;
  }
}
