package io.openclaw.edge;

import io.openclaw.domain.ApiKey;
import java.io.IOException;
import java.util.Collection;

/** Where keys made at run time are kept; a port. */
@FunctionalInterface
public interface KeyStorage {
  /** Replaces what is stored; durable when it returns. */
  void save(Collection<ApiKey> keys) throws IOException;
}
