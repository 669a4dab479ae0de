package io.openclaw.release;

import org.jspecify.annotations.Nullable;

/** Whether what a content refers to by {@code env:} or {@code file:} is here; a port. */
@FunctionalInterface
public interface SecretReferences {
  /** Every reference is good. */
  SecretReferences ALL_GOOD = reference -> null;

  /**
   * What is wrong with a reference in this region; null where it leads to a usable secret.
   *
   * @return never anything of the secret itself
   */
  @Nullable String fault(String reference);
}
